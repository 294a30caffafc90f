//! Box 1: is the number one by which the permit can be told from all others?
//!
//! That there is a number at all is rule `EPIX-KEY-01`: without it nothing can be kept.

use super::row::{Need, Row};
use crate::codes::Grade::Recalled;
use crate::id::PermitNumber;
use crate::permit::{Permit, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-NUMBER-01"),
        catalogue: "F02",
        form_box: "1",
        sentence: "the number of a permit must have at most 35 characters",
        remedy: "ask the issuing authority for the number without additions",
        source: "UN/CEFACT CITES schema",
        test: |permit, _, found| {
            let length = number(permit).chars().count();
            if length > 35 {
                found.add(|| (at!(document.number), format!("it has {length}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-NUMBER-02"),
        catalogue: "F03",
        form_box: "1",
        sentence: "a number of our own should be year, country, six digits and at most two national characters",
        remedy: "number permits like 26XA000123/EX",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        needs: &[Need::Own],
        test: |permit, _, found| {
            if !number(permit).is_empty() && parts(number(permit)).is_none() {
                found.at(|| at!(document.number));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-NUMBER-03"),
        catalogue: "F08",
        form_box: "1",
        sentence: "a number in the recommended form should name the country that issued the permit",
        remedy: "compare the letters in the number (box 1) with the country of the Management Authority (box 6)",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        test: |permit, _, found| {
            let (Some((_, country)), Some(issuer)) = (parts(number(permit)), permit.issuing_country()) else { return };
            if country != issuer.as_str() {
                found.add(|| (at!(document.number), format!("it names {country}, and {issuer} issued it")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-NUMBER-04"),
        catalogue: "F03",
        form_box: "1",
        sentence: "a number of our own should begin with the year of issue",
        remedy: "give the permit a number of the year in which it is issued",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        needs: &[Need::Own, Need::Day],
        test: |permit, context, found| {
            let (Some((year, _)), Some(day)) = (parts(number(permit)), context.day) else { return };
            if !day.format("%y").to_string().eq(year) {
                found.add(|| (at!(document.number), format!("the permit was issued on {day}")));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-NUMBER-05"),
        catalogue: "F02",
        form_box: "1",
        sentence: "no other document of the same country may have the number",
        remedy: "ask the issuing authority which of the documents holds",
        source: "Convention Art. VI(3)",
        needs: &[Need::Permits],
        test: |permit, context, found| {
            let (Some(permits), Some(issuer)) = (context.knowledge.permits, permit.issuing_country()) else { return };
            let Ok(number) = PermitNumber::parse(number(permit)) else { return };
            if permits.is_taken(issuer, &number) {
                found.at(|| at!(document.number));
            }
        },
        ..Row::USUAL
    },
];

fn number(permit: &Permit) -> &str {
    permit.document.number.as_ref().map_or("", |number| number.as_str())
}

/// Year and country of a number in the recommended form `WWxxYYYYYY/zz`.
fn parts(number: &str) -> Option<(&str, &str)> {
    let (key, national) = number.split_once('/').map_or((number, None), |(key, rest)| (key, Some(rest)));
    let (year, rest) = key.split_at_checked(2)?;
    let (country, serial) = rest.split_at_checked(2)?;
    let digits = |text: &str, width: usize| text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits(year, 2) && digits(serial, 6) && country.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_short = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (fits && national.is_none_or(is_short)).then_some((year, country))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn the_recommended_form_is_told_from_all_others() {
        assert_eq!(parts("23CZ034504"), Some(("23", "CZ")));
        assert_eq!(parts("26XA000123/EX"), Some(("26", "XA")));
        for other in ["", "XA000000", "10US 18890A/9", "FR1007533178-E", "26XA000123/", "26XA000123/EXP", "26é000123"]
        {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
