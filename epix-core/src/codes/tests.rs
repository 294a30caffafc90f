//! Do the data files hold what their readers rely on?

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;

use super::alias::{aliases, sheet};
use super::country::{is_party, is_user_assigned, look_up, party_since};
use super::table::{self, reference, references};
use super::unit::{Fit, Unit, crosswalk};
use super::*;
use crate::id::Country;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn place(code: &str) -> Country {
    Country::parse(code).unwrap()
}

/// Every row with its list, and what to call it when it is wrong.
fn all_rows() -> impl Iterator<Item = (List, &'static Entry)> {
    List::ALL.into_iter().flat_map(|list| entries(list).iter().map(move |entry| (list, entry)))
}

#[test]
fn every_file_is_read() {
    for list in List::ALL {
        let table = table::read(list.text()).unwrap_or_else(|flaw| panic!("{list}: {flaw}"));

        assert!(!table.entries.is_empty(), "{list}");
        assert!(table.edition.id.starts_with(&format!("{list}-")), "{list}: {}", table.edition);
    }
    for row in sheet().rows() {
        let (line, row) = row.unwrap_or_else(|flaw| panic!("aliases: {flaw}"));
        assert!(Grade::read(row.cell("grade")).is_some(), "aliases, line {line}");
    }
    assert_eq!(aliases().len(), sheet().rows().count());
}

#[test]
fn every_file_names_the_ten_columns() {
    let ten = "code\ten\tfr\tes\tfrom\tuntil\treplaced_by\tsource\tgrade\tnote";
    for list in List::ALL {
        let header = list.text().lines().find(|line| !line.starts_with('#')).unwrap();

        assert!(header.starts_with(ten), "{list}: {header}");
    }
}

#[test]
fn lists_stand_where_their_index_says() {
    for (at, list) in List::ALL.into_iter().enumerate() {
        assert_eq!(list.index(), at, "{list}");
        assert_eq!(list.name().parse(), Ok(list));
    }
    let unknown = "term".parse::<List>().unwrap_err();
    assert!(unknown.to_string().contains("\"term\"; there are document-types, "), "{unknown}");
}

#[test]
fn days_are_in_order() {
    for (list, entry) in all_rows() {
        if let (Some(from), Some(until)) = (entry.from, entry.until) {
            assert!(from <= until, "{list}: {entry}");
        }
    }
}

#[test]
fn spans_of_one_code_follow_one_another() {
    for list in List::ALL {
        for code in entries(list).iter().map(|entry| entry.code) {
            let spans: Vec<&Entry> = spans(list, code).collect();
            for pair in spans.windows(2) {
                let (ended, began) = (pair[0].until, pair[1].from);
                assert!(ended.is_some() && began.is_some() && ended < began, "{list}: {} and {}", pair[0], pair[1]);
            }
        }
    }
}

#[test]
fn no_row_stands_twice() {
    let mut seen = BTreeSet::new();
    for (list, entry) in all_rows() {
        assert!(seen.insert((list, entry.code, entry.from)), "{list}: {entry}");
    }
}

#[test]
fn rows_stand_in_the_order_of_their_codes() {
    for list in List::ALL {
        let sorted = entries(list).is_sorted_by_key(|entry| (entry.code, entry.from));

        assert!(sorted, "{list}");
    }
}

#[test]
fn what_replaces_a_code_exists() {
    for (list, entry) in all_rows() {
        for code in &entry.replaced_by {
            let is_known = spans(list, code).next().is_some();
            let is_country = list == List::SpecialCodes && spans(List::Countries, code).next().is_some();
            assert!(is_known || is_country, "{list}: {entry} is replaced by {code}");
        }
        assert!(entry.replaced_by.is_empty() || entry.until.is_some(), "{list}: {entry} is in use and replaced");
    }
}

#[test]
fn every_source_is_spelled_out_and_used() {
    let mut used: BTreeSet<&str> = all_rows().flat_map(|(_, entry)| entry.sources.clone()).collect();
    for row in sheet().rows() {
        used.insert(row.unwrap_or_else(|flaw| panic!("aliases: {flaw}")).1.cell("source"));
    }

    let known: BTreeSet<&str> = references().map(|(key, _)| key).collect();

    assert_eq!(used, known);
    assert!(all_rows().all(|(_, entry)| !entry.sources.is_empty()));
    assert_eq!(reference("rec20-6"), Some("UN/ECE Recommendation 20, revision 6"));
}

