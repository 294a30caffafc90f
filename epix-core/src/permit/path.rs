//! Where does something stand in the model? The fields from the permit down, with their ordinals.

use std::fmt;

/// A place in the model, such as `consignment.items[1].packages[0].quantity`; no element names, so it holds for every
/// version. What a document lacks has a place too: where it would stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelPath {
    steps: Vec<Step>,
}

/// One field on the way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The name of the field.
    pub field: &'static str,
    /// Which one of a list, from 0; `None` for a field that is no list.
    pub index: Option<usize>,
}

impl ModelPath {
    /// The permit as a whole.
    pub fn root() -> ModelPath {
        ModelPath::default()
    }

    /// Goes down into a field.
    #[must_use]
    pub fn field(self, field: &'static str) -> ModelPath {
        self.step(Step { field, index: None })
    }

    /// Goes down into one of a list, counted from 0.
    #[must_use]
    pub fn nth(self, field: &'static str, index: usize) -> ModelPath {
        self.step(Step { field, index: Some(index) })
    }

    fn step(mut self, step: Step) -> ModelPath {
        self.steps.push(step);
        self
    }

    /// The fields from the permit down.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The position of the consignment in which it stands, counted from 0.
    pub fn position(&self) -> Option<usize> {
        self.steps.iter().find(|step| step.field == "items").and_then(|step| step.index)
    }
}

impl fmt::Display for ModelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.steps.iter().enumerate() {
            let dot = if number == 0 { "" } else { "." };
            write!(f, "{dot}{}", step.field)?;
            if let Some(index) = step.index {
                write!(f, "[{index}]")?;
            }
        }
        Ok(())
    }
}

/// Writes a [`ModelPath`] as one would write the field: `at!(consignment.items[i].packages[0].quantity)`.
macro_rules! at {
    (@ $path:expr,) => { $path };
    (@ $path:expr, . $field:ident [$index:expr] $($rest:tt)*) => {
        $crate::permit::at!(@ $path.nth(stringify!($field), $index), $($rest)*)
    };
    (@ $path:expr, . $field:ident $($rest:tt)*) => {
        $crate::permit::at!(@ $path.field(stringify!($field)), $($rest)*)
    };
    ($($path:tt)+) => { $crate::permit::at!(@ $crate::permit::ModelPath::root(), . $($path)+) };
}
pub(crate) use at;

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_is_written_like_the_field() {
        let path = at!(consignment.items[1].packages[0].quantity);

        assert_eq!(path.to_string(), "consignment.items[1].packages[0].quantity");
        assert_eq!((path.position(), at!(document.validity).position()), (Some(1), None));
    }
}
