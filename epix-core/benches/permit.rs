//! How fast is a permit read and checked, beside libxml2 doing its part of the work in the same run?
//!
//! Run by `cargo xtask bench`; `--write FILE` also keeps the permit, `--only NAME` runs one contender. The permit is dense: many
//! positions, no comments, no empty elements, and both sides find it valid. Rounds are interleaved so that what else the machine
//! does hits all contenders alike; medians are printed.

#![allow(clippy::unwrap_used, reason = "a bench may end loudly")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use epix_core::id::Amount;
use epix_core::permit::{Identifier, Item, Quantity, Text};
use epix_core::receive::receive;
use epix_core::report::Report;
use epix_core::wire::guard::{Limits, guard};
use epix_core::wire::{read, v2};
use libxml::parser::Parser;
use libxml::schemas::{SchemaParserContext, SchemaValidationContext};

const ROUNDS: usize = 21;
const CALLS: u32 = 100;
const SIZE: usize = 44_000;

/// What a contender does once.
type Work<'a> = Box<dyn FnMut() + 'a>;

fn main() {
    // First: once our own check was used, nothing in this process may load a file through libxml2 any more.
    let mut schema = schema_of_libxml2();
    let document = dense_permit();
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == "--write") {
        std::fs::write(&words[at + 1], &document).unwrap();
    }
    if let Err(refused) = receive(document.as_bytes()) {
        panic!("the permit is not valid to epix: {:#?}", refused.report.errors().collect::<Vec<_>>());
    }
    assert!(schema.validate_document(&parsed(&document)).is_ok(), "the permit is not valid to libxml2");
    println!(
        "a permit of {} bytes with {} lines; {ROUNDS} rounds of {CALLS}",
        document.len(),
        document.lines().count()
    );

    let mut contenders: Vec<(&str, Work<'_>)> = vec![
        ("guard", Box::new(|| drop(black_box(guard(document.as_bytes(), &Limits::DOCUMENT))))),
        (
            "guard and reading into the model",
            Box::new(|| drop(black_box(read(document.as_bytes(), &Limits::DOCUMENT, &mut Report::default())))),
        ),
        ("all layers", Box::new(|| drop(black_box(receive(document.as_bytes()))))),
        ("libxml2: parse into its tree", Box::new(|| drop(black_box(parsed(&document))))),
        ("libxml2: parse and schema", Box::new(|| drop(black_box(schema.validate_document(&parsed(&document)))))),
    ];
    if let Some(at) = words.iter().position(|word| word == "--only") {
        return run_only(&words[at + 1], &mut contenders);
    }
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((_, work), times) in contenders.iter_mut().zip(&mut times) {
            times.push(timed(work));
        }
    }
    let medians: Vec<Duration> = times.into_iter().map(median).collect();
    for ((name, _), median) in contenders.iter().zip(&medians) {
        println!("{name:<40} {:>9.1} us", median.as_secs_f64() * 1e6);
    }
    let ratio = |ours: Duration, theirs: Duration| ours.as_secs_f64() / theirs.as_secs_f64();
    let reading = medians[1].saturating_sub(medians[0]);
    println!(
        "ratio: reading (guard apart) to libxml2's parse          {:.2}  (to be at most 0.70)",
        ratio(reading, medians[3])
    );
    println!(
        "ratio: all layers to libxml2's parse and schema check    {:.2}  (to be at most 1.50)",
        ratio(medians[2], medians[4])
    );
}

/// Runs one contender alone, for a profiler to look at.
fn run_only(name: &str, contenders: &mut [(&str, Work<'_>)]) {
    let (_, work) = contenders.iter_mut().find(|(known, _)| *known == name).expect("a contender of that name");
    for _ in 0..ROUNDS {
        println!("{:>9.1} us", timed(work).as_secs_f64() * 1e6);
    }
}

fn timed(work: &mut dyn FnMut()) -> Duration {
    let started = Instant::now();
    for _ in 0..CALLS {
        work();
    }
    started.elapsed() / CALLS
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn parsed(document: &str) -> libxml::tree::Document {
    Parser::default().parse_string(document).unwrap()
}

fn schema_of_libxml2() -> SchemaValidationContext {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../xsd/v2/CITESEPermit.xsd");
    SchemaValidationContext::from_parser(&mut SchemaParserContext::from_file(path)).ok().unwrap()
}

/// The permit of the fixtures with as many positions as the size asks for.
fn dense_permit() -> String {
    let fixture = include_bytes!("../../fixtures/v2/valid/xa-export-permit.xml");
    let mut permit = receive(fixture).unwrap().permit().clone();
    let item = permit.consignment.items[0].clone();
    permit.consignment.items.clear();
    loop {
        let document = v2::write(&permit);
        if document.len() >= SIZE {
            return document;
        }
        let index = permit.consignment.items.len() + 1;
        permit.consignment.items.push(numbered(&item, index));
    }
}

fn numbered(item: &Item, index: usize) -> Item {
    let mut item = item.clone();
    item.ids = vec![Identifier::parse(&format!("P{index}")).unwrap()];
    let amount = Amount::from(u32::try_from(index).unwrap());
    item.packages[0].quantity = item.packages[0].quantity.take().map(|quantity| Quantity { amount, ..quantity });
    item.marks[0].markings.push(Text::parse(&format!("Mark {index}")).unwrap());
    item
}
