//! How much was found?

use epix_core::id::{Amount, PositionId};
use epix_core::soap::{Answer, Call};

use super::{ask, other_answer, say};
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, ConfirmedLine};
use crate::output::{Console, plain};
use crate::plan::Confirm;

/// Reports the quantities, and passes the partner's word on.
pub(crate) fn run(plan: Confirm, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let Confirm { link, key, quantities, format } = plan;
    let number = key.number.raw().to_owned();
    let listed = listed(&quantities);
    let answered = ask(&link, Call::ConfirmQuantities(key, quantities))?;
    let Answer::Confirmed(word) = answered.answer else {
        return other_answer(&link, &answered.answer, format, console);
    };
    match format {
        Format::Json => json::line(console, &ConfirmedLine { number, confirmed: word })?,
        Format::Human => say(console, &sentence(&number, &listed, word))?,
    }
    Ok(if word == Some(false) { Exit::Invalid } else { Exit::Good })
}

fn listed(quantities: &[(PositionId, Amount)]) -> String {
    let listed: Vec<String> = quantities.iter().map(|(id, amount)| format!("{id}={amount}")).collect();
    listed.join(", ")
}

fn sentence(number: &str, listed: &str, word: Option<bool>) -> String {
    let (number, listed) = (plain(number), plain(listed));
    match word {
        Some(true) => format!("permit {number}: confirmed {listed}\n"),
        Some(false) => format!("permit {number}: the partner says that {listed} is not confirmed\n"),
        // Its answer is not public: a partner may say yes in words that nobody here knows.
        None => {
            format!("permit {number}: the partner took {listed} without a fault, and without a word that is known\n")
        }
    }
}
