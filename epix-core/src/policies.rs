//! Which policies does a file tell? TOML for people, read with the line and the key of everything that is wrong.
//!
//! ```toml
//! warnings = "warn"              # errors, warnings, notes: for findings of rules that are not named
//!
//! [rules]
//! "EPIX-UNIT-02" = "accept"      # a rule
//! "EPIX-PARTY-*" = "warn"        # every rule whose id begins so
//!
//! [losses]
//! v1 = "accept"                  # what toolkit 1.0 cannot carry may be left out
//!
//! [partner.XB-MA]                # what differs for a partner
//! errors = "refuse"
//! rules = { "EPIX-UNIT-02" = "refuse" }
//! ```

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::check::policy::{Action, Policies, Policy};
use crate::check::{all_rules, rule};
use crate::convert::Target;

/// What is wrong in a file of policies, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}: {sentence}", self.key_shown())]
pub struct PolicyError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key with those above it, such as `partner.XB-MA.errors`; empty where the file is no TOML.
    pub key: String,
    /// What is wrong, in words.
    pub sentence: String,
}

impl PolicyError {
    fn key_shown(&self) -> String {
        if self.key.is_empty() { String::new() } else { format!(", key {}", self.key) }
    }
}

/// Reads a file of policies.
///
/// # Errors
/// [`PolicyError`] for the first thing that is wrong: no TOML, an unknown key, rule, form or action.
///
/// ```
/// use epix_core::policies::read;
/// let policies = read("[rules]\n\"EPIX-UNIT-02\" = \"accept\"").unwrap();
/// assert!(policies.of("XB-MA").rules.len() == 1);
/// let wrong = read("[rules]\n\"EPIX-UNIT-99\" = \"accept\"").unwrap_err();
/// assert!(wrong.to_string().starts_with("line 2, column 1, key rules.EPIX-UNIT-99: no rule is called"));
/// ```
pub fn read(text: &str) -> Result<Policies, PolicyError> {
    let file = File { text };
    let root = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        file.wrong(offset, "", format!("the file is no TOML: {}", error.message()))
    })?;
    let mut policies = Policies::default();
    for (key, value) in root.get_ref() {
        let path = key.get_ref().as_ref();
        if path == "partner" {
            for (id, own) in file.table(path, value)? {
                let path = format!("partner.{}", id.get_ref());
                let mut policy = Policy::default();
                for (key, value) in file.table(&path, own)? {
                    file.take(&mut policy, &format!("{path}.{}", key.get_ref()), key, value)?;
                }
                policies.partner.insert(id.get_ref().to_string(), policy);
            }
        } else {
            file.take(&mut policies.general, path, key, value)?;
        }
    }
    Ok(policies)
}

type Key<'t> = Spanned<DeString<'t>>;
type Value<'t> = Spanned<DeValue<'t>>;

/// The text that is read, for the places in it.
struct File<'t> {
    text: &'t str,
}

impl File<'_> {
    /// Takes one setting of a policy.
    fn take(&self, policy: &mut Policy, path: &str, key: &Key<'_>, value: &Value<'_>) -> Result<(), PolicyError> {
        match key.get_ref().as_ref() {
            "errors" => policy.errors = Some(self.action(path, value)?),
            "warnings" => policy.warnings = Some(self.action(path, value)?),
            "notes" => policy.notes = Some(self.action(path, value)?),
            "rules" => self.rules(policy, path, value)?,
            "losses" => self.losses(policy, path, value)?,
            _ => {
                let sentence = "there is no such key; known are errors, warnings, notes, rules, losses, and partner";
                return Err(self.wrong(key.span().start, path, sentence.to_owned()));
            }
        }
        Ok(())
    }

    fn rules(&self, policy: &mut Policy, path: &str, value: &Value<'_>) -> Result<(), PolicyError> {
        for (key, value) in self.table(path, value)? {
            let (id, path) = (key.get_ref().as_ref(), format!("{path}.{}", key.get_ref()));
            let action = self.action(&path, value)?;
            let unknown = |what: &str| {
                let sentence =
                    format!("no rule is called {what}; epix rules lists them, docs/rules.md tells about each");
                self.wrong(key.span().start, &path, sentence)
            };
            if let Some(start) = id.strip_suffix('*') {
                let fits = |id: &str| !start.is_empty() && id.starts_with(start);
                if !all_rules().any(|(rule, _)| fits(rule.0)) {
                    return Err(unknown(&format!("like {id}")));
                }
                policy.patterns.insert(start.to_owned(), action);
            } else {
                policy.rules.insert(rule(id).ok_or_else(|| unknown(id))?, action);
            }
        }
        Ok(())
    }

    fn losses(&self, policy: &mut Policy, path: &str, value: &Value<'_>) -> Result<(), PolicyError> {
        for (key, value) in self.table(path, value)? {
            let path = format!("{path}.{}", key.get_ref());
            let Some(target) = Target::named(key.get_ref()) else {
                let sentence = format!("no form is called {}; known are {}", key.get_ref(), Target::names());
                return Err(self.wrong(key.span().start, &path, sentence));
            };
            policy.losses.insert(target.name, self.action(&path, value)?);
        }
        Ok(())
    }

    fn action(&self, path: &str, value: &Value<'_>) -> Result<Action, PolicyError> {
        let written = value.get_ref().as_str();
        let known = Action::ALL.into_iter().find(|action| written == Some(action.name()));
        known.ok_or_else(|| {
            let sentence = "what is done is \"accept\", \"warn\" or \"refuse\"".to_owned();
            self.wrong(value.span().start, path, sentence)
        })
    }

    fn table<'v, 't>(&self, path: &str, value: &'v Value<'t>) -> Result<&'v DeTable<'t>, PolicyError> {
        let not_one = || self.wrong(value.span().start, path, "it is a table, such as a section of its own".to_owned());
        value.get_ref().as_table().ok_or_else(not_one)
    }

    fn wrong(&self, offset: usize, key: &str, sentence: String) -> PolicyError {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let (line, column) = (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
        PolicyError { line, column, key: key.to_owned(), sentence }
    }
}
