//! Does a permit keep to a narrower set of elements than its version allows? The guide form of toolkit 2.0, row by row.
//!
//! Occurrences and fixed values of a guide belong to paths, while a schema with global types gives them to types. So they
//! stand in a table, `xsd/v2-guide/profile.tsv`: each row is a rule with a permanent id of its own, because a partner may
//! insist on one row and not on another. The schema files beside the table are made from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::report::{Finding, RuleId, Severity, list};
use crate::version::ToolkitVersion;
use crate::wire::carry::Within;
use crate::wire::tree::{Document, Node};
use crate::wire::{View, path_of};

/// A narrower form of a version: the same documents, fewer elements.
#[derive(Debug)]
pub struct Profile {
    /// Its name, as people ask for it.
    pub name: &'static str,
    /// The version that it narrows.
    pub version: ToolkitVersion,
    rows: Vec<Row>,
    places: BTreeMap<&'static str, usize>,
    below: BTreeMap<&'static str, Vec<usize>>,
}

/// What a profile says about one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The permanent id of this rule.
    pub id: RuleId,
    /// The path below the root: `a/b/c`.
    pub path: &'static str,
    /// How often the element must stand in its parent at least.
    pub least: usize,
    /// How often it may stand at most; 0 when it is not in the set.
    pub most: usize,
    /// Which values it may hold.
    pub values: Values,
    /// The box of the paper form, such as `12a`; empty for what is not on the form.
    pub form_box: &'static str,
    /// How well the row is known: `certain`, `reported` or `inferred`.
    pub grade: &'static str,
    /// Letters of the sources in `SOURCE.toml`.
    pub sources: &'static str,
}

/// Which values an element may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Any.
    Open,
    /// This one; case and white space do not count.
    Fixed(&'static str),
    /// One of these.
    Listed(BTreeSet<&'static str>),
    /// Two capital letters.
    Alpha2,
}

/// The restricted form that the guide of toolkit 2.0 describes.
pub static GUIDE: LazyLock<Profile> =
    LazyLock::new(|| Profile::of("v2-guide", ToolkitVersion::V2, include_str!("../../../xsd/v2-guide/profile.tsv")));

impl Profile {
    fn of(name: &'static str, version: ToolkitVersion, table: &'static str) -> Profile {
        let rows: Vec<_> = table.lines().skip(1).filter_map(Row::read).collect();
        let places = rows.iter().enumerate().map(|(place, row)| (row.path, place)).collect();
        let mut below: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            let parent = row.path.rsplit_once('/').map_or("", |(parent, _)| parent);
            below.entry(parent).or_default().push(place);
        }
        Profile { name, version, rows, places, below }
    }

    /// Every row, in document order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a path below the root.
    pub fn row(&self, path: &str) -> Option<&Row> {
        self.places.get(path).map(|place| &self.rows[*place])
    }

    /// Holds the view of a document of the profile's version against every row; places are those of the received bytes.
    pub fn check(&self, view: &View) -> Vec<Finding> {
        let mut findings = Vec::new();
        // The view was parsed before; what is not well-formed has its finding already.
        if let Ok(tree) = Document::parse(view.text()) {
            self.element(tree.root_element(), "", view, &mut findings);
        }
        findings
    }

    fn element(&self, node: Node<'_, '_>, path: &str, view: &View, findings: &mut Vec<Finding>) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for child in node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            let below = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            // What the version itself does not know is not for a profile to judge.
            let Some(row) = self.row(&below) else { continue };
            let count = seen.entry(row.path).or_default();
            *count += 1;
            if *count > row.most {
                list(findings, || row.finding(child, view, row.too_many()));
            }
            if row.most == 0 {
                continue;
            }
            if let Some(sentence) = row.wrong_value(child) {
                list(findings, || row.finding(child, view, sentence));
            }
            self.element(child, &below, view, findings);
        }
        for row in self.below.get(path).into_iter().flatten().map(|place| &self.rows[*place]) {
            if seen.get(row.path).copied().unwrap_or(0) < row.least {
                list(findings, || row.finding(node, view, row.missing(node)));
            }
        }
    }
}

