//! Is what is printed what is read, and is what is wrong told with its place?

use std::collections::BTreeSet;
use std::error::Error as _;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::settings::{Presence, SECTIONS, Section};
use super::{Config, ConfigError, page, template, variable};

/// A configuration beside files of these names.
fn load_beside(text: &str, files: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("epix-server.toml", text)].iter().chain(files) {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load_with(&folder.path().join("epix-server.toml"), &variables)
}

fn load(text: &str) -> Result<Config, ConfigError> {
    load_beside(text, &[], &[])
}

fn chain(error: &ConfigError) -> String {
    format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default())
}

/// The rows as a table, those that a filter lets through.
fn rows(choose: impl Fn(&Section, Presence) -> bool) -> String {
    let mut text = String::new();
    for section in SECTIONS {
        let rows = section.settings.iter().filter(|setting| choose(section, setting.presence));
        let lines: String = rows.map(|setting| format!("{} = {}\n", setting.key, setting.value)).collect();
        if !lines.is_empty() {
            let name =
                if section.is_repeated { format!("[[{}]]", section.name) } else { format!("[{}]", section.name) };
            text += &format!("{name}\n{lines}");
        }
    }
    text
}

#[test]
fn what_is_printed_is_a_configuration() {
    let config = load(&template(None)).unwrap();

    assert_eq!(config.authorities[0].id.as_str(), "XA");
    assert!(config.store.path.as_ref().is_some_and(|path| path.is_absolute()) && config.variables.is_empty());
}

#[test]
fn what_is_printed_as_usual_is_what_holds_without_it() {
    let always = |section: &Section, presence| section.is_open && presence == Presence::Needed;
    let usual = |section: &Section, presence| presence == Presence::Usual && !["proxy", "rest"].contains(&section.name);
    let (bare, told) =
        (rows(always), rows(|s, p| always(s, p) || usual(s, p) || (s.is_open && p == Presence::Written)));

    let (bare, told): (Config, Config) = (toml::from_str(&bare).unwrap(), toml::from_str(&told).unwrap());

    assert_eq!(format!("{bare:?}"), format!("{told:?}"));
}

