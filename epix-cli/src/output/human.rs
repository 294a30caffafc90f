//! What do people get? Lines that say what is wrong and where, one for each mistake.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use epix_client::gateway::Problem;
use epix_core::check::schema::OBEYS_SCHEMA;
use epix_core::report::{Finding, Outcome, Report, RuleId, Severity};
use epix_core::soap::answer::PartnerFault;
use epix_core::wire::rules;

use super::{Verdict, plain, signature};
use crate::exit::Trouble;

/// How much is said about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Each mistake once, each kind of note once.
    Digest,
    /// Each mistake once, and every note.
    Notes,
    /// Everything that was found, and every layer.
    Everything,
}

/// The verdict on a document in lines, the one with the verdict first.
pub fn report(name: &str, verdict: &Verdict, detail: Detail) -> String {
    let name = plain(name);
    let report = verdict.report();
    let heard: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| detail == Detail::Everything || !is_echo(finding, &report.findings))
        .collect();
    let mut lines = verdict_line(&name, verdict, &heard);
    if let Some(seal) = verdict.seal() {
        lines.push_str(&signature::seal_lines(seal));
    }
    let mut notes: BTreeMap<RuleId, usize> = BTreeMap::new();
    for note in heard.iter().filter(|finding| finding.severity == Severity::Note) {
        *notes.entry(note.rule).or_default() += 1;
    }
    for finding in heard {
        let more = match (detail, finding.severity) {
            // Only the first note of a rule finds its count here; it speaks for the others.
            (Detail::Digest, Severity::Note) => match notes.remove(&finding.rule) {
                Some(count) => count - 1,
                None => continue,
            },
            _ => 0,
        };
        lines.push_str(&finding_line(&name, finding, more));
    }
    lines + &layers(report, verdict, detail)
}

/// True for a finding of the schema on a mistake of which the reader speaks too, in plainer words.
fn is_echo(finding: &Finding, all: &[Finding]) -> bool {
    if finding.rule != OBEYS_SCHEMA {
        return false;
    }
    let is_about_order = finding.sentence.contains("not expected");
    let parent = finding.place.path.rsplit_once('/').map(|(parent, _)| parent);
    all.iter().filter(|other| other.rule != OBEYS_SCHEMA && other.severity == Severity::Error).any(|other| {
        let is_same_place = (other.place.line, other.place.column) == (finding.place.line, finding.place.column);
        // The schema misses an element where the next one stands, the reader in the parent.
        let is_missed = is_about_order && other.rule == rules::MISSING_ELEMENT && parent == Some(&other.place.path);
        // An element inside a value: the schema names the value, the reader the element.
        let is_within = other.rule == rules::ELEMENT_IN_VALUE
            && other.place.path.rsplit_once('/').is_some_and(|(value, _)| value == finding.place.path);
        is_same_place || is_missed || is_within
    })
}

fn verdict_line(name: &str, verdict: &Verdict, heard: &[&Finding]) -> String {
    let number = verdict.number().map(|number| format!("permit {}", plain(number)));
    let version = verdict.version().map(|version| version.spec().title.to_owned());
    let (word, count) = match (verdict.is_accepted(), verdict.is_of_schema()) {
        (true, true) => ("obeys the schema", None),
        (true, false) => ("accepted", None),
        (false, _) => ("refused", Some(why_refused(verdict, heard))),
    };
    let facts: Vec<String> = count.into_iter().chain(number).chain(version).collect();
    format!("{name}: {word}: {}\n", facts.join(", "))
}

/// How many errors, and else, where a policy refuses what is no error, for which rules.
fn why_refused(verdict: &Verdict, heard: &[&Finding]) -> String {
    let refused: Vec<&str> = verdict.refused_for().iter().map(|rule| rule.0).collect();
    let is_counted = |finding: &&&Finding| finding.severity == Severity::Error && refused.contains(&finding.rule.0);
    match heard.iter().filter(is_counted).count() {
        0 if refused.is_empty() => "not every layer could be looked at".to_owned(),
        0 => format!("by the policy for {}", refused.join(", ")),
        1 => "1 error".to_owned(),
        count => format!("{count} errors"),
    }
}

