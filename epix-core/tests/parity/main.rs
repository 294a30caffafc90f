//! Do we find valid what other validators find valid? The verdict of the majority of three is ours, or it is listed why not.
#![allow(
    clippy::unwrap_used,
    reason = "all of this is tests; the lint excuses only what stands inside a test function"
)]

mod instances;
mod judges;
#[path = "../mutants/mod.rs"]
mod mutants;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use epix_core::version::{ToolkitVersion, VERSIONS};

use instances::{Instance, MUTANTS, ROWS, Row};
use judges::{JUDGES, Verdict, Verdicts};

/// A kind of document that we judge otherwise than the majority does, and why that cannot be helped.
struct Known {
    what: &'static str,
    fits: fn(&Instance) -> bool,
    why: &'static str,
}

/// A row that matches nothing fails the test: its time is over.
const KNOWN: &[Known] = &[
    Known {
        what: "a decimal of more than 24 digits",
        fits: |instance| said(instance, "'xs:decimal'") && has_digits(&instance.view, 25),
        why: "libxml2 keeps no more digits, and refuses what it cannot keep; neither do we keep more (`id::Amount`)",
    },
    Known {
        what: "a blank CDATA section between elements",
        fits: |instance| said(instance, "'element-only'") && instance.view.contains("<![CDATA[ ]]>"),
        why: "libxml2 takes any CDATA section for text; nobody sends that, and refusing it is on the safe side",
    },
];

fn said(instance: &Instance, words: &str) -> bool {
    matches!(&instance.ours, Verdict::Invalid(complaint) if complaint.contains(words))
}

fn has_digits(text: &str, at_least: usize) -> bool {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .any(|run| run.bytes().filter(u8::is_ascii_digit).count() >= at_least)
}

#[test]
fn each_version_has_one_row() {
    let rows: Vec<_> = ROWS.iter().map(|row| row.version).collect();
    // Our JSON form has a JSON Schema; `cargo xtask test` holds it against another validator.
    let of_xml = VERSIONS.iter().map(|spec| spec.version).filter(|version| *version != ToolkitVersion::Json);
    let versions: Vec<_> = of_xml.collect();

    assert_eq!(rows, versions, "a version that gets a schema gets a row in tests/parity/instances.rs");
}

#[test]
#[ignore = "takes a minute; run by cargo xtask test together with the comparison"]
fn the_mutants_are_many_different_and_of_both_kinds() {
    for row in ROWS {
        let instances = instances::of(row);
        let mutants: Vec<_> = instances.iter().filter(|instance| !instance.mutation.is_empty()).collect();
        let valid = mutants.iter().filter(|instance| instance.ours.is_valid()).count();
        assert!(mutants.len() >= MUTANTS, "{}: {} mutants", row.schema, mutants.len());
        assert!(valid >= MUTANTS / 10 && mutants.len() - valid >= MUTANTS / 4, "{}: {valid} are valid", row.schema);
        // A draft may have no place for what a mutation changes: the WCO one carries no moments, for instance.
        if !row.version.spec().is_draft {
            assert_eq!(instances::idle_mutations(row), [""; 0], "{}: these mutations find no element", row.schema);
        }
    }
}

#[test]
#[ignore = "takes a minute; run by cargo xtask test together with the comparison"]
fn the_quick_yes_is_one_that_the_judge_says_too_and_missing_only_where_it_may() {
    let mut used = BTreeSet::new();
    for row in ROWS {
        let instances = instances::of(row);
        let wrong: Vec<_> =
            instances.iter().filter(|instance| instance.is_accepted && !instance.ours.is_valid()).collect();
        assert!(wrong.is_empty(), "{}: {}: {}", wrong[0].fixture, wrong[0].mutation, wrong[0].ours);

        let valid = instances.iter().filter(|instance| instance.ours.is_valid());
        let (accepted, silent): (Vec<_>, Vec<_>) = valid.partition(|instance| instance.is_accepted);
        for instance in &silent {
            let rare = RARE.iter().find(|rare| (rare.fits)(&instance.view));
            let rare = rare.unwrap_or_else(|| panic!("no yes to {}, {}", instance.fixture, instance.mutation));
            used.insert(rare.what);
        }
        println!("{}: {} accepted, {} left to the judge", row.version.spec().label, accepted.len(), silent.len());
    }
    for Rare { what, .. } in RARE {
        assert!(used.contains(what), "{what} is listed as rare, and no instance is like it");
    }
}

/// Something valid that the acceptor leaves to the judge.
struct Rare {
    what: &'static str,
    fits: fn(&str) -> bool,
}

const RARE: &[Rare] = &[
    Rare { what: "an attribute of XML Schema itself", fits: |view| view.contains("XMLSchema-instance") },
    Rare {
        what: "a blank as a reference",
        fits: |view| ["&#9;", "&#10;", "&#13;", "&#32;", "&#x20;"].iter().any(|blank| view.contains(blank)),
    },
    Rare { what: "a moment far away, at 24:00 or with a long fraction", fits: |view| has_value(view, is_rare_moment) },
    Rare { what: "a number without digits on one side, or with many", fits: |view| has_value(view, is_rare_number) },
    Rare {
        what: "blanks around or within a value",
        fits: |view| has_value(view, |value| value != value.trim() || value.contains(['\t', '\n'])),
    },
    // One in front of the root is no reason.
    Rare {
        what: "a comment or CDATA section",
        fits: |view| view.split_once("xmlns").is_some_and(|(_, inside)| inside.contains("<!")),
    },
];

