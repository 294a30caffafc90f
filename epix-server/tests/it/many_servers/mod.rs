//! Three servers on one database: what one acknowledged, all have, and when one is killed the others go on.

mod background;
mod balancer;
mod limits;
mod restored;
mod revoked;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use epix_core::id::{AuthorityId, PermitNumber};
use epix_core::soap::Call;
use epix_server::store::{PermitEvent, Store};
use tokio::task::JoinHandle;

use self::balancer::Balancer;
use crate::events::{Hook, told};
use crate::parts::try_part;
use crate::permits::{multi_use, permit};
use crate::torture::wait_for;
use crate::world::{Who, World, key, serve, word};

const SERVERS: usize = 3;
const CONFIRMING: usize = 6;
const READING: usize = 2;
const PERMITS: usize = 8;
/// What must be acknowledged between two disturbances.
const ENOUGH: usize = 40;

/// A server beside others, with the configuration of the world.
struct Server {
    process: Child,
    exchange: SocketAddr,
    rest: String,
    admin: String,
}

impl Server {
    fn start(world: &World, name: &str) -> Server {
        Server::start_by(world, &world.path("epix-server.toml"), name)
    }

    /// The same with a configuration of its own.
    fn start_by(world: &World, config: &Path, name: &str) -> Server {
        let (process, told) = serve(config, &world.path(&format!("{name}.log")));
        let address = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        let (exchange, rest, admin) = (address("exchange").parse().unwrap(), address("rest"), address("admin"));
        Server { process, exchange, rest, admin }
    }

    /// Kills it without warning (SIGKILL), and waits until it is gone.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.admin);
        String::from_utf8(std::process::Command::new("curl").args(["-sS", &url]).output().unwrap().stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A part of a permit that somebody wants confirmed, under an id that occurs once.
#[derive(Debug, Clone)]
struct Part {
    number: String,
    call: String,
    acknowledged: bool,
}

/// The clients, who know of one address only.
struct Load {
    world: World,
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
    read: AtomicUsize,
    cut: AtomicUsize,
}

impl Load {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::SeqCst)
    }

