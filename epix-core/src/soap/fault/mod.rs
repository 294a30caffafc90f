//! The faults of an EPIX service: what went wrong, what is special about the case, and how that is written.

mod code;
mod fact;

pub use code::{Blame, FaultCode};
pub use fact::Fact;

use super::dialect::{Dialect, DialectSpec, Faults};
use super::envelope::wrap;
use crate::codes::Language;
use crate::wire::writer::escape_text;

/// A fault: the code, and what the caller may know about this case beyond the code's own sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {}", self.sentence(Language::English))]
pub struct Fault {
    /// What went wrong.
    pub code: FaultCode,
    /// What is special about this case, for programs and people; in the order in which it is told.
    pub facts: Vec<(Fact, String)>,
    /// A technical remark in English, such as what is wrong with the XML and where; empty when there is none. Never a
    /// secret or personal data.
    pub remark: String,
}

impl Fault {
    /// A fault that needs no more words.
    pub fn of(code: FaultCode) -> Fault {
        Fault { code, facts: Vec::new(), remark: String::new() }
    }

    /// A fault with a technical remark, in English.
    pub fn with(code: FaultCode, remark: impl Into<String>) -> Fault {
        Fault { remark: remark.into(), ..Fault::of(code) }
    }

    /// The fault with one more fact about the case.
    ///
    /// ```
    /// use epix_core::codes::Language;
    /// use epix_core::soap::{Fact, Fault, FaultCode};
    /// let fault = Fault::of(FaultCode::PositionUnknown).stating(Fact::Position, "C");
    /// assert!(fault.sentence(Language::Spanish).ends_with(": posición C"));
    /// ```
    #[must_use]
    pub fn stating(mut self, fact: Fact, value: impl ToString) -> Fault {
        self.facts.push((fact, value.to_string()));
        self
    }

    /// The whole sentence for the caller.
    pub fn sentence(&self, language: Language) -> String {
        let stated = self.facts.iter().map(|(fact, value)| format!("{} {value}", fact.label(language)));
        let remark = Some(self.remark.clone()).filter(|remark| !remark.is_empty());
        let case = stated.chain(remark).collect::<Vec<_>>().join(", ");
        let colon = if language == Language::French { " : " } else { ": " };
        let separator = if case.is_empty() { "" } else { colon };
        format!("{}{separator}{case}", self.code.sentence(language))
    }
}

/// Writes a fault as a SOAP message; to be sent with the HTTP status of its code.
///
/// `faultstring` keeps the hub's word where there is one, so that clients of the hub recognise it; the sentence stands in
/// the typed detail.
pub fn write(fault: &Fault, dialect: Dialect, language: Language, request_id: &str) -> String {
    if dialect.spec().faults == Faults::Bare {
        return bare(fault, language);
    }
    let sentence = fault.sentence(language);
    let (faultstring, spoken) = match fault.code.hub_word() {
        Some(word) => (word, Language::English),
        None => (sentence.as_str(), language),
    };
    let particulars: String = fault.facts.iter().map(particular).collect();
    let DialectSpec { prefix, namespace, .. } = dialect.spec();
    wrap(&format!(
        "<soapenv:Fault><faultcode>soapenv:{}</faultcode><faultstring xml:lang=\"{}\">{}</faultstring>\
         <detail><{prefix}:CitesDataExchangeFault xmlns:{prefix}=\"{namespace}\"><Code>{}</Code><Message>{}</Message>\
         <RequestId>{}</RequestId>{particulars}</{prefix}:CitesDataExchangeFault></detail></soapenv:Fault>",
        fault.code.blame().as_str(),
        spoken.tag(),
        escape_text(faultstring),
        fault.code,
        escape_text(&sentence),
        escape_text(request_id),
    ))
}

/// Writes a fault as the public hub did: everything was the fault of the server but white space in a position's letter.
fn bare(fault: &Fault, language: Language) -> String {
    let code = if fault.code == FaultCode::PositionIdInvalid { "Client" } else { "Server" };
    let string = fault.code.hub_word().map_or_else(|| fault.sentence(language), str::to_owned);
    wrap(&format!(
        "<soapenv:Fault soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\
         <faultcode xsi:type=\"xsd:QName\">{code}</faultcode><faultstring xsi:type=\"xsd:string\">{}</faultstring>\
         </soapenv:Fault>",
        escape_text(&string),
    ))
}

fn particular((fact, value): &(Fact, String)) -> String {
    let (name, value) = (fact.as_str(), escape_text(value));
    format!("<Particular><Name>{name}</Name><Value>{value}</Value></Particular>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_speaks_the_language_that_is_asked_for() {
        let fault = Fault::of(FaultCode::QuantityExceeded)
            .stating(Fact::Position, "A")
            .stating(Fact::Confirmed, "11")
            .stating(Fact::Allowed, "10");

        let french = write(&fault, Dialect::V2, Language::French, "r-1");

        assert!(
            french.contains("<faultstring xml:lang=\"fr\">la quantité confirmée dépasse ce que le permis autorise : ")
        );
        assert!(french.contains("position A, confirmé 11, autorisé 10</Message>"));
        assert!(french.contains("<Particular><Name>Allowed</Name><Value>10</Value></Particular>"));
    }

    #[test]
    fn the_hub_as_it_was_blames_the_server_and_gives_no_detail() {
        let written = |code| write(&Fault::of(code), Dialect::HubAsWas, Language::English, "r-1");

        assert!(written(FaultCode::CalleeNotFound).contains(">Server</faultcode>"));
        assert!(written(FaultCode::CalleeNotFound).contains(">CalleeNotFound</faultstring></soapenv:Fault>"));
        assert!(written(FaultCode::PositionIdInvalid).contains(">Client</faultcode>"));
    }

    #[test]
    fn the_word_of_the_hub_is_english_whatever_is_asked_for() {
        let spanish = write(&Fault::of(FaultCode::CallerNotFound), Dialect::V2, Language::Spanish, "r-1");

        assert!(spanish.contains("<faultstring xml:lang=\"en\">CallerNotFound</faultstring>"));
        assert!(spanish.contains("<Message>el certificado de quien llama"));
    }
}
