//! Which operation does a call ask for, and with which parameters? The six dispatch rules in one place.
//!
//! 1. Guard first: no DTD, limits.
//! 2. The operation is the local name of the first element in the body, `Request` taken off, case and anything but letters
//!    ignored.
//! 3. The dialect is its namespace.
//! 4. SOAPAction must be absent, empty or name the same operation.
//! 5. Parameters may be qualified or not, their first letter in either case; an absent, nil or empty token means none.
//! 6. The answer is in the dialect of the request, faults are typed.

use roxmltree::Node;

use super::dialect::{Dialect, Spoken};
use super::envelope::{self, NotAnEnvelope, wrap};
use super::fault::{Fact, Fault, FaultCode};
use super::message::{CitesPosition, ConfirmedQuantities, Parameter, Parameters, fragment};
use crate::id::{Amount, Country, Operation, PermitNumber, PositionId, Token};
use crate::report::Place;
use crate::wire::describe::Content as _;
use crate::wire::guard::Limits;
use crate::wire::reader::Reader;

/// A call that was understood.
#[derive(Debug)]
pub struct Request {
    /// The dialect in which it came and has to be answered.
    pub dialect: Dialect,
    /// Local names of the header blocks, for the audit.
    pub headers: Vec<String>,
    /// What is asked for.
    pub call: Call,
}

/// What is asked for.
#[derive(Debug)]
pub enum Call {
    /// `GetNonFinalCitesCertificate`.
    GetNonFinal(CertificateKey),
    /// `GetFinalCitesCertificate`.
    GetFinal(CertificateKey),
    /// `ConfirmQuantities`: each position with the quantity found, in the unit of the permit; in the order of the call.
    ConfirmQuantities(CertificateKey, Vec<(PositionId, Amount)>),
    /// `ServiceState`; the country is for hubs, which route on it.
    ServiceState(Option<Country>),
}

/// Which permit is meant.
#[derive(Debug, Clone)]
pub struct CertificateKey {
    /// `CertificateNumber`.
    pub number: PermitNumber,
    /// `TokenId`; absent, nil and empty are none.
    pub token: Option<Token>,
    /// `IsoCountryCode`: the country whose authority issued the permit.
    pub country: Option<Country>,
}

impl Call {
    /// Which of the four operations it is.
    pub fn operation(&self) -> Operation {
        match self {
            Call::GetNonFinal(_) => Operation::GetNonFinal,
            Call::GetFinal(_) => Operation::GetFinal,
            Call::ConfirmQuantities(..) => Operation::ConfirmQuantities,
            Call::ServiceState(_) => Operation::ServiceState,
        }
    }

    /// The permit that is meant, where one is.
    pub fn key(&self) -> Option<&CertificateKey> {
        match self {
            Call::GetNonFinal(key) | Call::GetFinal(key) | Call::ConfirmQuantities(key, _) => Some(key),
            Call::ServiceState(_) => None,
        }
    }
}

/// Reads a request; `soap_action` is the value of the HTTP header, where there is one.
///
/// # Errors
/// The [`Fault`] to answer with; nothing was changed.
pub fn read(bytes: &[u8], soap_action: Option<&str>) -> Result<Request, Fault> {
    let text = envelope::guarded(bytes, &Limits::REQUEST)?;
    let tree = envelope::parse(text)?;
    let (body, headers) = envelope::open(&tree)?;
    let operation = operation_named(body.tag_name().name())
        .ok_or_else(|| invalid(format!("{} is no operation of this service", body.tag_name().name())))?;
    let dialect = dialect_of(body)?;
    agree(operation, soap_action)?;
    let parameters = parameters(body)?;
    let call = call(operation, &parameters)?;
    Ok(Request { dialect, headers, call })
}

fn invalid(case: impl Into<String>) -> Fault {
    Fault::with(FaultCode::InvalidRequest, case)
}

