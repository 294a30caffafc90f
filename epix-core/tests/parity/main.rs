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

use epix_core::version::VERSIONS;

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
    Known {
        what: "blanks around a decimal that has facets",
        fits: |instance| said(instance, "SequenceNumericType"),
        why: "libxml2 looks at the facets before it takes the blanks off; only the inferred WCO draft has such a type",
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
    let versions: Vec<_> = VERSIONS.iter().map(|spec| spec.version).collect();

    assert_eq!(rows, versions, "a version that gets a schema gets a row in tests/parity/instances.rs");
}

#[test]
#[ignore = "takes a minute; run by cargo xtask test together with the comparison"]
fn the_mutants_are_many_different_and_of_both_kinds() {
    for row in ROWS {
        let instances = instances::of(row);
        let least = if row.version.spec().is_draft { MUTANTS / 2 } else { MUTANTS };

        let mutants: Vec<_> = instances.iter().filter(|instance| !instance.mutation.is_empty()).collect();
        let valid = mutants.iter().filter(|instance| instance.ours.is_valid()).count();
        assert!(mutants.len() >= least, "{}: {} mutants", row.schema, mutants.len());
        assert!(valid >= least / 10 && mutants.len() - valid >= least / 4, "{}: {valid} are valid", row.schema);
        // A draft may have no place for what a mutation changes: the WCO one carries no moments, for instance.
        if !row.version.spec().is_draft {
            assert_eq!(instances::idle_mutations(row), [""; 0], "{}: these mutations find no element", row.schema);
        }
    }
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
