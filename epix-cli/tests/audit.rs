//! `epix audit verify`: what is said of an exported audit, whole or touched.

#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod desk;

use chrono::DateTime;
use desk::Desk;
use epix_core::audit::{AuditEvent, AuditLine, BareKey, Checkpoint, Entry, FORM, Head, Header, Stretch};
use epix_core::id::AuthorityId;

/// A desk with the export of five lines, the public key and the checkpoint that signs them all.
fn desk() -> Desk {
    let desk = Desk::new();
    let key = BareKey::generate().unwrap();
    let genesis = Head::genesis(AuthorityId::parse("XA").unwrap(), 0);
    let mut head = genesis.clone();
    let mut text = String::new();
    for number in 1..=5 {
        let event =
            AuditEvent::new(head.authority.clone(), DateTime::UNIX_EPOCH, "r-1".into(), &format!("operation-{number}"));
        let line = AuditLine::chain(&head, &event);
        head = line.head();
        text += &Entry::Line(line).to_text();
    }
    let signed = Checkpoint::after(None, DateTime::UNIX_EPOCH, vec![head.clone()]).unwrap().sign(&key).unwrap();
    let chains = vec![Stretch { from: genesis, to: head }];
    let header = Header { form: FORM, at: DateTime::UNIX_EPOCH, authority: None, chains };
    desk.put("kept.json", serde_json::to_vec(&signed).unwrap());
    let (first, last) = (Entry::EpixAudit(header).to_text(), Entry::End { lines: 5 }.to_text());
    desk.put("audit.jsonl", first + &Entry::Checkpoint(signed).to_text() + &text + &last);
    desk.put("checkpoint.pub", key.public().unwrap().to_pem().unwrap());
    desk
}

fn touch(desk: &Desk, change: impl Fn(&mut Vec<String>)) {
    let path = desk.path().join("audit.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

const VERIFY: [&str; 5] = ["audit", "verify", "audit.jsonl", "--key", "checkpoint.pub"];

#[test]
fn a_whole_export_is_good() {
    let desk = desk();

    let said = desk.epix(&VERIFY);
    let unsigned = desk.epix(&["audit", "verify", "audit.jsonl"]);

    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("XA, shard 0: 5 lines, whole; signed up to line 5"), "{}", said.out);
    assert!(said.out.contains("signatures hold"), "{}", said.out);
    assert_eq!(unsigned.code, 0);
    assert!(unsigned.out.contains("NOT looked at"), "{}", unsigned.out);
}

#[test]
fn each_touch_ends_with_1_and_is_named() {
    type Touch = fn(&mut Vec<String>);
    let cases: [(Touch, &str); 6] = [
        (|lines| lines[4] = lines[4].replace("operation-3", "operation-x"), "line 3: the line was edited"),
        (|lines| drop(lines.remove(4)), "line 3: the line is missing"),
        (|lines| lines.swap(4, 5), "line 3: the line is missing"),
        (|lines| lines.insert(5, lines[3].clone()), "line 2: the line is out of order"),
        (|lines| drop(lines.drain(5..7)), "line 4: the lines from here on are missing, which checkpoint 1 knows"),
        (|lines| lines[3] = "junk".to_owned(), "line 4 of the file: it cannot be read"),
    ];
    for (change, expected) in cases {
        let desk = desk();
        touch(&desk, change);

        let said = desk.epix(&VERIFY);

        assert_eq!(said.code, 1, "{expected}: {}", said.out);
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    }
}

#[test]
fn a_cut_tail_is_found_by_a_checkpoint_that_was_kept_elsewhere() {
    let desk = desk();
    touch(&desk, |lines| {
        lines.drain(5..7);
        lines.remove(1);
    });

    let with = desk.epix(&[&VERIFY[..], &["--checkpoint", "kept.json"]].concat());

    assert_eq!(with.code, 1);
    assert!(with.out.contains("which checkpoint 1 knows"), "{}", with.out);
}

#[test]
fn programs_get_one_object_with_sentences_and_facts() {
    let desk = desk();
    touch(&desk, |lines| drop(lines.remove(4)));

    let said = desk.epix(&[&VERIFY[..], &["--format", "json"]].concat());

    let object = said.lines().remove(0);
    assert_eq!((object["kind"].as_str(), object["whole"].as_bool()), (Some("audit"), Some(false)));
    assert_eq!(object["flaws"][0]["flaw"]["chain"]["sequence"], 3);
    assert_eq!(object["checkpoints"]["signatures"], "checked");
}

#[test]
fn what_is_no_export_ends_with_2() {
    let desk = desk();
    desk.put("permit.xml", "<permit/>");

    let other = desk.epix(&["audit", "verify", "permit.xml"]);
    let nothing = desk.epix(&["audit", "verify", "nowhere.jsonl"]);
    let no_key = desk.epix(&["audit", "verify", "audit.jsonl", "--key", "permit.xml"]);

    assert_eq!((other.code, nothing.code, no_key.code), (2, 2, 2));
    assert!(other.err.contains("it is not an export of an audit"), "{}", other.err);
    assert!(no_key.err.contains("public key (Ed25519 or P-256)"), "{}", no_key.err);
}
