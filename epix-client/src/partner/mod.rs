//! Who are our partners? Each one is a profile: data, and later small pure hooks for the odd ones.

mod profile;

pub use profile::{Endpoint, EndpointError, Partner};