#[test]
fn what_is_recalled_says_so_both_ways() {
    for (list, entry) in all_rows() {
        let is_from_memory = entry.sources.contains(&"memory");

        assert_eq!(is_from_memory, entry.grade == Grade::Recalled, "{list}: {entry}");
    }
}

#[test]
fn cos_was_coral_sand_and_is_cosmetics() {
    let before = lookup(List::Terms, "COS", day("2016-12-31"));
    let after = lookup(List::Terms, "COS", day("2017-01-01"));

    assert_eq!(before.entry().unwrap().name(Language::English), "coral sand");
    assert_eq!(after.entry().unwrap().name(Language::English), "cosmetics");
    assert!(before.is_current() && after.is_current());
}

#[test]
fn a_code_of_the_past_says_what_replaced_it() {
    let Lookup::Former(shoes) = lookup(List::Terms, "SHO", day("2026-01-01")) else {
        panic!("SHO is no term of today")
    };

    assert_eq!(shoes.replaced_by, ["LPS"]);
    assert!(lookup(List::Terms, "SHO", day("2010-01-01")).is_current());
}

#[test]
fn a_code_of_the_future_is_not_valid_yet() {
    assert!(matches!(lookup(List::Sources, "Y", day("2018-01-01")), Lookup::NotYet(_)));
    assert!(lookup(List::Sources, "Y", day("2020-01-01")).is_current());
    assert_eq!(lookup(List::Sources, "y", day("2020-01-01")), Lookup::Unknown);
}

#[test]
fn cs_is_two_countries_in_turn_and_nothing_between() {
    let name = |text| look_up(place("CS"), day(text)).entry().unwrap().name(Language::English);

    assert_eq!(name("1990-01-01"), "Czechoslovakia");
    assert_eq!(name("2005-01-01"), "Serbia and Montenegro");
    assert!(
        matches!(look_up(place("CS"), day("2000-01-01")), Lookup::Former(entry) if entry.replaced_by == ["CZ", "SK"])
    );
    assert!(
        matches!(look_up(place("CS"), day("2026-01-01")), Lookup::Former(entry) if entry.replaced_by == ["RS", "ME"])
    );
}

#[test]
fn a_name_that_is_not_known_falls_back_to_english() {
    let gills = lookup(List::Terms, "GIL", day("2026-01-01")).entry().unwrap();

    assert_eq!(gills.name_in(Language::French), None);
    assert_eq!(gills.name(Language::French), "gill plates");
}

#[test]
fn special_codes_stand_where_a_country_stands() {
    assert!(look_up(place("HS"), day("2026-01-01")).is_current());
    assert!(look_up(place("XX"), day("2026-01-01")).is_current());
    assert!(matches!(look_up(place("ZZ"), day("2026-01-01")), Lookup::Former(entry) if entry.replaced_by == ["HS"]));
    assert!(look_up(place("QQ"), day("2026-01-01")).is_unknown());
    assert!(is_user_assigned(place("XA")) && is_user_assigned(place("QM")));
    assert!(!is_user_assigned(place("QA")) && !is_user_assigned(place("HS")));
}

#[test]
fn no_code_is_a_country_and_a_special_code() {
    for entry in entries(List::SpecialCodes) {
        assert!(spans(List::Countries, entry.code).next().is_none(), "{entry}");
    }
}

#[test]
fn a_party_is_one_from_its_day_on() {
    assert!(!is_party(place("TJ"), day("2016-03-29")));
    assert!(is_party(place("TJ"), day("2016-03-30")));
    assert_eq!(party_since(place("GL")), None);
    assert_eq!(entries(List::Countries).iter().filter_map(|entry| entry.standing()?.party_from).count(), 185);
}

#[test]
fn a_territory_is_part_of_a_party() {
    for entry in entries(List::Countries) {
        let standing = entry.standing().unwrap();
        if let Some(party) = standing.part_of {
            assert!(party_since(place(party)).is_some(), "{entry} of {party}");
            assert_eq!(standing.party_from, None, "{entry}");
        }
    }
}

