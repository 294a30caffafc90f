//! Is each way of touching an exported audit found and named?

use chrono::{DateTime, TimeDelta, Utc};
use epix_core::audit::{
    AuditEvent, AuditLine, BareKey, Beginning, Checkpoint, Checkpoints, Entry, ExportError, ExportReader, FORM,
    Follower, Head, Header, PublicKey, SignedCheckpoint, Stretch, Verdict,
};
use epix_core::id::AuthorityId;

fn authority(id: &str) -> AuthorityId {
    AuthorityId::parse(id).unwrap()
}

fn moment(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minute)
}

/// Lines behind a head, each about something else.
fn lines(from: &Head, operations: impl IntoIterator<Item = String>) -> Vec<AuditLine> {
    let mut head = from.clone();
    let mut lines = Vec::new();
    for operation in operations {
        let event = AuditEvent::new(head.authority.clone(), moment(0), "r-1".into(), &operation);
        let line = AuditLine::chain(&head, &event);
        head = line.head();
        lines.push(line);
    }
    lines
}

/// The books of two authorities, with three checkpoints on the way.
struct Books {
    key: BareKey,
    xa: Vec<AuditLine>,
    xb: Vec<AuditLine>,
    checkpoints: Vec<SignedCheckpoint>,
}

impl Books {
    fn new() -> Books {
        let key = BareKey::generate().unwrap();
        let named = |count: usize| (1..=count).map(|number| format!("operation-{number}"));
        let xa = lines(&Head::genesis(authority("XA"), 0), named(10));
        let xb = lines(&Head::genesis(authority("XB"), 0), named(3));
        let mut checkpoints: Vec<SignedCheckpoint> = Vec::new();
        for (of_xa, of_xb) in [(4, 1), (8, 2), (10, 3)] {
            let heads = vec![xa[of_xa - 1].head(), xb[of_xb - 1].head()];
            let next = Checkpoint::after(checkpoints.last(), moment(1), heads).unwrap();
            checkpoints.push(next.sign(&key).unwrap());
        }
        Books { key, xa, xb, checkpoints }
    }

    fn public(&self) -> PublicKey {
        self.key.public().unwrap()
    }

    /// The export of everything behind the first `purged` lines of XA.
    fn export_from(&self, purged: usize) -> Vec<Entry> {
        let from = |lines: &[AuditLine], first: usize| lines[first].before();
        let chains = vec![
            Stretch { from: from(&self.xa, purged), to: self.xa[9].head() },
            Stretch { from: from(&self.xb, 0), to: self.xb[2].head() },
        ];
        let header = Header { form: FORM, at: moment(2), authority: None, chains };
        let all: Vec<Entry> = self.xa[purged..].iter().chain(&self.xb).cloned().map(Entry::Line).collect();
        let end = Entry::End { lines: all.len() as u64 };
        let checkpoints = self.checkpoints.iter().cloned().map(Entry::Checkpoint);
        [Entry::EpixAudit(header)].into_iter().chain(checkpoints).chain(all).chain([end]).collect()
    }

    fn verdict(&self, entries: &[Entry]) -> Verdict {
        let mut reader = ExportReader::new(vec![self.public()], Vec::new());
        for entry in entries {
            reader.take(entry.to_text().trim_end()).unwrap();
        }
        reader.verdict().unwrap()
    }

    fn flaws(&self, entries: &[Entry]) -> Vec<String> {
        self.verdict(entries).flaws.iter().map(ToString::to_string).collect()
    }
}

/// Where the first line of the chains stands: behind the header and three checkpoints.
const FIRST: usize = 4;

