//! Which operation does a call ask for, and with which parameters? The six dispatch rules in one place.
//!
//! 1. Guard first: no DTD, limits.
//! 2. The operation is the local name of the first element in the body, `Request` taken off, case and anything but letters
//!    ignored.
//! 3. The dialect is its namespace.
//! 4. SOAPAction must be absent, empty or name the same operation.
//! 5. Parameters may be qualified or not, in CamelCase, lowerCamel or snake_case; an absent, nil or empty token means none.
//! 6. The answer is in the dialect of the request, faults are typed.

use super::dialect::Dialect;
use super::envelope::{self, NotAnEnvelope, wrap};
use super::fault::{Fact, Fault, FaultCode};
use super::message::{CitesPosition, ConfirmedQuantities, Parameter, Parameters, fragment};
use super::original::{self, OriginalCaller};
use crate::id::{Amount, CallId, Country, Operation, PermitNumber, PositionId, Token};
use crate::report::Place;
use crate::wire::describe::Content as _;
use crate::wire::guard::Limits;
use crate::wire::reader::Reader;
use crate::wire::tree::Node;

/// A call that was understood.
#[derive(Debug)]
pub struct Request {
    /// The dialect in which it came and has to be answered.
    pub dialect: Dialect,
    /// Local names of the header blocks, for the audit.
    pub headers: Vec<String>,
    /// The caller's own id of the call, from the header block `CallId`.
    pub call_id: Option<CallId>,
    /// For whom the caller says that it calls.
    pub original: Option<OriginalCaller>,
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

/// A request that cannot be answered with what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong with it; nothing was changed.
    pub fault: Fault,
    /// The dialect in which the caller expects the fault, as far as it could be told.
    pub dialect: Option<Dialect>,
    /// The operation that was meant, as far as it could be told.
    pub operation: Option<Operation>,
}

impl<F: Into<Fault>> From<F> for Refused {
    fn from(fault: F) -> Refused {
        Refused { fault: fault.into(), dialect: None, operation: None }
    }
}

/// Reads a request; `soap_action` is the value of the HTTP header, where there is one.
///
/// # Errors
/// [`Refused`] with the fault to answer with; nothing was changed.
pub fn read(bytes: &[u8], soap_action: Option<&str>) -> Result<Request, Refused> {
    let text = envelope::guarded(bytes, &Limits::REQUEST)?;
    let tree = envelope::parse(text)?;
    let body = envelope::body(&tree)?;
    let operation = operation_named(body.tag_name().name());
    let dialect = Dialect::spoken_in(body.tag_name().namespace().unwrap_or_default());
    let refused = |fault| Refused { fault, dialect: dialect.as_ref().ok().copied(), operation };
    let headers = envelope::headers(&tree).map_err(|reason| refused(reason.into()))?;
    let call_id = envelope::call_id(&tree).map_err(|reason| refused(reason.into()))?;
    let dialect = dialect.clone().map_err(refused)?;
    let original = original::read(&tree).map_err(refused)?;
    let call = called(body, operation, soap_action).map_err(refused)?;
    Ok(Request { dialect, headers, call_id, original, call })
}

