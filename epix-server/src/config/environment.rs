//! Which settings does the environment set? `EPIX_`, the section and the setting, in capitals: `EPIX_STORE_PATH`.
//!
//! `EPIX_STORE_PATH_FILE` names a file that holds the value, as secrets are given to containers. `EPIX_AUTHORITY_ID` is
//! that of the first authority, `EPIX_AUTHORITY_2_ID` that of the second. An empty variable sets nothing.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::ConfigError;
use super::settings::{ANY_COUNTRY, SECTIONS, Section, Setting};

const PREFIX: &str = "EPIX_";
/// Behind the name of a setting: the variable names a file that holds the value.
const FROM_FILE: &str = "_FILE";
/// More authorities than one installation will keep, and few enough to make room for.
const MOST_AUTHORITIES: usize = 99;

/// The name of the variable that sets a setting.
pub fn variable(section: &Section, setting: &Setting) -> String {
    format!("{PREFIX}{}_{}", section.name.replace('.', "_"), setting.key).to_uppercase()
}

/// The variables of this process that are meant for us.
pub(super) fn of_process() -> Result<BTreeMap<String, String>, ConfigError> {
    let mut found = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| is_ours(name)) else { continue };
        let value = value.into_string().map_err(|_| wrong(name, "its value is not UTF-8"))?;
        found.insert(name.to_owned(), value);
    }
    Ok(found)
}

/// Puts what the variables say into a configuration; gives the names of those that set something.
pub(super) fn apply(
    table: &mut Table,
    variables: &BTreeMap<String, String>,
    folder: &Path,
) -> Result<Vec<String>, ConfigError> {
    let mut used = Vec::new();
    for (name, value) in variables.iter().filter(|(name, value)| is_ours(name) && !value.is_empty()) {
        let (place, value) = match place_of(name) {
            Some(place) => (place, value.clone()),
            None => {
                let place = name.strip_suffix(FROM_FILE).and_then(place_of);
                let place = place.ok_or_else(|| wrong(name, "there is no such setting; default-config prints all"))?;
                (place, content_of(name, &folder.join(value))?)
            }
        };
        set(table, &place, parsed(place.setting, &value).map_err(|reason| wrong(name, &reason))?)
            .map_err(|reason| wrong(name, reason))?;
        used.push(name.clone());
    }
    Ok(used)
}

/// Variables of other programs, and those that name no section of ours, are none of our business.
fn is_ours(name: &str) -> bool {
    let of_section = |section: &Section| {
        let first = section.name.split('.').next().unwrap_or_default();
        let rest = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(&first.to_uppercase()));
        rest.is_some_and(|rest| rest.starts_with('_'))
    };
    SECTIONS.iter().any(of_section)
}

/// Where in a configuration a variable stands.
struct Place {
    section: &'static Section,
    setting: &'static Setting,
    /// The names of the tables that lead to it.
    path: Vec<String>,
    /// Which of several it is.
    index: usize,
}

fn place_of(name: &str) -> Option<Place> {
    SECTIONS.iter().find_map(|section| {
        let (path, index, key) = inside(section, name.strip_prefix(PREFIX)?)?;
        let setting = section.settings.iter().find(|setting| setting.key.to_uppercase() == key)?;
        Some(Place { section, setting, path, index })
    })
}

/// The path to a section, which of several it is, and what of the name is left for the setting.
fn inside<'n>(section: &Section, name: &'n str) -> Option<(Vec<String>, usize, &'n str)> {
    let (mut path, mut rest) = (Vec::new(), name);
    for segment in section.name.split('.') {
        if segment == ANY_COUNTRY {
            let (country, behind) = rest.split_once('_')?;
            path.push(country.to_owned());
            rest = behind;
        } else {
            rest = rest.strip_prefix(&segment.to_uppercase())?.strip_prefix('_')?;
            path.push(segment.to_owned());
        }
    }
    let numbered = rest.split_once('_').and_then(|(number, behind)| Some((number.parse::<usize>().ok()?, behind)));
    match numbered.filter(|(number, _)| section.is_repeated && (1..=MOST_AUTHORITIES).contains(number)) {
        Some((number, behind)) => Some((path, number - 1, behind)),
        None => Some((path, 0, rest)),
    }
}

fn content_of(name: &str, path: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| wrong(name, &format!("{} cannot be read: {error}", path.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A value as TOML, by the kind of the value that stands in the row. Lists are given with commas, or as TOML.
fn parsed(setting: &Setting, text: &str) -> Result<Value, String> {
    let is_list = setting.value.starts_with('[');
    if is_list && !text.starts_with('[') {
        return Ok(Value::Array(text.split(',').map(|item| Value::String(item.trim().to_owned())).collect()));
    }
    if setting.value.starts_with('"') {
        return Ok(Value::String(text.to_owned()));
    }
    let parsed = toml::from_str::<Table>(&format!("value = {text}"));
    let value = parsed.ok().and_then(|mut table| table.remove("value"));
    value.ok_or_else(|| format!("{text:?} is not written like {}", setting.value))
}

fn set(table: &mut Table, place: &Place, value: Value) -> Result<(), &'static str> {
    const NO_TABLE: &str = "the file has something else in the place of its section";
    let mut table = table;
    for (depth, name) in place.path.iter().enumerate() {
        let is_last = depth + 1 == place.path.len();
        let is_list = is_last && place.section.is_repeated;
        let empty = || if is_list { Value::Array(Vec::new()) } else { Value::Table(Table::new()) };
        let mut inner = table.entry(name).or_insert_with(empty);
        if is_list {
            let all = inner.as_array_mut().ok_or(NO_TABLE)?;
            all.resize(all.len().max(place.index + 1), Value::Table(Table::new()));
            inner = &mut all[place.index];
        }
        table = inner.as_table_mut().ok_or(NO_TABLE)?;
    }
    table.insert(place.setting.key.to_owned(), value);
    Ok(())
}

fn wrong(name: &str, reason: &str) -> ConfigError {
    ConfigError::Variable { name: name.to_owned(), reason: reason.to_owned() }
}