    /// Confirms part after part; whoever gets no answer asks again under the same id, as callers are told to do.
    async fn confirm(self: Arc<Self>, client: usize) -> Vec<Part> {
        let mut parts = Vec::new();
        for index in 0.. {
            if !self.goes_on() {
                break;
            }
            let number = format!("N{}", (client + index) % PERMITS);
            let mut part = Part { number, call: format!("c{client}-{index}"), acknowledged: false };
            while self.goes_on() && !part.acknowledged {
                match try_part(&self.world, Who::Customs, &part.number, "A=0.01", &part.call).await {
                    Ok(answer) => {
                        assert_eq!(answer, "confirmed", "{part:?}");
                        part.acknowledged = true;
                        self.acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(_) => _ = self.cut.fetch_add(1, Ordering::SeqCst),
                }
            }
            parts.push(part);
        }
        parts
    }

    async fn look(self: Arc<Self>) {
        for index in 0.. {
            if !self.goes_on() {
                break;
            }
            let message = Call::GetNonFinal(key(&format!("N{}", index % PERMITS)));
            if let Ok(answered) = self.world.call(Who::Xb, message).await {
                assert_eq!(word(&answered.answer), "permit");
                self.read.fetch_add(1, Ordering::SeqCst);
            }
        }
    }

    /// Waits until the service has done its work for a while.
    fn goes_well(&self, when: &str) {
        let (confirmed, read) = (self.acknowledged.load(Ordering::SeqCst), self.read.load(Ordering::SeqCst));
        wait_for(when, || {
            self.acknowledged.load(Ordering::SeqCst) >= confirmed + ENOUGH && self.read.load(Ordering::SeqCst) > read
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn three_servers_killed_in_turn_under_load_lose_nothing_and_count_nothing_twice() {
    let permits: Vec<String> = (0..PERMITS).map(|index| multi_use(&format!("N{index}"))).collect();
    let mut world = World::on_many(&permits);
    let mut servers: Vec<Server> =
        (0..SERVERS).map(|index| Server::start(&world, &format!("server-{index}"))).collect();
    let balancer = Balancer::before(servers.iter().map(|server| server.exchange).collect());
    world.is_reached_at(balancer.address());
    let (is_over, acknowledged, read, cut) = Default::default();
    let load = Arc::new(Load { world, is_over, acknowledged, read, cut });
    let confirming: Vec<JoinHandle<Vec<Part>>> =
        (0..CONFIRMING).map(|client| tokio::spawn(load.clone().confirm(client))).collect();
    let reading: Vec<JoinHandle<()>> = (0..READING).map(|_| tokio::spawn(load.clone().look())).collect();

    tokio::task::block_in_place(|| {
        load.goes_well("before the first kill");
        for (index, server) in servers.iter_mut().enumerate() {
            server.kill();
            load.goes_well("with one server less");
            *server = Server::start(&load.world, &format!("server-{index}-again"));
            balancer.moved(index, server.exchange);
            load.goes_well("with all of them again");
        }
    });
    load.is_over.store(true, Ordering::SeqCst);
    let mut parts = Vec::new();
    for client in confirming {
        parts.extend(client.await.unwrap());
    }
    for client in reading {
        client.await.unwrap();
    }
    servers.iter_mut().for_each(Server::kill);

    assert!(load.cut.load(Ordering::SeqCst) > 0, "no call was under way when a server was killed");
    judge(&load, &parts).await;
}

/// What was acknowledged stands once; what was not, once or not at all; nothing else is there; and the audit is whole.
async fn judge(load: &Load, parts: &[Part]) {
    let verified = load.world.succeeds(&["audit", "verify", "--all"]);
    assert!(verified.contains("whole"), "{verified}");
    let store = load.world.store().await;
    let mut counted = 0;
    for index in 0..PERMITS {
        let number = format!("N{index}");
        let calls = calls(&*store, &number).await;
        let own: Vec<&Part> = parts.iter().filter(|part| part.number == number).collect();
        for part in &own {
            let times = calls.iter().filter(|call| **call == part.call).count();
            assert!(times == 1 || (times == 0 && !part.acknowledged), "{part:?}: {times} times");
        }
        assert!(calls.iter().all(|call| own.iter().any(|part| part.call == *call)), "{number}: {calls:?}");
        counted += calls.len();
    }
    let acknowledged = parts.iter().filter(|part| part.acknowledged).count();
    let lines = lines(&*store, "GetNonFinalCitesCertificate").await;
    assert!(lines >= load.read.load(Ordering::SeqCst), "a read that was answered stands in the audit");
    println!("{acknowledged} acknowledged, {counted} stand, {} calls cut off", load.cut.load(Ordering::SeqCst));
}

/// The ids of the calls by which a permit was confirmed, each for the amount that was asked for.
async fn calls(store: &dyn Store, number: &str) -> Vec<String> {
    let authority = AuthorityId::parse("XA").unwrap();
    let record = store.find(&authority, &PermitNumber::parse(number).unwrap()).await.unwrap().unwrap();
    assert_eq!(record.revision, record.events.len() as u64);
    let confirmed = record.events.into_iter().filter_map(|recorded| match recorded.event {
        PermitEvent::Confirmed { call, positions, .. } => Some((call.unwrap(), positions)),
        _ => None,
    });
    confirmed
        .map(|(call, positions)| {
            assert!(positions.values().map(ToString::to_string).eq(["0.01"]), "{positions:?}");
            call.to_string()
        })
        .collect()
}

/// How often an operation stands in the audit as done, by all servers together.
async fn lines(store: &dyn Store, operation: &str) -> usize {
    let mut times = 0;
    for head in store.heads().await.unwrap() {
        let lines = store.audit_lines(&head.authority, head.shard, 0, usize::MAX >> 1).await.unwrap();
        let events = lines.iter().map(|line| line.event().unwrap());
        times += events.filter(|event| event.operation == operation && event.outcome == "ok").count();
    }
    times
}

#[test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
fn an_event_is_brought_by_one_server_and_by_another_when_that_one_was_killed() {
    let world = World::on_many(&[permit("N1", &[("A", "10")])]);
    let hook = Hook::of(&world);
    let (refusing, taking) = (hook.receiver("503 Service Unavailable"), hook.receiver("204 No Content"));
    hook.declare(&world, &refusing);
    let mut servers: Vec<Server> =
        (0..SERVERS).map(|index| Server::start(&world, &format!("server-{index}"))).collect();
    let having = |servers: &[Server], counted: &str| -> Vec<usize> {
        let counted = format!("epix_events_told_total{{outcome={counted}");
        (0..servers.len()).filter(|index| servers[*index].metrics().contains(&counted)).collect()
    };

    world.succeeds(&["cancel", "N1", "--reason", "issued in error"]);
    // Between two attempts of one server each of the others goes its round more than once.
    let twice = "\"not-taken\",party=\"XB-MA\"} 2";
    wait_for("a second attempt", || !having(&servers, twice).is_empty());
    let trying = having(&servers, "\"not-taken\"");
    let [leader] = trying[..] else { panic!("{trying:?} have tried") };
    drop(servers.remove(leader));
    hook.declare(&world, &taking);
    wait_for("the memory of it", || world.succeeds(&["events"]).contains("has taken everything up to 1"));

    let requests = taking.requests();
    let [message] = &requests[..] else { panic!("{requests:?}") };
    let body = serde_json::from_str(message.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(told(&body), ["N1 cancelled"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn what_one_server_remembers_is_not_answered_with_once_it_was_changed_beside_it() {
    let mut world = World::on_many(&[permit("N1", &[("A", "10")])]);
    let servers: Vec<Server> = (0..2).map(|index| Server::start(&world, &format!("server-{index}"))).collect();
    for server in servers.iter().chain(&servers) {
        assert_eq!(asked(&mut world, server).await, "permit");
    }
    assert!(servers.iter().all(|server| server.metrics().contains("epix_store_looks_total{from=\"memory\"} 1")));

    for (deed, is_given) in [("suspend", false), ("resume", true)] {
        world.succeeds(&[deed, "N1", "--reason", "a suspicion"]);
        for server in &servers {
            assert_eq!(asked(&mut world, server).await == "permit", is_given, "after {deed}");
        }
    }
}

async fn asked(world: &mut World, server: &Server) -> String {
    world.is_reached_at(server.exchange.to_string());
    word(&world.call(Who::Xb, Call::GetNonFinal(key("N1"))).await.unwrap().answer).to_owned()
}
