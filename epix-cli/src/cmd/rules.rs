//! Which rules is a permit held against, and who says so?

use epix_core::check::rules::{PACK, Row, TOPICS, row};
use epix_core::check::{all_rules, remedy};

use super::say;
use crate::exit::{Exit, Trouble};
use crate::output::{Console, plain};

/// Lists every rule in a line, or tells all about one.
pub(crate) fn run(id: Option<&str>, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let Some(id) = id else {
        say(console, &list())?;
        return Ok(Exit::Good);
    };
    let wanted = id.to_ascii_uppercase();
    match row(&wanted).map(told).or_else(|| told_of_layer(&wanted)) {
        Some(told) => {
            say(console, &told)?;
            Ok(Exit::Good)
        }
        None => {
            say(console, &format!("there is no rule {}; epix rules lists them\n", plain(id)))?;
            Ok(Exit::Invalid)
        }
    }
}

fn list() -> String {
    let mut text = String::from("rules of the layers before the rules of the standard\n\n");
    for (id, sentence) in all_rules().filter(|(id, _)| row(id.0).is_none()) {
        text.push_str(&format!("{id:<20} {sentence}\n"));
    }
    text.push_str(&format!("\nrules of edition {} of {}\n", PACK.id, PACK.date));
    for topic in TOPICS {
        text.push_str(&format!("\n{}: {}\n", topic.name, topic.about));
        for row in topic.rows {
            let (id, severity, sentence) = (row.id.to_string(), row.severity.to_string(), row.sentence);
            text.push_str(&format!("{id:<20} {severity:<8} {sentence}\n"));
        }
    }
    text
}

/// A rule of guard, reading, schema, signature or the guide form.
fn told_of_layer(id: &str) -> Option<String> {
    let (id, sentence) = all_rules().find(|(rule, _)| rule.0 == id)?;
    let lines = [("rule", id.0), ("says", &*sentence), ("what to do", remedy(id).unwrap_or_default())];
    Some(lines.iter().map(|(name, value)| format!("{name:<15} {value}\n")).collect())
}

fn told(row: &Row) -> String {
    let mut lines = vec![
        ("rule", row.id.to_string()),
        ("says", row.sentence.to_owned()),
        ("box", row.form_box.to_owned()),
        ("weighs", row.severity.to_string()),
        ("what to do", row.remedy.to_owned()),
        ("source", row.source.to_owned()),
        ("how sure", row.grade.to_string()),
        ("catalogue", row.catalogue.to_owned()),
    ];
    lines.extend(row.lenient.map(|why| ("milder because", why.to_owned())));
    lines.into_iter().map(|(name, value)| format!("{name:<15} {value}\n")).collect()
}