/// True when an element that holds no other holds such a value.
fn has_value(view: &str, is_rare: fn(&str) -> bool) -> bool {
    let values = view.split('<').filter_map(|tag| tag.split_once('>'));
    values.map(|(_, value)| value).any(|value| !value.trim().is_empty() && is_rare(value))
}

fn is_rare_moment(value: &str) -> bool {
    let Some((date, time)) = value.split_once('T') else { return false };
    if !date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return false;
    }
    let fraction = time.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    date.len() != "2026-02-16".len() || time.starts_with("24:") || fraction > 9
}

fn is_rare_number(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let others = value.chars().filter(|c| !c.is_ascii_digit()).count();
    others <= 2 && (digits > 24 || value.ends_with('.') || value.trim_start_matches(['+', '-']).starts_with('.'))
}

#[test]
#[ignore = "it needs xmllint, Python with xmlschema, and a JDK: `cargo xtask test` runs it as a part of its own"]
fn our_verdict_is_that_of_the_majority_of_other_validators() {
    let mut unlike = String::new();
    let mut used = BTreeSet::new();
    for row in ROWS {
        let instances = instances::of(row);
        let folder = written(row, &instances);
        let schema = instances::repository().join(row.schema);
        let verdicts = JUDGES.map(|judge| (judge.verdicts)(&schema, &folder));

        let disagreements = compare(&instances, &verdicts);
        report(row, &instances, &verdicts, disagreements.len());
        for instance in disagreements {
            match KNOWN.iter().find(|known| (known.fits)(instance)) {
                Some(known) => drop(used.insert(known.what)),
                None => describe(&mut unlike, &folder, instance, &verdicts),
            }
        }
    }
    assert!(unlike.is_empty(), "we disagree with the majority:\n{unlike}");
    for Known { what, why, .. } in KNOWN {
        println!("known: {what}: {why}");
        assert!(used.contains(what), "{what} is listed as known, and no instance is like it");
    }
}

/// Writes the documents where the judges find them; they stay there for whoever wants to look at one.
fn written(row: &Row, instances: &[Instance]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity").join(row.version.spec().label);
    let _ = fs::remove_dir_all(&folder); // it is not there the first time
    fs::create_dir_all(&folder).unwrap();
    for instance in instances {
        fs::write(folder.join(&instance.file), &instance.view).unwrap();
    }
    folder
}

/// The instances that we judge otherwise than the majority.
fn compare<'i>(instances: &'i [Instance], verdicts: &[Verdicts]) -> Vec<&'i Instance> {
    let is_unlike = |instance: &&Instance| {
        let valid = verdicts.iter().filter(|of_one| verdict(of_one, instance).is_valid()).count();
        instance.ours.is_valid() != (valid * 2 > verdicts.len())
    };
    instances.iter().filter(is_unlike).collect()
}

fn verdict<'v>(verdicts: &'v Verdicts, instance: &Instance) -> &'v Verdict {
    verdicts.get(&instance.file).unwrap_or_else(|| panic!("a judge was silent about {}", instance.file))
}

/// Prints the figures, and for each judge what it judges otherwise than we do.
fn report(row: &Row, instances: &[Instance], verdicts: &[Verdicts], disagreements: usize) {
    let fixtures = instances.iter().filter(|instance| instance.mutation.is_empty()).count();
    let valid = instances.iter().filter(|instance| instance.ours.is_valid()).count();
    let label = row.version.spec().label;
    println!("{label}: {} instances: {fixtures} fixtures, {} mutants", instances.len(), instances.len() - fixtures);
    println!("{label}: {valid} valid, {} invalid", instances.len() - valid);
    for (judge, of_one) in JUDGES.iter().zip(verdicts) {
        let alike = |instance: &&Instance| verdict(of_one, instance).is_valid() == instance.ours.is_valid();
        println!("{label}: {} agrees on {} of {}", judge.name, instances.iter().filter(alike).count(), instances.len());
        let mut unlike: BTreeMap<&str, usize> = BTreeMap::new();
        for other in instances.iter().filter(|instance| !alike(instance)) {
            *unlike.entry(&other.mutation).or_default() += 1;
        }
        unlike.iter().for_each(|(mutation, often)| println!("  not on {often} of: {mutation}"));
    }
    println!("{label}: the majority agrees on {} of {}", instances.len() - disagreements, instances.len());
}

fn describe(out: &mut String, folder: &Path, instance: &Instance, verdicts: &[Verdicts]) {
    let file = folder.join(&instance.file);
    let mutation = if instance.mutation.is_empty() { "as it stands" } else { &instance.mutation };
    let _ = writeln!(out, "{}, {mutation} ({})", instance.fixture, file.display());
    let _ = writeln!(out, "  we:        {}", instance.ours);
    for (judge, of_one) in JUDGES.iter().zip(verdicts) {
        let _ = writeln!(out, "  {:10} {}", format!("{}:", judge.name), verdict(of_one, instance));
    }
}
