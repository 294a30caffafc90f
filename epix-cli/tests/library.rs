//! Do `epix diff`, `codes`, `completions` and `man` say what they should, with the right exit status?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

mod desk;
mod permit;

use desk::Desk;
use epix_core::id::Operation;
use permit::{PERMIT, answer, broken_permit, final_permit};
use serde_json::json;

#[test]
fn permits_that_say_the_same_do_not_differ_however_they_are_written() {
    let desk = Desk::new();
    desk.put("a.xml", PERMIT);
    let other_prefixes = PERMIT.replace("ram:", "x:").replace(":ram=", ":x=").replace("\n  ", "\n\t");
    desk.put("prefixes.xml", other_prefixes);
    desk.put("zeros.xml", PERMIT.replace(">10<", ">10.00<"));
    desk.put("answer.xml", answer(Operation::GetNonFinal, PERMIT, &[]));

    for other in ["a.xml", "prefixes.xml", "zeros.xml", "answer.xml"] {
        let said = desk.epix(&["diff", "a.xml", other]);
        assert_eq!((said.code, said.out.as_str()), (0, "the permits say the same\n"), "{other}");
    }
    assert_eq!(desk.epix(&["diff", "a.xml", "answer.xml", "--format", "json"]).out, "");
}

#[test]
fn differences_are_told_by_box() {
    let desk = Desk::new();
    desk.put("a.xml", PERMIT);
    let changed = final_permit()
        .replace("2026-08-31T", "2026-09-30T")
        .replace(">2.750<", ">3<")
        .replace("<ram:CommonName>panther chameleon</ram:CommonName>", "");
    desk.put("b.xml", changed);

    let said = desk.epix(&["diff", "a.xml", "b.xml"]);
    let lines = desk.epix(&["diff", "a.xml", "b.xml", "--format", "json"]).lines();

    assert_eq!(said.code, 1);
    let expected = r#"box 2: document.validity.end: "2026-08-31T23:59:59+02:00" -> "2026-09-30T23:59:59+02:00"
box 8, position A: consignment.items[A].lines[1].product.common_names[1]: "panther chameleon" -> nothing
box 14, position A: consignment.items[A].examinations[1].quantity.amount: nothing -> "8"
box 14, position A: consignment.items[A].examinations[1].quantity.unit: nothing -> "NAR"
box 11, position B: consignment.items[B].packages[1].quantity.amount: "2.750" -> "3"
"#;
    assert_eq!(said.out, expected);
    assert_eq!(
        lines[4],
        json!({"kind": "difference", "box": "11", "position": "B",
            "path": "consignment.items[B].packages[1].quantity.amount", "a": "2.750", "b": "3"})
    );
}

#[test]
fn a_position_is_compared_with_the_one_of_its_letter() {
    let desk = Desk::new();
    desk.put("a.xml", PERMIT);
    let start = PERMIT.find("    <ram:IncludedSupplyChainConsignmentItem>").unwrap();
    let end = PERMIT.rfind("    <ram:IncludedSupplyChainConsignmentItem>").unwrap();
    let first = &PERMIT[start..end];
    let behind = "  </rsm:SpecifiedSupplyChainConsignment>";
    desk.put("b.xml", PERMIT.replace(first, "").replace(behind, &format!("{first}{behind}")));

    let said = desk.epix(&["diff", "a.xml", "b.xml"]);

    assert_eq!((said.code, said.out.as_str()), (0, "the permits say the same\n"));
}

#[test]
fn what_is_no_permit_cannot_be_compared() {
    let desk = Desk::new();
    desk.put("a.xml", PERMIT);
    desk.put("junk.xml", "<a/>");
    desk.put("bad.xml", broken_permit());

    let junk = desk.epix(&["diff", "a.xml", "junk.xml"]);
    let bad = desk.epix(&["diff", "a.xml", "bad.xml"]);

    assert_eq!((junk.code, desk.epix(&["diff", "a.xml", "none.xml"]).code), (2, 2));
    assert!(junk.err.starts_with("epix: no permit can be read in junk.xml: no permit of a known"), "{}", junk.err);
    assert_eq!((bad.code, desk.epix(&["diff", "-", "-"]).code), (1, 2));
    assert!(bad.err.contains("bad.xml is not valid, and is compared as far as it can be read"), "{}", bad.err);
    assert_eq!(bad.out, "box 13: document.issued: \"2026-03-01T09:30:00+01:00\" -> nothing\n");
}

