//! Where is a store, and what is needed to get in?

use std::fmt;
use std::path::{Path, PathBuf};

use super::remembered::USUAL;
use super::{Quotas, StoreError};

/// How many connections are kept to PostgreSQL where nothing is said.
const CONNECTIONS: usize = 8;

/// Where a store is: `memory:`, `sqlite:PATH` or `postgres://USER@HOST/DATABASE`, and what opens it.
#[derive(Clone)]
pub struct Place {
    pub(super) backend: Backend,
    pub(super) quotas: Quotas,
    /// How many bytes of permits and documents a process remembers.
    pub(super) memory: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Backend {
    Memory,
    Sqlite(PathBuf),
    Postgres(Database),
}

/// A database on a server, and how it is reached.
#[derive(Clone)]
pub(super) struct Database {
    /// As it was written; it may hold a password.
    pub(super) url: String,
    /// The password, where it does not stand in the URL.
    pub(super) password: Option<String>,
    /// PEM file with the roots under which the server's certificate is trusted; those of the system where there is none.
    pub(super) ca: Option<PathBuf>,
    /// How many connections are kept for reading.
    pub(super) connections: usize,
}

impl Database {
    /// Where it is, without a password.
    pub(super) fn place(&self) -> String {
        without_password(&self.url)
    }
}

impl Place {
    /// Reads what stands in a configuration or on a command line.
    ///
    /// # Errors
    /// [`StoreError::UnknownBackend`].
    pub fn parse(place: &str) -> Result<Place, StoreError> {
        let backend = match place.split_once(':') {
            Some(("memory", "")) => Backend::Memory,
            Some(("sqlite", path)) if !path.is_empty() => Backend::Sqlite(PathBuf::from(path)),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Backend::Postgres(Database {
                url: place.to_owned(),
                password: None,
                ca: None,
                connections: CONNECTIONS,
            }),
            _ => {
                let scheme = place.split(':').next().unwrap_or_default().to_owned();
                return Err(StoreError::UnknownBackend { scheme });
            }
        };
        Ok(Place { backend, quotas: Quotas::default(), memory: USUAL })
    }

    /// The SQLite store in a file.
    pub fn sqlite(path: &Path) -> Place {
        Place { backend: Backend::Sqlite(path.to_owned()), quotas: Quotas::default(), memory: USUAL }
    }

    /// The same place with a password that does not stand in it.
    #[must_use]
    pub fn with_password(self, password: String) -> Place {
        self.with(|database| database.password = Some(password))
    }

    /// The same place, where the database server's certificate is trusted under these roots only.
    #[must_use]
    pub fn trusting(self, ca: PathBuf) -> Place {
        self.with(|database| database.ca = Some(ca))
    }

    /// The same place with so many connections for reading.
    #[must_use]
    pub fn over(self, connections: usize) -> Place {
        self.with(|database| database.connections = connections)
    }

    /// The same place with other limits of what strangers can make it write.
    #[must_use]
    pub fn within(self, quotas: Quotas) -> Place {
        Place { quotas, ..self }
    }

    /// The same place, of which a process remembers so many bytes.
    #[must_use]
    pub fn remembering(self, bytes: usize) -> Place {
        Place { memory: bytes, ..self }
    }

    fn with(mut self, change: impl FnOnce(&mut Database)) -> Place {
        if let Backend::Postgres(database) = &mut self.backend {
            change(database);
        }
        self
    }
}

/// Never with a password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.backend {
            Backend::Memory => f.write_str("memory:"),
            Backend::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Backend::Postgres(database) => f.write_str(&database.place()),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.place())
    }
}

/// A URL without what stands between `user:` and `@`, and without a `password` among its parameters.
fn without_password(url: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("//").unwrap_or(("", address));
    let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    let user = user.split(':').next().unwrap_or_default();
    let at = if user.is_empty() { "" } else { "@" };
    let kept: Vec<&str> = parameters.split('&').filter(|p| !p.is_empty() && !p.starts_with("password=")).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{scheme}//{user}{at}{host}{mark}{}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_without_its_password() {
        for (written, shown) in [
            ("postgres://epix:secret@db.example/epix", "postgres://epix@db.example/epix"),
            ("postgres://epix:s@cr@t@db/epix?sslmode=require", "postgres://epix@db/epix?sslmode=require"),
            ("postgresql:///epix?host=/run/x&password=secret", "postgresql:///epix?host=/run/x"),
            ("sqlite:store.sqlite", "sqlite:store.sqlite"),
        ] {
            let place = Place::parse(written).unwrap();

            assert_eq!(place.to_string(), shown);
            assert!(!format!("{place:?}").contains("secret"));
        }
    }

    #[test]
    fn what_names_no_backend_is_refused() {
        for wrong in ["store.sqlite", "sqlite:", "oracle:x", "postgres:x", ""] {
            assert!(matches!(Place::parse(wrong), Err(StoreError::UnknownBackend { .. })), "{wrong}");
        }
    }
}
