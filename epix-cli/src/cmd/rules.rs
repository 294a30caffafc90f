//! Which rules is a permit held against, and who says so?

use epix_core::check::rules::{PACK, Row, TOPICS, row};

use super::say;
use crate::exit::{Exit, Trouble};
use crate::output::{Console, plain};

/// Lists every rule in a line, or tells all about one.
pub(crate) fn run(id: Option<&str>, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let Some(id) = id else {
        say(console, &list())?;
        return Ok(Exit::Good);
    };
    match row(&id.to_ascii_uppercase()) {
        Some(row) => {
            say(console, &told(row))?;
            Ok(Exit::Good)
        }
        None => {
            say(console, &format!("there is no rule {}; epix rules lists them\n", plain(id)))?;
            Ok(Exit::Invalid)
        }
    }
}

fn list() -> String {
    let mut text = format!("rules of edition {} of {}\n", PACK.id, PACK.date);
    for topic in TOPICS {
        text.push_str(&format!("\n{}: {}\n", topic.name, topic.about));
        for row in topic.rows {
            let (id, severity, sentence) = (row.id.to_string(), row.severity.to_string(), row.sentence);
            text.push_str(&format!("{id:<20} {severity:<8} {sentence}\n"));
        }
    }
    text
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
