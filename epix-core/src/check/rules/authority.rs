//! Boxes 5b, 6 and 13: who issued the permit, and who signed it?

use super::context::{country_code, has_address};
use super::party::{authority, name, unknown_country};
use super::row::{Need, Row, Span};
use crate::codes::Grade::{Certain, Inferred, Recalled};
use crate::permit::{Authentication, Location, ModelPath, SignatoryRole, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-AUTHORITY-01"),
        catalogue: "F08",
        form_box: "6",
        sentence: "a permit must name the Management Authority that issued it",
        remedy: "give the name of the Management Authority in box 6",
        source: "Convention Art. VI(3)",
        test: |permit, _, found| {
            if name(authority(permit)).is_none() {
                found.at(|| at!(document.issuing_authority.provider.name));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-02"),
        catalogue: "F08",
        form_box: "6",
        sentence: "a permit must name the country that issued it",
        remedy: "give the country of the Management Authority's address in box 6",
        source: "Convention Art. VI(3)",
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            if country_code(authority(permit)).is_none() {
                found.at(|| at!(document.issuing_authority.provider.address.country));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-03"),
        catalogue: "F08",
        form_box: "6",
        sentence: "a permit should give the address of the Management Authority",
        remedy: "give street, city and postcode of the Management Authority in box 6",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            if !has_address(authority(permit)) {
                found.at(|| at!(document.issuing_authority.provider.address));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-04"),
        catalogue: "F08",
        form_box: "6",
        sentence: "the country of the Management Authority must be a code of ISO 3166-1",
        remedy: "write the two capital letters of the country",
        source: "ISO 3166-1",
        needs: &[Need::Day],
        test: |permit, context, found| {
            let path = || at!(document.issuing_authority.provider.address.country);
            unknown_country(country_code(authority(permit)), context, found, path);
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-05"),
        form_box: "13",
        sentence: "a permit should name the official who signed it",
        remedy: "give the name of the signing official in box 13",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            let official = permit.document.issuing_official.as_ref();
            if !official.is_some_and(is_signed_by_name) {
                found.at(|| at!(document.issuing_official.provider.signatories[0].name));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-06"),
        form_box: "13",
        sentence: "a permit should name the place of issue",
        remedy: "give the place of issue in box 13",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            let official = permit.document.issuing_official.as_ref();
            let places =
                [permit.document.place_of_issue.as_ref(), official.and_then(|official| official.place.as_ref())];
            if !places.into_iter().flatten().any(is_told) {
                found.at(|| at!(document.place_of_issue));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-07"),
        catalogue: "F41",
        form_box: "5b",
        sentence: "a permit of a country that uses security stamps should give the number of its stamp",
        remedy: "compare the stamp in box 13 with its number in box 5b",
        source: "Res. Conf. 12.3",
        grade: Recalled,
        severity: Severity::Warning,
        needs: &[Need::Day, Need::Authorities],
        test: |permit, context, found| {
            let (Some(known), Some(day)) = (context.knowledge.authorities, context.day) else { return };
            let Some(issuer) = permit.issuing_country() else { return };
            let is_stamped = permit.document.issuing_authority.as_ref().is_some_and(|first| !first.ids.is_empty());
            if !is_stamped && known.uses_stamps(issuer, day) == Some(true) {
                found.at(|| at!(document.issuing_authority.ids[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-08"),
        form_box: "4, 6, 13, 14",
        sentence: "the role of a signatory must be the letter of its place: A authority, B applicant, C official, D examiner",
        remedy: "write the letter of the place; the place is taken",
        source: "toolkit 1.0 and 2.0 (fixed values)",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("the place of the signature says the same, and wins"),
        test: |permit, _, found| {
            let document = &permit.document;
            let mut hold = |signatory: &Option<Authentication>, due: SignatoryRole, path: fn() -> ModelPath| {
                let role = signatory.as_ref().and_then(|signatory| signatory.role.as_ref());
                if let Some(role) = role.filter(|role| **role != due) {
                    found.add(|| (path(), format!("it is {role} where {due} is due")));
                }
            };
            hold(&document.issuing_authority, SignatoryRole::IssuingAuthority, || at!(document.issuing_authority.role));
            hold(&document.applicant, SignatoryRole::Applicant, || at!(document.applicant.role));
            hold(&document.issuing_official, SignatoryRole::IssuingOfficial, || at!(document.issuing_official.role));
            let examiner = || at!(document.examining_authority.role);
            hold(&document.examining_authority, SignatoryRole::ExaminingAuthority, examiner);
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-AUTHORITY-09"),
        form_box: "6",
        sentence: "an identifier of the Management Authority's signature should stand once",
        remedy: "give one number of the security stamp in box 5b",
        source: "toolkit 2.0 (mapping of box 5b)",
        grade: Inferred,
        severity: Severity::Note,
        test: |permit, _, found| {
            let ids = permit.document.issuing_authority.as_ref().map_or(0, |first| first.ids.len());
            if ids > 1 {
                found.add(|| (at!(document.issuing_authority.ids[1]), format!("there are {ids}")));
            }
        },
        ..Row::USUAL
    },
];

fn is_signed_by_name(official: &Authentication) -> bool {
    let provider = official.provider.iter();
    provider.flat_map(|party| party.signatories.iter().chain(&party.representative)).any(|person| person.name.is_some())
}

fn is_told(place: &Location) -> bool {
    !place.names.is_empty() || !place.ids.is_empty()
}
