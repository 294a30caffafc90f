//! What needs no permit of ours: documents validated and converted, code lists, rules.

use chrono::NaiveDate;
use epix_core::check::rules;
use epix_core::codes::{self, Language, List};
use epix_core::convert::{Target, convert_accepted};
use epix_core::receive::receive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::call::Call;
use super::permits::{media_type, named};
use super::problem::Problem;
use super::told::{JudgedDocument, Report};

/// Looks at a document, and stores nothing.
pub(super) async fn validate(call: &Call<'_>) -> Result<Answer, Problem> {
    let deed = call.deed()?;
    let judged = call.desk().judge(deed.authority, &call.body, call.context.at).await;
    let (is_accepted, report) = judged.map_err(|error| call.refused(&error))?;
    Ok(Answer::json(&JudgedDocument { accepted: is_accepted, report: Report::from(&report) }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct To {
    to: String,
}

/// Writes a document in another form.
pub(super) async fn convert(call: &Call<'_>) -> Result<Answer, Problem> {
    let To { to } = call.query()?;
    let unknown = || Problem::invalid(format!("to {to}: there are {}", Target::names()));
    let target = Target::named(&to).ok_or_else(unknown)?;
    let accepted = receive(&call.body)
        .map_err(|rejected| Problem::of(422, "refused", "the document is refused").reporting(&rejected.report))?;
    let converted = convert_accepted(&accepted, target);
    let losses: Vec<String> = converted.losses.iter().map(|loss| named(loss.form_box, &loss.path)).collect();
    let answer = Answer::bytes(media_type(converted.document.as_bytes()), converted.document.into_bytes());
    Ok(if losses.is_empty() { answer } else { answer.header("epix-losses", &losses.join(" ")) })
}

/// The code lists.
pub(super) async fn code_lists(_call: &Call<'_>) -> Result<Answer, Problem> {
    let told = |list: List| ListName {
        name: list.name().to_owned(),
        edition: codes::edition(list).id,
        codes: codes::entries(list).len(),
    };
    Ok(Answer::json(&CodeLists { lists: List::ALL.into_iter().map(told).collect() }))
}

/// The code lists.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeLists {
    lists: Vec<ListName>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ListName {
    name: String,
    edition: &'static str,
    /// How many there are.
    codes: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct In {
    language: Option<String>,
}

/// The codes of a list.
pub(super) async fn codes(call: &Call<'_>) -> Result<Answer, Problem> {
    let (wanted, In { language }) = (call.segment("list")?, call.query()?);
    let list = List::ALL.into_iter().find(|list| list.name() == wanted);
    let list = list.ok_or_else(|| Problem::of(404, "no-list", "there is no code list of this name"))?;
    let language = Language::preferred(language.as_deref().or(call.header("accept-language")).unwrap_or_default());
    let told = |entry: &codes::Entry| Code {
        code: entry.code,
        name: entry.name(language),
        from: entry.from,
        until: entry.until,
        replaced_by: entry.replaced_by.clone(),
        grade: entry.grade.as_str(),
        sources: entry.sources.clone(),
        note: entry.note,
    };
    Ok(Answer::json(&CodeList {
        name: list.name().to_owned(),
        edition: codes::edition(list).id,
        language: language.tag().to_owned(),
        codes: codes::entries(list).iter().map(told).collect(),
    }))
}

/// The codes of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeList {
    name: String,
    edition: &'static str,
    /// In which the names are, where they are known in it; in English otherwise.
    language: String,
    codes: Vec<Code>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Code {
    code: &'static str,
    name: &'static str,
    /// The first day on which it is valid.
    from: Option<NaiveDate>,
    /// The last one.
    until: Option<NaiveDate>,
    /// What is written instead today.
    replaced_by: Vec<&'static str>,
    /// How sure the row is.
    grade: &'static str,
    sources: Vec<&'static str>,
    note: &'static str,
}

/// The description of the face.
pub(super) async fn describe(_call: &Call<'_>) -> Result<Answer, Problem> {
    Ok(Answer::bytes("application/json", super::description().into_bytes()))
}

/// The same for people; the browser is told to load nothing and to run nothing.
pub(super) async fn page(_call: &Call<'_>) -> Result<Answer, Problem> {
    let answer = Answer::bytes("text/html; charset=utf-8", super::page::page().into_bytes());
    Ok(answer.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"))
}

/// The rules.
pub(super) async fn rules(_call: &Call<'_>) -> Result<Answer, Problem> {
    let told = |row: &rules::Row| RuleRow {
        id: row.id.0,
        sentence: row.sentence,
        remedy: row.remedy,
        severity: row.severity.to_string(),
        form_box: row.form_box,
        source: row.source,
    };
    Ok(Answer::json(&Rules { pack: rules::PACK.id, rules: rules::rows().map(told).collect() }))
}

/// The rules by which documents are judged.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rules {
    /// Which edition.
    pack: &'static str,
    rules: Vec<RuleRow>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RuleRow {
    id: &'static str,
    sentence: &'static str,
    remedy: &'static str,
    severity: String,
    #[serde(rename = "box")]
    form_box: &'static str,
    source: &'static str,
}