impl From<NotAnEnvelope> for Fault {
    fn from(reason: NotAnEnvelope) -> Fault {
        match reason {
            NotAnEnvelope::Xml(case) | NotAnEnvelope::Shape(case) => invalid(case),
            NotAnEnvelope::WrongVersion => Fault::of(FaultCode::VersionMismatch),
            NotAnEnvelope::NotUnderstood(name) => Fault::of(FaultCode::MustUnderstand).stating(Fact::Header, name),
        }
    }
}

/// The operation with a name, `Request` taken off, whatever its case and separators.
fn operation_named(name: &str) -> Option<Operation> {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let wanted = letters(name);
    let wanted = wanted.strip_suffix("request").unwrap_or(&wanted);
    Operation::ALL.into_iter().find(|operation| letters(operation.name()) == wanted)
}

fn dialect_of(body: Node<'_, '_>) -> Result<Dialect, Fault> {
    let namespace = body.tag_name().namespace().unwrap_or_default();
    match Dialect::of(namespace) {
        Spoken::Ours(dialect) => Ok(dialect),
        Spoken::Other(name) => {
            Err(Fault::with(FaultCode::VersionNotSupported, format!("the request is in {name}; send version 2")))
        }
        Spoken::Unknown => Err(invalid("the request stands in no namespace of this service")),
    }
}

fn agree(operation: Operation, soap_action: Option<&str>) -> Result<(), Fault> {
    let action = soap_action.unwrap_or_default().trim().trim_matches(['"', '\'']);
    let action = action.strip_prefix("urn:").unwrap_or(action);
    let action = action.strip_prefix("CitesDataExchange").unwrap_or(action);
    let action = action.strip_prefix("/v1").or_else(|| action.strip_prefix("/v2")).unwrap_or(action);
    let action = action.trim_start_matches(['/', '#', ':']);
    if action.is_empty() || operation_named(action) == Some(operation) {
        return Ok(());
    }
    Err(Fault::of(FaultCode::OperationMismatch))
}

fn parameters(body: Node<'_, '_>) -> Result<Parameters, Fault> {
    let text_position = |offset: usize, path: String| {
        let position = body.document().text_pos_at(offset);
        Place { line: position.row, column: position.col, path }
    };
    let mut reader = Reader::new(&text_position);
    let parameters = Parameters::read(body, &mut reader).unwrap_or_default();
    match reader.findings.first() {
        Some(finding) => Err(invalid(format!("{}: {}", finding.place, finding.sentence))),
        None => Ok(parameters),
    }
}

fn call(operation: Operation, parameters: &Parameters) -> Result<Call, Fault> {
    let country = country(parameters.country.as_ref())?;
    if operation == Operation::ServiceState {
        return Ok(Call::ServiceState(country));
    }
    let number = parameters.number.as_ref().map(|number| number.0.as_str()).unwrap_or_default();
    let number = PermitNumber::parse(number).map_err(|error| invalid(format!("CertificateNumber: {error}")))?;
    let token = parameters.token.as_ref().and_then(|token| Token::parse(&token.0));
    let key = CertificateKey { number, token, country };
    Ok(match operation {
        Operation::GetFinal => Call::GetFinal(key),
        Operation::ConfirmQuantities => Call::ConfirmQuantities(key, positions(parameters.confirmed.as_ref())?),
        Operation::GetNonFinal | Operation::ServiceState => Call::GetNonFinal(key),
    })
}

fn country(parameter: Option<&Parameter>) -> Result<Option<Country>, Fault> {
    let text = parameter.map(|country| country.0.trim()).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    Country::parse(text).map(Some).map_err(|error| Fault::with(FaultCode::CalleeNotFound, error.to_string()))
}

fn positions(confirmed: Option<&ConfirmedQuantities>) -> Result<Vec<(PositionId, Amount)>, Fault> {
    let positions = confirmed.map(|confirmed| confirmed.positions.as_slice()).unwrap_or_default();
    if positions.is_empty() {
        return Err(Fault::of(FaultCode::NothingToConfirm));
    }
    positions.iter().map(position).collect()
}

