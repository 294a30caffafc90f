//! How a moment is written in the digits of UN/EDIFACT 2379, as the drafts of toolkit 3.0 do beside `xsd:dateTime`.

use crate::permit::{Moment, ValueError};

/// The formats that are read: code, digits in all, and whether a zone follows. 102, 204, 208 and 304 are written.
///
/// Two-digit years (2, 101, 201) are not read: no permit should be valid in a century that somebody had to guess.
const FORMATS: &[(&str, usize, Zone)] = &[
    ("102", "CCYYMMDD".len(), Zone::None),
    ("203", "CCYYMMDDHHMM".len(), Zone::None),
    ("204", "CCYYMMDDHHMMSS".len(), Zone::None),
    ("205", "CCYYMMDDHHMM".len(), Zone::Offset),
    ("208", "CCYYMMDDHHMMSS".len(), Zone::Offset),
    ("303", "CCYYMMDDHHMM".len(), Zone::Name),
    ("304", "CCYYMMDDHHMMSS".len(), Zone::Name),
];

/// What follows the digits.
#[derive(Clone, Copy)]
enum Zone {
    None,
    /// A signed offset, as in `+0100`.
    Offset,
    /// The name of a zone; of these only universal time is known everywhere.
    Name,
}

/// Reads digits in a format; without a format they must be an `xsd:dateTime`. A day is read as its midnight.
pub(super) fn read(format: Option<&str>, text: &str) -> Result<Moment, ValueError> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let Some(format) = format else { return Moment::parse(text) };
    let wrong = || ValueError::Moment { found: text.chars().take(40).collect() };
    let row = FORMATS.iter().find(|(code, ..)| *code == format);
    let written = row.and_then(|(_, digits, zone)| spelled(text, *digits, *zone)).ok_or_else(wrong)?;
    Moment::parse(&written).map_err(|_| wrong())
}

/// The same as `xsd:dateTime`.
fn spelled(text: &str, digits: usize, zone: Zone) -> Option<String> {
    let (number, zone_text) = text.split_at_checked(digits)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let midnight = "000000";
    let padded = format!("{number}{}", &midnight[digits - 8..]);
    let part = |from: usize, to: usize| &padded[from..to];
    let (date, clock) = (
        format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)),
        format!("{}:{}:{}", part(8, 10), part(10, 12), part(12, 14)),
    );
    Some(format!("{date}T{clock}{}", spelled_zone(zone_text, zone)?))
}

fn spelled_zone(text: &str, zone: Zone) -> Option<String> {
    match (zone, text) {
        (Zone::None, "") => Some(String::new()),
        (Zone::Name, "Z" | "UTC" | "GMT") => Some("Z".to_owned()),
        (Zone::Offset, offset) if offset.len() == "+0100".len() && offset.is_ascii() => {
            Some(format!("{}:{}", &offset[..3], &offset[3..]))
        }
        _ => None,
    }
}

/// The digits of a moment and their format. Fractions of a second have no place in any.
pub(super) fn write(moment: &Moment) -> (&'static str, String) {
    let digits: String = moment.as_str().chars().filter(char::is_ascii_digit).take("CCYYMMDDHHMMSS".len()).collect();
    match (moment.offset(), moment.as_str().len().checked_sub("+01:00".len())) {
        (None, _) if digits.ends_with("000000") => ("102", digits[.."CCYYMMDD".len()].to_owned()),
        (Some(_), Some(zone)) if !moment.as_str().ends_with('Z') => {
            ("208", digits + &moment.as_str()[zone..].replace(':', ""))
        }
        (Some(_), _) => ("304", digits + "UTC"),
        (None, _) => ("204", digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_out_and_in() {
        for (moment, format, digits) in [
            ("2026-03-02T00:00:00", "102", "20260302"),
            ("2026-03-02T09:30:15", "204", "20260302093015"),
            ("2026-03-02T00:00:00Z", "304", "20260302000000UTC"),
            ("2026-03-02T00:00:00-00:00", "208", "20260302000000-0000"),
            ("2026-03-02T24:00:00", "204", "20260302240000"),
            ("2026-03-02T23:59:59-11:30", "208", "20260302235959-1130"),
        ] {
            let moment = Moment::parse(moment).unwrap();

            assert_eq!(write(&moment), (format, digits.to_owned()));
            assert_eq!(read(Some(format), digits), Ok(moment));
        }
    }

    #[test]
    fn other_formats_are_read() {
        for (format, digits, moment) in [
            (Some("203"), " 202603020930\n", "2026-03-02T09:30:00"),
            (Some("205"), "202603020930+0100", "2026-03-02T09:30:00+01:00"),
            (Some("304"), "20260302093000UTC", "2026-03-02T09:30:00Z"),
            (None, "2026-03-02T09:30:00.5Z", "2026-03-02T09:30:00.5Z"),
        ] {
            assert_eq!(read(format, digits).unwrap().as_str(), moment);
        }
    }

    #[test]
    fn what_is_no_date_of_its_format_is_refused() {
        for (format, digits) in [
            (Some("102"), "20260230"),
            (Some("102"), "2026032"),
            (Some("102"), "20260302Z"),
            (Some("102"), "２０２６0302"),
            (Some("208"), "20260302093000+01"),
            (Some("304"), "20260302093000CET"),
            (Some("101"), "260302"),
            (None, "20260302"),
        ] {
            assert!(read(format, digits).is_err(), "{format:?} {digits}");
        }
    }
}
