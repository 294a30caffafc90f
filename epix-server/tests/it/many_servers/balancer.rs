//! A plain TCP balancer: each connection goes to the next server that takes it, and both ends see when the other is gone.

use std::io::copy;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A running balancer. It lives until the test process ends.
pub(super) struct Balancer {
    address: SocketAddr,
    servers: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Balancer {
    pub(super) fn before(servers: Vec<SocketAddr>) -> Balancer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let servers = Arc::new(Mutex::new(servers));
        let known = Arc::clone(&servers);
        thread::spawn(move || {
            for (turn, caller) in listener.incoming().map_while(Result::ok).enumerate() {
                let servers = known.lock().unwrap().clone();
                thread::spawn(move || pass(&caller, &servers, turn));
            }
        });
        Balancer { address, servers }
    }

    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Tells where a server listens now.
    pub(super) fn moved(&self, index: usize, to: SocketAddr) {
        self.servers.lock().unwrap()[index] = to;
    }
}

fn pass(caller: &TcpStream, servers: &[SocketAddr], turn: usize) {
    let mut in_turn = (0..servers.len()).map(|offset| servers[(turn + offset) % servers.len()]);
    let Some(server) = in_turn.find_map(|server| TcpStream::connect(server).ok()) else { return };
    thread::scope(|scope| {
        scope.spawn(|| drain(caller, &server, Shutdown::Write));
        // A server that is gone will not answer what is still sent to it.
        drain(&server, caller, Shutdown::Both);
    });
}

/// Passes on all that comes, then closes; a cut connection is an end like any other.
fn drain(mut from: &TcpStream, mut to: &TcpStream, end: Shutdown) {
    let _ = copy(&mut from, &mut to);
    let _ = to.shutdown(end);
}
