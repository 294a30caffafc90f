//! The CITES e-permit standard as a library: bytes in, bytes out.
#![forbid(unsafe_code)]

pub mod audit;
pub mod check;
pub mod codes;
pub mod convert;
pub mod id;
pub mod permit;
pub mod policies;
pub mod receive;
pub mod report;
pub mod sign;
pub mod soap;
pub mod version;
pub mod wire;
