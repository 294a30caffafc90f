//! What is checked beyond reading: the schema of the version and narrower forms of it, the rules of the standard, and who
//! decides.
//!
//! ```text
//! stages: guard ─> well-formed ─> version ─> schema ─> read ─> rules ─> Report      a verdict
//!                                                        Report + Policy ─> Decision
//! ```

pub mod accept;
mod explain;
pub mod knowledge;
pub mod policy;
pub mod profile;
pub mod rules;
pub mod schema;
pub mod stages;

use std::borrow::Cow;

use crate::id::PermitNumber;
use crate::permit::Permit;
use crate::report::RuleId;
use crate::sign::rules as sign_rules;
use crate::wire;

/// Every rule of every layer with its sentence, in the order of the layers; the rows of the guide form come last.
pub fn all_rules() -> impl Iterator<Item = (RuleId, Cow<'static, str>)> {
    let of_wire = wire::rules::ROWS.iter().map(|row| (row.id, row.sentence.trim()));
    let of_schema = std::iter::once((schema::OBEYS_SCHEMA, "A document obeys the schema of its version."));
    let of_sign = sign_rules::ROWS.iter().map(|row| (row.id, row.sentence));
    let written = of_wire.chain(of_schema).chain(of_sign).chain(rules::rows().map(|row| (row.id, row.sentence)));
    let of_guide = profile::GUIDE.rows().iter().map(|row| (row.id, Cow::Owned(row.sentence())));
    written.map(|(id, sentence)| (id, Cow::Borrowed(sentence))).chain(of_guide)
}

/// The rule of an id, of whatever layer; `None` when there is none.
pub fn rule(id: &str) -> Option<RuleId> {
    let of_wire = wire::rules::ROWS.iter().map(|row| row.id);
    let of_rows = rules::rows().map(|row| row.id).chain(profile::GUIDE.rows().iter().map(|row| row.id));
    let of_sign = sign_rules::ROWS.iter().map(|row| row.id);
    of_wire.chain([schema::OBEYS_SCHEMA]).chain(of_sign).chain(of_rows).find(|rule| rule.0 == id)
}

/// What to do about a finding of a rule, of whatever layer.
pub fn remedy(rule: RuleId) -> Option<&'static str> {
    rules::row(rule.0).map(|row| row.remedy).or_else(|| explain::remedy_of(rule))
}

/// The number under which a permit is kept and asked for.
///
/// # Errors
/// In words, why it has none.
pub fn number_of(permit: &Permit) -> Result<PermitNumber, String> {
    let number = permit.document.number.as_ref().ok_or("a permit must have a number (box 1)")?;
    PermitNumber::parse(number.as_str()).map_err(|error| error.to_string())
}