impl Within for Profile {
    fn room(&self, path: &str) -> usize {
        self.row(path).map_or(usize::MAX, |row| row.most)
    }

    fn admits(&self, path: &str, value: &str) -> bool {
        self.row(path).is_none_or(|row| row.values.admit(value))
    }
}

impl Row {
    fn read(line: &'static str) -> Option<Row> {
        let mut columns = line.split('\t');
        let (id, path, occurs) = (columns.next()?, columns.next()?, columns.next()?);
        let (values, form_box) = (columns.next()?, columns.next()?);
        let (grade, sources) = (columns.next()?, columns.next()?);
        let (least, most) = occurs.split_once("..")?;
        let most = if most == "n" { usize::MAX } else { most.parse().ok()? };
        let values = Values::read(values);
        Some(Row { id: RuleId(id), path, least: least.parse().ok()?, most, values, form_box, grade, sources })
    }

    /// How much it weighs to break the row: what was read in the guide itself is an error.
    pub fn severity(&self) -> Severity {
        if self.grade == "certain" { Severity::Error } else { Severity::Warning }
    }

    /// What the row asks for, in a sentence that stands alone.
    pub fn sentence(&self) -> String {
        let often = match (self.least, self.most) {
            (_, 0) => return format!("{} is not used in the guide form", self.path),
            (0, usize::MAX) => "may stand any number of times".to_owned(),
            (0, most) => format!("may stand {most} time at most"),
            (least, usize::MAX) => format!("must stand at least {least} time"),
            (least, _) => format!("must stand exactly {least} time"),
        };
        let values = self.values.words().map(|words| format!(" and must hold {words}")).unwrap_or_default();
        format!("{} {often} in the guide form{values}", self.path)
    }

    fn too_many(&self) -> String {
        let name = self.name();
        match self.most {
            0 => format!("{name} is not used here in the guide form"),
            most => format!("{name} may stand {most} time at most here in the guide form"),
        }
    }

    fn missing(&self, parent: Node<'_, '_>) -> String {
        format!("{} must stand in {} in the guide form", self.name(), parent.tag_name().name())
    }

    fn wrong_value(&self, node: Node<'_, '_>) -> Option<String> {
        let words = self.values.words()?;
        let value: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
        let shown: String = value.chars().take(40).collect();
        let wrong = !self.values.admit(&value);
        wrong.then(|| format!("{} must hold {words} in the guide form, not {shown:?}", self.name()))
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    fn finding(&self, node: Node<'_, '_>, view: &View, sentence: String) -> Finding {
        let place = view.place(node.range().start, path_of(node));
        let form_box = Some(self.form_box).filter(|form_box| !form_box.is_empty());
        Finding { form_box, ..Finding::new(self.id, self.severity(), place, sentence) }
    }
}

impl Values {
    fn read(column: &'static str) -> Values {
        match column {
            "" => Values::Open,
            "alpha-2" => Values::Alpha2,
            fixed if fixed.starts_with('=') => Values::Fixed(&fixed[1..]),
            listed => Values::Listed(listed.split(' ').collect()),
        }
    }

    /// True when a value may stand.
    pub fn admit(&self, value: &str) -> bool {
        let value = crate::permit::collapse(value);
        match self {
            Values::Open => true,
            Values::Fixed(fixed) => fixed.eq_ignore_ascii_case(&value),
            Values::Listed(listed) => listed.contains(value.as_str()),
            Values::Alpha2 => value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase()),
        }
    }

    fn words(&self) -> Option<String> {
        match self {
            Values::Open => None,
            Values::Fixed(fixed) => Some(format!("{fixed:?}")),
            Values::Listed(listed) => Some(format!("one of {}", listed.iter().copied().collect::<Vec<_>>().join(", "))),
            Values::Alpha2 => Some("two capital letters (ISO 3166-1 alpha-2)".to_owned()),
        }
    }
}