fn called(body: Node<'_, '_>, operation: Option<Operation>, soap_action: Option<&str>) -> Result<Call, Fault> {
    let name = body.tag_name().name();
    let operation = operation.ok_or_else(|| invalid(format!("{name} is no operation of this service")))?;
    agree(operation, soap_action)?;
    call(operation, &parameters(body)?)
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
        let (line, column) = body.document().position(offset);
        Place { line, column, path }
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
    let operation = call.operation();
    let body = fragment(&parameters, dialect, &dialect.request_name(operation));
    (wrap(&body), dialect.soap_action(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "urn:CitesDataExchange/v2/";
    const NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";

    fn message(namespace: &str, operation: &str, parameters: &str) -> String {
        wrap(&format!("<v1:{operation} xmlns:v1=\"{namespace}\">{parameters}</v1:{operation}>"))
    }

    fn code(message: &str, action: Option<&str>) -> &'static str {
        read(message.as_bytes(), action)
            .map_or_else(|refused| refused.fault.code.as_str(), |request| request.call.operation().name())
    }

    #[test]
    fn the_namespace_decides_and_never_the_prefix() {
        let parameters = "<CertificateNumber>XA1</CertificateNumber><TokenId/><IsoCountryCode>xa</IsoCountryCode>";
        let request = read(message(V2, "GetFinalCitesCertificateRequest", parameters).as_bytes(), None).unwrap();

        let key = request.call.key().unwrap();
        assert_eq!(key.number.raw(), "XA1");
        assert_eq!(key.country.unwrap().as_str(), "XA");
        assert!(key.token.is_none());
        assert_eq!(code(&message("urn:CitesDataExchange/v3/", "ServiceStateRequest", ""), None), "VersionNotSupported");
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
    fn a_header_for_somebody_else_need_not_be_understood() {
        let block = "<h:A xmlns:h='urn:h' soapenv:mustUnderstand='1' soapenv:actor='urn:other'/>";
        let header = format!("<soapenv:Header>{block}</soapenv:Header><soapenv:Body>");

        let message = message(V2, "ServiceStateRequest", "").replace("<soapenv:Body>", &header);

        assert_eq!(code(&message, None), "ServiceState");
        assert_eq!(code(&message.replace("urn:other", NEXT), None), "MustUnderstand");
    }

    #[test]
    fn a_refusal_knows_in_which_dialect_it_is_expected() {
        let refused = |namespace, operation| read(message(namespace, operation, "").as_bytes(), None).unwrap_err();

        assert_eq!(refused("urn:CitesDataExchange/v1/", "GetFinalCitesCertificateRequest").dialect, Some(Dialect::V1));
        assert_eq!(refused("urn:CitesDataExchange", "Burn").dialect, Some(Dialect::Hub));
        assert_eq!(refused("urn:other", "ServiceState").dialect, None);
        assert_eq!(refused("urn:other", "ServiceState").operation, Some(Operation::ServiceState));
    }

    #[test]
    fn parameters_are_known_however_a_stack_writes_their_names() {
        for names in [
            ["CertificateNumber", "TokenId", "IsoCountryCode"],
            ["certificateNumber", "tokenId", "isoCountryCode"],
            ["certificate_number", "token_id", "iso_country_code"],
        ] {
            let parameters: String = names.iter().map(|name| format!("<{name}>XA</{name}>")).collect();
            let request =
                read(message("urn:CitesDataExchange", "get_final_cites_certificate", &parameters).as_bytes(), None);

            let key = request.unwrap().call.key().cloned().unwrap();
            assert_eq!(
                (key.number.raw(), key.token.unwrap().reveal(), key.country.unwrap().as_str()),
                ("XA", "XA", "XA")
            );
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_call() {
        let key = CertificateKey {
            number: PermitNumber::parse("26XA 1/é<&").unwrap(),
            token: Token::parse("s3"),
            country: Country::parse("XA").ok(),
        };
        let positions = vec![(PositionId::parse("A").unwrap(), Amount::parse("2.50").unwrap())];

        for (dialect, names, expected_action) in [
            (
                Dialect::V1,
                "<v1:ConfirmQuantitiesRequest xmlns:v1=\"urn:CitesDataExchange/v1/\">",
                "\"urn:ConfirmQuantities\"",
            ),
            (
                Dialect::V2,
                "<v2:ConfirmQuantitiesRequest xmlns:v2=\"urn:CitesDataExchange/v2/\">",
                "\"urn:ConfirmQuantities\"",
            ),
            (Dialect::Hub, "<hub:ConfirmQuantities xmlns:hub=\"urn:CitesDataExchange\">", "\"ConfirmQuantities\""),
        ] {
            let (message, action) = write(&Call::ConfirmQuantities(key.clone(), positions.clone()), dialect);

            let request = read(message.as_bytes(), Some(&action)).unwrap();
            assert!(message.contains(names), "{message}");
            assert_eq!(action, expected_action);
            assert_eq!(request.dialect, dialect);
            let Call::ConfirmQuantities(key, read_positions) = request.call else { panic!("another operation") };
            assert_eq!(read_positions, positions);
            assert_eq!(key.number.raw(), "26XA 1/é<&");
            assert_eq!(key.token.unwrap().reveal(), "s3");
        }
    }
}
