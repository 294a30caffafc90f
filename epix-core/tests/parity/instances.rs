//! Which documents are judged? The view of every fixture, and of mutants of those that are good.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use epix_core::check::schema;
use epix_core::report::Report;
use epix_core::version::ToolkitVersion;
use epix_core::wire::guard::Limits;
use epix_core::wire::{Received, open, tree};

use crate::judges::Verdict;
use crate::mutants::{self, Mutation, Random};

/// A version with its schema and its fixtures: what a new version adds here is one row.
pub(crate) struct Row {
    pub(crate) version: ToolkitVersion,
    /// From the root of the repository.
    pub(crate) schema: &'static str,
    /// Below `fixtures`, with `valid`, `tolerated` and `invalid` in it.
    folder: &'static str,
}

/// Every version that has a schema.
pub(crate) const ROWS: &[Row] = &[
    Row { version: ToolkitVersion::V1, schema: "xsd/v1/CBFShip.xsd", folder: "v1" },
    Row { version: ToolkitVersion::V2, schema: "xsd/v2/CITESEPermit.xsd", folder: "v2" },
    Row { version: ToolkitVersion::V3Draft, schema: "xsd/v3/CITESEPermit.xsd", folder: "v3" },
    Row { version: ToolkitVersion::WcoDraft, schema: "xsd/wco/CITESePermit.xsd", folder: "wco" },
];

/// How many different mutants there are of a version, at least.
pub(crate) const MUTANTS: usize = 2_000;

/// How many mutants are made with each mutation, where it finds an element that it is for and the view shows it.
const OF_EACH: usize = 16;

/// How many are made by two mutations.
const OF_TWO: usize = 400;

/// How many further ones are tried at most, to come to enough of them.
const MORE: usize = 20_000;

/// How often a plan is tried on another element before it is given up.
const TRIES: usize = 4;

/// Any number: another one makes other mutants.
const SEED: u64 = 2013;

/// One document to be judged.
pub(crate) struct Instance {
    /// The name of the file under which the judges see it.
    pub(crate) file: String,
    /// The fixture it comes from.
    pub(crate) fixture: String,
    /// What was done to it; empty for the fixture itself.
    pub(crate) mutation: String,
    /// What the judges see.
    pub(crate) view: String,
    /// What we say.
    pub(crate) ours: Verdict,
    /// True when our acceptor says yes without asking.
    pub(crate) is_accepted: bool,
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

struct Fixture {
    name: String,
    text: String,
    is_good: bool,
}

fn fixtures(row: &Row) -> Vec<Fixture> {
    let mut all = Vec::new();
    for (kind, is_good) in [("valid", true), ("tolerated", true), ("invalid", false)] {
        let below = format!("{}/{kind}", row.folder);
        let entries = repository().join("fixtures").join(&below).read_dir();
        // Not every version has files of each kind; good ones each has.
        if entries.is_err() && kind != "valid" {
            continue;
        }
        for entry in entries.unwrap_or_else(|error| panic!("fixtures/{below}: {error}")) {
            let path = entry.unwrap().path();
            let name = format!("{below}/{}", path.file_name().unwrap().to_string_lossy());
            all.push(Fixture { name, text: fs::read_to_string(path).unwrap(), is_good });
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

/// The documents of a version, each view once.
pub(crate) fn of(row: &Row) -> Vec<Instance> {
    let fixtures = fixtures(row);
    let mut seen = BTreeSet::new();
    let mut instances = Vec::new();
    for fixture in &fixtures {
        instances.extend(instance(row, fixture, "", &fixture.text));
    }
    seen.extend(instances.iter().map(|instance| instance.view.clone()));
    let good: Vec<_> = fixtures.iter().filter(|fixture| fixture.is_good).collect();
    let mutations = mutants::all();
    let mut random = Random::of(SEED);
    let plans = mutations.iter().flat_map(|mutation| [[Some(mutation), None]; OF_EACH]);
    let pairs: Vec<_> = (0..OF_TWO).map(|_| [Some(random.pick(&mutations)), Some(random.pick(&mutations))]).collect();
    // Where a version has no place for what many mutations change, others are made until there are enough.
    let more = std::iter::repeat_with(|| [None, None]).take(MORE);
    let fixtures_alone = instances.len();
    for plan in plans.chain(pairs).chain(more) {
        let mut plan: Vec<_> = plan.into_iter().flatten().collect();
        if plan.is_empty() {
            if instances.len() >= fixtures_alone + MUTANTS {
                break;
            }
            plan = vec![random.pick(&mutations)];
        }
        // Some find no element in most fixtures, some are mended by the view: a few tries, then another plan.
        let found = (0..TRIES).find_map(|_| {
            let fixture = *random.pick(good.as_slice());
            mutant(row, fixture, &plan, &mut random).filter(|mutant| seen.insert(mutant.view.clone()))
        });
        instances.extend(found);
    }
    for (number, instance) in instances.iter_mut().enumerate() {
        instance.file = format!("{number:05}.xml");
    }
    instances
}

/// The mutations that find no element in any good fixture of a version.
pub(crate) fn idle_mutations(row: &Row) -> Vec<String> {
    let (fixtures, root) = (fixtures(row), row.version.spec().root);
    // One that depends on a second element may be unlucky with it.
    let works = |mutation: &&Mutation| {
        let random = &mut Random::of(SEED);
        fixtures
            .iter()
            .cycle()
            .take(fixtures.len() * 10)
            .any(|fixture| mutation.of(&fixture.text, root, random).is_some())
    };
    mutants::all().iter().filter(|mutation| !works(mutation)).map(Mutation::name).collect()
}

fn mutant(row: &Row, fixture: &Fixture, plan: &[&Mutation], random: &mut Random) -> Option<Instance> {
    let root = row.version.spec().root;
    let spoilt = plan.iter().try_fold(fixture.text.clone(), |text, mutation| mutation.of(&text, root, random))?;
    let names: Vec<_> = plan.iter().map(|mutation| mutation.name()).collect();
    instance(row, fixture, &names.join(" + "), &spoilt)
}

/// The instance that a document makes; `None` for one that no schema ever sees.
fn instance(row: &Row, fixture: &Fixture, mutation: &str, text: &str) -> Option<Instance> {
    let mut report = Report::default();
    let Received { version, view, .. } = open(text.as_bytes(), &Limits::DOCUMENT, &mut report)?;
    if version != row.version {
        return None;
    }
    let findings =
        schema::check(version, &view).unwrap_or_else(|error| panic!("{}: {mutation}: {error}", fixture.name));
    let ours = match findings.first() {
        None => Verdict::Valid,
        Some(finding) => Verdict::Invalid(finding.sentence.clone()),
    };
    Some(Instance {
        file: String::new(),
        fixture: fixture.name.clone(),
        mutation: mutation.to_owned(),
        view: view.text().to_owned(),
        ours,
        is_accepted: tree::Document::parse_without_indentation(view.text())
            .is_ok_and(|tree| schema::accepts(version, tree.root_element())),
    })
}
