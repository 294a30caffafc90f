//! Does epix-core read, write and refuse documents as its pages say? One test binary, one module per question.
#![allow(
    clippy::unwrap_used,
    reason = "all of this is tests; the lint excuses only what stands inside a test function"
)]

mod allocator;
mod audit;
mod captures;
mod converted;
mod drafts;
mod endorsed;
mod fixture;
mod forms;
mod guide;
mod hostile;
mod invalid;
mod json;
mod known;
mod losses;
mod mutated;
mod mutations;
mod paths;
mod permits;
mod policy;
mod rough;
mod rough_drafts;
mod round_trip;
mod rules;
mod sniffed;
mod soap;
mod tolerated;
mod toolkit_1;
mod tree;
#[path = "../trees/mod.rs"]
mod trees;
mod valid;
mod versions;
