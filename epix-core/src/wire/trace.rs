//! Which element filled which field of the model? Recorded while reading, asked only when something is to be said.
//!
//! One small entry per element, in document order, linked to its parent and its next sibling: recording is a push, and
//! asking follows the fields of a [`ModelPath`] down. Element names come from the descriptions, so neither the model nor
//! who asks knows any.

use super::shape::Field;
use super::view::View;
use crate::permit::{ModelPath, Step};
use crate::report::Place;

/// The elements that were read, with the fields that they fill.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    entries: Vec<Entry>,
}

/// One element. Indices and offsets fit 32 bits: no document that passes the guard has more.
#[derive(Debug, Clone)]
struct Entry {
    /// The field that it fills; none for the root.
    field: Option<&'static Field>,
    parent: u32,
    /// The next child of the same parent; 0 for none, as the root is nobody's child.
    next: u32,
    offset: u32,
}

/// Where the children of one element are recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    parent: u32,
    last: Option<u32>,
}

impl Trace {
    /// Starts with the children of the element that was recorded last; the first one is the root.
    pub(super) fn branch(&mut self, offset: usize) -> Branch {
        if self.entries.is_empty() {
            self.push(None, 0, offset);
        }
        Branch { parent: index(self.entries.len() - 1), last: None }
    }

    /// Records a child.
    pub(super) fn record(&mut self, branch: &mut Branch, field: &'static Field, offset: usize) {
        let entry = self.push(Some(field), branch.parent, offset);
        if let Some(last) = branch.last.replace(entry) {
            self.entries[last as usize].next = entry;
        }
    }

    fn push(&mut self, field: Option<&'static Field>, parent: u32, offset: usize) -> u32 {
        self.entries.push(Entry { field, parent, next: 0, offset: index(offset) });
        index(self.entries.len() - 1)
    }

    /// The place of what fills a field of the model; where nothing does, that of the nearest element around it.
    ///
    /// A message that is laid out otherwise than the model may lack its outermost elements; then their fields are passed over.
    pub fn place(&self, view: &View, root: &str, path: &ModelPath) -> Place {
        let mut at = 0;
        let mut written = format!("/{root}");
        for step in path.steps() {
            let Some((entry, segment)) = self.child(at, *step) else {
                if at == 0 {
                    continue;
                }
                break;
            };
            at = entry;
            written.push('/');
            written.push_str(&segment);
        }
        let offset = self.entries.get(at).map_or(0, |entry| entry.offset as usize);
        view.place(offset, written)
    }

    /// The child that a step leads to, with its name, numbered where siblings share the name.
    fn child(&self, parent: usize, step: Step) -> Option<(usize, String)> {
        let same: Vec<usize> = self.children(parent).filter(|child| self.fills(*child, step.field)).collect();
        let ordinal = step.index.unwrap_or(0);
        let child = *same.get(ordinal)?;
        let name = self.entries[child].field?.name;
        let segment = if same.len() == 1 { name.to_owned() } else { format!("{name}[{}]", ordinal + 1) };
        Some((child, segment))
    }

    fn fills(&self, entry: usize, slot: &str) -> bool {
        self.entries[entry].field.is_some_and(|field| field.slot == slot)
    }

    fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        let first = self.entries.get(parent + 1).filter(|entry| entry.parent as usize == parent).map(|_| parent + 1);
        let next = |entry: &usize| Some(self.entries[*entry].next as usize).filter(|next| *next > 0);
        std::iter::successors(first, next)
    }
}

fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
