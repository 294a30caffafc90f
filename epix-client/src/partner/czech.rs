//! How is a partner asked that speaks like the Czech service of 2016?
//!
//! Only what the adapter of the public hub says of it is known. The namespace of its messages stood in a service
//! description that is not public: [`NAMESPACE`] is a stand-in of ours, to be replaced here when the Party supplies it.

use epix_core::id::Operation;
use epix_core::receive;
use epix_core::soap::answer::{self, AnswerError};
use epix_core::soap::{Answer, Attachments, Call, Package};
use epix_core::wire::writer::escape_text;

use super::profile::{Deviation, Message, Profile, Question, Unaskable};

/// Ours, until the Party says which it is.
const NAMESPACE: &str = "urn:cites:cz:GetDocument";
const NAME: &str = "czech";

/// One operation, `GetDocument`, which stands in for reading the permit as issued.
pub static CZECH: Profile = Profile {
    name: NAME,
    what: "a partner with the one operation GetDocument, as the Czech service had it",
    operations: &[Operation::GetNonFinal],
    needs_login: true,
    deviations: &[
        Deviation {
            says: "GetDocument with ID alone stands in for GetNonFinalCitesCertificate; there is no other operation",
            source: "public: the adapter of the hub, 2016",
        },
        Deviation {
            says: "a SOAP header AuthenticationSoapHeader carries Username and Password",
            source: "public: the adapter of the hub, 2016",
        },
        Deviation {
            says: "there is no place for a token, a country or the original caller of a hub",
            source: "inferred: the adapter of the hub sends neither",
        },
        Deviation {
            says: "the answer may have any name; the one permit in it is taken, and no attachments",
            source: "ours: no answer is public",
        },
        Deviation {
            says: "messages stand in a namespace of ours, and SOAPAction is that namespace, a slash and GetDocument",
            source: "ours: the service description is not public",
        },
    ],
    ask,
    understand,
};

fn ask(question: &Question<'_>) -> Result<Message, Unaskable> {
    let operation = question.call.operation();
    let Call::GetNonFinal(key) = question.call else { return Err(Unaskable::Operation { profile: NAME, operation }) };
    if key.token.is_some() {
        return Err(Unaskable::Parameter { profile: NAME, what: "token" });
    }
    let Some(login) = &question.partner.login else { return Err(Unaskable::LoginMissing { profile: NAME }) };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:v1=\"{NAMESPACE}\">\
         <soapenv:Header><v1:AuthenticationSoapHeader><v1:Username>{}</v1:Username><v1:Password>{}</v1:Password>\
         </v1:AuthenticationSoapHeader></soapenv:Header>\
         <soapenv:Body><v1:GetDocument><v1:ID>{}</v1:ID></v1:GetDocument></soapenv:Body></soapenv:Envelope>\n",
        escape_text(login.user()),
        escape_text(login.reveal()),
        escape_text(key.number.raw()),
    );
    Ok(Message { body, soap_action: format!("\"{NAMESPACE}/GetDocument\"") })
}

/// A fault is a fault; anything else is an answer when there is a permit in it.
fn understand(package: &Package<'_>, operation: Operation) -> Result<Answer, AnswerError> {
    answer::read_package(package, operation).or_else(|error| {
        let (reading, _) = receive::inspect(package.root());
        reading.map(|_| Answer::Certificate(Attachments::default())).ok_or(error)
    })
}

#[cfg(test)]
mod tests {
    use epix_core::id::{PermitNumber, Token};
    use epix_core::soap::{CertificateKey, Dialect};

    use super::*;
    use crate::partner::{Endpoint, Login, Partner};

    fn partner() -> Partner {
        Partner {
            profile: &CZECH,
            login: Login::parse("xb\na<b").ok(),
            ..Partner::new(Endpoint::parse("https://cz.example/").unwrap(), Dialect::V2)
        }
    }

    fn key() -> CertificateKey {
        CertificateKey { number: PermitNumber::parse("26CZ1").unwrap(), token: None, country: None }
    }

    #[test]
    fn a_permit_is_asked_for_by_its_id_alone_and_the_login_stands_in_the_header() {
        let (partner, call) = (partner(), Call::GetNonFinal(key()));

        let message =
            CZECH.message(&Question { call: &call, partner: &partner, original: None, call_id: None }).unwrap();

        assert!(message.body.contains("<v1:GetDocument><v1:ID>26CZ1</v1:ID></v1:GetDocument>"));
        assert!(message.body.contains("<v1:Username>xb</v1:Username><v1:Password>a&lt;b</v1:Password>"));
        assert!(!message.body.contains("IsoCountryCode"));
    }

    #[test]
    fn what_it_cannot_be_asked_is_told_and_not_sent() {
        let partner = partner();
        let ask = |call: Call| {
            CZECH.message(&Question { call: &call, partner: &partner, original: None, call_id: None }).err()
        };
        let with_token = CertificateKey { token: Token::parse("t"), ..key() };

        assert!(matches!(ask(Call::GetFinal(key())), Some(Unaskable::Operation { .. })));
        assert!(matches!(ask(Call::GetNonFinal(with_token)), Some(Unaskable::Parameter { what: "token", .. })));
    }
}