pub(super) fn finding_line(name: &str, finding: &Finding, more: usize) -> String {
    let Finding { rule, severity, place, sentence, remedy, .. } = finding;
    let sentence = plain(sentence);
    let mut line = format!("{name}:{}:{}: {severity}: {sentence} [{rule}]", place.line, place.column);
    if !place.path.is_empty() {
        let _ = write!(line, " ({})", plain(&place.path));
    }
    if more > 0 {
        let _ = write!(line, " and {more} more of this kind");
    }
    if let Some(remedy) = remedy.filter(|_| *severity != Severity::Note) {
        let _ = write!(line, "\n  what to do: {remedy}");
    }
    line + "\n"
}

/// How the layers ended: of interest where one failed, or was not looked at.
fn layers(report: &Report, verdict: &Verdict, detail: Detail) -> String {
    if verdict.is_accepted() && detail != Detail::Everything {
        return String::new();
    }
    let words = report.layers.iter().map(|layer| match &layer.outcome {
        Outcome::Passed => format!("{} passed", layer.layer),
        Outcome::Failed => format!("{} failed", layer.layer),
        Outcome::Skipped(reason) => format!("{} skipped ({})", layer.layer, plain(reason)),
    });
    let mut lines = format!("  layers: {}\n", words.collect::<Vec<_>>().join(", "));
    if detail == Detail::Everything {
        for skipped in &report.skipped {
            let _ = writeln!(lines, "  not asked: {}, because {}", skipped.rule, skipped.because);
        }
        let judges: Vec<String> = report.judges.iter().map(|judge| format!("{} of {}", judge.id, judge.date)).collect();
        if !judges.is_empty() {
            let _ = writeln!(lines, "  judged by: {}", judges.join(", "));
        }
    }
    lines
}

/// A refusal in words, for standard error.
pub fn fault(partner: &str, fault: &PartnerFault) -> String {
    let sentence = fault.message.as_deref().unwrap_or(&fault.faultstring);
    let mut text = format!("epix: {} refuses: {}\n", plain(partner), plain(sentence));
    let named = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {}", plain(value)));
    let blame = (!fault.faultcode.is_empty()).then(|| format!("fault {}", plain(&fault.faultcode)));
    let facts: Vec<String> =
        named("code", &fault.code).into_iter().chain(blame).chain(named("request", &fault.request_id)).collect();
    if !facts.is_empty() {
        let _ = writeln!(text, "  {}", facts.join(", "));
    }
    if let Some(hint) = fault.code.as_deref().and_then(fault_hint) {
        let _ = writeln!(text, "  hint: {hint}");
    }
    text
}

/// What can be done about a refusal.
fn fault_hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "CallerNotFound" => {
            "ask the partner to register your certificate: openssl x509 -noout -fingerprint -sha256 -in CERT"
        }
        "CalleeNotFound" => "check --country; it is the country that issued the permit",
        "PermitNotFound" => "check the number; a permit that is protected by a token needs --token-file",
        "NotFinal" => "leave --final out to see the permit as it was issued",
        "AdapterNotAvailable" => "the partner knows you and gives you no right to this permit or operation",
        "PositionUnknown" | "QuantityExceeded" => "epix fetch shows the positions and what is permitted",
        _ => return None,
    })
}

/// Why the work could not be done, for standard error.
pub fn trouble(trouble: &Trouble) -> String {
    let sentences = trouble.sentences();
    let mut text = String::new();
    for (index, sentence) in sentences.iter().enumerate() {
        let lead = if index == 0 { "epix:" } else { "  because:" };
        let _ = writeln!(text, "{lead} {}", plain(sentence));
    }
    if let Some(hint) = trouble.hint() {
        let _ = writeln!(text, "  hint: {hint}");
    }
    text
}

