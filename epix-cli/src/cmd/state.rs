//! Can the partner's service answer?

use epix_core::soap::{Answer, Call};

use super::{ask, other_answer, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, StateLine};
use crate::output::{Console, plain};
use crate::plan::State;

/// Asks, and passes the partner's word on.
pub(crate) fn run(plan: State, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let answered = ask(&plan.link, Call::ServiceState(plan.link.partner.country))?;
    let Answer::State(word) = answered.answer else {
        return other_answer(&plan.link, &answered.answer, plan.format, console);
    };
    let exit = exit(&word);
    match plan.format {
        Format::Json => json::line(console, &StateLine { state: word })?,
        Format::Human => say(console, &sentence(plan.link.partner.endpoint.as_str(), &word))?,
    }
    Ok(exit)
}

/// The words are this project's choice; a partner may use others, which are taken for good.
fn exit(word: &str) -> Exit {
    if matches!(word, "MAINTENANCE" | "DOWN") { Exit::Invalid } else { Exit::Good }
}

fn sentence(partner: &str, word: &str) -> String {
    match word {
        "" => format!("{} answers, without a word about its state\n", plain(partner)),
        word => format!("{} says: {}\n", plain(partner), plain(word)),
    }
}
