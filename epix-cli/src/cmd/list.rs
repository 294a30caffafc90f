//! Which permits are in the books?

use epix_client::gateway::Listed;

use super::say;
use crate::args::Format;
use crate::exit::{Exit, Trouble};
use crate::output::json::{self, ListedLine};
use crate::output::{Console, plain};
use crate::plan::Listing;

/// Lists page by page, and says each as soon as it is known.
pub(crate) fn run(plan: &Listing, console: &mut Console<'_>) -> Result<Exit, Trouble> {
    let (mut after, mut left): (Option<String>, usize) = (None, plan.limit);
    while left > 0 {
        let page = super::waited_for(&plan.gateway, plan.gateway.list(&plan.questions, after.as_deref()))?;
        for listed in page.permits.iter().take(left) {
            match plan.format {
                Format::Json => json::line(console, &ListedLine::of(listed))?,
                Format::Human => say(console, &line(listed))?,
            }
        }
        left = left.saturating_sub(page.permits.len());
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(Exit::Good)
}

/// `XA-2026-0001  issued     XB  2026-08-31  Furcifer pardalis`
fn line(listed: &Listed) -> String {
    let word = |text: &Option<String>| plain(text.as_deref().unwrap_or("-"));
    let (number, state) = (plain(&listed.number), word(&listed.state));
    let species = plain(&listed.species.join(", "));
    let line = format!(
        "{number:<24}  {state:<12}  {:<2}  {:<10}  {species}",
        word(&listed.destination),
        word(&listed.last_day)
    );
    line.trim_end().to_owned() + "\n"
}