/// What the gateway says of a document that it does not take: why, then what it found.
pub fn refusal(name: &str, reason: Option<&str>, problem: Option<&Problem>) -> String {
    let name = plain(name);
    let mut text = format!("{name}: refused: {}\n", plain(reason.unwrap_or("no reason was given")));
    for finding in problem.iter().flat_map(|problem| &problem.findings) {
        let word = |field: &str| finding.get(field).and_then(|value| value.as_str()).unwrap_or_default();
        let number = |field: &str| finding.get(field).and_then(serde_json::Value::as_u64).unwrap_or_default();
        if word("severity") == "error" {
            let (line, column) = (number("line"), number("column"));
            let _ = writeln!(text, "  {line}:{column} {} [{}]", plain(word("sentence")), plain(word("rule")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use epix_core::check::policy::Policy;

    use super::*;

    const EMPTY: &str = "<ram:Name></ram:Name>";

    fn document(header: &str) -> String {
        format!(
            "<rsm:CITESEPermit xmlns:rsm=\"urn:un:unece:uncefact:data:standard:CITESEPermit:2\"
 xmlns:ram=\"urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1\">
<rsm:SpecifiedExchangedDocumentContext/>
<rsm:HeaderExchangedDocument><ram:ID>XA-1</ram:ID>{header}</rsm:HeaderExchangedDocument>
<rsm:SpecifiedSupplyChainConsignment/>
</rsm:CITESEPermit>"
        )
    }

    fn said(document: &str, detail: Detail) -> String {
        report("p.xml", &Verdict::of(document.as_bytes(), &Policy::default()), detail)
    }

    #[test]
    fn a_mistake_is_told_once_unless_everything_is_wanted() {
        for wrong in ["<ram:IssueDateTime>yesterday</ram:IssueDateTime>", "<ram:Unknown>x</ram:Unknown>"] {
            let digest = said(&document(wrong), Detail::Digest);
            let everything = said(&document(wrong), Detail::Everything);

            assert_eq!(digest.matches(": error: ").count(), 1, "{digest}");
            assert!(digest.starts_with("p.xml: refused: 1 error, permit XA-1, toolkit 2.0\n"), "{digest}");
            assert!(digest.contains("EPIX-READ-"), "{digest}");
            assert!(everything.matches("[EPIX-SCHEMA-01]").count() >= 1, "{everything}");
        }
    }

    #[test]
    fn a_missing_part_is_told_once() {
        let lacking = document("").replace("<rsm:SpecifiedExchangedDocumentContext/>", "");

        let digest = said(&lacking, Detail::Digest);

        assert_eq!(digest.matches(": error: ").count(), 1, "{digest}");
    }

    #[test]
    fn notes_of_a_rule_speak_through_the_first() {
        let notes = document(&EMPTY.repeat(5));

        let digest = said(&notes, Detail::Digest);
        let all = said(&notes, Detail::Notes);

        assert_eq!(digest.matches(": note: ").count(), 1, "{digest}");
        assert!(digest.contains("more of this kind"), "{digest}");
        assert!(all.matches(": note: ").count() >= 5, "{all}");
    }

    #[test]
    fn a_refusal_tells_what_can_be_done() {
        let fault = PartnerFault {
            faultcode: "Client".to_owned(),
            faultstring: "CallerNotFound".to_owned(),
            code: Some("CallerNotFound".to_owned()),
            message: Some("not\nregistered".to_owned()),
            request_id: Some("r-1".to_owned()),
            particulars: Vec::new(),
        };

        let text = super::fault("https://a/", &fault);

        assert!(text.starts_with("epix: https://a/ refuses: not registered\n"), "{text}");
        assert!(text.contains("code CallerNotFound, fault Client, request r-1"), "{text}");
        assert!(text.contains("hint: ask the partner to register"), "{text}");
    }
}
