//! A database that is lost and comes back from a copy that PostgreSQL's own tools made while servers ran.

use epix_core::soap::Call;

use crate::permits::permit;
use crate::world::{Who, World, key};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_database_comes_back_from_a_dump_and_the_audit_says_what_is_lost() {
    let mut world = World::on_many(&[permit("N1", &[("A", "10")]), permit("N2", &[("A", "10")])]);
    world.start();
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    world.succeeds(&["audit", "checkpoint"]);
    let dump = world.path("epix.dump");
    world.database().dump_to(&dump);
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N2"))).await, "permit");
    world.stop();
    world.database().empty();
    world.database().fill_from(&dump);

    let restored = world.succeeds(&["restore", "--in-place", "--verify"]);

    assert!(restored.contains("documents: 2 looked at"), "{restored}");
    assert!(restored.contains("1 lines behind line ") && restored.contains("which a checkpoint knows"), "{restored}");
    assert!(restored.contains("XA: restored from in place; the audit goes on in shard "), "{restored}");
    world.start();
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    world.stop();
    let verdict = world.succeeds(&["audit", "verify", "--all"]);
    assert!(verdict.contains("1 lines behind it were lost"), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_restored_database_in_which_a_document_is_damaged_is_not_taken_up() {
    let world = World::on_many(&[permit("N1", &[("A", "10")])]);
    let damage = "ALTER TABLE permit_version DISABLE TRIGGER USER; UPDATE permit_version SET content = '\\x00ff'";
    world.database().ask(damage).unwrap();

    let output = world.command(&["restore", "--in-place", "--verify"]);

    let words = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("the store is damaged: version 1 of permit N1 of XA"), "{words}");
    assert_eq!(world.database().ask("SELECT max(closed) FROM audit_head").unwrap().trim(), "0");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn what_is_for_files_only_says_what_there_is_for_databases() {
    let world = World::on_many(&[]);
    let file = world.path("x.sqlite").display().to_string();

    for arguments in [["backup", "--to"], ["restore", "--from"]] {
        let output = world.command(&[&arguments[..], &[file.as_str()]].concat());

        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains("pg_dump") && words.contains("restore --in-place --verify"), "{words}");
    }
}