#[test]
fn the_crosswalk_leads_to_codes_of_rec_20() {
    for entry in entries(List::Units) {
        let crosswalk = crosswalk(entry.code).unwrap();
        assert_eq!(crosswalk.rec20.is_none(), crosswalk.fit == Fit::None, "{entry}");
        if let Some(code) = crosswalk.rec20 {
            assert!(lookup(List::Rec20Units, code, day("2026-01-01")).is_current(), "{entry} to {code}");
        }
    }
}

#[test]
fn every_unit_of_today_is_a_rec_20_code_under_the_same_letters() {
    let today = day("2026-01-01");
    for entry in entries(List::Units).iter().filter(|entry| entry.is_valid_on(today)) {
        assert_eq!(crosswalk(entry.code).unwrap().rec20, Some(entry.code));
        assert!(Unit::read(entry.code, today).is_rec20(), "{entry}");
    }
}

#[test]
fn ctm_alone_is_ambiguous() {
    let both = entries(List::Units).iter().map(|entry| entry.code);

    let ambiguous = both.filter(|code| matches!(Unit::read(code, day("2026-01-01")), Unit::Ambiguous { .. }));

    assert_eq!(ambiguous.collect::<Vec<_>>(), ["CTM"]);
}

#[test]
fn units_change_in_may_2021_and_blank_is_always_a_number() {
    let (before, after) = (day("2021-04-30"), day("2021-05-01"));

    assert!(Unit::read("KIL", before).is_cites() && !Unit::read("KIL", after).is_cites());
    assert!(!Unit::read("KGM", before).is_cites() && Unit::read("KGM", after).is_cites());
    assert!(Unit::read("KGM", before).is_rec20());
    assert_eq!(Unit::read(" ", before), Unit::Specimens);
    assert_eq!(Unit::read("no", after), Unit::Unknown);
}

#[test]
fn a_hint_leads_to_a_code_and_never_away_from_one() {
    for alias in aliases() {
        let code = alias.hint.code;
        let lists = [alias.list, List::SpecialCodes, List::Rec20Units];
        assert!(lists.into_iter().any(|list| spans(list, code).next().is_some()), "{} to {code}", alias.text);
        assert_eq!(alias.text, alias.text.to_ascii_uppercase());
        assert_eq!(hint(alias.list, alias.text), Some(alias.hint), "{} is a code of its list", alias.text);
    }
    assert_eq!(hint(List::Countries, " el").map(|hint| hint.code), Some("GR"));
    assert_eq!(hint(List::Units, "m3").map(|hint| hint.code), Some("MTQ"));
    assert_eq!(hint(List::Units, "nonsense"), None);
}

#[test]
fn a_hint_for_a_country_knows_the_special_codes() {
    let meant = |text| country::hint(text).map(|hint| hint.code);

    assert_eq!([meant("UK"), meant("xx"), meant("XZ"), meant("ch")], [Some("GB"), Some("XX"), Some("HS"), Some("CH")]);
    assert_eq!([meant("HS"), meant("CH"), meant("QQ")], [None; 3]);
}

#[test]
fn a_row_that_is_wrong_is_told_with_its_line() {
    let head = "# about: a\n# facts: b\n# grade: c\n# edition: d-1 2026-01-01\n";
    let columns = "code\ten\tfr\tes\tfrom\tuntil\treplaced_by\tsource\tgrade\tnote\n";
    let wrong = [
        ("X\tx\n", "2 cells where the header has 10"),
        ("X\t\t\t\t\t\t\ts\tcertain\t\n", "a row has a code and a name in English"),
        ("X\tx\t\t\t2021-02-30\t\t\ts\tcertain\t\n", "\"2021-02-30\" is not a day"),
        ("X\tx\t\t\t\t\t\ts\tsure\t\n", "\"sure\" is no grade"),
    ];
    for (row, what) in wrong {
        let flaw = table::read(format!("{head}{columns}{row}").leak()).unwrap_err();

        assert_eq!((flaw.line, flaw.what.as_str()), (6, what));
    }
}

#[test]
fn the_generated_page_is_what_the_data_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/codes.md");
    let page = page::render();
    if std::env::var_os("EPIX_BLESS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }

    let committed = std::fs::read_to_string(&file).unwrap_or_default();

    assert!(page == committed, "docs/codes.md is old: cargo xtask gen");
}
