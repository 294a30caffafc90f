//! The settings as a file that can be used, and as a page that can be read.

use std::fmt::Write as _;
use std::path::Path;

use epix_core::id::{AuthorityId, Country};

use super::environment::variable;
use super::settings::{Presence, SECTIONS, Section, Setting};

/// Where the meaning of a setting begins in its line.
const COLUMN: usize = 44;

/// Whose configuration is printed.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The id of the authority.
    pub id: &'a AuthorityId,
    /// Its country.
    pub country: Country,
    /// Its name.
    pub name: &'a str,
    /// Where its permits are kept, if not in a file.
    pub database: Option<Database<'a>>,
}

/// A PostgreSQL database for permits.
#[derive(Debug, Clone, Copy)]
pub struct Database<'a> {
    /// Where it is.
    pub url: &'a str,
    /// The file with the password for it.
    pub password_file: Option<&'a Path>,
}

/// Every setting with its meaning, for an authority or for an example; what need not be set is commented out.
pub fn template(owner: Option<Owner<'_>>) -> String {
    let own = owner.map(values).unwrap_or_default();
    let mut printed = "# Configuration of epix-server. Paths are relative to the folder of this file. A line that is commented out\n\
        # shows what holds without it, or an example (not set). Every setting can also stand in the environment: docs/configuration.md\n"
        .to_owned();
    for section in SECTIONS {
        open(&mut printed, section);
        for setting in section.settings {
            let own = own.iter().find(|own| own.section == section.name && own.key == setting.key);
            line(&mut printed, section, setting, own);
        }
    }
    printed
}

/// What an owner sets otherwise; a setting without a value is left commented out.
struct Own {
    section: &'static str,
    key: &'static str,
    value: Option<String>,
}

fn values(owner: Owner<'_>) -> Vec<Own> {
    let text = |value: &str| Some(toml::Value::String(value.to_owned()).to_string());
    let own = |section, key, value| Own { section, key, value };
    let mut values = vec![
        own("authority", "id", text(owner.id.as_str())),
        own("authority", "country", text(owner.country.as_str())),
        own("authority", "name", text(owner.name)),
    ];
    if let Some(Database { url, password_file }) = owner.database {
        values.extend([own("store", "path", None), own("store", "url", text(url))]);
        let file = password_file.map(|path| own("store", "password_file", text(&path.to_string_lossy())));
        values.extend(file);
    }
    values
}

fn open(printed: &mut String, section: &Section) {
    let about: String = section.about.iter().map(|line| format!("# {line}\n")).collect();
    let mark = if section.is_open { "" } else { "# " };
    let (left, right) = if section.is_repeated { ("[[", "]]") } else { ("[", "]") };
    write!(printed, "\n{about}{mark}{left}{}{right}\n", section.name).expect("a text takes what is written to it");
}

fn line(printed: &mut String, section: &Section, setting: &Setting, own: Option<&Own>) {
    let usually = matches!(setting.presence, Presence::Needed | Presence::Written);
    let is_set = section.is_open && own.map_or(usually, |own| own.value.is_some());
    let value = own.and_then(|own| own.value.as_deref()).unwrap_or(setting.value);
    let said = format!("{}{} = {value}", if is_set { "" } else { "# " }, setting.key);
    let meaning = told(setting);
    let line = match said.chars().count() < COLUMN {
        true => format!("{said:COLUMN$}# {meaning}\n"),
        false => format!("{said}\n{:COLUMN$}# {meaning}\n", ""),
    };
    printed.push_str(&line);
}

/// The meaning, and what the row cannot show by itself.
fn told(setting: &Setting) -> String {
    match setting.presence {
        Presence::Example => format!("{} (not set)", setting.meaning),
        Presence::Needed | Presence::Written | Presence::Usual => setting.meaning.to_owned(),
    }
}

/// The page about the settings, as Markdown.
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for section in SECTIONS {
        let about = section.about.join("\n");
        write!(page, "\n## {}\n\n{about}\n\n", section.name).expect("a text takes what is written to it");
        page.push_str("| setting | variable | without it | meaning |\n|---|---|---|---|\n");
        for setting in section.settings {
            let without = match setting.presence {
                Presence::Needed => "has to be set".to_owned(),
                Presence::Written | Presence::Usual => format!("`{}`", setting.value),
                Presence::Example => format!("nothing; for instance `{}`", setting.value),
            };
            let (key, variable, meaning) = (setting.key, variable(section, setting), setting.meaning);
            writeln!(page, "| `{key}` | `{variable}` | {without} | {meaning} |")
                .expect("a text takes what is written to it");
        }
    }
    page
}

const INTRODUCTION: &str = "\
# Settings

What `epix-server default-config` prints, as tables; `cargo xtask gen` writes this page anew.

`epix-server` reads the file that `--config` names, then the environment, which wins. `epix-server check-config` tells whether a
server could start with both, and which variables took part.

* A variable is `EPIX_`, the section and the setting in capitals. One that begins like a section and names no setting is refused; an
  empty one sets nothing. Lists are given with commas: `EPIX_EXCHANGE_CRL=a.crl,b.crl`.
* With `_FILE` behind it a variable names a file that holds the value, as secrets reach containers: `EPIX_LOG_LEVEL_FILE=/run/secrets/level`.
* `EPIX_AUTHORITY_ID` is the id of the first authority, `EPIX_AUTHORITY_2_ID` that of the second.
* In `EPIX_SIGNATURE_COUNTRY_XB_REQUIRE`, `XB` is the country.
* Paths are relative to the folder of the file, whoever names them. The file may be empty where the environment says everything.
* Keys and passphrases are never settings themselves: settings name their files.
";
