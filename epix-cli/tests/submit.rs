//! `epix submit`: does every document arrive once, whatever happens on the way?
//!
//! The gateway here is a stand-in that does what a real one cannot be made to do at will: hang up, be busy, say nothing. The real
//! one is submitted to in `cargo xtask test`.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod desk;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use desk::{Desk, Said};

/// What came in one call.
struct Came {
    key: String,
    kind: String,
    body: String,
}

/// What the stand-in answers to a call, given how many came before.
type Answers = dyn Fn(usize, &Came) -> Reply + Send + Sync;

enum Reply {
    Stored,
    Unchanged,
    Refused,
    Busy,
    UnderWay,
    HangUp,
    Unknown,
}

/// A stand-in for the REST face.
struct Face {
    address: String,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Face {
    fn answering(answers: impl Fn(usize, &Came) -> Reply + Send + Sync + 'static) -> Face {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let came: Arc<Mutex<Vec<Came>>> = Arc::default();
        let (answers, count, kept): (Arc<Answers>, _, _) =
            (Arc::new(answers), Arc::new(AtomicUsize::new(0)), came.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, count, kept) = (answers.clone(), count.clone(), kept.clone());
                thread::spawn(move || converse(&stream.unwrap(), &*answers, &count, &kept));
            }
        });
        Face { address, came }
    }

    /// The bodies that came, and how often.
    fn bodies(&self) -> BTreeMap<String, usize> {
        let mut bodies = BTreeMap::new();
        for came in &*self.came.lock().unwrap() {
            *bodies.entry(came.body.clone()).or_default() += 1;
        }
        bodies
    }
}

fn converse(stream: &TcpStream, answers: &Answers, count: &AtomicUsize, kept: &Mutex<Vec<Came>>) {
    let mut reader = BufReader::new(stream);
    while let Some(came) = read(&mut reader) {
        let reply = answers(count.fetch_add(1, Ordering::SeqCst), &came);
        kept.lock().unwrap().push(came);
        let (status, kind, body) = match reply {
            Reply::Stored => ("201 Created", "application/json", r#"{"number":"XA-1"}"#),
            Reply::Unchanged => ("200 OK", "application/json", r#"{"number":"XA-1"}"#),
            Reply::Refused => (
                "422 Unprocessable Content",
                "application/problem+json",
                r#"{"title":"the document is refused","findings":[{"rule":"EPIX-READ-07","severity":"error","line":8,"column":5,"sentence":"no date"}]}"#,
            ),
            Reply::Busy => ("503 Service Unavailable\r\nRetry-After: 0", "text/plain", "busy"),
            Reply::UnderWay => (
                "409 Conflict",
                "application/problem+json",
                r#"{"title":"a call with this Idempotency-Key is under way","code":"under-way"}"#,
            ),
            Reply::Unknown => ("401 Unauthorized", "application/problem+json", r#"{"title":"the key is not known"}"#),
            Reply::HangUp => return,
        };
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
        if (&*stream).write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Came> {
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    assert!(line.starts_with("POST /rest/v1/permits HTTP/1.1"), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.to_owned()),
            None => break,
        };
    }
    assert_eq!(headers["authorization"], "Bearer secret");
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Came { key: headers["idempotency-key"].clone(), kind: headers["content-type"].clone(), body })
}

/// A desk with as many documents as are wanted.
fn desk(count: usize) -> Desk {
    let desk = Desk::new();
    desk.put("key", "secret\n");
    for number in 0..count {
        desk.put(&format!("inbox/{number:03}.xml"), format!("<a>{number}</a>"));
    }
    desk
}

fn submit(desk: &Desk, face: &Face, more: &[&str]) -> Said {
    desk.epix(&[&["submit", "inbox", "--to", &face.address, "--api-key-file", "key"][..], more].concat())
}

#[test]
fn each_document_is_sent_once_and_the_journal_knows_it() {
    let desk = desk(100);
    let face = Face::answering(|_, came| match came.body.as_str() {
        "<a>7</a>" => Reply::Refused,
        "<a>8</a>" => Reply::Unchanged,
        _ => Reply::Stored,
    });

    let first = submit(&desk, &face, &[]);
    desk.put("inbox/100.xml", "<a>new</a>");
    let second = submit(&desk, &face, &["--format", "json"]);

    assert_eq!(first.code, 1, "{}", first.err);
    assert!(
        first.out.contains("inbox/007.xml: refused: the document is refused\n  8:5 no date [EPIX-READ-07]"),
        "{}",
        first.out
    );
    assert!(first.out.ends_with("100 documents: 98 stored, 1 kept there already, 1 refused\n"), "{}", first.out);
    let lines = second.lines();
    assert_eq!((second.code, lines.len()), (1, 101));
    let earlier = lines.iter().filter(|line| line["earlier"] == true).count();
    assert_eq!((earlier, lines[7]["outcome"].as_str()), (100, Some("refused")));
    assert_eq!((lines[100]["outcome"].as_str(), lines[100]["number"].as_str()), (Some("stored"), Some("XA-1")));
    assert!(face.bodies().into_values().all(|times| times == 1));
    assert_eq!(face.bodies().len(), 101);
}

#[test]
fn a_refused_document_is_sent_again_when_that_is_wanted() {
    let desk = desk(2);
    let face = Face::answering(|before, _| if before < 2 { Reply::Refused } else { Reply::Stored });
    assert_eq!(submit(&desk, &face, &[]).code, 1);

    let again = submit(&desk, &face, &["--again"]);

    assert_eq!((again.code, again.out.as_str()), (0, "2 documents: 2 stored\n"));
    let came = face.came.lock().unwrap();
    let keys: std::collections::BTreeSet<&str> = came.iter().map(|came| came.key.as_str()).collect();
    assert_eq!(keys.len(), 4, "an answer that is kept under the old key would be given again");
}

#[test]
fn what_may_pass_is_tried_again_under_the_same_key() {
    let desk = desk(1);
    let face = Face::answering(|before, _| match before {
        0 => Reply::HangUp,
        1 => Reply::Busy,
        _ => Reply::Stored,
    });

    let said = submit(&desk, &face, &[]);

    assert_eq!((said.code, said.out.as_str()), (0, "1 document: 1 stored\n"), "{}", said.err);
    let came = face.came.lock().unwrap();
    assert_eq!(came.len(), 3);
    assert!(came.iter().all(|one| one.key == came[0].key));
}

#[test]
fn what_was_cut_off_with_the_gateway_is_sent_under_another_key() {
    let desk = desk(1);
    let face = Face::answering(|before, _| match before {
        0 => Reply::HangUp,
        1 => Reply::UnderWay,
        _ => Reply::Unchanged,
    });

    let said = submit(&desk, &face, &[]);

    assert_eq!((said.code, said.out.as_str()), (0, "1 document: 0 stored, 1 kept there already\n"), "{}", said.err);
    let came = face.came.lock().unwrap();
    assert_eq!((came[0].key.as_str(), &came[2].key), (came[1].key.as_str(), &format!("{}-1", came[0].key)));
}

#[test]
fn a_key_that_is_not_known_ends_the_work_at_once() {
    let desk = desk(100);
    let face = Face::answering(|_, _| Reply::Unknown);

    let said = submit(&desk, &face, &[]);

    assert_eq!(said.code, 2);
    assert!(said.err.contains("the key is not known") && said.err.contains("the same command goes on"), "{}", said.err);
    assert!(said.out.contains("100 documents: 0 stored") && said.out.contains("not sent"), "{}", said.out);
    assert!(face.came.lock().unwrap().len() <= 8);
}

#[test]
fn who_is_asked_to_end_finishes_what_is_under_way_and_goes_on_later() {
    let desk = desk(60);
    let face = Face::answering(|_, _| {
        thread::sleep(Duration::from_millis(30));
        Reply::Stored
    });
    let arguments = ["submit", "inbox", "--to", &face.address, "--api-key-file", "key", "--jobs", "2"];
    let child = desk.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while face.came.lock().unwrap().len() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(5));
    }
    let asked = std::process::Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(asked.success());

    let ended = Said::of(child.wait_with_output().unwrap());
    let later = submit(&desk, &face, &[]);

    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.out.contains("not sent"), "{}", ended.out);
    assert_eq!(later.code, 0, "{}", later.err);
    assert!(later.out.starts_with("60 documents: 60 stored ("), "{}", later.out);
    assert!(face.bodies().into_values().all(|times| times == 1));
}

