//! What do the validators of others say about the documents of a folder?
//!
//! Each is one process for all documents. How they are called stands in `conformance/validators/README.md`.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What somebody says about one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    /// With the first thing that is wrong.
    Invalid(String),
}

impl Verdict {
    pub(crate) fn is_valid(&self) -> bool {
        *self == Verdict::Valid
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Valid => f.write_str("valid"),
            Verdict::Invalid(complaint) => write!(f, "invalid: {complaint}"),
        }
    }
}

/// The verdicts of one judge by file name.
pub(crate) type Verdicts = BTreeMap<String, Verdict>;

/// A validator of somebody else.
pub(crate) struct Judge {
    pub(crate) name: &'static str,
    pub(crate) verdicts: fn(&Path, &Path) -> Verdicts,
}

/// An odd number of them, so that there is a majority.
pub(crate) const JUDGES: [Judge; 3] = [
    Judge { name: "xmllint", verdicts: xmllint },
    Judge { name: "xmlschema", verdicts: xmlschema },
    Judge { name: "JDK", verdicts: jdk },
];

/// `xmllint` says one line per file at its end, and what is wrong before it, on standard error.
fn xmllint(schema: &Path, folder: &Path) -> Verdicts {
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    let mut command = Command::new("xmllint");
    command.current_dir(folder).args(["--nonet", "--noout", "--schema"]).arg(schema).args(&files);
    let said = output(&mut command).stderr;
    let said = String::from_utf8_lossy(&said);
    let mut complaints: BTreeMap<&str, &str> = BTreeMap::new();
    let mut verdicts = Verdicts::new();
    for line in said.lines() {
        if let Some(file) = line.strip_suffix(" validates") {
            verdicts.insert(file.to_owned(), Verdict::Valid);
        } else if let Some((file, complaint)) = line.split_once(".xml:") {
            complaints.entry(file).or_insert(complaint);
        }
    }
    for file in files {
        let file = file.into_string().unwrap();
        let complaint = complaints.get(file.trim_end_matches(".xml")).copied().unwrap_or("no word of it").to_owned();
        verdicts.entry(file).or_insert(Verdict::Invalid(complaint));
    }
    verdicts
}

fn xmlschema(schema: &Path, folder: &Path) -> Verdicts {
    let python = env::var_os("EPIX_PYTHON").unwrap_or_else(|| "python3".into());
    lines(Command::new(python).arg(program("validate.py")).arg(schema).arg(folder))
}

fn jdk(schema: &Path, folder: &Path) -> Verdicts {
    lines(Command::new("java").arg(program("Validate.java")).arg(schema).arg(folder))
}

fn program(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/validators").join(name)
}

/// One line per file: name, `valid` or `invalid`, complaint; with tabs between them.
fn lines(command: &mut Command) -> Verdicts {
    let ended = output(command);
    assert!(ended.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&ended.stderr));
    let verdict = |line: &str| {
        let mut words = line.splitn(3, '\t');
        let (file, word) = (words.next().unwrap(), words.next().unwrap_or_else(|| panic!("{command:?} said {line:?}")));
        let complaint = words.next().unwrap_or_default().to_owned();
        (file.to_owned(), if word == "valid" { Verdict::Valid } else { Verdict::Invalid(complaint) })
    };
    String::from_utf8_lossy(&ended.stdout).lines().map(verdict).collect()
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test` installs what this needs"))
}
