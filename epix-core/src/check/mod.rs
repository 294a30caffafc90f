//! What is checked beyond reading: the XML schema of the version.

pub mod schema;
