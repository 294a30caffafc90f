//! Is anything lost, however long one tries? The tests of `epix-server/tests/it/torture`, for as long as one wants.

use std::time::Duration;

use crate::process::Call;
use crate::system::{self, Group};
use crate::trouble::Trouble;

/// What it takes when nothing is said.
pub(crate) const MINUTES: u64 = 10;
/// What building and the round under way may take beyond that.
const BEYOND: Duration = Duration::from_secs(1800);

/// Kills servers, fills disks and cuts connections under load, and judges after each; `true` when nothing was lost.
pub(crate) fn run(minutes: u64) -> Result<bool, Trouble> {
    system::provide(&[Group::Build, Group::Test])?;
    let call = Call::cargo()
        .args(["test", "--package", "epix-server", "--test", "it", "--"])
        .args(["torture", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env("EPIX_TORTURE_MINUTES", minutes.to_string())
        .within(Duration::from_secs(60 * minutes) + BEYOND);
    Ok(call.show()?.is_good())
}
