//! How is each verb done? One file per verb, and what they share.

mod attachments;
pub(crate) mod audit;
pub(crate) mod codes;
pub(crate) mod confirm;
pub(crate) mod conformance;
pub(crate) mod convert;
pub(crate) mod diff;
pub(crate) mod fetch;
mod files;
pub(crate) mod import;
pub(crate) mod list;
mod many;
pub(crate) mod pages;
pub(crate) mod rules;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod simulate;
pub(crate) mod state;
pub(crate) mod submit;
pub(crate) mod validate;
pub(crate) mod verify;

use epix_client::gateway::{Gateway, GatewayError};
use epix_client::{Answered, call};
use epix_core::soap::answer::PartnerFault;
use epix_core::soap::{Answer, Call};

use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, ErrorLine, FaultLine};
use crate::output::{Console, human};
use crate::plan::Link;

/// Says why the work could not be done, and how the program ends.
pub(crate) fn give_up(trouble: &Trouble, format: Format, console: &mut Console<'_>) -> Exit {
    if trouble.is_broken_pipe() {
        return Exit::Good;
    }
    match format {
        Format::Human => {
            // What was found so far comes before the complaint, where both go to one terminal.
            let _ = console.out.flush();
            complain(console, &human::trouble(trouble));
        }
        Format::Json => {
            let line = json::line(console, &ErrorLine::new(trouble));
            let said = line.and_then(|()| console.out.flush().map_err(Trouble::Output));
            if said.is_err() {
                complain(console, &human::trouble(trouble));
            }
        }
    }
    Exit::Trouble
}

/// Writes lines for people.
fn say(console: &mut Console<'_>, lines: &str) -> Result<(), Trouble> {
    console.out.write_all(lines.as_bytes()).map_err(Trouble::Output)
}

/// Writes lines beside the results. Where nobody hears them the exit status still tells.
fn complain(console: &mut Console<'_>, lines: &str) {
    let _ = console.err.write_all(lines.as_bytes());
}

/// Calls the partner and waits for the answer.
fn ask(link: &Link, question: Call) -> Result<Answered, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Trouble::Runtime)?;
    let answered = runtime.block_on(call(&link.transport, &link.partner, question));
    answered.map_err(|cause| Trouble::Call { partner: link.partner.endpoint.to_string(), cause })
}

/// Waits for the answer of a gateway.
fn waited_for<T>(gateway: &Gateway, answer: impl Future<Output = Result<T, GatewayError>>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Trouble::Runtime)?;
    runtime.block_on(answer).map_err(|cause| Trouble::Vain { gateway: gateway.address().to_owned(), cause })
}

/// Passes a refusal on.
fn refused(link: &Link, fault: &PartnerFault, format: Format, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    match format {
        Format::Json => json::line(console, &FaultLine::new(fault))?,
        Format::Human => {
            complain(console, &human::fault(link.partner.endpoint.as_str(), fault));
        }
    }
    Ok(Exit::Invalid)
}

/// What ends a verb when the answer is not of its own kind: a fault, or, against the client's promise, anything else.
fn other_answer(link: &Link, answer: &Answer, format: Format, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    match answer {
        Answer::Fault(fault) => refused(link, fault, format, console),
        _ => Err(Trouble::OtherAnswer),
    }
}
