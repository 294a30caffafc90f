//! Is every attack refused or read rightly, with bounded work, and is nothing outside the document ever touched?
//!
//! Small ones lie in `fixtures/hostile`, named after the rule that stops them or `read` when they are good after all;
//! large ones are made by the table in `made.rs`. Work is counted, never timed.

mod made;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;

use epix_core::receive::{Accepted, inspect, receive, receive_again};
use epix_core::report::{LISTED, Layer, Report};
use epix_core::wire::guard::Limits;
use roxmltree::Document;

use crate::allocator::{Work, counted};
use crate::{fixture, invalid};
use made::{End, MADE, header, permit};

/// Stands in the stored files where the test puts the port it listens on.
const PORT: &str = "@PORT@";

/// Begins the names of those that are good after all: they say the same as `read--plain.xml`.
const READ: &str = "read";

/// How many attacks there are at least, stored and made.
const ATTACKS: usize = 60;

/// The most bytes of Rust's memory that a document takes for each byte of its own, and besides. Dense in empty elements, a
/// document takes a node of the tree for each four bytes, in the received text and again in the view.
const BYTES_PER_BYTE: usize = 48;
const BYTES_BESIDES: usize = 1 << 20;

/// The most bytes whatever the document: what a tree of as many nodes as are allowed takes, twice.
const MOST_BYTES: usize = 256 << 20;

/// The most allocations for each byte of a document, and besides: half an element's worth.
const BYTES_PER_ALLOCATION: usize = 2;
const ALLOCATIONS_BESIDES: usize = 20_000;

/// The schema lists 200 violations and one that says so; the walks of the view and of the reader their own.
const MOST_FINDINGS: usize = 201 + 2 * (LISTED + 1);

/// The most nodes of a tree: what the guard counts, and a text beside each.
const MOST_NODES: usize = 2 * Limits::DOCUMENT.nodes + 2;

/// What became of a document that was received within its work.
fn judged(bytes: &[u8], name: &str) -> Result<Accepted, Report> {
    counted_and_judged(bytes, name).0
}

fn counted_and_judged(bytes: &[u8], name: &str) -> (Result<Accepted, Report>, Work) {
    // The compiled schema and the code lists are made once, by whoever comes first.
    let _ = inspect(&header(""));
    let (received, work) = counted(|| receive(bytes));
    let report = received.map_or_else(|refused| refused.report, |accepted| accepted.report().clone());
    assert!(work.peak <= bytes.len() * BYTES_PER_BYTE + BYTES_BESIDES, "{name}: {work:?} for {} bytes", bytes.len());
    assert!(work.peak <= MOST_BYTES, "{name}: {work:?}");
    let most_allocations = bytes.len() / BYTES_PER_ALLOCATION + ALLOCATIONS_BESIDES;
    assert!(work.allocations <= most_allocations, "{name}: {work:?} for {} bytes", bytes.len());
    assert!(report.findings.len() <= MOST_FINDINGS, "{name}: {} findings", report.findings.len());
    // Rules are another matter: most of these are no good permits, and say so.
    let read = receive_again(bytes);
    assert!(read.is_ok() || !report.is_clean(), "{name}: refused without a reason");
    if report.layers.iter().any(|layer| layer.layer == Layer::Read) {
        let tree = Document::parse(std::str::from_utf8(bytes).unwrap()).unwrap();
        assert!(tree.descendants().count() <= MOST_NODES, "{name}: {} nodes", tree.descendants().count());
    }
    if std::env::var_os("EPIX_SHOW_WORK").is_some() {
        let (bytes, per_byte) = (bytes.len(), work.peak / bytes.len().max(1));
        println!("{name}: {bytes} bytes, peak {} ({per_byte} per byte), {} allocations", work.peak, work.allocations);
    }
    (read.map_err(|_| report), work)
}

/// The rules for which a document is refused, each once.
fn refusals(report: &Report) -> BTreeSet<&'static str> {
    report.errors().map(|finding| finding.rule.0).collect()
}

#[test]
fn a_hostile_file_is_refused_by_the_rule_it_is_named_after_and_fetches_nothing() {
    let listener = listener();
    let mut covered = BTreeSet::new();

    for (name, bytes) in stored(&listener) {
        let rule = name.split_once("--").unwrap().0;
        if rule == READ {
            continue;
        }
        let report = judged(&bytes, &name).expect_err(&name);
        assert!(refusals(&report).contains(rule), "{name}: {:?}", refusals(&report));
        covered.insert(rule.to_owned());
    }

    assert_untouched(&listener);
    // Size and limits take large documents.
    covered.extend(MADE.iter().filter_map(|made| match made.end {
        End::Refused(rule) => Some(rule.to_owned()),
        End::Accepted => None,
    }));
    let declared: BTreeSet<_> = ["GUARD", "XML", "VERSION", "KEY"].into_iter().flat_map(invalid::ids_of).collect();
    let missing: Vec<_> = declared.iter().filter(|rule| !covered.contains(**rule)).collect();
    assert_eq!(missing, [&""; 0]);
}

