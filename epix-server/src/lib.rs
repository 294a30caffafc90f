//! The EPIX gateway: the parts that `epix-server` is composed of.

pub mod audit;
pub mod store;
