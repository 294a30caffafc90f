//! Which settings are there, what do they mean, and what holds when nobody sets them? One row each.
//!
//! `default-config`, `init`, `docs/configuration.md` and the names of environment variables follow from these rows; a test
//! holds them against the types that are read.

use std::path::Path;

use toml::{Table, Value};

/// Stands in the name of a section for any country.
pub(super) const ANY_COUNTRY: &str = "XB";

/// Settings that belong together.
#[derive(Debug)]
pub struct Section {
    /// Its name in the file.
    pub name: &'static str,
    /// Whether there can be several, as `[[name]]`.
    pub is_repeated: bool,
    /// Whether the printed configuration opens it, or leaves it commented out.
    pub is_open: bool,
    /// What it is for.
    pub about: &'static [&'static str],
    /// Its settings.
    pub settings: &'static [Setting],
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the section.
    pub key: &'static str,
    /// A value, as TOML.
    pub value: &'static str,
    /// What that value is.
    pub presence: Presence,
    /// What it means.
    pub meaning: &'static str,
    /// Whether it names files, relative to the folder of the configuration.
    pub is_path: bool,
}

/// What the value of a row is, and whether the printed configuration sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has to be set; the value is where it begins.
    Needed,
    /// The value holds when nothing is set, and is written out because many will look for it.
    Written,
    /// The value holds when nothing is set.
    Usual,
    /// Nothing holds when nothing is set; the value is an example.
    Example,
}

impl Setting {
    const fn path(self) -> Setting {
        Setting { is_path: true, ..self }
    }
}

const fn row(key: &'static str, value: &'static str, presence: Presence, meaning: &'static str) -> Setting {
    Setting { key, value, presence, meaning, is_path: false }
}

const fn needed(key: &'static str, value: &'static str, meaning: &'static str) -> Setting {
    row(key, value, Presence::Needed, meaning)
}

const fn written(key: &'static str, value: &'static str, meaning: &'static str) -> Setting {
    row(key, value, Presence::Written, meaning)
}

const fn usual(key: &'static str, value: &'static str, meaning: &'static str) -> Setting {
    row(key, value, Presence::Usual, meaning)
}

const fn example(key: &'static str, value: &'static str, meaning: &'static str) -> Setting {
    row(key, value, Presence::Example, meaning)
}