#[test]
fn a_killed_work_goes_on_and_repeats_only_what_was_under_way() {
    let desk = desk(60);
    let face = Face::answering(|_, _| {
        thread::sleep(Duration::from_millis(10));
        Reply::Stored
    });
    let arguments = ["submit", "inbox", "--to", &face.address, "--api-key-file", "key", "--jobs", "2"];
    let mut child = desk.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while face.came.lock().unwrap().len() < 20 {
        assert!(begun.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let later = submit(&desk, &face, &[]);

    assert_eq!(later.code, 0, "{}", later.err);
    let came = face.came.lock().unwrap();
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for one in &*came {
        assert_eq!(*keys.entry(&one.body).or_insert(&one.key), one.key, "the gateway recognises what comes again");
    }
    assert_eq!(keys.len(), 60);
    assert!(came.len() < 60 + 10, "{}", came.len());
}

#[test]
fn a_signature_beside_a_document_travels_with_it() {
    let desk = desk(1);
    desk.put("inbox/000.sig.xml", "<signature/>");
    let face = Face::answering(|_, _| Reply::Stored);

    assert_eq!(submit(&desk, &face, &[]).code, 0);

    let came = face.came.lock().unwrap();
    assert!(came[0].kind.starts_with("multipart/form-data; boundary="), "{}", came[0].kind);
    for part in ["name=\"permit\"", "<a>0</a>", "name=\"signature\"", "<signature/>"] {
        assert!(came[0].body.contains(part), "{part}: {}", came[0].body);
    }
}

#[test]
fn what_cannot_be_right_is_told_before_anything_is_sent() {
    let desk = desk(1);
    desk.put("empty", "\n");
    let refused = |to: &str, key: &str| desk.epix(&["submit", "inbox", "--to", to, "--api-key-file", key]);

    let clear = refused("http://192.0.2.1", "key");
    let nobody = refused("https://127.0.0.1:1", "key");
    let empty = refused("http://127.0.0.1:1", "empty");

    for (said, words) in [(clear, "in clear text"), (nobody, "whom to trust"), (empty, "empty holds no API key")] {
        assert_eq!(said.code, 2);
        assert!(said.err.contains(words), "{}", said.err);
    }
    assert!(!desk.path().join("epix-submit.journal").exists());
}
