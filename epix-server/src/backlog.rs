//! What an older build left undone is done while the server runs: permits that it stored without entering them are entered, so that
//! lists tell of everything.

use std::sync::Arc;
use std::time::Duration;

use crate::problem::chain;
use crate::service::{DeskError, Exchange};
use crate::store::Authority;

/// After how long a server asks again for the work that another one does: that one may be gone.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Enters permits without an entry. Of several servers on one store one does it for each authority, and another one when that one
/// is gone.
pub async fn enter(exchange: Arc<Exchange>) {
    let mut left: Vec<&Authority> = exchange.authorities().iter().collect();
    loop {
        let mut elsewhere = Vec::new();
        for authority in left {
            match enter_those_of(&exchange, authority).await {
                Ok(true) => {}
                Ok(false) => elsewhere.push(authority),
                Err(error) => {
                    let (authority, causes) = (authority.id.as_str(), chain(&error));
                    tracing::error!(
                        authority,
                        causes,
                        "older permits could not be entered: lists do not tell of all; tried at the next start"
                    );
                }
            }
        }
        left = elsewhere;
        if left.is_empty() {
            return;
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// False while another server does it. One that has done it is asked for it until it ends, and then finds nothing left to do.
async fn enter_those_of(exchange: &Exchange, authority: &Authority) -> Result<bool, DeskError> {
    if !exchange.store().lead(&format!("catalogue of {}", authority.id)).await? {
        return Ok(false);
    }
    let entered = exchange.desk().enter_what_is_missing(authority).await?;
    if entered > 0 {
        tracing::info!(entered, authority = authority.id.as_str(), "older permits were entered");
    }
    Ok(true)
}
