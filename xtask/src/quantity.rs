//! Are two decimal quantities equal, and which one is smaller, without floating point?

use std::fmt;

/// A decimal number as digits and scale, in its shortest form: `2.50` and `2.5` are the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quantity {
    units: u128,
    scale: usize,
}

impl Quantity {
    /// Reads plain decimal text: digits, at most one point, no sign, no exponent.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction}");
        let is_decimal = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_decimal {
            return None;
        }
        Some(Self { units: digits.parse().ok()?, scale: fraction.len() }.shortest())
    }

    /// A quantity that is smaller by about a fifth, with at most the same decimals; none for nothing and for one unit.
    pub(crate) fn smaller(self) -> Option<Self> {
        let less = (self.units / 5).max(1);
        let units = self.units - less.min(self.units);
        (units > 0).then_some(Self { units, scale: self.scale }.shortest())
    }

    fn shortest(mut self) -> Self {
        while self.scale > 0 && self.units.is_multiple_of(10) {
            self.units /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0width$}", self.units, width = self.scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale);
        if fraction.is_empty() { f.write_str(whole) } else { write!(f, "{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_zeros_do_not_count() {
        assert_eq!(Quantity::read("02.750"), Quantity::read("2.75"));
        assert_eq!(Quantity::read("10.0").unwrap().to_string(), "10");
        assert_eq!(Quantity::read("0.05").unwrap().to_string(), "0.05");
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in ["", ".5", "-1", "1e3", "1,5", "1.2.3"] {
            assert_eq!(Quantity::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_smaller_quantity_keeps_the_decimals() {
        let smaller = |text: &str| Quantity::read(text).unwrap().smaller().map(|quantity| quantity.to_string());

        assert_eq!(smaller("10").as_deref(), Some("8"));
        assert_eq!(smaller("2.75").as_deref(), Some("2.2"));
        assert_eq!(smaller("2").as_deref(), Some("1"));
        assert_eq!(smaller("1"), None);
        assert_eq!(smaller("0"), None);
    }
}
