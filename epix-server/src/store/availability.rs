//! When does a party answer? On or off, or by hours and days of its own clock, with words for those who ask meanwhile.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// When a party answers; by default always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Availability {
    /// False while it does not answer at all.
    pub open: bool,
    /// From when until when on its days; `None` means all day.
    pub hours: Option<Hours>,
    /// On which days of the week; none named means all.
    pub days: BTreeSet<Day>,
    /// How far its clock is from UTC.
    pub offset: Offset,
    /// What those are told who ask while it is closed.
    pub words: Option<String>,
}

impl Default for Availability {
    fn default() -> Availability {
        Availability { open: true, hours: None, days: BTreeSet::new(), offset: Offset::default(), words: None }
    }
}

impl Availability {
    /// Does it answer at this moment?
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let there = at.with_timezone(&self.offset.0);
        let on_this_day = self.days.is_empty() || self.days.contains(&Day::of(there.weekday()));
        self.open && on_this_day && self.hours.as_ref().is_none_or(|hours| hours.contain(there.time()))
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn of(day: Weekday) -> Day {
        match day {
            Weekday::Mon => Day::Mon,
            Weekday::Tue => Day::Tue,
            Weekday::Wed => Day::Wed,
            Weekday::Thu => Day::Thu,
            Weekday::Fri => Day::Fri,
            Weekday::Sat => Day::Sat,
            Weekday::Sun => Day::Sun,
        }
    }
}

/// Hours of a day, such as `06:00-22:00`; the end is not included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: NaiveTime,
    until: NaiveTime,
}

impl Hours {
    /// Hours that end before they begin go past midnight.
    fn contain(&self, time: NaiveTime) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}

impl TryFrom<String> for Hours {
    type Error = String;
    fn try_from(text: String) -> Result<Hours, String> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let ends = text.split_once('-').and_then(|(from, until)| Some((time(from)?, time(until)?)));
        match ends {
            Some((from, until)) if from != until => Ok(Hours { from, until }),
            _ => Err(format!("hours are written as 06:00-22:00, found {text:?}")),
        }
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> String {
        format!("{}-{}", hours.from.format("%H:%M"), hours.until.format("%H:%M"))
    }
}

/// The distance of a clock from UTC, such as `+01:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Offset(FixedOffset);

impl Default for Offset {
    fn default() -> Offset {
        Offset(FixedOffset::east_opt(0).expect("no distance at all is a distance"))
    }
}

impl TryFrom<String> for Offset {
    type Error = String;
    fn try_from(text: String) -> Result<Offset, String> {
        let offset = if text == "Z" { Ok(Offset::default().0) } else { text.parse::<FixedOffset>() };
        offset.map(Offset).map_err(|_| format!("an offset is written as +01:00, found {text:?}"))
    }
}

impl From<Offset> for String {
    fn from(offset: Offset) -> String {
        offset.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(availability: &str, at: &str) -> bool {
        let availability: Availability = toml::from_str(availability).unwrap();
        availability.is_open(at.parse().unwrap())
    }

    #[test]
    fn who_says_nothing_always_answers() {
        assert!(is_open("", "2026-03-01T03:00:00Z"));
        assert!(!is_open("open = false", "2026-03-01T12:00:00Z"));
    }

    #[test]
    fn hours_and_days_are_those_of_its_own_clock() {
        let office = "hours = \"08:00-16:00\"\ndays = [\"mon\", \"tue\"]\noffset = \"+05:30\"";

        // 2 March 2026 is a Monday.
        assert!(is_open(office, "2026-03-02T02:30:00Z"));
        assert!(!is_open(office, "2026-03-02T02:29:59Z"));
        assert!(!is_open(office, "2026-03-02T10:30:00Z"));
        assert!(!is_open(office, "2026-03-04T05:00:00Z"));
    }

    #[test]
    fn hours_may_go_past_midnight() {
        assert!(is_open("hours = \"22:00-06:00\"", "2026-03-02T23:00:00Z"));
        assert!(is_open("hours = \"22:00-06:00\"", "2026-03-02T05:59:00Z"));
        assert!(!is_open("hours = \"22:00-06:00\"", "2026-03-02T06:00:00Z"));
    }

    #[test]
    fn what_is_no_hour_or_offset_is_refused_in_words() {
        for (wrong, expected) in [("hours = \"8-16\"", "06:00-22:00"), ("offset = \"CET\"", "+01:00")] {
            assert!(toml::from_str::<Availability>(wrong).unwrap_err().to_string().contains(expected), "{wrong}");
        }
    }
}
