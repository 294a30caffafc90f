//! Many documents: found in files, folders and archives, worked on side by side, told in the order in which they were found.

mod archive;
pub(super) mod bar;
pub(super) mod documents;
mod folder;
pub(super) mod pool;