fn position(position: &CitesPosition) -> Result<(PositionId, Amount), Fault> {
    let text = |parameter: &Option<Parameter>| parameter.as_ref().map(|text| text.0.clone()).unwrap_or_default();
    let id = PositionId::parse(&text(&position.id)).map_err(|_| Fault::of(FaultCode::PositionIdInvalid))?;
    let quantity_invalid = || Fault::of(FaultCode::QuantityInvalid).stating(Fact::Position, &id);
    let amount = Amount::parse(&text(&position.quantity)).map_err(|_| quantity_invalid())?;
    if amount.is_negative() {
        return Err(quantity_invalid());
    }
    Ok((id, amount))
}

/// Writes a call as a SOAP message, for sending it to a partner, with the value for its SOAPAction header.
pub fn write(call: &Call, dialect: Dialect) -> (String, String) {
    let mut parameters = Parameters::default();
    let parameter = |text: &str| Some(Parameter(text.to_owned()));
    if let Some(key) = call.key() {
        parameters.number = parameter(key.number.raw());
        parameters.token = key.token.as_ref().and_then(|token| parameter(token.reveal()));
        parameters.country = key.country.and_then(|country| parameter(country.as_str()));
    }
    match call {
        Call::ServiceState(country) => parameters.country = country.and_then(|country| parameter(country.as_str())),
        Call::ConfirmQuantities(_, positions) => {
            let position = |(id, amount): &(PositionId, Amount)| CitesPosition {
                id: parameter(id.as_str()),
                quantity: parameter(&amount.to_string()),
            };
            parameters.confirmed = Some(ConfirmedQuantities { positions: positions.iter().map(position).collect() });
        }
        Call::GetNonFinal(_) | Call::GetFinal(_) => {}
    }
    let name = format!("{}Request", call.operation().name());
    let body = fragment(&parameters, dialect.namespace(), dialect.prefix(), &name);
    (wrap(&body), format!("\"urn:{}\"", call.operation().name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "urn:CitesDataExchange/v2/";

    fn message(namespace: &str, operation: &str, parameters: &str) -> String {
        wrap(&format!("<v1:{operation} xmlns:v1=\"{namespace}\">{parameters}</v1:{operation}>"))
    }

    fn code(message: &str, action: Option<&str>) -> &'static str {
        read(message.as_bytes(), action)
            .map_or_else(|fault| fault.code.as_str(), |request| request.call.operation().name())
    }

    #[test]
    fn the_namespace_decides_and_never_the_prefix() {
        let parameters = "<CertificateNumber>XA1</CertificateNumber><TokenId/><IsoCountryCode>xa</IsoCountryCode>";
        let request = read(message(V2, "GetFinalCitesCertificateRequest", parameters).as_bytes(), None).unwrap();

        let key = request.call.key().unwrap();
        assert_eq!(key.number.raw(), "XA1");
        assert_eq!(key.country.unwrap().as_str(), "XA");
        assert!(key.token.is_none());
        assert_eq!(code(&message("urn:CitesDataExchange/v1/", "ServiceStateRequest", ""), None), "VersionNotSupported");
        assert_eq!(code(&message("urn:other", "ServiceStateRequest", ""), None), "InvalidRequest");
    }

    #[test]
    fn parameters_may_be_qualified_or_begin_with_a_small_letter() {
        for parameters in [
            "<v1:CertificateNumber>N</v1:CertificateNumber>",
            "<certificateNumber>N</certificateNumber>",
            "<CertificateNumber>N</CertificateNumber><tokenId/>",
        ] {
            assert_eq!(
                code(&message(V2, "GetNonFinalCitesCertificateRequest", parameters), None),
                "GetNonFinalCitesCertificate"
            );
        }
        assert_eq!(
            code(&message(V2, "get_non_final_cites_certificate", "<CertificateNumber>N</CertificateNumber>"), None),
            "GetNonFinalCitesCertificate"
        );
    }

    #[test]
    fn soap_action_must_not_contradict() {
        let state = message(V2, "ServiceStateRequest", "");
        for action in [
            "\"urn:ServiceState\"",
            "",
            "ServiceState",
            "urn:CitesDataExchange/v2/ServiceState",
            "'urn:CitesDataExchange#ServiceState'",
        ] {
            assert_eq!(code(&state, Some(action)), "ServiceState", "{action}");
        }
        assert_eq!(code(&state, Some("\"urn:ConfirmQuantities\"")), "OperationMismatch");
    }

    #[test]
    fn a_confirmation_is_decimal_and_never_empty() {
        let confirm = |positions: &str| {
            let parameters = format!(
                "<CertificateNumber>N</CertificateNumber><ConfirmedQuantities>{positions}</ConfirmedQuantities>"
            );
            message(V2, "ConfirmQuantitiesRequest", &parameters)
        };
        let position = |id: &str, quantity: &str| {
            format!(
                "<CitesPosition><ID>{id}</ID><InspectedUnitQuantity>{quantity}</InspectedUnitQuantity></CitesPosition>"
            )
        };

        let request = read(confirm(&position("A", "2.75")).as_bytes(), None).unwrap();

        let Call::ConfirmQuantities(_, positions) = request.call else { panic!("another operation") };
        assert_eq!(positions[0].1.to_string(), "2.75");
        for (positions, fault) in [
            (String::new(), "NothingToConfirm"),
            (position("A B", "1"), "PositionIdInvalid"),
            (position("", "1"), "PositionIdInvalid"),
            (position("A", "1,5"), "QuantityInvalid"),
            (position("A", "-1"), "QuantityInvalid"),
            (position("A", ""), "QuantityInvalid"),
        ] {
            assert_eq!(code(&confirm(&positions), None), fault, "{positions}");
        }
    }

    #[test]
    fn what_is_no_request_gets_a_typed_fault() {
        for (text, fault) in [
            ("", "InvalidRequest"),
            ("<a/>", "InvalidRequest"),
            ("<!DOCTYPE a><a/>", "InvalidRequest"),
            ("<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'/>", "VersionMismatch"),
            (
                "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>",
                "InvalidRequest",
            ),
        ] {
            assert_eq!(code(text, None), fault, "{text}");
        }
        assert_eq!(code(&message(V2, "DeleteEverythingRequest", ""), None), "InvalidRequest");
        assert_eq!(code(&message(V2, "GetFinalCitesCertificateRequest", "<Number>N</Number>"), None), "InvalidRequest");
    }

    #[test]
    fn a_header_that_must_be_understood_is_refused_and_others_are_noted() {
        let with_header = |attribute: &str| {
            message(V2, "ServiceStateRequest", "").replace(
                "<soapenv:Body>",
                &format!(
                    "<soapenv:Header><h:Caller xmlns:h='urn:h' {attribute}>XB</h:Caller></soapenv:Header><soapenv:Body>"
                ),
            )
        };

        assert_eq!(code(&with_header("soapenv:mustUnderstand='1'"), None), "MustUnderstand");
        assert_eq!(read(with_header("").as_bytes(), None).unwrap().headers, ["Caller"]);
    }

    #[test]
    fn what_is_written_is_read_as_the_same_call() {
        let key = CertificateKey {
            number: PermitNumber::parse("26XA 1/é<&").unwrap(),
            token: Token::parse("s3"),
            country: Country::parse("XA").ok(),
        };
        let positions = vec![(PositionId::parse("A").unwrap(), Amount::parse("2.50").unwrap())];

        let (message, action) = write(&Call::ConfirmQuantities(key, positions.clone()), Dialect::V2);

        let request = read(message.as_bytes(), Some(&action)).unwrap();
        let Call::ConfirmQuantities(key, read_positions) = request.call else { panic!("another operation") };
        assert_eq!(read_positions, positions);
        assert_eq!(key.number.raw(), "26XA 1/é<&");
        assert_eq!(key.token.unwrap().reveal(), "s3");
    }
}
