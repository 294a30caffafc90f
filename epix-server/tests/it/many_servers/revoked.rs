//! Who is shut out at one server is shut out at all of them.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use epix_core::soap::Call;

use super::{SERVERS, Server};
use crate::permits::permit;
use crate::revoked::root;
use crate::torture::wait_for;
use crate::world::{Who, World, key};

/// Writes the list of what is revoked now, as of a day, in one move.
fn publish(world: &World, day: &str, list: &Path) {
    let (new, issued) = (world.path("pki/new.crl"), format!("{day}000000Z"));
    let out = new.display().to_string();
    root(world, &["-gencrl", "-crl_lastupdate", &issued, "-crl_nextupdate", "20991231000000Z", "-out", &out]);
    std::fs::rename(new, list).unwrap();
}

/// A server whose own configuration names a revocation list, or none.
fn with_list(world: &World, name: &str, list: Option<&Path>) -> Server {
    let config = std::fs::read_to_string(world.path("epix-server.toml")).unwrap();
    let named = list.map_or_else(String::new, |list| format!("crl = [{:?}]", list.display().to_string()));
    let marked = config.lines().find(|line| line.starts_with("# crl = ")).unwrap();
    let own = world.path(&format!("{name}.toml"));
    std::fs::write(&own, config.replacen(marked, &named, 1)).unwrap();
    Server::start_by(world, &own, name)
}

/// Asks XB's question at a server until the answer is this one.
async fn is_answered(world: &mut World, server: &Server, expected: &str) {
    world.is_reached_at(server.exchange.to_string());
    let begun = Instant::now();
    loop {
        let word = world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await;
        if word == expected {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{word} instead of {expected}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_certificate_that_one_server_knows_as_revoked_is_refused_by_all() {
    let mut world = World::on_many(&[permit("N1", &[("A", "10")])]);
    let (renewed, left_alone) = (world.path("tls/renewed.crl"), world.path("tls/left-alone.crl"));
    publish(&world, "20260101", &renewed);
    std::fs::copy(&renewed, &left_alone).unwrap();
    let mut servers = vec![
        with_list(&world, "server-0", Some(&renewed)),
        with_list(&world, "server-1", Some(&left_alone)),
        with_list(&world, "server-2", None),
    ];
    for server in &servers {
        is_answered(&mut world, server, "permit").await;
    }

    root(&world, &["-revoke", &world.path("pki/xb.pem").display().to_string()]);
    publish(&world, "20260201", &renewed);

    for server in &servers {
        is_answered(&mut world, server, "CallerNotFound").await;
    }
    servers[1].kill();
    let log = world.path("server-1-again.log");
    servers[1] = with_list(&world, "server-1-again", Some(&left_alone));
    world.is_reached_at(servers[1].exchange.to_string());
    let word = world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await;
    assert_eq!(word, "CallerNotFound", "from its first answer on: {}", std::fs::read_to_string(log).unwrap());

    // Somebody puts the old list back: what the others passed on is newer.
    std::fs::copy(&left_alone, world.path("pki/old.crl")).unwrap();
    std::fs::rename(world.path("pki/old.crl"), &renewed).unwrap();
    let log = world.path("server-0.log");
    let readings = || std::fs::read_to_string(&log).unwrap().matches("were read anew").count();
    tokio::task::block_in_place(|| wait_for("the second reading of the files", || readings() == 2));
    world.is_reached_at(servers[0].exchange.to_string());
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "CallerNotFound");
    assert_eq!(world.word(Who::Xc, Call::ServiceState(None)).await, "OK", "others are not touched");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn whoever_is_taken_from_the_register_is_refused_by_all_from_the_next_call_on() {
    let mut world = World::on_many(&[]);
    let servers: Vec<Server> = (0..SERVERS).map(|index| Server::start(&world, &format!("server-{index}"))).collect();
    let register = std::fs::read_to_string(world.path("parties.toml")).unwrap();
    let changes = [
        ("roles = [\"customs\"]", "roles = [\"customs\"]\nsuspended = true", Who::Customs),
        ("certificates = [{ file = \"pki/xb.pem\" }]", "certificates = []", Who::Xb),
    ];

    for (from, to, who) in changes {
        for server in &servers {
            world.is_reached_at(server.exchange.to_string());
            assert_eq!(world.word(who, Call::ServiceState(None)).await, "OK");
        }
        assert!(register.contains(from), "{from}");
        std::fs::write(world.path("parties.toml"), register.replace(from, to)).unwrap();
        world.succeeds(&["parties", "apply", "--yes", &world.path("parties.toml").display().to_string()]);
        for server in &servers {
            world.is_reached_at(server.exchange.to_string());
            assert_ne!(world.word(who, Call::ServiceState(None)).await, "OK", "{to}");
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
fn a_key_that_was_withdrawn_is_refused_by_all_from_the_next_call_on() {
    let world = World::on_many(&[permit("N1", &[("A", "10")])]);
    let file = world.path("epix-server.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{config}\n[rest]\nlisten = \"127.0.0.1:0\"\ntls = false\n")).unwrap();
    let key = world.succeeds(&["keys", "add", "the registry", "--scope", "permits:read"]).trim().to_owned();
    let servers: Vec<Server> = (0..SERVERS).map(|index| Server::start(&world, &format!("server-{index}"))).collect();
    let answers = || -> Vec<String> {
        let ask = |server: &Server| {
            let (url, key) =
                (format!("http://{}/rest/v1/permits/N1", server.rest), format!("Authorization: Bearer {key}"));
            let asked =
                Command::new("curl").args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", &key, &url]).output();
            String::from_utf8(asked.unwrap().stdout).unwrap()
        };
        servers.iter().map(ask).collect()
    };
    assert_eq!(answers(), ["200", "200", "200"]);

    let listed = world.succeeds(&["keys", "list"]);
    let id = listed.split_whitespace().find(|word| key.contains(*word)).unwrap();
    world.succeeds(&["keys", "revoke", id]);

    assert_eq!(answers(), ["401", "401", "401"]);
}
