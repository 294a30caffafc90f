//! How is an answer written that another Party gave, and how is told what it lost on the way?

use epix_core::report::Lost;
use epix_core::soap::Call;

use super::written::{Manner, Written};
use crate::service::{CallError, Context, Relay, Relayed};

/// More would not fit into what proxies take as a header; the audit has them all.
const LONGEST: usize = 2_000;

/// Passes a call on and writes the answer in the manner of the caller.
pub(super) async fn answer(
    relay: &Relay,
    context: &Context,
    call: Call,
    manner: &Manner<'_>,
) -> Result<Written, CallError> {
    let operation = call.operation();
    match relay.pass_on(context, call, super::carries(manner.dialect)).await? {
        Relayed::State(word) => Ok(manner.state(&word)),
        Relayed::Confirmed => Ok(manner.confirmed()),
        Relayed::Certificate(permit) => manner.certificate(operation, permit),
    }
}

/// Losses as the value of a header: `box 9 consignment.items[0].marks; ...`, without what they said.
pub(super) fn told(losses: &[Lost]) -> String {
    let mut text = String::new();
    for (index, loss) in losses.iter().enumerate() {
        let form_box = if loss.form_box.is_empty() { "no box".to_owned() } else { format!("box {}", loss.form_box) };
        let part = format!("{form_box} {}", loss.path);
        if text.len() + part.len() > LONGEST {
            return format!("{text}; and {} more", losses.len() - index);
        }
        text = if index == 0 { part } else { format!("{text}; {part}") };
    }
    text
}
