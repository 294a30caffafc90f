//! How the values of toolkit 1.0 stand in elements: bare, but for quantities with their unit.

use super::super::bare::{bare, indicator, truth};
use super::super::describe::{Content, Shape};
use super::super::reader::Reader;
use super::super::tree::Node;
use super::super::writer::Writer;
use super::names::Version1;
use crate::id::Amount;
use crate::permit::{
    Appendix, Coded, DocumentType, Identifier, Moment, Purpose, Quantity, SignatoryRole, Source, Text, Word,
};

const UNIT: &str = "unitCode";

bare! { Version1:
    Text: Text::parse, Text::as_str;
    Identifier: Identifier::parse, Identifier::as_str;
    Coded<Word>: |text| Word::parse(text).map(Coded::plain), |coded| coded.code.as_str();
    Coded<DocumentType>: |text| DocumentType::parse(text).map(Coded::plain), |coded| coded.code.as_str();
    Purpose: Purpose::parse, Purpose::as_str;
    SignatoryRole: SignatoryRole::parse, SignatoryRole::as_str;
    Appendix: Appendix::parse, Appendix::as_str;
    Source: Source::parse, Source::as_str;
    Moment: Moment::parse, Moment::as_str;
    bool: indicator, truth;
}

impl Content<Version1> for Quantity {
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
