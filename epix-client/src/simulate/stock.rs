//! What would a well-behaved partner answer? A handful of permits in memory, and the contract as far as it needs.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};
use epix_core::convert::{Target, convert_accepted};
use epix_core::id::{Amount, Country, Operation, PermitNumber, PositionId};
use epix_core::permit::{Examination, Moment, Quantity};
use epix_core::receive::{Accepted, receive, receive_again};
use epix_core::soap::{Attachment, Call, CertificateKey, Dialect, Fact, Fault, FaultCode};
use epix_core::wire::{Endorsement, codec};

use super::script::{PermitEntry, Script, ScriptError};

/// The permit that a partner brings along, with the places of its number and countries.
const TEMPLATE: &str = include_str!("permit.xml");
/// The token of the permit that has one.
pub(super) const TOKEN: &str = "simulated-token";
/// The attachment of the permit that has one.
const PAPER: (&str, &[u8]) = ("annex.txt", b"An invented annex to an invented permit.\n");

/// The permits of a partner.
pub(super) struct Stock {
    country: Country,
    permits: BTreeMap<String, Kept>,
}

/// A permit that is kept.
struct Kept {
    issued: Accepted,
    /// What left, and the document that says so.
    exported: Option<(BTreeMap<PositionId, Amount>, Accepted)>,
    token: Option<String>,
    attachments: Vec<Attachment>,
    cancelled: bool,
}

/// An answer before it is written.
pub(super) enum Draft {
    /// A permit: the stand-alone document and what travels with it.
    Permit(Operation, String, Vec<Attachment>),
    Confirmed,
    State(String),
    Fault(Fault),
}

impl Draft {
    /// What it is, in the word that a rule may name.
    pub(super) fn word(&self) -> &str {
        match self {
            Draft::Permit(..) => "permit",
            Draft::Confirmed => "confirmed",
            Draft::State(_) => "state",
            Draft::Fault(fault) => fault.code.as_str(),
        }
    }
}

impl Stock {
    /// The permits of a script, or those that a partner brings along.
    pub(super) fn of(script: &Script, country: Country, importer: Country) -> Result<Stock, ScriptError> {
        let kept = if script.permits.is_empty() {
            brought_along(country, importer)
        } else {
            script.permits.iter().map(|entry| kept(entry, script)).collect::<Result<_, _>>()?
        };
        let permits = kept.into_iter().map(|kept| (kept.issued.number().normalised().to_owned(), kept)).collect();
        Ok(Stock { country, permits })
    }

    /// Answers a call as the contract says, as for a caller of the exporting side.
    pub(super) fn answer(&mut self, call: &Call, dialect: Dialect) -> Draft {
        self.try_answer(call, dialect).unwrap_or_else(Draft::Fault)
    }

    /// The document of a permit as issued, whatever became of it.
    pub(super) fn issued(&self, number: &str, operation: Operation, dialect: Dialect) -> Option<Draft> {
        let kept = self.permits.get(PermitNumber::parse(number).ok()?.normalised())?;
        document(&kept.issued, kept, operation, dialect).ok()
    }

    fn try_answer(&mut self, call: &Call, dialect: Dialect) -> Result<Draft, Fault> {
        let asked = call.key().map_or_else(|| state_of(call), |key| key.country);
        if asked.is_some_and(|country| country != self.country) {
            return Err(Fault::of(FaultCode::CalleeNotFound));
        }
        match call {
            Call::ServiceState(_) => Ok(Draft::State("OK".to_owned())),
            Call::GetNonFinal(key) => {
                let kept = self.find(key)?;
                document(&kept.issued, kept, Operation::GetNonFinal, dialect)
            }
            Call::GetFinal(key) => {
                let kept = self.find(key)?;
                let (_, endorsed) = kept.exported.as_ref().ok_or_else(|| Fault::of(FaultCode::NotFinal))?;
                document(endorsed, kept, Operation::GetFinal, dialect)
            }
            Call::ConfirmQuantities(key, positions) => {
                let kept = self.find(key)?;
                kept.confirm(positions)?;
                Ok(Draft::Confirmed)
            }
        }
    }

