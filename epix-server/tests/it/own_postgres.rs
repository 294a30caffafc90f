//! A PostgreSQL of one test's own, which may stop it, start it again and set it as it likes.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Debian 12 has this version; it is the one that is tested.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// A server in a folder, reached by a socket in it and at a port of loopback; stopped when it is dropped.
pub(crate) struct OwnPostgres {
    folder: TempDir,
    port: u16,
}

impl OwnPostgres {
    /// Makes an empty cluster, puts files into it that only PostgreSQL may read, and starts it with these settings beside the usual ones.
    pub(crate) fn start(files: &[(&str, &[u8])], settings: &[&str]) -> OwnPostgres {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let own = OwnPostgres { folder, port };
        own.give_away(own.folder.path());
        let initdb = ["--username=epix", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"];
        own.run(unprivileged("initdb").args(initdb).arg(own.data()));
        for (name, content) in files {
            let path = Path::new(&own.data()).join(name);
            std::fs::write(&path, content).unwrap();
            run(Command::new("chmod").arg("600").arg(&path));
            own.give_away(&path);
        }
        let socket = own.folder.path().display().to_string();
        let usual = [format!("port = {port}"), format!("unix_socket_directories = '{socket}'")];
        let listen = ["listen_addresses = 'localhost'".to_owned(), "max_connections = 60".to_owned()];
        let lines: Vec<String> =
            usual.into_iter().chain(listen).chain(settings.iter().map(ToString::to_string)).collect();
        let path = Path::new(&own.data()).join("postgresql.auto.conf");
        std::fs::write(path, lines.join("\n")).unwrap();
        own.resume();
        own
    }

    /// Stops it, as an operator does in a hurry (`fast`) or as a crash does (`immediate`).
    pub(crate) fn stop(&self, mode: &str) {
        self.run(unprivileged("pg_ctl").args(["-w", "-m", mode, "-D", &self.data(), "stop"]));
    }

    /// Starts it again.
    pub(crate) fn resume(&self) {
        let log = self.folder.path().join("log");
        self.run(unprivileged("pg_ctl").args(["-w", "-D", &self.data(), "-l"]).arg(log).arg("start"));
    }

    /// The database from which others are made, by the socket.
    pub(crate) fn url(&self) -> String {
        format!("postgres://epix@/postgres?host={}&port={}", self.folder.path().display(), self.port)
    }

    /// The same by the network, at a name of this machine.
    pub(crate) fn url_at(&self, host: &str) -> String {
        format!("postgres://epix@{host}:{}/postgres?sslmode=require", self.port)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// PostgreSQL refuses to run as root.
    fn give_away(&self, path: &Path) {
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(path));
        }
    }

    fn run(&self, command: &mut Command) {
        // What it starts stays, and would hold our end of a pipe open.
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(status.success(), "{command:?}: {log}");
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        // It may have been stopped already.
        unprivileged("pg_ctl").args(["-m", "immediate", "-D", &self.data(), "stop"]).output().ok();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.trim_ascii() == b"0"
}

/// A program of PostgreSQL by an account that may run it.
fn unprivileged(program: &str) -> Command {
    let program = Path::new(PROGRAMS).join(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    // Our own folder may be closed to that account.
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program).current_dir("/");
    command
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
