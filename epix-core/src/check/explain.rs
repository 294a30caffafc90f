//! In which box does a finding stand, and what is to be done? Said in one place for the layers that know places only.

use super::profile::GUIDE;
use super::{schema, sign_rules};
use crate::permit::boxes::box_of;
use crate::report::{Report, RuleId};
use crate::wire;

/// What to do when a document does not obey its schema.
pub(super) const SCHEMA_REMEDY: &str = "compare the element with the schema in xsd/";
/// What to do when a document does not keep to the guide form.
const GUIDE_REMEDY: &str = "compare the element with its row in xsd/v2-guide/profile.tsv";

/// Gives every finding its box and its remedy, where its rule left them open.
pub(super) fn explain(report: &mut Report) {
    for finding in &mut report.findings {
        finding.remedy = finding.remedy.or_else(|| remedy_of(finding.rule));
        finding.form_box = finding.form_box.or_else(|| box_at(&finding.place.path));
    }
}

/// What to do about a finding of a layer before the rules.
pub(super) fn remedy_of(rule: RuleId) -> Option<&'static str> {
    let of_wire = wire::rules::ROWS.iter().find(|row| row.id == rule).map(|row| row.remedy);
    let of_sign = || sign_rules::ROWS.iter().find(|row| row.id == rule).map(|row| row.remedy);
    let of_schema = || (rule == schema::OBEYS_SCHEMA).then_some(SCHEMA_REMEDY);
    let of_guide = || GUIDE.rows().iter().any(|row| row.id == rule).then_some(GUIDE_REMEDY);
    of_wire.or_else(of_sign).or_else(of_schema).or_else(of_guide)
}

/// The box of an element path, or of the JSON path of a field.
///
/// The table of paths is that of toolkit 2.0; other versions share its names where they mean the same.
fn box_at(path: &str) -> Option<&'static str> {
    let plain = without_numbers(path);
    if let Some(field) = plain.strip_prefix("$.permit.") {
        return box_of(field);
    }
    let below_root = plain.strip_prefix('/')?.split_once('/')?.1;
    let with_parents = std::iter::successors(Some(below_root), |path| path.rsplit_once('/').map(|(parent, _)| parent));
    let row = with_parents.into_iter().find_map(|path| GUIDE.row(path))?;
    Some(row.form_box).filter(|form_box| !form_box.is_empty())
}

/// A path without the numbers of siblings: `/A/B[2]` is `/A/B`.
fn without_numbers(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut is_inside = false;
    for c in path.chars() {
        match c {
            '[' => is_inside = true,
            ']' => is_inside = false,
            c if !is_inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Finding, Place, Severity};

    fn explained(rule: &'static str, path: &str) -> (Option<&'static str>, bool) {
        let rule = super::super::rule(rule).unwrap();
        let place = Place { line: 1, column: 1, path: path.to_owned() };
        let mut report =
            Report { findings: vec![Finding::new(rule, Severity::Error, place, String::new())], ..Report::default() };
        explain(&mut report);
        (report.findings[0].form_box, report.findings[0].remedy.is_some())
    }

    #[test]
    fn a_finding_of_the_reader_has_its_box_and_its_remedy() {
        let item = "/CITESEPermit/SpecifiedSupplyChainConsignment/IncludedSupplyChainConsignmentItem[2]";
        let quantity = format!("{item}/TransportLogisticsPackage/ItemQuantity");

        assert_eq!(explained("EPIX-READ-07", &quantity), (Some("11"), true));
        assert_eq!(explained("EPIX-READ-01", &format!("{quantity}/Unknown")), (Some("11"), true));
        assert_eq!(explained("EPIX-JSON-09", "$.permit.consignment.items[0].packages[1].quantity"), (Some("11"), true));
        assert_eq!(explained("EPIX-XML-01", ""), (None, true));
        assert_eq!(explained("EPIX-READ-04", "/CITESEPermit"), (None, true));
    }

    #[test]
    fn there_is_something_to_do_about_every_rule() {
        for (id, _) in super::super::all_rules() {
            assert!(super::super::remedy(id).is_some_and(|remedy| !remedy.is_empty()), "{id}");
        }
    }
}