    fn find(&mut self, key: &CertificateKey) -> Result<&mut Kept, Fault> {
        let unknown = || Fault::of(FaultCode::PermitNotFound);
        let kept = self.permits.get_mut(key.number.normalised()).ok_or_else(unknown)?;
        let token = key.token.as_ref().map(|token| token.reveal());
        if kept.token.is_some() && kept.token.as_deref() != token {
            return Err(unknown());
        }
        if kept.cancelled { Err(Fault::of(FaultCode::PermitCancelled)) } else { Ok(kept) }
    }
}

fn state_of(call: &Call) -> Option<Country> {
    match call {
        Call::ServiceState(country) => *country,
        _ => None,
    }
}

impl Kept {
    fn issued(issued: Accepted) -> Kept {
        Kept { issued, exported: None, token: None, attachments: Vec::new(), cancelled: false }
    }

    /// Books all quantities or none; the identical repeat changes nothing.
    fn confirm(&mut self, positions: &[(PositionId, Amount)]) -> Result<(), Fault> {
        let settled = self.settle(positions)?;
        match &self.exported {
            Some((before, _)) if *before == settled => Ok(()),
            Some(_) => Err(Fault::of(FaultCode::AlreadyConfirmed)),
            None => {
                let endorsed = endorsed(&self.issued, &settled)?;
                self.exported = Some((settled, endorsed));
                Ok(())
            }
        }
    }

    /// Every position of the permit with what was found; one that is not named was not found.
    fn settle(&self, positions: &[(PositionId, Amount)]) -> Result<BTreeMap<PositionId, Amount>, Fault> {
        let zero = Amount::parse("0").map_err(|_| Fault::of(FaultCode::Internal))?;
        let permitted = permitted(&self.issued);
        let mut settled: BTreeMap<_, _> = permitted.keys().map(|id| (id.clone(), zero)).collect();
        for (index, (id, amount)) in positions.iter().enumerate() {
            let Some(most) = permitted.get(id) else {
                return Err(Fault::of(FaultCode::PositionUnknown).stating(Fact::Position, id));
            };
            if positions[..index].iter().any(|(other, _)| other == id) {
                return Err(Fault::of(FaultCode::PositionIdInvalid));
            }
            if amount > most {
                return Err(Fault::of(FaultCode::QuantityExceeded).stating(Fact::Position, id));
            }
            settled.insert(id.clone(), *amount);
        }
        Ok(settled)
    }
}

fn permitted(accepted: &Accepted) -> BTreeMap<PositionId, Amount> {
    let items = accepted.permit().consignment.items.iter();
    let position = |item: &epix_core::permit::Item| {
        let id = PositionId::parse(item.id()?.as_str()).ok()?;
        Some((id, item.permitted()?.amount))
    };
    items.filter_map(position).collect()
}

/// The issued document with box 14.
fn endorsed(issued: &Accepted, settled: &BTreeMap<PositionId, Amount>) -> Result<Accepted, Fault> {
    let broken = || Fault::of(FaultCode::Internal);
    let quantity = |item: &epix_core::permit::Item| {
        let id = PositionId::parse(item.id()?.as_str()).ok()?;
        let unit = item.permitted().and_then(|permitted| permitted.unit.clone());
        Some(Quantity { amount: *settled.get(&id)?, unit })
    };
    let endorsement = Endorsement {
        examination: Examination { occurred: now(), ..Examination::default() },
        quantities: issued.permit().consignment.items.iter().map(quantity).collect(),
    };
    let text = std::str::from_utf8(issued.bytes()).map_err(|_| broken())?;
    let document = (codec(issued.version()).endorse)(text, &endorsement).map_err(|_| broken())?;
    receive_again(document.as_bytes()).map_err(|_| broken())
}

fn now() -> Option<Moment> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let now = DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
    Moment::parse(&now.to_rfc3339_opts(SecondsFormat::Secs, true)).ok()
}

/// The document in the version of the dialect.
fn document(accepted: &Accepted, kept: &Kept, operation: Operation, dialect: Dialect) -> Result<Draft, Fault> {
    let target = Target::version(dialect.toolkit()).ok_or_else(|| Fault::of(FaultCode::VersionNotSupported))?;
    let converted = convert_accepted(accepted, target);
    if !converted.losses.is_empty() {
        return Err(Fault::of(FaultCode::VersionNotSupported));
    }
    Ok(Draft::Permit(operation, converted.document, kept.attachments.clone()))
}

