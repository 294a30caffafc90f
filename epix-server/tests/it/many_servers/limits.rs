//! Limits hold over all servers: whoever goes from one to the next has no more for it.

use std::time::Duration;

use epix_core::soap::Call;

use super::{SERVERS, Server};
use crate::torture::wait_for;
use crate::world::{Who, World, key};

/// How often the servers tell one another is a fifth of a second: callers who ask four times in it give them time to.
const PAUSE: Duration = Duration::from_millis(50);

fn servers(world: &World) -> Vec<Server> {
    (0..SERVERS).map(|index| Server::start(world, &format!("server-{index}"))).collect()
}

/// How many calls of XC a server answers before it refuses one.
async fn answered(world: &mut World, server: &Server) -> usize {
    world.is_reached_at(server.exchange.to_string());
    for answered in 0.. {
        match world.word(Who::Xc, Call::ServiceState(None)).await.as_str() {
            "OK" => tokio::time::sleep(PAUSE).await,
            word => {
                assert_eq!(word, "RateLimited");
                return answered;
            }
        }
    }
    unreachable!("somebody has a limit")
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn calls_that_are_spread_over_three_servers_are_limited_together() {
    let mut world = World::on_many(&[]);
    world.configure("# calls_per_minute = 6000", "calls_per_minute = 30");
    let mut servers = servers(&world);

    let at_the_first = answered(&mut world, &servers[0]).await;
    let mut elsewhere = vec![answered(&mut world, &servers[1]).await, answered(&mut world, &servers[2]).await];
    servers[0].kill();
    servers[0] = Server::start(&world, "server-0-again");
    elsewhere.push(answered(&mut world, &servers[0]).await);

    assert!(at_the_first >= 30, "{at_the_first}");
    assert!(elsewhere.iter().all(|answered| *answered < 15), "{at_the_first} at the first, then {elsewhere:?}");
    world.is_reached_at(servers[1].exchange.to_string());
    assert_eq!(world.word(Who::Xb, Call::ServiceState(None)).await, "OK", "others are not touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn numbers_that_are_tried_out_at_three_servers_raise_one_alarm() {
    let mut world = World::on_many(&[]);
    world.configure("# misses_per_hour = 120", "misses_per_hour = 6");
    let servers = servers(&world);

    for round in 0..2 {
        for server in &servers {
            world.is_reached_at(server.exchange.to_string());
            assert_eq!(world.word(Who::Xc, Call::GetNonFinal(key(&format!("M{round}")))).await, "PermitNotFound");
        }
    }

    let alarms =
        || servers.iter().filter(|server| server.metrics().contains("epix_alarms_total{kind=\"misses\"} 1")).count();
    tokio::task::block_in_place(|| wait_for("an alarm", || alarms() == 1));
    for server in &servers {
        world.is_reached_at(server.exchange.to_string());
        let begun = std::time::Instant::now();
        while world.word(Who::Xc, Call::GetNonFinal(key("M9"))).await != "RateLimited" {
            assert!(begun.elapsed() < Duration::from_secs(30), "somebody who has tried out too much may go on");
            tokio::time::sleep(PAUSE).await;
        }
    }
    assert_eq!(alarms(), 1);
}
