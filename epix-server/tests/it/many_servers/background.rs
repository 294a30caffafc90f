//! Work in the background is done by one of several servers, and by another one when that one is gone.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use super::{SERVERS, Server};
use crate::permits::permit;
use crate::torture::wait_for;
use crate::world::World;

fn log(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.path(&format!("{name}.log"))).unwrap()
}

const MADE: &str = "a checkpoint of the audit was made";

#[test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
fn checkpoints_are_made_by_one_server_and_by_another_when_that_one_was_killed() {
    let world = World::on_many(&[permit("N1", &[("A", "10")])]);
    let name = |index: usize| format!("server-{index}");
    let mut servers: Vec<Option<Server>> =
        (0..SERVERS).map(|index| Some(Server::start(&world, &name(index)))).collect();
    let say =
        |said: &str| -> Vec<usize> { (0..SERVERS).filter(|index| log(&world, &name(*index)).contains(said)).collect() };
    wait_for("everybody's word", || say(MADE).len() + say("another server makes the checkpoints").len() == SERVERS);
    let making = say(MADE);
    let [leader] = making[..] else { panic!("{making:?} make checkpoints") };

    drop(servers[leader].take());
    world.succeeds(&["cancel", "N1", "--reason", "issued in error"]);

    wait_for("a checkpoint by another server", || say(MADE).len() == 2);
    drop(servers);
    let verified = world.succeeds(&["audit", "verify", "--all"]);
    assert!(verified.contains("whole"), "{verified}");
}

/// Somebody who does a work, until it is killed.
struct Leader(Child);

impl Leader {
    fn of(world: &World, work: &str) -> Leader {
        let mut psql = Command::new("psql")
            .arg(world.database().url())
            .arg("-qAt")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let sql =
            format!("SELECT pg_advisory_lock('epix_layout'::regclass::oid::int, hashtext('{work}'));\n\\echo leads\n");
        psql.stdin.as_mut().unwrap().write_all(sql.as_bytes()).unwrap();
        let mut said = std::io::BufReader::new(psql.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "leads" {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0, "it has ended");
        }
        Leader(psql)
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
fn older_permits_are_entered_by_another_server_when_the_one_that_did_it_is_gone() {
    let world = World::on_many(&[permit("N1", &[("A", "10")]), permit("N2", &[("A", "10")])]);
    let asks = |sql: &str| {
        let output = Command::new("psql").arg(world.database().url()).args(["-qAtc", sql]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    asks("DELETE FROM permit_term; UPDATE permit SET entry = NULL");
    let without = || asks("SELECT count(*) FROM permit WHERE entry IS NULL");
    let leader = Leader::of(&world, "catalogue of XA");
    let _server = Server::start(&world, "server");
    wait_for("the first checkpoint", || log(&world, "server").contains(MADE));
    assert_eq!(without(), "2", "another one does it");

    drop(leader);

    wait_for("the entries", || without() == "0");
}
