//! Which message is a step?

use epix_core::id::{Amount, Country, Operation, PartyId, PermitNumber, PositionId, Token};
use epix_core::permit::Permit;
use epix_core::soap::{Call, CertificateKey, Dialect, OriginalCaller, request};

use super::case::{Input, Quantities, Step};
use super::run::Inputs;

/// The longest comment that fills a message: beyond what any service should take.
const PADDING: usize = 3 << 20;

/// A step as a message.
pub(super) struct Asked {
    pub(super) body: String,
    pub(super) soap_action: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

/// Writes the message of a step; `permit` is the permit as issued, where quantities are made from it.
pub(super) fn message(step: &Step, inputs: &Inputs, dialect: Dialect, permit: Option<&Permit>) -> Asked {
    let call = call(step, inputs, permit);
    let (mut body, mut soap_action) = request::write(&call, dialect);
    if step.quantities == Some(Quantities::WhiteSpace) {
        body = body.replace(">A_B<", ">A B<");
    }
    if let Some(raw) = &step.raw {
        let name =
            if dialect == Dialect::Hub { step.ask.name().to_owned() } else { format!("{}Request", step.ask.name()) };
        body = raw.replace("{namespace}", dialect.namespace()).replace("{request}", &name);
        body = body.replace("{padding}", &if raw.contains("{padding}") { " ".repeat(PADDING) } else { String::new() });
    }
    soap_action = step.soap_action.clone().unwrap_or(soap_action);
    let mut headers = Vec::new();
    if step.in_parts {
        headers.push(("Accept", "multipart/related; type=\"application/xop+xml\"".to_owned()));
    }
    if step.forged {
        body = forged(inputs).introduce(&body);
        let country = inputs.country.as_str();
        headers.push(("X-SSL-Client-S-DN", format!("/C={country}/O=Management Authority/CN=forged")));
        headers.push(("X-SSL-Client-Verify", "SUCCESS".to_owned()));
    }
    Asked { body, soap_action, headers }
}

/// The issuing country itself, as if a hub had said so.
fn forged(inputs: &Inputs) -> OriginalCaller {
    OriginalCaller {
        party: PartyId::parse("FORGED").expect("it is written as an id"),
        name: "Management Authority".to_owned(),
        country: inputs.country,
        roles: vec!["management-authority".to_owned()],
        request_id: "forged".to_owned(),
        call_id: None,
    }
}

fn call(step: &Step, inputs: &Inputs, permit: Option<&Permit>) -> Call {
    let key = || CertificateKey {
        number: number(step, inputs),
        token: token(step, inputs),
        country: Some(country(step.country, inputs).unwrap_or(inputs.country)),
    };
    match step.ask {
        Operation::ServiceState => Call::ServiceState(country(step.country, inputs)),
        Operation::GetNonFinal => Call::GetNonFinal(key()),
        Operation::GetFinal => Call::GetFinal(key()),
        Operation::ConfirmQuantities => {
            let quantities = step.quantities.unwrap_or(Quantities::None);
            Call::ConfirmQuantities(key(), positions(quantities, permit))
        }
    }
}

fn number(step: &Step, inputs: &Inputs) -> PermitNumber {
    let made_up = || PermitNumber::parse("NO-SUCH-PERMIT-0").expect("it is written as a number");
    step.number.and_then(|input| inputs.number(input)).unwrap_or_else(made_up)
}

fn token(step: &Step, inputs: &Inputs) -> Option<Token> {
    match step.token? {
        Input::Wrong => Token::parse("a-wrong-token"),
        _ => inputs.token.clone(),
    }
}

fn country(input: Option<Input>, inputs: &Inputs) -> Option<Country> {
    match input? {
        Input::Country => Some(inputs.country),
        // User-assigned, and never a Party.
        Input::Unknown => Country::parse("XZ").ok(),
        other => inputs.countries.get(&other).copied(),
    }
}

/// The positions that are confirmed; every number is a decimal, whatever the permit says.
pub(super) fn positions(quantities: Quantities, permit: Option<&Permit>) -> Vec<(PositionId, Amount)> {
    let parsed = |id: &str, amount: &str| Some((PositionId::parse(id).ok()?, Amount::parse(amount).ok()?));
    let one = match quantities {
        Quantities::None => None,
        Quantities::UnknownPosition => parsed("NOWHERE", "1"),
        Quantities::WhiteSpace => parsed("A_B", "1"),
        Quantities::LetterA => parsed("A", "1"),
        Quantities::Decimal => first(permit).and_then(|(id, _)| parsed(id.as_str(), "0.5")),
        Quantities::Other => first(permit).and_then(|(id, _)| parsed(id.as_str(), "0.25")),
        Quantities::Over => first(permit).and_then(|(id, permitted)| Some((id, permitted.plus(Amount::from(1))?))),
    };
    one.into_iter().collect()
}

/// The first position, and what is permitted there.
fn first(permit: Option<&Permit>) -> Option<(PositionId, Amount)> {
    let item = permit?.consignment.items.first()?;
    Some((PositionId::parse(item.id()?.as_str()).ok()?, item.permitted()?.amount))
}
