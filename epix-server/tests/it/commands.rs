//! The operator's commands and the life of the server process.

use epix_core::soap::Call;

use crate::permits::{permit, permit_to};
use crate::world::{Who, World, epix_server, key};

#[test]
fn init_never_writes_over_an_installation() {
    let world = World::stopped(&[]);
    let path = world.path("").display().to_string();

    let again = epix_server().args(["init", &path]).output().unwrap();

    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("epix-server.toml"));
}

#[test]
fn the_same_file_twice_changes_nothing_and_another_is_refused() {
    let world = World::stopped(&[permit("N1", &[("A", "10")])]);
    let file = world.path("permit-0.xml").display().to_string();

    assert!(world.succeeds(&["import", &file]).contains("unchanged"));
    std::fs::write(&file, permit("n 1", &[("A", "11")])).unwrap();
    let other = world.command(&["import", &file]);

    assert_eq!(other.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&other.stdout).contains("other bytes"));
}

#[test]
fn as_many_refused_files_are_kept_as_the_quota_allows() {
    let world = World::stopped(&[]);
    world.configure("# refused_documents = 1000", "refused_documents = 1");

    for number in ["N1", "N2"] {
        let file = world.path(number);
        std::fs::write(&file, permit(number, &[("A", "many")])).unwrap();
        assert_eq!(world.command(&["import", &file.display().to_string()]).status.code(), Some(1));
    }

    let kept = world.succeeds(&["list", "--refused"]);
    assert!(kept.starts_with("2  ") && kept.lines().count() == 1, "the newest: {kept}");
    world.configure("refused_documents = 1", "refused_documents = 0");
    let refused = world.command(&["check-config"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&[refused.stdout, refused.stderr].concat()).into_owned();
    assert!(said.contains("quotas.refused_documents"), "{said}");
}

#[test]
fn a_refused_file_is_kept_apart_with_its_reason() {
    let world = World::stopped(&[]);
    let file = world.path("bad.xml").display().to_string();
    std::fs::write(&file, permit("N1", &[("A", "many")])).unwrap();

    let refused = world.command(&["import", &file]);

    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stdout).unwrap();
    assert!(said.contains("ItemQuantity") && said.contains("line 5"), "{said}");
    assert!(world.succeeds(&["list", "--refused"]).contains("ItemQuantity"));
    assert_eq!(world.succeeds(&["list"]), "");
}

#[test]
fn a_policy_decides_what_is_imported() {
    let world = World::stopped(&[]);
    let config = std::fs::read_to_string(world.path("epix-server.toml")).unwrap();
    std::fs::write(world.path("epix-server.toml"), config + "\n[policy]\nfile = \"policies.toml\"\n").unwrap();
    let file = world.path("permit.xml").display().to_string();
    std::fs::write(&file, permit("N1", &[("A", "10")])).unwrap();
    let with = |policies: &str| {
        std::fs::write(world.path("policies.toml"), policies).unwrap();
        world.command(&["import", &file])
    };

    let wrong = with("[rules]\n\"EPIX-UNIT-99\" = \"warn\"");
    let refused = with("[partner.XA]\nwarnings = \"refuse\"");
    let accepted = with("[partner.XB-MA]\nwarnings = \"refuse\"");

    assert_eq!([wrong, refused.clone(), accepted].map(|output| output.status.code()), [Some(2), Some(1), Some(0)]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("[EPIX-UNIT-02]"), "{refused:?}");
}

#[test]
fn a_permit_of_another_country_is_not_kept() {
    let world = World::stopped(&[]);
    let file = world.path("other.xml").display().to_string();
    let document = permit_to("XB", "N1", &[("A", "1")]).replacen("<ram:CountryID>XA", "<ram:CountryID>XC", 1);
    std::fs::write(&file, document).unwrap();

    let refused = world.command(&["import", &file]);

    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("issued in XC"));
}

