//! Callers that do their worst: cut connections, slow readers, half-open connections, bodies that are too long or packed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::judge;
use crate::proxied::{ASK, rfc9440, with_proxy};
use crate::world::{Who, World};

/// Connections of each kind.
const MANY: usize = 40;
/// The most memory that a server may hold after all of it, in MiB; an idle one holds some 30.
const MEMORY: u64 = 400;

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.proxy()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// The head of a call with a body of a length.
fn head(world: &World, length: usize, more: &str) -> String {
    let certificate = rfc9440(world, Who::Xb);
    format!(
        "POST /epix HTTP/1.1\r\nHost: epix\r\nContent-Type: text/xml\r\nClient-Cert: {certificate}\r\n{more}Content-Length: {length}\r\n\r\n"
    )
}

fn status(stream: &mut TcpStream) -> String {
    let mut answer = [0_u8; 12];
    match stream.read_exact(&mut answer) {
        Ok(()) => String::from_utf8_lossy(&answer[9..]).into_owned(),
        Err(_) => "cut".to_owned(),
    }
}

/// Sends a body in chunks, far beyond what is taken, and gives the status. What comes behind the limit is read and thrown away.
fn chunked(world: &World) -> String {
    let mut stream = connect(world);
    let head = head(world, 0, "Transfer-Encoding: chunked\r\n").replace("Content-Length: 0\r\n", "");
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("100000\r\n{}\r\n", " ".repeat(1 << 20));
    let _ = (0..CHUNKS).try_for_each(|_| stream.write_all(chunk.as_bytes()));
    status(&mut stream)
}

/// A call that is answered well, whatever else goes on.
fn is_served(world: &World) {
    let mut stream = connect(world);
    stream.write_all((head(world, ASK.len(), "") + ASK).as_bytes()).unwrap();
    assert_eq!(status(&mut stream), "200");
}

/// The mebibytes of a body in chunks: more than the memory that a server may hold.
const CHUNKS: usize = 512;

/// A gigabyte of zeros, packed a thousand times over: a few hundred bytes for each megabyte.
fn bomb() -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = zstd::Encoder::new(&mut packed, 3).unwrap();
    let zeros = vec![0_u8; 1 << 20];
    (0..1024).for_each(|_| encoder.write_all(&zeros).unwrap());
    encoder.finish().unwrap();
    packed
}

pub(super) fn callers_do_their_worst() {
    let mut world = with_proxy("");
    let call = head(&world, ASK.len(), "") + ASK;

    // Gone before the answer, in the middle of it, or in the middle of the question.
    for cut in 0..MANY {
        let mut stream = connect(&world);
        match cut % 3 {
            0 => stream.write_all(call.as_bytes()).unwrap(),
            1 => {
                stream.write_all(call.as_bytes()).unwrap();
                stream.read_exact(&mut [0; 20]).unwrap();
            }
            _ => stream.write_all(&call.as_bytes()[..call.len() - cut]).unwrap(),
        }
    }
    // Half open, and slow readers with many answers on the way: they stay while others are served.
    let mut patient: Vec<TcpStream> = (0..MANY).map(|_| connect(&world)).collect();
    for (index, stream) in patient.iter_mut().enumerate() {
        let sent = if index % 2 == 0 { call[..30].to_owned() } else { call.repeat(20) };
        stream.write_all(sent.as_bytes()).unwrap();
    }
    is_served(&world);

    // Too long, whether it says so or not; and packed, which is not unpacked.
    let mut long = connect(&world);
    long.write_all(head(&world, 1 << 30, "").as_bytes()).unwrap();
    assert_eq!(status(&mut long), "500", "a fault of SOAP 1.1");
    assert_eq!(chunked(&world), "413");
    let bomb = bomb();
    let mut packed = connect(&world);
    packed.write_all(head(&world, bomb.len(), "Content-Encoding: zstd\r\n").as_bytes()).unwrap();
    packed.write_all(&bomb).unwrap();
    assert_ne!(status(&mut packed), "200");

    is_served(&world);
    assert!(world.memory() < MEMORY, "{} MiB", world.memory());
    drop(patient);
    world.stop();
    judge::judge(&world, &[]);
}

#[test]
fn rough_callers_take_nothing_from_others() {
    callers_do_their_worst();
}
