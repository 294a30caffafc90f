//! How the values of toolkit 2.0 stand in elements, with the attributes that each kind carries.

use super::super::bare::{bare, indicator, truth};
use super::super::carry::Carrier;
use super::super::describe::{Content, Shape};
use super::super::reader::Reader;
use super::super::tree::Node;
use super::super::writer::Writer;
use super::names::Version2;
use crate::id::Amount;
use crate::permit::{
    Appendix, Coded, DocumentType, Identifier, Moment, Purpose, Quantity, SignatoryRole, Source, Text, ValueError, Word,
};

const LANGUAGE: &str = "languageID";
const SCHEME: &str = "schemeID";
const SCHEME_AGENCY: &str = "schemeAgencyID";
const LIST: &str = "listID";
const LIST_AGENCY: &str = "listAgencyID";
const UNIT: &str = "unitCode";

impl Content<Version2> for Text {
    fn shape() -> Shape {
        Shape::Value(&[LANGUAGE])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Text> {
        let [language] = reader.attributes(node, [LANGUAGE]);
        let mut text = reader.value(node, Text::parse)?;
        text.language = language;
        Some(text)
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[(LANGUAGE, self.language.as_ref().map(Word::as_str))], self.as_str());
    }

    fn carried(&self, carrier: &mut Carrier<'_>) -> Option<Text> {
        carrier.admits(self.as_str()).then(|| self.clone())
    }
}

impl Content<Version2> for Identifier {
    fn shape() -> Shape {
        Shape::Value(&[SCHEME, SCHEME_AGENCY])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Identifier> {
        let [scheme, scheme_agency] = reader.attributes(node, [SCHEME, SCHEME_AGENCY]);
        let value = reader.value(node, Word::parse)?;
        Some(Identifier { value, scheme, scheme_agency })
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        let scheme = self.scheme.as_ref().map(Word::as_str);
        let agency = self.scheme_agency.as_ref().map(Word::as_str);
        writer.value(name, &[(SCHEME, scheme), (SCHEME_AGENCY, agency)], self.as_str());
    }

    fn carried(&self, carrier: &mut Carrier<'_>) -> Option<Identifier> {
        carrier.admits(self.as_str()).then(|| self.clone())
    }
}

/// A code that can stand in an element with `listID` and `listAgencyID`.
trait Code: Sized + Clone {
    fn parse(text: &str) -> Result<Self, ValueError>;
    fn as_str(&self) -> &str;
}

impl Code for Word {
    fn parse(text: &str) -> Result<Word, ValueError> {
        Word::parse(text)
    }
    fn as_str(&self) -> &str {
        Word::as_str(self)
    }
}

impl Code for DocumentType {
    fn parse(text: &str) -> Result<DocumentType, ValueError> {
        DocumentType::parse(text)
    }
    fn as_str(&self) -> &str {
        DocumentType::as_str(self)
    }
}

impl<C: Code> Content<Version2> for Coded<C> {
    fn shape() -> Shape {
        Shape::Value(&[LIST, LIST_AGENCY])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Coded<C>> {
        let [list, list_agency] = reader.attributes(node, [LIST, LIST_AGENCY]);
        let code = reader.value(node, C::parse)?;
        Some(Coded { code, list, list_agency })
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        let list = self.list.as_ref().map(Word::as_str);
        let agency = self.list_agency.as_ref().map(Word::as_str);
        writer.value(name, &[(LIST, list), (LIST_AGENCY, agency)], self.code.as_str());
    }

    fn carried(&self, carrier: &mut Carrier<'_>) -> Option<Coded<C>> {
        carrier.admits(self.code.as_str()).then(|| self.clone())
    }
}

impl Content<Version2> for Quantity {
    fn shape() -> Shape {
        Shape::Value(&[UNIT])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Quantity> {
        let [unit] = reader.attributes(node, [UNIT]);
        let amount = reader.value(node, |text| Ok(Amount::parse(text)?))?;
        Some(Quantity { amount, unit })
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[(UNIT, self.unit.as_ref().map(Word::as_str))], &self.amount.to_string());
    }
}

bare! { Version2:
    Purpose: Purpose::parse, Purpose::as_str;
    SignatoryRole: SignatoryRole::parse, SignatoryRole::as_str;
    Appendix: Appendix::parse, Appendix::as_str;
    Source: Source::parse, Source::as_str;
    Moment: Moment::parse, Moment::as_str;
    bool: indicator, truth;
}
