//! The database is stopped under load, in an orderly way and as by a crash, and started again; the server stays.

use super::judge::judge;
use super::{Dice, Load, Plan, wait_for};
use crate::database::TestDatabase;
use crate::own_postgres::OwnPostgres;
use crate::world::World;

/// Stops the database at some moment under load, and judges once it is there again, so many times.
pub(super) fn stopped_rounds(rounds: usize, is_over: impl Fn() -> bool) {
    let mut dice = Dice::new();
    let postgres = OwnPostgres::start(&[], &[]);
    let mut world = World::on_database(TestDatabase::on(postgres.url()));
    world.start();
    let mut ledger = Vec::new();
    for round in 0..rounds {
        if is_over() {
            break;
        }
        let mode = ["immediate", "fast"][round % 2];
        let plan = Plan { round, permits: 60 };
        ledger.extend(plan.prepare(&world));
        let load = Load::start(world, plan);
        let enough = 5 + usize::try_from(dice.below(40)).unwrap();
        wait_for("acknowledgements", || load.acknowledged() >= enough);
        postgres.stop(mode);
        wait_for("not being ready", || load.world().tool("/readyz").starts_with("not ready\n"));
        assert!(load.world().tool("/healthz").starts_with("alive"), "the process is well");
        postgres.resume();
        wait_for("being ready again", || load.world().tool("/readyz").starts_with("ready\n"));
        let (under_load, done) = load.finish();
        world = under_load;
        assert!(done.iter().any(|done| !done.acknowledged), "round {round}: it was stopped too late to show anything");
        ledger.extend(done);
        judge(&world, &ledger);
        println!("round {round}: {mode} after {enough} acknowledgements, {} deeds in the ledger", ledger.len());
    }
}

#[test]
#[ignore = "needs PostgreSQL's programs: `cargo xtask test` provides them"]
fn what_was_acknowledged_before_the_database_stopped_stands_once_and_the_server_recovers() {
    stopped_rounds(2, || false);
}