const fn section(name: &'static str, about: &'static [&'static str], settings: &'static [Setting]) -> Section {
    Section { name, is_repeated: false, is_open: true, about, settings }
}

const fn closed(name: &'static str, about: &'static [&'static str], settings: &'static [Setting]) -> Section {
    Section { is_open: false, ..section(name, about, settings) }
}

/// Every setting, in the order in which they are printed.
#[rustfmt::skip]
pub const SECTIONS: &[Section] = &[
    Section { is_repeated: true, ..section("authority", &[
        "The authorities whose permits are kept here; add a section for each one more.",
    ], &[
        needed("id", r#""XA""#, "its id in this store; never change it"),
        needed("country", r#""XA""#, "ISO 3166-1 alpha-2: under it partners ask (IsoCountryCode)"),
        needed("name", r#""Management Authority of XA""#, "stands in the audit and as certifier of the authority's own confirmations"),
        usual("partial_use", r#"["travelling exhibition", "personal ownership", "musical instrument", "sample collection"]"#, "words in the title in box 1 of permits that may be used in parts"),
        usual("late_reports", r#""taken""#, "confirmations after the last day of validity: taken (and marked) or refused"),
    ]) },
    section("store", &["Where permits are kept."], &[
        needed("path", r#""store.sqlite""#, "the SQLite file, which one server at a time opens; not looked at where url is set").path(),
        example("url", r#""postgres://epix@db.example.org/epix""#, "a PostgreSQL database instead, for any number of servers"),
        example("password_file", r#""store.password""#, "the password for it on the first line, so that it need not stand in url").path(),
        example("ca", r#""tls/database-ca.pem""#, "PEM: the roots under which its certificate is trusted; without it, those of the system").path(),
        usual("connections", "8", "connections to it for reading, beside one for writing and one for work in the background"),
        usual("memory_mib", "128", "so many MiB of permits and documents are remembered, and given out as long as they hold; 0 for none"),
        needed("token_key_file", r#""token.key""#, "the key under which security tokens are hashed; keep it apart from backups").path(),
    ]),
    section("exchange", &["The listener for partners: SOAP over TLS 1.2 or 1.3, a client certificate is required."], &[
        needed("listen", r#""127.0.0.1:8443""#, "port 0 takes a free one"),
        needed("certificate", r#""tls/server.pem""#, "PEM: the server's certificate, then its chain").path(),
        needed("key", r#""tls/server.key""#, "PEM, PKCS#8, not encrypted; readable for this program only").path(),
        needed("client_ca", r#""tls/clients-ca.pem""#, "PEM: the roots under which callers' certificates are trusted").path(),
        example("crl", r#"["tls/clients.crl"]"#, "PEM: lists of revoked certificates, each signed by one of these roots").path(),
        example("public_url", r#""https://epix.example.org""#, "the address in the service description; without it, the one it was asked for under"),
        written("hub_as_was", "false", "true: answer the hub's dialect with the mistakes of the public hub of 2017"),
    ]),
    closed("proxy", &[
        "A listener without TLS, for a proxy that ends TLS in front of this server and names the caller's certificate in a header. It must",
        "remove that header from what callers send. The certificate is held against client_ca and crl here too.",
    ], &[
        needed("listen", r#""127.0.0.1:8444""#, "loopback, or a network of the proxy's own"),
        needed("from", r#"["127.0.0.1"]"#, "the addresses of the proxies; nobody else is believed"),
        usual("header", r#""Client-Cert""#, "RFC 9440; with it Client-Cert-Chain is read"),
        usual("form", r#""rfc9440""#, "or \"escaped-pem\", as nginx writes $ssl_client_escaped_cert"),
    ]),
    closed("rest", &[
        "The listener for REST (/rest/v1): for the authority's own systems and clerks by API key (`epix-server keys add`), for partners by",
        "certificate. It shows the certificate of [exchange], and takes client certificates under the same roots. docs/rest.md",
    ], &[
        needed("listen", r#""127.0.0.1:8445""#, "port 0 takes a free one"),
        usual("tls", "true", "false: without TLS, on a loopback address only"),
        usual("proxied", "false", "true: answered on the listener of [proxy] too"),
    ]),
    section("limits", &["How much callers may ask, for each certificate; the register can say otherwise of a party."], &[
        usual("calls_per_minute", "6000", "calls of one certificate"),
        usual("misses_per_hour", "120", "calls that name no permit which the caller may use; then it is slowed, with an alarm"),
    ]),
    section("quotas", &["How much strangers can make this server write, for each authority."], &[
        usual("lines_per_hour", "600", "audit lines of unregistered callers; more are counted, and the count is written"),
        usual("refused_documents", "1000", "refused documents that are kept apart; the oldest are dropped"),
        usual("refused_mebibytes", "64", "how much all of them may take, 1 to 65536; a larger one leaves its audit line only"),
    ]),
    section("admin", &["The listener for the operator's tools: /healthz, /readyz, /metrics. Loopback only."], &[
        written("listen", r#""127.0.0.1:9443""#, "port 0 takes a free one"),
    ]),
    closed("policy", &[
        "What is accepted, warned of or refused, by rule, and which losses are accepted when a permit is converted; for all",
        "partners or for one. Without it errors are refused, warnings told and losses refused. docs/how-to/decide-by-policy.md",
    ], &[
        example("file", r#""policies.toml""#, "the file of policies").path(),
    ]),
    closed("signature", &[
        "Who signs what is issued here, and whose signatures are trusted. Without a key nothing is signed; without roots no signature",
        "is looked at. docs/signatures.md",
    ], &[
        example("key", r#""sign.key""#, "PEM or PKCS#12").path(),
        example("certificate", r#""sign.pem""#, "PEM; not needed with PKCS#12").path(),
        example("chain", r#""sign-chain.pem""#, "certificates above it").path(),
        example("passphrase_file", r#""sign.pass""#, "on its first line").path(),
        example("trust", r#"["signers-ca.pem"]"#, "roots under which signers are trusted").path(),
        example("crl", r#"["signers.crl"]"#, "revocation lists; with one, each certificate of a chain needs one").path(),
        example("tsa", r#"["tsa-ca.pem"]"#, "roots of time-stamping authorities").path(),
        example("algorithms", r#""algorithms.toml""#, "which algorithms are retired, and when").path(),
        usual("require", r#""preferred""#, "required, preferred (a signature that is there has to hold) or ignored"),
    ]),
    closed("signature.country.XB", &["What differs for permits of a country."], &[
        example("require", r#""required""#, "as above"),
        example("signers", r#"["0000000000000000000000000000000000000000000000000000000000000000"]"#, "SHA-256 of the certificates that sign for it; without them, every trusted one that names the country"),
    ]),
    section("audit", &[
        "What proves that the record of who did what was not touched: checkpoints, signed with a key that the store does not hold.",
        "Copy their folder to another machine; docs/operations.md",
    ], &[
        written("checkpoint_key", r#""checkpoint.key""#, "PEM: Ed25519 or P-256; `epix-server audit key` makes one").path(),
        written("checkpoints", r#""checkpoints""#, "the folder in which they are kept").path(),
        usual("checkpoint_minutes", "60", "how often one is made while the server runs; also when it starts and stops"),
        example("former_keys", r#"["checkpoint-2025.pub"]"#, "PEM: public keys that signed before this one").path(),
        usual("keep_years", "5", "how long lines are kept behind the expiry of their permit, at least 5"),
    ]),
    section("log", &["What is logged, always on standard error."], &[
        written("format", r#""human""#, "human, or json (one object a line)"),
        written("level", r#""info""#, "error, warn, info, debug, trace, or a filter such as \"info,epix_server=debug\""),
    ]),
];

/// Makes the paths of a configuration relative to its folder, also those that hold when nothing is set.
pub(super) fn resolve(table: &mut Table, folder: &Path) {
    for section in SECTIONS {
        for setting in section.settings.iter().filter(|setting| setting.is_path) {
            if matches!(setting.presence, Presence::Written | Presence::Usual) {
                set_where_missing(table, section, setting);
            }
            for found in tables(table, section) {
                found.get_mut(setting.key).into_iter().for_each(|value| join(value, folder));
            }
        }
    }
}

/// Writes a value that holds when nothing is set; only sections of one name that is not repeated have such paths.
fn set_where_missing(table: &mut Table, section: &Section, setting: &Setting) {
    let section = table.entry(section.name).or_insert_with(|| Value::Table(Table::new()));
    let value = setting.value.trim_matches('"');
    if let Value::Table(section) = section {
        section.entry(setting.key).or_insert_with(|| Value::String(value.to_owned()));
    }
}

/// The tables of a section that a configuration has.
fn tables<'t>(table: &'t mut Table, section: &Section) -> Vec<&'t mut Table> {
    let mut found = vec![table];
    for segment in section.name.split('.') {
        let inner = |table: &'t mut Table| -> Vec<&'t mut Value> {
            match segment {
                ANY_COUNTRY => table.iter_mut().map(|(_, value)| value).collect(),
                name => table.get_mut(name).into_iter().collect(),
            }
        };
        found = found.into_iter().flat_map(inner).flat_map(tables_of).collect();
    }
    found
}

fn tables_of(value: &mut Value) -> Vec<&mut Table> {
    match value {
        Value::Table(table) => vec![table],
        Value::Array(all) => all.iter_mut().filter_map(Value::as_table_mut).collect(),
        _ => Vec::new(),
    }
}

/// What is no path is left as it is, and refused when it is read.
fn join(value: &mut Value, folder: &Path) {
    match value {
        // A folder whose name is no UTF-8 would be changed by this; such a configuration is refused as not found.
        Value::String(path) => *path = folder.join(&path).to_string_lossy().into_owned(),
        Value::Array(all) => all.iter_mut().for_each(|value| join(value, folder)),
        _ => {}
    }
}
