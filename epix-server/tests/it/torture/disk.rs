//! A disk that fills up, and one that cannot be written.

use std::process::Command;

use super::{Load, Plan, judge, wait_for};
use crate::world::World;

/// A small file system of its own at `disk`, with the store of a world on it; gone with it.
struct Disk(std::path::PathBuf);

impl Disk {
    fn under(world: &World, size: &str) -> Disk {
        let place = world.path("disk");
        std::fs::create_dir(&place).unwrap();
        let place = Disk(place);
        assert!(mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], &place.0));
        std::fs::copy(world.path("store.sqlite"), place.0.join("store.sqlite")).unwrap();
        std::fs::remove_file(world.path("store.sqlite")).unwrap();
        world.configure("path = \"store.sqlite\"", "path = \"disk/store.sqlite\"");
        place
    }

    fn remount(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}")], &self.0), "{options}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a failed test may have left a server behind that holds it.
        Command::new("umount").arg("--lazy").arg(&self.0).status().ok();
    }
}

fn mount(words: &[&str], place: &std::path::Path) -> bool {
    Command::new("mount").args(words).arg(place).output().is_ok_and(|output| output.status.success())
}

/// True in a process that was given a namespace of its own.
const NAMESPACE: &str = "EPIX_TORTURE_NAMESPACE";

/// Does a test that mounts file systems. Where this process may not, the test runs once more as root of a namespace of its own: it is
/// never left out.
pub(super) fn with_mounts(test: &str, work: impl FnOnce()) {
    let folder = tempfile::tempdir().unwrap();
    if mount(&["-t", "tmpfs", "tmpfs"], folder.path()) {
        assert!(Command::new("umount").arg(folder.path()).status().unwrap().success());
        return work();
    }
    assert!(
        std::env::var_os(NAMESPACE).is_none(),
        "nobody may mount a file system here, not even in a namespace of its own"
    );
    let program = std::env::current_exe().unwrap();
    let mut again = Command::new("unshare");
    again.args(["--map-root-user", "--mount"]).arg(program).args(["--exact", test, "--include-ignored", "--nocapture"]);
    let ended = again.env(NAMESPACE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&ended.stderr));
}

/// Loads a server until its disk is full, makes room, and goes on with the same process.
pub(super) fn fills_up_and_recovers() {
    let mut world = World::in_a_file(&[]);
    let plan = Plan { round: 0, permits: 60 };
    let mut ledger = plan.prepare(&world);
    let disk = Disk::under(&world, "64m");
    world.start();
    let full = disk.0.join("full");
    let filled = Command::new("dd").args(["if=/dev/zero", "bs=64k"]).arg(format!("of={}", full.display())).output();
    assert!(!filled.unwrap().status.success(), "the disk did not fill up");

    let load = Load::start(world, plan);
    wait_for("not ready", || load.world().tool("/readyz").starts_with("not ready\n"));
    let told = load.world().tool("/readyz");
    let (refused, done) = load.finish();
    world = refused;
    ledger.extend(done);
    assert!(told.contains("full"), "it says what it needs: {told}");
    assert!(world.metrics().contains("epix_store_failed_commits_total"));

    std::fs::remove_file(full).unwrap();
    wait_for("ready again", || world.tool("/readyz").starts_with("ready\n"));
    let again = Plan { round: 1, permits: 10 };
    ledger.extend(again.prepare(&world));
    let load = Load::start(world, again);
    wait_for("acknowledgements after there was room again", || load.acknowledged() >= 5);
    let (mut world, done) = load.finish();
    ledger.extend(done);
    world.stop();
    judge::judge(&world, &ledger);
}

/// Has the kernel refuse every write of a running server to a file, and lets it write again. (A file system cannot be remounted for
/// reading while a server has files open for writing; the limit of the size of files refuses the same writes.)
fn let_write(world: &World, size: &str) {
    let limit = format!("--fsize={size}:unlimited");
    let ended = Command::new("prlimit").args(["--pid", &world.process().to_string(), &limit]).status();
    assert!(ended.unwrap().success());
}

/// Loads a server until nothing can be written any more, lets it write again, and goes on with the same process.
pub(super) fn cannot_write_and_recovers() {
    let mut world = World::in_a_file(&[]);
    let plan = Plan { round: 0, permits: 60 };
    let mut ledger = plan.prepare(&world);
    // The signal that comes with the limit would end the server; a file system that cannot be written sends none.
    let mut deaf = Command::new("sh");
    deaf.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_epix-server")]);
    world.start_by(deaf);

    let load = Load::start(world, plan);
    wait_for("acknowledgements", || load.acknowledged() >= 3);
    let_write(load.world(), "0");
    wait_for("not ready", || load.world().tool("/readyz").starts_with("not ready\n"));
    let (refused, done) = load.finish();
    world = refused;
    ledger.extend(done);
    assert!(ledger.iter().any(|done| !done.acknowledged), "somebody was told that it was not done");

    let_write(&world, "unlimited");
    wait_for("ready again", || world.tool("/readyz").starts_with("ready\n"));
    let again = Plan { round: 1, permits: 10 };
    ledger.extend(again.prepare(&world));
    let load = Load::start(world, again);
    wait_for("acknowledgements after it could write again", || load.acknowledged() >= 5);
    let (mut world, done) = load.finish();
    ledger.extend(done);
    world.stop();
    judge::judge(&world, &ledger);
}

#[test]
fn a_server_whose_files_cannot_be_written_for_a_while_loses_nothing_and_recovers_by_itself() {
    cannot_write_and_recovers();
}

#[test]
fn a_full_disk_loses_nothing_and_the_server_recovers_by_itself() {
    with_mounts("torture::disk::a_full_disk_loses_nothing_and_the_server_recovers_by_itself", fills_up_and_recovers);
}

#[test]
fn a_server_on_a_file_system_that_cannot_be_written_says_so() {
    with_mounts("torture::disk::a_server_on_a_file_system_that_cannot_be_written_says_so", says_that_it_cannot_write);
}

fn says_that_it_cannot_write() {
    let world = World::in_a_file(&[]);
    let disk = Disk::under(&world, "8m");
    disk.remount("ro");

    let refused = world.command(&["run"]);

    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("Read-only file system") || told.contains("readonly"), "{told}");
    disk.remount("rw");
    assert!(world.succeeds(&["audit", "verify"]).contains("whole"));
}
