//! What is checked beyond reading: the XML schema of the version, and narrower forms of it.

pub mod profile;
pub mod schema;
