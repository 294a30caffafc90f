//! On which store do these tests run? In a file, or where `EPIX_TEST_POSTGRES` names a server, in a database of their own.

use std::path::Path;
use std::process::Command;

const SERVER: &str = "EPIX_TEST_POSTGRES";

/// An empty database, gone when the test is.
pub(crate) struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// One, where the tests are to run on PostgreSQL.
    pub(crate) fn wanted() -> Option<TestDatabase> {
        std::env::var(SERVER).ok().map(TestDatabase::on)
    }

    /// One on this server.
    pub(crate) fn on(server: String) -> TestDatabase {
        let mut random = [0; 16];
        openssl::rand::rand_bytes(&mut random).unwrap();
        let name = format!("epix_it_{}", hex::encode(random));
        let database = TestDatabase { server, name };
        database.administer(&format!("CREATE DATABASE {}", database.name));
        database
    }

    /// Its URL: that of the server, with another database.
    pub(crate) fn url(&self) -> String {
        self.server.replacen("/postgres", &format!("/{}", self.name), 1)
    }

    /// What a query says that gives one value; `None` where it cannot be asked.
    pub(crate) fn ask(&self, sql: &str) -> Option<String> {
        let output = Command::new("psql").args([&self.url(), "-Atqc", sql]).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// Writes everything into a file, as an operator would who backs it up while servers run.
    pub(crate) fn dump_to(&self, file: &Path) {
        run(Command::new("pg_dump").args(["--format=custom", "--file"]).arg(file).arg(self.url()));
    }

    /// Loses everything.
    pub(crate) fn empty(&self) {
        self.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        self.administer(&format!("CREATE DATABASE {}", self.name));
    }

    /// Puts in what a file holds.
    pub(crate) fn fill_from(&self, file: &Path) {
        let options = ["--exit-on-error", "--no-owner", "--dbname", &self.url()];
        run(Command::new("pg_restore").args(options).arg(file));
    }

    fn administer(&self, sql: &str) {
        run(Command::new("psql").args([&self.server, "-qc", sql]));
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let output = Command::new("psql").args([&self.server, "-qc", &sql]).output().unwrap();
        // A test that fails may leave the server stopped.
        assert!(output.status.success() || std::thread::panicking(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
