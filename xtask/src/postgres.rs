//! Where do tests find a PostgreSQL? One of our own, in a temporary folder, gone when they are done.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::process::{Call, Running, pause};
use crate::test::Verdict;
use crate::trouble::Trouble;

/// Debian 12 has this version; it is the one that is tested.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// The variable by which tests find the server.
pub(crate) const VARIABLE: &str = "EPIX_TEST_POSTGRES";

const START_LIMIT: Duration = Duration::from_secs(60);
const TEST_LIMIT: Duration = Duration::from_secs(1800);

/// A server that is reached by a socket in its folder, as the user `epix`, by nobody from outside.
pub(crate) struct Postgres {
    folder: PathBuf,
    // Ended before the folder is removed.
    server: Option<Running>,
}

impl Postgres {
    /// Makes the database and starts the server; by an unprivileged account, because PostgreSQL refuses to run as root.
    pub(crate) fn start() -> Result<Postgres, Trouble> {
        let folder = std::env::temp_dir().join(format!("epix-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(Trouble::file(&folder))?;
        let mut postgres = Postgres { folder, server: None };
        let folder = postgres.folder.clone();
        if is_root()? {
            Call::new("chown").arg("postgres").arg(&folder).must()?;
        }
        let data = folder.join("data");
        unprivileged("initdb")?
            .args(["--username=epix", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
            .arg(&data)
            .must()?;
        // Settings of durability stay as they come: the store refuses a server that could forget.
        let server = unprivileged("postgres")?
            .args(["-c", "listen_addresses=", "-c", "max_connections=300", "-k"])
            .arg(&folder)
            .arg("-D")
            .arg(&data);
        postgres.server = Some(server.stay(&folder.join("log"))?);
        postgres.wait()?;
        Ok(postgres)
    }

    fn wait(&mut self) -> Result<(), Trouble> {
        let started = Instant::now();
        let asked = Call::new(Path::new(PROGRAMS).join("pg_isready")).arg("-h").arg(&self.folder).folder(&self.folder);
        while !asked.capture()?.is_good() {
            let has_ended = self.server.as_mut().is_none_or(|server| server.ended().is_some());
            if has_ended || started.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(Trouble::Failed { command: "postgres".into(), output: log });
            }
            pause()?;
        }
        Ok(())
    }

    /// The database from which others are made.
    pub(crate) fn url(&self) -> String {
        format!("postgres://epix@/postgres?host={}", self.folder.display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.server.take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> Result<bool, Trouble> {
    Ok(Call::new("id").arg("-u").must()?.stdout.trim() == "0")
}

/// A program of PostgreSQL by an account that may run it.
fn unprivileged(program: &str) -> Result<Call, Trouble> {
    let program = Path::new(PROGRAMS).join(program);
    if !is_root()? {
        return Ok(Call::new(program));
    }
    let become_postgres = ["--reuid=postgres", "--regid=postgres", "--init-groups"];
    // Our own folder may be closed to that account.
    Ok(Call::new("setpriv").args(become_postgres).arg(program).folder(Path::new("/")))
}

/// The promises of the store, the whole service, and several servers beside one another, on a real database.
pub(crate) fn cargo_test() -> Verdict {
    let postgres = Postgres::start()?;
    let parts: [&[&str]; 3] = [
        &["--lib", "--", "--ignored"],
        &["--test", "it"],
        &["--test", "it", "--", "--ignored", "many_servers", "database"],
    ];
    for part in parts {
        let call = Call::cargo().args(["test", "--package", "epix-server"]).args(part);
        let call = call.env(VARIABLE, postgres.url()).within(TEST_LIMIT);
        println!("$ {}", call.text());
        if !call.show()?.is_good() {
            return Ok(Err(format!("`{}` failed", call.text())));
        }
    }
    Ok(Ok(()))
}

/// Runs a command with a server at hand; for whoever works on the store.
pub(crate) fn run(words: &[&str]) -> Result<bool, Trouble> {
    let [program, arguments @ ..] = words else {
        return Err(Trouble::Missing("a command is missing: cargo xtask postgres cargo test -p epix-server".into()));
    };
    let postgres = Postgres::start()?;
    let call = Call::new(program).args(arguments).env(VARIABLE, postgres.url()).within(TEST_LIMIT);
    Ok(call.show()?.is_good())
}
