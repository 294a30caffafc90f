//! Box 10: in which Appendix does the species stand?

use super::context::{country_of, lines, names};
use super::row::{Need, Row, Span};
use crate::id::Country;
use crate::permit::{Appendix, Item, Permit, at};
use crate::report::RuleId;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-APPENDIX-01"),
        catalogue: "F12",
        form_box: "10",
        sentence: "a position must give the Appendix",
        remedy: "give I, II or III in box 10",
        source: "Res. Conf. 12.3; UNEP-WCMC checks",
        versions: Span::BUT_WCO,
        test: |permit, _, found| {
            for (i, j, _, _) in lines(permit).filter(|(_, _, _, line)| line.appendix.is_none()) {
                found.at(|| at!(consignment.items[i].lines[j].appendix));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-APPENDIX-02"),
        catalogue: "F17",
        form_box: "10",
        sentence: "the Appendix must be I, II or III",
        remedy: "write the Roman numeral of the Appendix; annexes of the European Union do not stand here",
        source: "Convention Art. II",
        test: |permit, _, found| {
            for (i, j, _, line) in lines(permit) {
                if let Some(other @ (Appendix::NotListed | Appendix::Unlisted(_))) = &line.appendix {
                    let path = || at!(consignment.items[i].lines[j].appendix);
                    found.add(|| (path(), format!("it is {:?}", other.as_str())));
                }
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-APPENDIX-03"),
        catalogue: "F17",
        form_box: "10",
        sentence: "the Appendix must be that of the species on the day of issue",
        remedy: "compare box 10 with the listing of the species for the country of origin",
        source: "Convention Art. II; UNEP-WCMC checks",
        needs: &[Need::Day, Need::Species],
        test: |permit, context, found| {
            let (Some(species), Some(day)) = (context.knowledge.species, context.day) else { return };
            for (i, j, item, line) in lines(permit) {
                let (Some(written), Some(name)) = (&line.appendix, names(line).next()) else { continue };
                if !matches!(written, Appendix::One | Appendix::Two | Appendix::Three) {
                    continue;
                }
                let Some(listed) = species.listed(name, population(permit, item), day) else { continue };
                // Of a split listing any part may be meant.
                if !listed.contains(written) {
                    let due: Vec<&str> = listed.iter().map(Appendix::as_str).collect();
                    let due = if due.is_empty() { "none".to_owned() } else { due.join(" or ") };
                    let path = || at!(consignment.items[i].lines[j].appendix);
                    found.add(|| (path(), format!("{name} stands in {due}, not in {written}")));
                }
            }
        },
        ..Row::USUAL
    },
];

/// The country whose population the specimen is of: its origin, else the exporter's.
pub(super) fn population(permit: &Permit, item: &Item) -> Option<Country> {
    let origin = item.origin.as_ref().and_then(|country| country.ids.first());
    let origin = origin.and_then(|id| Country::parse(id.as_str()).ok());
    origin.or_else(|| country_of(permit.consignment.consignor.as_ref()))
}
