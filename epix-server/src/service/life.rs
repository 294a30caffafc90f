//! Which change of a permit's life is possible in which state? For the authority's own commands.

use super::status::{Facts, State, Status};
use chrono::{DateTime, Utc};

/// What an authority can do to a permit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is not to be relied on for the time being.
    Suspend,
    /// It is to be relied on again.
    Resume,
    /// It is worth nothing any more.
    Cancel,
    /// Another permit stands in its place.
    Replace,
    /// It was lost or stolen.
    Lose,
    /// It came back unused.
    Return,
    /// Its document is replaced by a corrected one under the same number.
    Reissue,
}

impl Change {
    /// Every change, in the order of the table in `docs/contract.md`.
    pub const ALL: [Change; 7] = [
        Change::Suspend,
        Change::Resume,
        Change::Cancel,
        Change::Replace,
        Change::Lose,
        Change::Return,
        Change::Reissue,
    ];

    /// The command that makes it.
    pub fn command(self) -> &'static str {
        match self {
            Change::Suspend => "suspend",
            Change::Resume => "resume",
            Change::Cancel => "cancel",
            Change::Replace => "replace",
            Change::Lose => "lost",
            Change::Return => "return",
            Change::Reissue => "reissue",
        }
    }

    /// The states in which it is possible; a permit that is suspended is seen as it would be without that.
    pub fn from(self) -> &'static [State] {
        match self {
            Change::Suspend => &[State::Issued, State::InUse, State::Final, State::Expired],
            Change::Resume => &[State::Suspended],
            // What has left with a permit cannot be undone by cancelling it, nor can its document be another one.
            Change::Cancel | Change::Return | Change::Reissue => &[State::Issued, State::Expired],
            Change::Replace | Change::Lose => &[State::Issued, State::InUse, State::Expired],
        }
    }

    /// Is it possible now?
    ///
    /// # Errors
    /// The state that is in the way.
    pub fn check(self, status: &Status<'_>, facts: &Facts, at: DateTime<Utc>) -> Result<(), State> {
        let state = status.state(facts, at);
        let seen = match (self, state) {
            (Change::Suspend | Change::Resume, _) => state,
            (_, State::Suspended) => status.state_beneath(facts, at),
            _ => state,
        };
        if self.from().contains(&seen) { Ok(()) } else { Err(state) }
    }
}
