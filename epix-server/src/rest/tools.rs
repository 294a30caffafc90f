//! What needs no permit of ours: documents validated and converted, code lists, rules.

use epix_core::check::rules;
use epix_core::codes::{self, Language, List};
use epix_core::convert::{Target, convert_accepted};
use epix_core::receive::receive;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::permits::{media_type, named};
use super::problem::Problem;

/// Looks at a document, and stores nothing.
pub(super) async fn validate(call: &Call<'_>) -> Result<Answer, Problem> {
    let deed = call.deed()?;
    let judged = call.desk().judge(deed.authority, &call.body, call.context.at).await;
    let (is_accepted, report) = judged.map_err(|error| call.refused(&error))?;
    Ok(Answer::json(&json!({ "accepted": is_accepted, "report": report })))
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
    let told = |list: List| json!({ "name": list.name(), "edition": codes::edition(list).id, "codes": codes::entries(list).len() });
    let lists: Vec<Value> = List::ALL.into_iter().map(told).collect();
    Ok(Answer::json(&json!({ "lists": lists })))
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
    let told = |entry: &codes::Entry| {
        json!({
            "code": entry.code, "name": entry.name(language), "from": entry.from, "until": entry.until,
            "replacedBy": entry.replaced_by, "grade": entry.grade.as_str(), "sources": entry.sources, "note": entry.note,
        })
    };
    let codes: Vec<Value> = codes::entries(list).iter().map(told).collect();
    let told =
        json!({ "name": list.name(), "edition": codes::edition(list).id, "language": language.tag(), "codes": codes });
    Ok(Answer::json(&told))
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
    let told = |row: &rules::Row| {
        json!({
            "id": row.id, "sentence": row.sentence, "remedy": row.remedy, "severity": row.severity,
            "box": row.form_box, "source": row.source,
        })
    };
    let rows: Vec<Value> = rules::rows().map(told).collect();
    Ok(Answer::json(&json!({ "pack": rules::PACK.id, "rules": rows })))
}
