//! What does the simulated partner do, and when? A script is a TOML file of permits and rules.

use std::path::{Path, PathBuf};

use epix_core::id::{Operation, Sha256Digest};
use epix_core::soap::{Dialect, FaultCode};
use serde::{Deserialize, Deserializer};

/// A whole script. The empty one is a partner that behaves well.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The permits that it keeps, instead of those that it brings along.
    #[serde(default, rename = "permit")]
    pub(crate) permits: Vec<PermitEntry>,
    /// What it does otherwise; the first rule that fits a call holds for it.
    #[serde(default, rename = "rule")]
    pub(crate) rules: Vec<Rule>,
    /// The certificate that it shows.
    #[serde(default)]
    pub(crate) certificate: Shown,
    #[serde(skip)]
    folder: PathBuf,
}

/// Says why a text is no script.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// A file cannot be read.
    #[error("cannot read {}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// It is not TOML, or says something that no script says.
    #[error("the script cannot be used")]
    Invalid(#[from] toml::de::Error),
    /// A permit that it names is none.
    #[error("{} is not a valid permit", .file.display())]
    Permit {
        /// Which file.
        file: PathBuf,
    },
}

/// Which certificate it shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Shown {
    /// Its own.
    #[default]
    Own,
    /// One that is made out for another host.
    OtherHost,
    /// One whose time is over.
    Expired,
    /// One under another root.
    UnknownAuthority,
}

/// A permit that it keeps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PermitEntry {
    /// The document; its number is the permit's.
    pub(crate) file: PathBuf,
    pub(crate) token: Option<String>,
    #[serde(default)]
    pub(crate) attachments: Vec<PathBuf>,
    #[serde(default)]
    pub(crate) cancelled: bool,
}

/// What it does instead, for the calls that fit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Only for this operation.
    #[serde(default, deserialize_with = "operation")]
    pub(crate) operation: Option<Operation>,
    /// Only for the permit with this number.
    pub(crate) number: Option<String>,
    /// Only where it would have answered so: `permit`, `confirmed`, `state`, or the code of a fault.
    pub(crate) outcome: Option<String>,
    /// Only for the caller with this certificate.
    pub(crate) caller: Option<Sha256Digest>,
    /// For so many calls; for all where it is left out.
    pub(crate) times: Option<u32>,
    /// How long it waits before it does anything, in seconds.
    #[serde(default)]
    pub(crate) wait: f32,
    /// What it does then.
    #[serde(default, rename = "do")]
    pub(crate) deed: Deed,
}

/// What it does.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deed {
    /// What a well-behaved partner would do.
    #[default]
    Well,
    /// Answers with a fault.
    Fault(FaultDeed),
    /// Answers with these bytes, whatever they are.
    Reply(ReplyDeed),
    /// Closes the connection without a word.
    Close,
    /// Closes the connection in the middle of its answer.
    CloseMidway,
    /// Says that quantities are confirmed, and records nothing.
    Confirm,
    /// Says this word about its state.
    State(String),
    /// Gives the document of this permit as issued, whatever was asked.
    Serve(String),
    /// Answers in this dialect, whatever was asked.
    #[serde(deserialize_with = "dialect")]
    Dialect(Dialect),
    /// Sends attachments otherwise.
    Attachments(Variant),
}

/// A fault, and the status that it comes with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultDeed {
    #[serde(deserialize_with = "fault_code")]
    pub(crate) code: FaultCode,
    /// That of the code, where it is left out.
    pub(crate) status: Option<u16>,
}

/// Anything that HTTP can carry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyDeed {
    #[serde(default = "good_status")]
    pub(crate) status: u16,
    #[serde(default = "xml")]
    pub(crate) content_type: String,
    #[serde(default)]
    pub(crate) body: String,
}

/// How attachments are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Variant {
    /// In base64 inside the message, whatever the caller takes.
    Inline,
    /// In parts of their own, whatever the caller takes.
    Mtom,
    /// Not at all.
    None,
    /// Content that is no base64.
    Broken,
    /// A name that points out of the folder.
    EvilName,
    /// Bytes that are not those of the attachment.
    Changed,
}

fn good_status() -> u16 {
    200
}

fn xml() -> String {
    "text/xml; charset=utf-8".to_owned()
}

fn operation<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Operation>, D::Error> {
    let name = String::deserialize(from)?;
    let found = Operation::ALL.into_iter().find(|operation| operation.name() == name);
    found.map(Some).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no operation of EPIX")))
}

fn fault_code<'de, D: Deserializer<'de>>(from: D) -> Result<FaultCode, D::Error> {
    let name = String::deserialize(from)?;
    let found = FaultCode::ALL.iter().copied().find(|code| code.as_str() == name);
    found.ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no code of a fault")))
}

fn dialect<'de, D: Deserializer<'de>>(from: D) -> Result<Dialect, D::Error> {
    let name = String::deserialize(from)?;
    Dialect::named(&name).ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no dialect")))
}

impl Script {
    /// Reads a script; files that it names are found in `folder`.
    ///
    /// # Errors
    /// [`ScriptError::Invalid`] with the place in the text.
    pub fn parse(text: &str, folder: &Path) -> Result<Script, ScriptError> {
        let script: Script = toml::from_str(text)?;
        Ok(Script { folder: folder.to_owned(), ..script })
    }

    /// Reads a script from a file; files that it names are found beside it.
    ///
    /// # Errors
    /// [`ScriptError`].
    pub fn load(file: &Path) -> Result<Script, ScriptError> {
        let text = std::fs::read_to_string(file).map_err(|cause| ScriptError::File { file: file.to_owned(), cause })?;
        Script::parse(&text, file.parent().unwrap_or(Path::new("")))
    }

    /// Where a file that it names is found.
    pub(crate) fn path(&self, file: &Path) -> PathBuf {
        self.folder.join(file)
    }

    /// The rule that holds for a call; one that holds for a number of calls is counted down.
    pub(crate) fn take(&mut self, fits: impl Fn(&Rule) -> bool) -> Option<Rule> {
        let rule = self.rules.iter_mut().find(|rule| rule.times != Some(0) && fits(rule))?;
        if let Some(left) = &mut rule.times {
            *left -= 1;
        }
        Some(rule.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Script, ScriptError> {
        Script::parse(text, Path::new(""))
    }

    #[test]
    fn a_rule_holds_as_often_as_it_says() {
        let mut script = parse("[[rule]]\ntimes = 2\ndo = \"close\"\n[[rule]]\nwait = 0.5").unwrap();

        let deeds: Vec<bool> = (0..3).map(|_| matches!(script.take(|_| true).unwrap().deed, Deed::Close)).collect();

        assert_eq!(deeds, [true, true, false]);
    }

    #[test]
    fn what_no_script_says_is_refused_with_its_place() {
        for wrong in [
            "[[rule]]\ndo = \"dance\"",
            "[[rule]]\noperation = \"GetPermit\"",
            "[[rule]]\ndo = { fault = { code = \"Nonsense\" } }",
            "[[rule]]\ndo = { dialect = \"v9\" }",
            "[[rules]]",
            "certificate = \"stolen\"",
        ] {
            let ScriptError::Invalid(error) = parse(wrong).unwrap_err() else { panic!("{wrong}") };
            assert!(error.to_string().contains("line"), "{error}");
        }
    }
}
