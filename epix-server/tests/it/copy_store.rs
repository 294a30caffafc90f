//! A store that moves to another place: the server goes on there as if nothing had been, and a copy that was killed is finished.
//!
//! The other place is a second file, or a database where the tests run on PostgreSQL; from there it comes back.

use std::process::{Child, Output, Stdio};

use epix_core::soap::Call;

use crate::database::TestDatabase;
use crate::permits::permit;
use crate::torture::wait_for;
use crate::world::{Who, World, epix_server, key};

/// More rows than can be copied before anybody has looked.
const MANY: i64 = 200_000;

/// Another place for the store of a world.
struct Elsewhere {
    place: String,
    database: Option<TestDatabase>,
}

impl Elsewhere {
    fn of(world: &World) -> Elsewhere {
        let database = TestDatabase::wanted();
        let file = || format!("sqlite:{}", world.path("elsewhere.sqlite").display());
        let place = database.as_ref().map_or_else(file, TestDatabase::url);
        Elsewhere { place, database }
    }

    /// What a query says that gives a number; `None` where there is nothing to ask yet.
    fn ask(&self, world: &World, sql: &str) -> Option<i64> {
        match &self.database {
            Some(database) => database.ask(sql)?.trim().parse().ok(),
            None => {
                let only_read = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
                let file = rusqlite::Connection::open_with_flags(world.path("elsewhere.sqlite"), only_read).ok()?;
                file.query_row(sql, [], |row| row.get(0)).ok()
            }
        }
    }
}

fn source(world: &World) -> String {
    format!("sqlite:{}", world.path("store.sqlite").display())
}

fn said(output: Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn copy(world: &World, from: &str, to: &str, more: &[&str]) -> (Option<i32>, String) {
    said(world.command(&[&["copy-store", "--from", from, "--to", to], more].concat()))
}

/// Has the configuration name another place.
fn moves(world: &World, place: &str) {
    world.configure("path = \"store.sqlite\"", &format!("url = \"{place}\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_moves_and_comes_back_and_the_server_goes_on_in_its_chains() {
    let mut world = World::in_a_file(&[permit("N1", &[("A", "10")]), permit("N2", &[("A", "10")])]);
    let elsewhere = Elsewhere::of(&world);
    world.start();
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    let (used, words) = copy(&world, &source(&world), &elsewhere.place, &[]);
    assert_eq!(used, Some(2), "{words}");
    assert!(words.contains("the store is held by another process"), "{words}");
    world.stop();

    let (status, words) = copy(&world, &source(&world), &elsewhere.place, &[]);

    assert_eq!(status, Some(0), "{words}");
    assert!(words.contains("compared: both hold the same, SHA-256 "), "{words}");
    moves(&world, &elsewhere.place);
    world.start();
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N2"))).await, "permit");
    world.stop();
    let verdict = world.succeeds(&["audit", "verify", "--all"]);
    assert!(verdict.contains("shard 0: ") && !verdict.contains("shard 1"), "{verdict}");

    let back = format!("sqlite:{}", world.path("back.sqlite").display());
    let (status, words) = copy(&world, &elsewhere.place, &back, &[]);
    assert_eq!(status, Some(0), "{words}");
    let (again, words) = copy(&world, &elsewhere.place, &back, &[]);
    assert_eq!(again, Some(2), "{words}");
    assert!(words.contains("there is something at"), "{words}");
    world.configure(&format!("url = \"{}\"", elsewhere.place), "path = \"back.sqlite\"");
    world.succeeds(&["audit", "verify", "--all"]);
    assert!(world.succeeds(&["show", "N2"]).contains("N2"));
}

/// A store with many small rows besides, in a world whose server is stopped.
fn crowded() -> World {
    let world = World::in_a_file(&[permit("N1", &[("A", "10")])]);
    let rows = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
         INSERT INTO notice_told SELECT 'XA', 'P' || i, i FROM n"
    );
    rusqlite::Connection::open(world.path("store.sqlite")).unwrap().execute_batch(&rows).unwrap();
    world
}

fn copying(world: &World, elsewhere: &Elsewhere) -> Child {
    let mut command = epix_server();
    command.args(["copy-store", "--from", &source(world), "--to", &elsewhere.place]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_killed_is_no_store_and_goes_on_where_it_was() {
    let world = crowded();
    let elsewhere = Elsewhere::of(&world);
    let mut process = copying(&world, &elsewhere);
    let some = || elsewhere.ask(&world, "SELECT count(*) FROM notice_told").filter(|rows| *rows > 0);
    wait_for("some rows are copied", || some().is_some());
    process.kill().unwrap();
    assert!(process.wait().unwrap().code().is_none(), "it was killed before it was done");
    let there = some().unwrap();
    assert!(there < MANY, "{there}");

    let world_there = World::in_a_file(&[]);
    moves(&world_there, &elsewhere.place);
    let (refused, words) = said(world_there.command(&["list"]));
    assert_eq!(refused, Some(2), "{words}");
    assert!(words.contains("is a copy of sqlite:") && words.contains("that is not finished"), "{words}");
    let (status, words) = copy(&world, &source(&world), &elsewhere.place, &[]);

    assert_eq!(status, Some(0), "{words}");
    assert!(words.contains("going on with a copy that was begun"), "{words}");
    assert!(words.contains("compared: both hold the same"), "{words}");
    assert_eq!(elsewhere.ask(&world, "SELECT count(*) FROM notice_told"), Some(MANY));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_are_compared_and_what_differs_is_named() {
    let world = World::in_a_file(&[permit("N1", &[("A", "10")])]);
    let elsewhere = Elsewhere::of(&world);
    let (status, words) = copy(&world, &source(&world), &elsewhere.place, &[]);
    assert_eq!(status, Some(0), "{words}");

    let (status, words) = copy(&world, &source(&world), &elsewhere.place, &["--compare"]);

    // The copy has gone on: its audit says where it comes from.
    assert_eq!(status, Some(1), "{words}");
    assert!(words.contains("audit_head XA / 0: differs in sequence, hash"), "{words}");
    assert!(words.contains("audit_line XA / 0 / 4: is in the second store only"), "{words}");
}