#[test]
fn applying_parties_shows_the_difference_first() {
    let world = World::stopped(&[]);
    let file = world.path("parties.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("Customs of XA", "Customs Office of XA");
    std::fs::write(&file, text).unwrap();
    let file = file.display().to_string();

    let shown = world.succeeds(&["parties", "apply", &file, "--dry-run"]);

    assert!(
        shown.contains("- XA-CUSTOMS Customs of XA") && shown.contains("+ XA-CUSTOMS Customs Office of XA"),
        "{shown}"
    );
    assert!(world.succeeds(&["parties", "list"]).contains("Customs of XA"));
    world.succeeds(&["parties", "apply", &file, "--yes"]);
    assert!(world.succeeds(&["parties", "list"]).contains("Customs Office of XA"));
    assert!(world.succeeds(&["parties", "apply", &file, "--dry-run"]).contains("nothing to change"));
}

#[test]
fn while_a_server_holds_the_store_commands_work_through_it_and_no_second_server_starts() {
    let mut world = World::in_a_file(&[permit("N1", &[("A", "10")])]);
    world.start();

    assert!(world.succeeds(&["show", "N1"]).contains("issued"));
    assert!(world.succeeds(&["audit", "verify"]).contains("whole"));
    let refused = world.command(&["run"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("held by another process"));

    world.stop();
    assert!(!world.path("store.sqlite.control").exists());
    assert!(world.succeeds(&["show", "N1"]).contains("issued"));
}

#[test]
fn a_server_that_was_killed_leaves_no_socket_in_the_way_of_the_next() {
    let mut world = World::in_a_file(&[permit("N1", &[("A", "10")])]);
    world.start();
    world.kill_from_outside();
    world.wait_for_end();
    assert!(world.path("store.sqlite.control").exists(), "it had no time to tidy up");

    assert!(world.succeeds(&["show", "N1"]).contains("issued"), "without a server the store is opened");
    world.start();

    assert!(world.succeeds(&["show", "N1"]).contains("issued"));
}

#[tokio::test]
async fn a_certificate_taken_out_of_the_register_is_nobody_s_at_once() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    std::fs::write(world.path("nobody.toml"), "authority = \"XA\"\n").unwrap();
    world.succeeds(&["parties", "apply", "--yes", &world.path("nobody.toml").display().to_string()]);

    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "CallerNotFound");
}

#[tokio::test]
async fn the_admin_listener_tells_health_and_counts() {
    let world = World::with(&[]);
    world.word(Who::Xb, Call::ServiceState(None)).await;
    let get = |path: &str| {
        let url = format!("http://{}{path}", world.admin());
        let output = std::process::Command::new("curl").args(["-sS", &url]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };

    assert_eq!(get("/healthz"), "alive\n");
    assert!(get("/readyz").starts_with("ready\n"));
    assert!(get("/metrics").contains("epix_calls_total{operation=\"ServiceState\",outcome=\"ok\"} 1"));
}

#[test]
fn every_call_and_command_leaves_its_audit_line() {
    let world = World::stopped(&[permit("N1", &[("A", "10")])]);

    // declare, parties apply, import
    assert!(world.succeeds(&["audit", "verify"]).contains("3 lines, whole"));
}

#[test]
fn the_printed_configuration_is_the_one_that_init_writes() {
    let printed = epix_server().arg("default-config").output().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("new");

    assert!(epix_server().arg("init").arg(&written).output().unwrap().status.success());

    let file = std::fs::read_to_string(written.join("epix-server.toml")).unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), file);
}

#[test]
fn a_configuration_is_looked_at_with_everything_that_it_names() {
    let world = World::stopped(&[]);
    let good = world.command(&["check-config"]);
    std::fs::write(world.path("tls/server.pem"), "no certificate").unwrap();
    std::fs::remove_file(world.path("token.key")).unwrap();
    let bad = world.command(&["check-config"]);

    assert_eq!(good.status.code(), Some(0), "{}", String::from_utf8_lossy(&good.stdout));
    assert_eq!(bad.status.code(), Some(1));
    let told = String::from_utf8(bad.stdout).unwrap();
    assert!(told.contains("token.key") && told.contains("tls/server.pem"), "{told}");
}

#[test]
fn a_setting_of_the_environment_holds_for_commands_and_a_mistake_in_one_is_told() {
    let world = World::stopped(&[]);
    let config = world.path("epix-server.toml");
    let looked = |name: &str, value: &str| {
        let output = epix_server().arg("--config").arg(&config).arg("check-config").env(name, value).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };

    let (good, told) = looked("EPIX_EXCHANGE_CLIENT_CA", "pki/root.pem");
    let (wrong, named) = looked("EPIX_EXCHANGE_CLIENT_CAS", "pki/root.pem");

    assert!(good == Some(0) && told.contains("set by the environment: EPIX_EXCHANGE_CLIENT_CA"), "{told}");
    assert!(wrong == Some(1) && named.contains("EPIX_EXCHANGE_CLIENT_CAS: there is no such setting"), "{named}");
}