fn kept(entry: &PermitEntry, script: &Script) -> Result<Kept, ScriptError> {
    let read = |file: &std::path::Path| {
        let file = script.path(file);
        std::fs::read(&file).map_err(|cause| ScriptError::File { file, cause })
    };
    let issued = receive(&read(&entry.file)?);
    let issued = issued.map_err(|_| ScriptError::Permit { file: script.path(&entry.file) })?;
    let attachment = |file: &std::path::PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Attachment { name, content: read(file)? })
    };
    let attachments = entry.attachments.iter().map(attachment).collect::<Result<_, ScriptError>>()?;
    Ok(Kept { token: entry.token.clone(), attachments, cancelled: entry.cancelled, ..Kept::issued(issued) })
}

/// One permit for each thing that can be tried out: plain, final, with a token, cancelled, with an attachment.
fn brought_along(country: Country, importer: Country) -> Vec<Kept> {
    let issued = |what: &str| {
        let document = TEMPLATE
            .replace("{NUMBER}", &format!("{country}-SIM-{what}"))
            .replace("{FROM}", country.as_str())
            .replace("{TO}", importer.as_str());
        Kept::issued(receive(document.as_bytes()).expect("the template is a valid permit, as a test shows"))
    };
    let mut last = issued("FINAL");
    let whole: Vec<_> = permitted(&last.issued).into_iter().collect();
    last.confirm(&whole).expect("what is permitted can be confirmed");
    let attachments = vec![Attachment { name: PAPER.0.to_owned(), content: PAPER.1.to_vec() }];
    vec![
        issued("1"),
        issued("2"),
        last,
        Kept { token: Some(TOKEN.to_owned()), ..issued("TOKEN") },
        Kept { cancelled: true, ..issued("CANCELLED") },
        Kept { attachments, ..issued("PAPERS") },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock() -> Stock {
        let [xb, xa] = ["XB", "XA"].map(|code| Country::parse(code).unwrap());
        Stock::of(&Script::default(), xb, xa).unwrap()
    }

    fn key(number: &str) -> CertificateKey {
        CertificateKey { number: PermitNumber::parse(number).unwrap(), token: None, country: None }
    }

    fn confirm(number: &str, a: &str) -> Call {
        let position = (PositionId::parse("A").unwrap(), Amount::parse(a).unwrap());
        Call::ConfirmQuantities(key(number), vec![position])
    }

    #[test]
    fn the_permits_that_it_brings_along_are_good_and_answer_each_in_its_way() {
        let mut stock = stock();
        let mut word = |call: Call| stock.answer(&call, Dialect::V2).word().to_owned();

        assert_eq!(word(Call::GetNonFinal(key("XB-SIM-1"))), "permit");
        assert_eq!(word(Call::GetFinal(key("XB-SIM-1"))), "NotFinal");
        assert_eq!(word(Call::GetFinal(key("XB-SIM-FINAL"))), "permit");
        assert_eq!(word(Call::GetNonFinal(key("XB-SIM-TOKEN"))), "PermitNotFound");
        assert_eq!(word(Call::GetNonFinal(key("XB-SIM-CANCELLED"))), "PermitCancelled");
        assert_eq!(word(Call::ServiceState(Country::parse("XC").ok())), "CalleeNotFound");
    }

    #[test]
    fn quantities_are_booked_once_and_never_beyond_the_permit() {
        let mut stock = stock();
        let mut word = |call: Call| stock.answer(&call, Dialect::V2).word().to_owned();

        assert_eq!(word(confirm("XB-SIM-1", "11")), "QuantityExceeded");
        assert_eq!(word(confirm("XB-SIM-1", "7.50")), "confirmed");
        assert_eq!(word(confirm("XB-SIM-1", "7.5")), "confirmed");
        assert_eq!(word(confirm("XB-SIM-1", "8")), "AlreadyConfirmed");
        assert_eq!(word(Call::GetFinal(key("XB-SIM-1"))), "permit");
    }
}