#[test]
fn what_only_looks_hostile_is_read_for_what_it_says() {
    let listener = listener();
    let plain = fixture::accepted(&fixture::bytes("hostile/read--plain.xml"), "plain");

    for (name, bytes) in stored(&listener).into_iter().filter(|(name, _)| name.starts_with(READ)) {
        let accepted = judged(&bytes, &name).unwrap_or_else(|report| panic!("{name}: {report:#?}"));
        assert_eq!(accepted.permit(), plain.permit(), "{name}");
    }

    assert_untouched(&listener);
}

#[test]
fn a_large_attack_ends_as_it_should_within_its_work() {
    for made in MADE {
        let bytes = (made.make)();
        match (made.end, judged(&bytes, made.name)) {
            (End::Refused(rule), Err(report)) => {
                assert!(refusals(&report).contains(rule), "{}: {:?}", made.name, refusals(&report));
            }
            (End::Accepted, Ok(_)) => {}
            (_, Ok(_)) => panic!("{} is accepted", made.name),
            (_, Err(report)) => panic!("{}: {:?}", made.name, refusals(&report)),
        }
    }
}

#[test]
fn what_the_guard_refuses_takes_next_to_no_memory() {
    for made in MADE.iter().filter(|made| matches!(made.end, End::Refused(rule) if rule.starts_with("EPIX-GUARD"))) {
        let bytes = (made.make)();
        let ((_, report), work) = counted(|| inspect(&bytes));

        assert_eq!(report.layers.len(), 1, "{}", made.name);
        // A piece for each element with attributes, and one for each declaration among them.
        assert!(work.peak < BYTES_BESIDES, "{}: {work:?}", made.name);
        assert!(work.allocations < 300 + bytes.len() / 32, "{}: {work:?}", made.name);
    }
}

#[test]
fn twice_the_document_is_at_most_a_little_more_than_twice_the_work() {
    let documents: [fn(usize) -> Vec<u8>; 5] = [
        |size| header(&"<Name>n</Name>".repeat(size)),
        |size| header(&"<Nonsense/>".repeat(size)),
        |size| header(&"<Name languageID='?'/>".repeat(size)),
        |size| header(&format!("<Name>{}</Name>", "x<!---->".repeat(size))),
        |size| {
            permit(
                "",
                "1",
                "",
                &"<IncludedSupplyChainConsignmentItem><ID>1</ID></IncludedSupplyChainConsignmentItem>".repeat(size),
            )
        },
    ];
    for document in documents {
        let work = |size: usize| counted_and_judged(&document(size), "grown").1;

        let (one, two) = (work(5_000), work(10_000));

        assert!(two.allocations <= one.allocations * 22 / 10, "{one:?} {two:?}");
        // A list that grows doubles its room, so the peak may come in steps.
        assert!(two.peak <= one.peak * 5 / 2, "{one:?} {two:?}");
    }
}

#[test]
fn there_are_enough_attacks() {
    let stored = fixture::names("hostile").len();

    println!("{stored} hostile files, {} made", MADE.len());
    assert!(stored + MADE.len() >= ATTACKS);
    assert_eq!(MADE.iter().map(|made| made.name).collect::<BTreeSet<_>>().len(), MADE.len());
}

#[test]
fn a_long_list_of_findings_ends_with_one_that_says_so() {
    for (content, rule) in [
        ("<Nonsense>1</Nonsense>", "EPIX-READ-01"),
        ("<IssueDateTime>never</IssueDateTime>", "EPIX-READ-07"),
        ("<Name>n</Name>stray", "EPIX-READ-05"),
        ("<Name/>", "EPIX-OPEN-02"),
        ("<Name languageID='?'>n</Name>", "EPIX-OPEN-03"),
        ("<Name xmlns=''>n</Name>", "EPIX-OPEN-04"),
    ] {
        let (_, report) = inspect(&header(&content.repeat(900)));

        let of_rule: Vec<_> = report.findings.iter().filter(|finding| finding.rule.0 == rule).collect();
        assert!(of_rule.len() >= LISTED / 2, "{rule}: {}", of_rule.len());
        let last = report.findings.last().unwrap();
        assert!(last.sentence.starts_with("there are more findings"), "{rule}: {}", last.sentence);
    }
}

#[test]
fn notes_past_the_list_do_not_hide_an_error_behind_them() {
    let content = format!("{}<Nonsense>1</Nonsense>", "<Name/>".repeat(2 * LISTED));

    assert!(inspect(&header(&content)).1.rule_ids().contains(&"EPIX-READ-01"));
}

#[test]
fn a_blank_moment_where_nothing_is_removed_is_refused() {
    let part = "<r:SpecifiedSupplyChainConsignment>";
    let document = String::from_utf8(header("")).unwrap();
    let document = document.replace(part, &format!("<r:IssueDateTime> </r:IssueDateTime>{part}"));

    assert!(inspect(document.as_bytes()).1.rule_ids().contains(&"EPIX-READ-01"));
}

/// The stored files by name, pointing at this listener where they point somewhere.
fn stored(listener: &TcpListener) -> Vec<(String, Vec<u8>)> {
    let port = listener.local_addr().unwrap().port().to_string();
    let pointed = |name: String| {
        let bytes = fixture::bytes(&format!("hostile/{name}"));
        let text = std::str::from_utf8(&bytes).map(|text| text.replace(PORT, &port).into_bytes());
        (name, text.unwrap_or(bytes))
    };
    fixture::names("hostile").into_iter().map(pointed).collect()
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

/// Nobody has called.
fn assert_untouched(listener: &TcpListener) {
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