/// What a reader says that it would take in the place of an unknown name.
fn taken_at(config: &Table, path: &[&str]) -> BTreeSet<String> {
    let mut config = Value::Table(config.clone());
    let mut place = &mut config;
    for name in path {
        place = place.get_mut(name).unwrap();
        if place.is_array() {
            place = place.get_mut(0).unwrap();
        }
    }
    place.as_table_mut().unwrap().insert("?".to_owned(), true.into());
    let error = config.try_into::<Config>().unwrap_err().to_string();
    let names = error.split_once("expected").unwrap_or_else(|| panic!("{error}")).1;
    names.lines().next().unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_setting_that_is_read_has_a_row_and_no_other_has() {
    let everything: Table = toml::from_str(&rows(|_, _| true)).unwrap();

    let mut at_top = BTreeSet::new();
    for section in SECTIONS {
        let path: Vec<&str> = section.name.split('.').collect();
        let mut rows: BTreeSet<String> = section.settings.iter().map(|setting| setting.key.to_owned()).collect();
        let inner = SECTIONS.iter().filter_map(|other| other.name.strip_prefix(section.name)?.strip_prefix('.'));
        rows.extend(inner.filter_map(|rest| rest.split('.').next()).map(str::to_owned));
        assert_eq!(taken_at(&everything, &path), rows, "{}", section.name);
        at_top.insert(path[0].to_owned());
    }

    assert_eq!(taken_at(&everything, &[]), at_top);
}

#[test]
fn every_setting_can_stand_in_the_environment() {
    let everything = rows(|_, _| true);
    let mut variables = Vec::new();
    for section in SECTIONS {
        for setting in section.settings {
            let value: Table = toml::from_str(&format!("value = {}", setting.value)).unwrap();
            let text = match &value["value"] {
                Value::String(text) => text.clone(),
                Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                other => other.to_string(),
            };
            variables.push((variable(section, setting), text));
        }
    }
    let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let policies = [("policies.toml", "")];

    let by_file = load_beside(&everything, &policies, &[]).unwrap();
    let by_environment = load_beside("", &policies, &variables).unwrap();

    assert_eq!(by_environment.variables.len(), variables.len());
    let told = |config: &Config, folder: &Path| {
        let told = format!("{:?} {:?}", config.exchange, config.signature);
        told.replace(&folder.display().to_string(), "")
    };
    let folder =
        |config: &Config| config.store.path.as_ref().and_then(|path| path.parent()).map(PathBuf::from).unwrap();
    assert_eq!(told(&by_file, &folder(&by_file)), told(&by_environment, &folder(&by_environment)));
    assert_eq!(format!("{:?}", by_file.authorities), format!("{:?}", by_environment.authorities));
    assert_eq!(format!("{:?}", by_file.proxy), format!("{:?}", by_environment.proxy));
    assert_eq!(by_file.limits.misses_per_hour, by_environment.limits.misses_per_hour);
}

#[test]
fn the_environment_wins_over_the_file_and_may_name_a_file_with_the_value() {
    let second = [("EPIX_AUTHORITY_2_ID", "XA-2"), ("EPIX_AUTHORITY_2_COUNTRY", "XA"), ("EPIX_AUTHORITY_2_NAME", "N")];
    let variables = [("EPIX_STORE_PATH", "other.sqlite"), ("EPIX_LOG_LEVEL_FILE", "level"), ("EPIX_LOG_FORMAT", "")];
    let variables = [variables, second].concat();

    let config = load_beside(&template(None), &[("level", "warn\n")], &variables).unwrap();

    assert!(config.store.path.as_ref().is_some_and(|path| path.ends_with("other.sqlite") && path.is_absolute()));
    assert_eq!(config.log.level, "warn");
    assert_eq!(config.authorities[1].id.as_str(), "XA-2");
    assert_eq!(config.variables.len(), 5, "{:?}", config.variables);
}

#[test]
fn a_variable_that_sets_nothing_that_there_is_is_refused_and_named() {
    for (name, value, expected) in [
        ("EPIX_STORE_PAHT", "store", "there is no such setting"),
        ("EPIX_LIMITS_MISSES_PER_HOUR", "many", "\"many\" is not written like 120"),
        ("EPIX_LOG_LEVEL_FILE", "nowhere", "cannot be read"),
    ] {
        let error = load_beside(&template(None), &[], &[(name, value)]).unwrap_err();

        assert!(error.to_string().contains(name) && error.to_string().contains(expected), "{error}");
    }
    let of_others = [("EPIX_BLESS", "1"), ("EPIXSTORE_PATH", "x"), ("PATH", "/bin")];
    assert!(load_beside(&template(None), &[], &of_others).unwrap().variables.is_empty());
}

#[test]
fn the_generated_page_of_settings_says_what_the_rows_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    if std::env::var_os("EPIX_BLESS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }

    let written = std::fs::read_to_string(&path).unwrap_or_default();

    assert!(written == page(), "docs/configuration.md is not what the rows say; cargo xtask gen writes it anew");
}

#[test]
fn policies_are_read_with_the_configuration() {
    let text = format!("{}\n[policy]\nfile = \"policies.toml\"\n", template(None));

    let good = load_beside(&text, &[("policies.toml", "[partner.XB-MA]\nerrors = \"warn\"")], &[]).unwrap();
    let bad = load_beside(&text, &[("policies.toml", "[rules]\n\"EPIX-NONE-01\" = \"warn\"")], &[]).unwrap_err();

    assert!(good.policies.of("XB-MA").errors.is_some() && good.policies.of("XC-MA").errors.is_none());
    let place = bad.source().map(ToString::to_string).unwrap_or_default();
    assert!(place.starts_with("line 2, column 1, key rules.EPIX-NONE-01: no rule is called"), "{place}");
}

#[test]
fn a_wrong_setting_is_named_with_its_line() {
    for (from, to, expected) in [
        ("127.0.0.1:9443", "0.0.0.0:9443", "loopback"),
        ("country = \"XA\"", "country = \"XAX\"", "TOML parse error at line 7"),
        ("level = \"info\"", "levle = \"info\"", "levle"),
        ("# misses_per_hour = 120", "misses_per_hour = 0", "at least 1"),
        ("path = \"store.sqlite\"", "path = 5", "path = 5"),
        ("# keep_years = 5", "keep_years = 4", "audit.keep_years must be at least 5, not 4"),
        ("# checkpoint_minutes = 60", "checkpoint_minutes = 0", "at least 1"),
    ] {
        let error = load(&template(None).replace(from, to)).unwrap_err();

        assert!(chain(&error).contains(expected), "{}", chain(&error));
    }
}