fn header(entries: &mut [Entry]) -> &mut Header {
    match &mut entries[0] {
        Entry::EpixAudit(header) => header,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_untouched_export_is_whole_and_says_how_far_it_is_signed() {
    let books = Books::new();

    let verdict = books.verdict(&books.export_from(0));

    assert!(verdict.is_whole(), "{verdict}");
    let told: Vec<_> = verdict.chains.iter().map(|chain| (chain.lines, chain.signed_up_to, chain.begins)).collect();
    assert_eq!(told, [(10, 10, Beginning::FirstLine), (3, 3, Beginning::FirstLine)]);
}

#[test]
fn each_way_of_touching_an_export_is_found_and_named() {
    let books = Books::new();
    let rewritten =
        |from: usize| lines(&books.xa[from - 1].head(), (from..10).map(|number| format!("forged-{number}")));
    type Touch<'a> = Box<dyn Fn(&mut Vec<Entry>) + 'a>;
    let cases: Vec<(&str, Touch<'_>, &str)> = vec![
        (
            "edited",
            Box::new(|entries| match &mut entries[FIRST + 2] {
                Entry::Line(line) => line.body = line.body.replace("operation-3", "operation-x"),
                other => panic!("{other:?}"),
            }),
            "audit chain of XA, shard 0, line 3: the line was edited",
        ),
        (
            "dropped",
            Box::new(|entries| drop(entries.remove(FIRST + 4))),
            "audit chain of XA, shard 0, line 5: the line is missing",
        ),
        (
            "reordered",
            Box::new(|entries| entries.swap(FIRST + 5, FIRST + 6)),
            "audit chain of XA, shard 0, line 6: the line is missing",
        ),
        (
            "repeated",
            Box::new(|entries| entries.insert(FIRST + 3, entries[FIRST + 1].clone())),
            "audit chain of XA, shard 0, line 2: the line is out of order",
        ),
        (
            "inserted",
            Box::new(|entries| {
                entries[FIRST + 6] = Entry::Line(lines(&books.xa[5].head(), ["forged".to_owned()]).remove(0))
            }),
            "audit chain of XA, shard 0, line 8: the line does not follow the one before it",
        ),
        (
            "tail cut off together with its head",
            Box::new(|entries| {
                entries.drain(FIRST + 7..FIRST + 10);
                header(entries).chains[0].to = books.xa[6].head();
            }),
            "audit chain of XA, shard 0, line 8: the lines from here on are missing, which checkpoint 3 knows",
        ),
        (
            "tail written anew",
            Box::new(|entries| {
                let forged = rewritten(6);
                header(entries).chains[0].to = forged[3].head();
                entries.splice(FIRST + 6..FIRST + 10, forged.into_iter().map(Entry::Line));
            }),
            "audit chain of XA, shard 0, line 8: it is not the line that checkpoint 2 signed: it, or lines before it, were written anew",
        ),
        (
            "first lines removed",
            Box::new(|entries| {
                entries.drain(FIRST..FIRST + 2);
                header(entries).chains[0].from = books.xa[1].head();
            }),
            "audit chain of XA, shard 0, line 2: the lines up to here are missing, and no checkpoint says that they were purged",
        ),
        (
            "a whole chain removed",
            Box::new(|entries| {
                entries.drain(FIRST + 10..FIRST + 13);
                header(entries).chains.pop();
            }),
            "audit chain of XB, shard 0: it is missing, and a checkpoint knows 3 lines of it",
        ),
        (
            "a line put under another authority",
            Box::new(|entries| entries.swap(FIRST + 4, FIRST + 11)),
            "audit chain of XA, shard 0, line 5: the lines from here on are missing, which checkpoint 3 knows",
        ),
        ("checkpoint removed", Box::new(|entries| drop(entries.remove(2))), "checkpoint 2: it is missing"),
        (
            "checkpoint edited",
            Box::new(|entries| match &mut entries[3] {
                Entry::Checkpoint(signed) => signed.body = signed.body.replace("\"sequence\":10", "\"sequence\":7"),
                other => panic!("{other:?}"),
            }),
            "checkpoint 3: it is not signed with the known key",
        ),
        (
            "end cut off",
            Box::new(|entries| drop(entries.pop())),
            "line 18 of the file: the end of the file is missing from here on",
        ),
        (
            "something behind the end",
            Box::new(|entries| entries.push(entries[FIRST].clone())),
            "line 19 of the file: it stands behind the end",
        ),
    ];
    for (name, touch, expected) in cases {
        let mut entries = books.export_from(0);
        touch(&mut entries);

        let flaws = books.flaws(&entries);

        assert!(flaws.iter().any(|flaw| flaw == expected), "{name}: {flaws:?}");
    }
}

#[test]
fn a_checkpoint_of_another_key_counts_for_nothing() {
    let mut books = Books::new();
    let forger = BareKey::generate().unwrap();
    books.checkpoints[2] = books.checkpoints[2].read().unwrap().sign(&forger).unwrap();

    assert_eq!(books.flaws(&books.export_from(0)), ["checkpoint 3: it is not signed with the known key"]);
}

#[test]
fn purged_lines_are_no_flaw_where_a_checkpoint_says_so() {
    let mut books = Books::new();
    let heads = vec![books.xa[9].head(), books.xb[2].head()];
    let purging = Checkpoint::after(books.checkpoints.last(), moment(3), heads).unwrap().purging(books.xa[2].head());
    books.checkpoints.push(purging.sign(&books.key).unwrap());

    let verdict = books.verdict(&books.export_from(3));

    assert!(verdict.is_whole(), "{verdict}");
    assert_eq!(verdict.chains[0].begins, Beginning::Purged(4));
    assert!(!books.verdict(&books.export_from(2)).is_whole());
}

#[test]
fn lines_lost_with_a_restored_backup_are_told_and_no_flaw() {
    let mut books = Books::new();
    books.xa.truncate(7);
    let shard = lines(&Head::genesis(authority("XA"), 1), ["restore".to_owned()]);
    let heads = vec![books.xa[6].head(), shard[0].head(), books.xb[2].head()];
    let mut after = Checkpoint::after(books.checkpoints.last(), moment(3), heads).unwrap();
    after.restored = vec![books.xa[6].head()];
    books.checkpoints.push(after.sign(&books.key).unwrap());

    let known = Checkpoints::read(books.checkpoints.clone(), &[books.public()]).unwrap();
    let mut follower = Follower::begin(&known, books.xa[0].before()).unwrap();
    books.xa.iter().for_each(|line| follower.take(line).unwrap());
    let followed = follower.end(&books.xa[6].head()).unwrap();

    assert_eq!(known.flaws(), []);
    assert_eq!(followed.lost.map(|cut| (cut.lines, cut.checkpoint)), Some((3, 4)));
}

#[test]
fn a_checkpoint_in_which_a_chain_is_shorter_is_a_flaw() {
    let mut books = Books::new();
    let heads = vec![books.xa[6].head(), books.xb[2].head()];
    let back = Checkpoint::after(books.checkpoints.last(), moment(3), heads).unwrap();
    books.checkpoints.push(back.sign(&books.key).unwrap());

    let known = Checkpoints::read(books.checkpoints.clone(), &[books.public()]).unwrap();

    let told: Vec<String> = known.flaws().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["checkpoint 4: the chain of XA, shard 0, is shorter in it than in the one before"]);
}

#[test]
fn a_file_of_something_else_is_no_export() {
    let mut reader = ExportReader::new(Vec::new(), Vec::new());
    assert!(matches!(reader.take("{\"a\":1}"), Err(ExportError::NotAnExport)));
    assert!(matches!(ExportReader::new(Vec::new(), Vec::new()).verdict(), Err(ExportError::NotAnExport)));

    let books = Books::new();
    let mut entries = books.export_from(0);
    header(&mut entries).form = 9;
    let mut reader = ExportReader::new(Vec::new(), Vec::new());
    assert!(matches!(reader.take(&entries[0].to_text()), Err(ExportError::Newer { found: 9 })));
}

/// The form of a checkpoint is kept for years: whoever changes this text breaks every checkpoint in use.
#[test]
fn the_text_of_a_checkpoint_never_changes() {
    let heads = vec![Head::genesis(authority("XA"), 0)];

    let signed = Checkpoint::after(None, moment(0), heads).unwrap().sign(&BareKey::generate().unwrap()).unwrap();

    assert_eq!(
        signed.body,
        "{\"number\":1,\"at\":\"2027-01-15T08:00:00.000000Z\",\"previous\":null,\"heads\":[{\"authority\":\"XA\",\"shard\":0,\
         \"sequence\":0,\"hash\":\"18da686aa2b0b91b851ce5c9ea133be1ab88190f9691bdfa506ec0f8006bb40b\"}],\"purged\":[],\"restored\":[]}"
    );
    assert_eq!(signed.digest().to_string(), "f544b7543578eadeb299d23f6578b0d32f599ad51fbf808274d38cf325de96e1");
}

#[test]
fn numbers_at_the_end_of_all_numbers_are_a_flaw_and_no_panic() {
    let books = Books::new();
    let last = Head { sequence: u64::MAX, ..books.xa[0].head() };
    let far = Checkpoint { number: u64::MAX, restored: vec![last.clone()], ..books.checkpoints[0].read().unwrap() };
    let far = Checkpoint { heads: vec![last.clone()], ..far }.sign(&books.key).unwrap();
    let chains = vec![Stretch { from: last.clone(), to: last }];
    let header = Header { form: FORM, at: moment(2), authority: None, chains };
    let mut entries =
        vec![Entry::EpixAudit(header), Entry::Checkpoint(books.checkpoints[0].clone()), Entry::Checkpoint(far)];
    entries.extend([Entry::Line(books.xa[1].clone()), Entry::End { lines: 1 }]);

    assert!(!books.verdict(&entries).is_whole());
}
