//! When: a date and time with its zone, kept as written.

use std::fmt;

use chrono::{FixedOffset, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::value::ValueError;

/// An `xsd:dateTime`, kept as written. Two moments are equal when they were written alike.
///
/// Senders put local midnight and changing offsets where a day is meant, so the calendar date is the one that was written;
/// it is never converted to another zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    written: String,
    date: NaiveDate,
    time: NaiveTime,
    offset: Option<FixedOffset>,
}

impl Moment {
    /// Reads `YYYY-MM-DDThh:mm:ss`, with optional fraction and optional zone (`Z` or `±hh:mm`, at most 14 hours).
    ///
    /// # Errors
    /// [`ValueError::Moment`] when it is anything else or no day of the calendar.
    ///
    /// ```
    /// use epix_core::permit::Moment;
    /// let end = Moment::parse("2026-07-05T23:30:00.00+02:00").unwrap();
    /// assert_eq!(end.date().to_string(), "2026-07-05");
    /// assert_eq!(end.as_str(), "2026-07-05T23:30:00.00+02:00");
    /// ```
    pub fn parse(text: &str) -> Result<Moment, ValueError> {
        let written = text.trim_matches([' ', '\t', '\n', '\r']);
        Moment::read(written).ok_or_else(|| ValueError::Moment { found: text.chars().take(40).collect() })
    }

    fn read(written: &str) -> Option<Moment> {
        let (date, rest) = written.split_once('T')?;
        let (clock, zone) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
        Some(Moment { written: written.to_owned(), date: day(date)?, time: time_of_day(clock)?, offset: offset(zone)? })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The calendar date as written.
    pub fn date(&self) -> NaiveDate {
        self.date
    }

    /// The time of day as written; 24:00:00 is given as 00:00:00.
    pub fn time(&self) -> NaiveTime {
        self.time
    }

    /// The zone as written; `None` when the sender gave none.
    pub fn offset(&self) -> Option<FixedOffset> {
        self.offset
    }
}

/// A number of exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn day(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    NaiveDate::from_ymd_opt(i32::try_from(digits(year, 4)?).ok()?, digits(month, 2)?, digits(day, 2)?)
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if whole == "24:00:00" && fraction.bytes().all(|b| b == b'0') {
        return NaiveTime::from_hms_opt(0, 0, 0);
    }
    let mut parts = whole.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    NaiveTime::from_hms_nano_opt(digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?, nanos)
}

/// The zone: outer `None` for a wrong one, inner `None` for none written.
fn offset(text: &str) -> Option<Option<FixedOffset>> {
    if text.is_empty() {
        return Some(None);
    }
    if text == "Z" {
        return Some(FixedOffset::east_opt(0));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some(FixedOffset::east_opt(sign * seconds))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> String {
        moment.written
    }
}

impl TryFrom<String> for Moment {
    type Error = ValueError;
    fn try_from(text: String) -> Result<Moment, ValueError> {
        Moment::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_the_one_that_was_written() {
        let moment = Moment::parse("2014-07-05T00:30:00.00+02:00").unwrap();

        assert_eq!(moment.date().to_string(), "2014-07-05");
        assert_eq!(moment.offset().unwrap().local_minus_utc(), 7200);
    }

    #[test]
    fn a_moment_without_zone_has_none() {
        assert_eq!(Moment::parse("2014-07-05T00:30:00").unwrap().offset(), None);
        assert_eq!(Moment::parse("2014-07-05T24:00:00Z").unwrap().time().to_string(), "00:00:00");
    }

    #[test]
    fn what_is_no_date_and_time_is_refused() {
        for text in [
            "",
            "2014-07-05",
            "2014-02-30T00:00:00",
            "2014-7-5T00:00:00",
            "2014-07-05T25:00:00",
            "2014-07-05T00:00:60",
            "2014-07-05T00:00",
            "2014-07-05T00:00:00+15:00",
            "2014-07-05T00:00:00.Z",
            "2014-07-05 00:00:00",
            "2014-07-05T00:00:00+0200",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }
}
