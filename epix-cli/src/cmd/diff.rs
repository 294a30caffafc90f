//! In which boxes do two permits differ?

mod facts;

use std::fmt::Write as _;

use epix_core::check::policy::Policy;
use epix_core::permit::Permit;

use super::{complain, files, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, DifferenceLine};
use crate::output::{Console, Verdict, plain};
use crate::plan::{Diff, Input};
use facts::{Difference, compare};

/// Compares two documents by what they say.
pub(crate) fn run(plan: &Diff, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let (a, b) = (look(&plan.a, console)?, look(&plan.b, console)?);
    let (permit_a, permit_b) = (permit(&plan.a, &a)?, permit(&plan.b, &b)?);
    for (input, verdict) in [(&plan.a, &a), (&plan.b, &b)] {
        if !verdict.is_accepted() && plan.format == Format::Human {
            let name = plain(&input.name());
            complain(console, &format!("epix: {name} is not valid, and is compared as far as it can be read\n"));
        }
    }
    let differences = compare(permit_a, permit_b);
    match plan.format {
        Format::Json => {
            for difference in &differences {
                json::line(console, &line(difference))?;
            }
        }
        Format::Human => say(console, &lines(&differences))?,
    }
    Ok(if differences.is_empty() { Exit::Good } else { Exit::Invalid })
}

fn look(input: &Input, console: &mut Console<'_>) -> Result<Verdict, Trouble> {
    Ok(Verdict::of(&files::read(input, console)?, &Policy::default()))
}

fn permit<'v>(input: &Input, verdict: &'v Verdict) -> Result<&'v Permit, Trouble> {
    verdict.permit().ok_or_else(|| {
        let sentence = verdict.report().errors().next().map_or("", |error| error.sentence.as_str());
        Trouble::NoPermit { file: input.name(), sentence: sentence.to_owned() }
    })
}

fn line(difference: &Difference) -> DifferenceLine<'_> {
    DifferenceLine {
        form_box: difference.form_box,
        position: difference.position.as_deref(),
        path: &difference.path,
        a: difference.a.as_deref(),
        b: difference.b.as_deref(),
    }
}

fn lines(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "the permits say the same\n".to_owned();
    }
    let mut text = String::new();
    for Difference { form_box, position, path, a, b } in differences {
        let place = match (form_box, position) {
            (Some(number), Some(letter)) => format!("box {number}, position {}", plain(letter)),
            (Some(number), None) => format!("box {number}"),
            (None, Some(letter)) => format!("position {}", plain(letter)),
            (None, None) => "not on the form".to_owned(),
        };
        let _ = writeln!(text, "{place}: {}: {} -> {}", plain(path), shown(a.as_ref()), shown(b.as_ref()));
    }
    text
}

/// A value as one line; nothing where there is none.
fn shown(value: Option<&String>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("\"{}\"", plain(value)))
}
