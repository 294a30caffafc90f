//! Does a signature hold exactly when it should? One test binary, one module per question.
#![allow(
    clippy::unwrap_used,
    reason = "all of this is tests; the lint excuses only what stands inside a test function"
)]

mod attacks;
mod canonical;
mod files;
mod forge;
mod holds;
mod refused;
mod second;
mod stamped;