#[test]
fn a_code_is_looked_up_for_a_day() {
    let desk = Desk::new();

    let now = desk.epix(&["codes", "terms", "COS", "--date", "2026-03-01"]);
    let then = desk.epix(&["codes", "terms", "COS", "--date", "2010-03-01", "--format", "json"]);
    let french = desk.epix(&["codes", "terms", "COS", "--date", "2026-03-01", "--language", "fr"]);
    let former = desk.epix(&["codes", "units", "KIL", "--date", "2026-03-01", "--format", "json"]);
    let unknown = desk.epix(&["codes", "countries", "UK", "--format", "json"]);

    assert_eq!((now.code, then.code, french.code, former.code, unknown.code), (0, 0, 0, 1, 1));
    assert!(now.out.starts_with("COS   cosmetics"), "{}", now.out);
    assert!(french.out.starts_with("COS   cosmétiques"), "{}", french.out);
    assert!(then.lines()[0]["name"].as_str().unwrap().contains("coral"), "{}", then.out);
    assert_eq!(former.lines()[0]["standing"], "former");
    let unknown = &unknown.lines()[0];
    assert_eq!((&unknown["standing"], &unknown["meant"]), (&"unknown".into(), &"GB".into()));
}

#[test]
fn lists_are_named_and_told() {
    let desk = Desk::new();

    let lists = desk.epix(&["codes"]);
    let every = desk.epix(&["codes", "units", "--format", "json"]);
    let valid = desk.epix(&["codes", "units", "--date", "2026-03-01", "--format", "json"]);
    let wrong = desk.epix(&["codes", "colours"]);

    assert_eq!((lists.code, every.code, valid.code, wrong.code), (0, 0, 0, 2));
    assert!(lists.out.contains("special-codes") && lists.out.lines().count() == 11, "{}", lists.out);
    assert!(valid.lines().len() < every.lines().len());
    assert!(wrong.err.contains("no code list is called \"colours\"; there are document-types"), "{}", wrong.err);
    assert_eq!(desk.epix(&["codes", "units", "--date", "tomorrow"]).code, 2);
}

#[test]
fn shells_get_their_completions() {
    let desk = Desk::new();

    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = desk.epix(&["completions", shell]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains("epix") && said.out.contains("schema-only"), "{shell}");
    }
    assert_eq!(desk.epix(&["completions", "abacus"]).code, 2);
}

#[test]
fn man_pages_are_written_for_each_verb() {
    let desk = Desk::new();

    let said = desk.epix(&["man", "share/man1"]);

    assert_eq!(said.code, 0);
    for page in ["epix", "epix-validate", "epix-confirm", "epix-man"] {
        let text = std::fs::read_to_string(desk.path().join(format!("share/man1/{page}.1"))).unwrap();
        assert!(text.contains(".SH SYNOPSIS") && text.contains(&format!("{page} ").replace('-', "\\-")), "{text}");
        assert!(said.out.contains(&format!("share/man1/{page}.1\n")), "{}", said.out);
    }
    desk.put("file", "");
    assert_eq!(desk.epix(&["man", "file"]).code, 2);
}

#[test]
fn a_rule_is_told_with_who_says_it_and_what_to_do() {
    let desk = Desk::new();

    let all = desk.epix(&["rules"]);
    let one = desk.epix(&["rules", "epix-endorse-02"]);
    for id in ["EPIX-READ-01", "epix-schema-01", "EPIX-GUIDE-001", "EPIX-JSON-04", "EPIX-SIGN-01"] {
        let told = desk.epix(&["rules", id]);
        assert!(told.code == 0 && told.out.contains("what to do"), "{id}: {}", told.out);
    }
    let none = desk.epix(&["rules", "EPIX-NONE-99"]);

    assert_eq!((all.code, one.code, none.code), (0, 0, 1));
    assert_eq!(all.out.lines().filter(|line| line.starts_with("EPIX-")).count(), epix_core::check::all_rules().count());
    assert!(one.out.contains("EPIX-ENDORSE-02") && one.out.contains("Convention"), "{}", one.out);
}
