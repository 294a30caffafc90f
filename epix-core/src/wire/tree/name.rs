//! What is an element called? Each name of a document is looked up once and then known by its bytes.

use super::scope::Scopes;
use super::{NONE, Span};

/// The name of an element in a scope. A name may be listed twice; equal numbers are equal names, unequal ones say nothing.
#[derive(Debug, Clone)]
pub(super) struct Name<'i> {
    /// As written, with its prefix.
    pub(super) written: &'i str,
    pub(super) local: &'i str,
    pub(super) scope: u32,
    pub(super) namespace: u32,
}

/// Finds names by their bytes. One place for each hash: names that share one push each other out and are looked up again,
/// so that no choice of names makes a list that has to be searched.
#[derive(Debug)]
pub(super) struct Cache {
    places: [u32; PLACES],
}

/// Permits have about a hundred names; the more places, the longer it takes to make them.
const PLACES: usize = 512;

impl Cache {
    pub(super) fn new() -> Cache {
        Cache { places: [NONE; PLACES] }
    }

    /// The number of a name as it is written in a scope, if it was seen and not pushed out.
    pub(super) fn find(&self, names: &[Name<'_>], written: &[u8], scope: u32) -> Option<u32> {
        let found = self.places[place(written)];
        let name = names.get(found as usize)?;
        (name.scope == scope && name.written.as_bytes() == written).then_some(found)
    }

    pub(super) fn put(&mut self, written: &[u8], found: u32) {
        self.places[place(written)] = found;
    }
}

fn place(written: &[u8]) -> usize {
    // Names of the toolkit differ in length and at both ends.
    let end = written.len().saturating_sub(8);
    let read = |from: usize| {
        let mut eight = [0; 8];
        let part = &written[from..written.len().min(from + 8)];
        eight[..part.len()].copy_from_slice(part);
        u64::from_le_bytes(eight)
    };
    let middle = read(written.len() / 2);
    let mixed = (read(end) ^ middle.rotate_left(23) ^ (written.len() as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (64 - PLACES.trailing_zeros())) as usize
}

/// Looks a name up in its scope.
pub(super) fn resolve<'i>(text: &'i str, scopes: &Scopes, scope: u32, written: Span) -> Result<Name<'i>, String> {
    let written = &text[written.range()];
    let Some((prefix, local)) = written.split_once(':') else {
        let namespace = scopes.find(text, scope, "").filter(|found| !scopes.uri(*found).is_empty()).unwrap_or(NONE);
        return Ok(Name { written, local: written, scope, namespace });
    };
    let namespace = scopes.find(text, scope, prefix).ok_or_else(|| undeclared(prefix))?;
    Ok(Name { written, local, scope, namespace })
}

pub(super) fn undeclared(prefix: &str) -> String {
    format!("the prefix {prefix:?} stands for no namespace")
}
