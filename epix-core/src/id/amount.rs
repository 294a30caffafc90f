//! How much, as an exact decimal number.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::IdError;

/// libxml2, the judge of our schemas, keeps no more digits of a decimal.
const DIGITS: usize = 24;

/// A decimal amount as `xsd:decimal`: exact, never a floating point number, at most 24 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Decimal);

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(Decimal::ZERO);

    /// Reads `xsd:decimal`: optional sign, digits, optional fraction; no exponent, no grouping.
    ///
    /// # Errors
    /// [`IdError::Decimal`] when it is anything else or has more digits than can be kept exactly.
    ///
    /// ```
    /// use epix_core::id::Amount;
    /// assert_eq!(Amount::parse(" 2.75 ").unwrap().to_string(), "2.75");
    /// assert!(Amount::parse("1e3").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Amount, IdError> {
        let wrong = || IdError::Decimal { found: text.chars().take(40).collect() };
        let trimmed = text.trim_matches([' ', '\t', '\n', '\r']);
        let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
        let points = unsigned.bytes().filter(|b| *b == b'.').count();
        if digits == 0 || digits > DIGITS || points > 1 || digits + points != unsigned.len() {
            return Err(wrong());
        }
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let sign = if trimmed.starts_with('-') { "-" } else { "" };
        let written =
            if fraction.is_empty() { format!("{sign}0{whole}") } else { format!("{sign}0{whole}.{fraction}") };
        Decimal::from_str_exact(&written).map(Amount).map_err(|_| wrong())
    }

    /// True below zero.
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    /// True for a number without a fraction, however it is written: `5.00` is whole.
    pub fn is_whole(self) -> bool {
        self.0.fract().is_zero()
    }

    /// The sum of two amounts; `None` when it has more digits than can be kept.
    pub fn plus(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// What is left of an amount; `None` when more is taken than there is.
    pub fn minus(self, other: Amount) -> Option<Amount> {
        self.0.checked_sub(other.0).map(Amount).filter(|rest| !rest.is_negative())
    }

    /// The number without trailing zeros of its fraction: equal amounts give equal texts.
    pub fn canonical(self) -> String {
        self.0.normalize().to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> String {
        amount.to_string()
    }
}

impl TryFrom<String> for Amount {
    type Error = IdError;
    fn try_from(text: String) -> Result<Amount, IdError> {
        Amount::parse(&text)
    }
}

impl From<u32> for Amount {
    fn from(whole: u32) -> Amount {
        Amount(Decimal::from(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_exact_and_never_negative() {
        let amount = |text| Amount::parse(text).unwrap();

        assert_eq!(amount("0.1").plus(amount("0.2")), Some(amount("0.3")));
        assert_eq!(amount("2.75").minus(amount("2.7")), Some(amount("0.05")));
        assert_eq!(amount("1").minus(amount("1.0001")), None);
    }

    #[test]
    fn a_decimal_is_read_as_written() {
        for (text, shown) in
            [("5", "5"), ("5.00", "5.00"), ("+2.75", "2.75"), ("-.5", "-0.5"), ("7.", "7"), ("007", "7")]
        {
            assert_eq!(Amount::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", ".", "1e3", "1,5", "1_000", "NaN", "INF", "1.2.3", "--1", "1234567890123456789012345"] {
            assert!(Amount::parse(text).is_err(), "{text}");
        }
        assert!(Amount::parse(&format!("0.{}", "1".repeat(40))).is_err());
    }

    #[test]
    fn equal_amounts_have_one_canonical_text() {
        assert_eq!(Amount::parse("5.00").unwrap().canonical(), "5");
        assert_eq!(Amount::parse("5.00").unwrap(), Amount::parse("5").unwrap());
    }
}
