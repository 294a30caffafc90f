//! Does a copy hold everything, whichever databases are at its ends, and whatever interrupted it?

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use epix_core::id::{PartyId, Sha256Digest};

use super::*;
use crate::audit::Checkpoints;
use crate::store::suite::{
    QUOTAS, audit, audit_of, authority, cancelled, change, declare, document, entry, number, permit, xa,
};
use crate::store::{
    Access, ApiKey, Attachment, Attachments, Claim, KeyId, NewDocument, NewPermit, Party, PermitEvent, Proof, Proven,
    Refusal, Rendition, Scope, SqliteStore, Standing, Store, TestDatabase, TokenHash, VersionReason, look_at_audit,
};

/// A folder for stores in files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn place(&self, name: &str) -> Place {
        Place::sqlite(&self.file(name))
    }

    /// A store in which every table has rows, closed again.
    async fn full(&self, name: &str) -> Place {
        let store = SqliteStore::create(&self.file(name), QUOTAS).unwrap();
        fill(&store).await;
        drop(store);
        // What only servers on a database write.
        self.edit(
            name,
            "INSERT INTO pace VALUES (x'01', 0, 10, 0.1, 1e-3, 1.8e9, NULL), (x'01', 1, 10, 0.1, 9.9, 1.8e9, 1.8e9 + 0.25);
             INSERT INTO revocation_list VALUES (x'30', '2026-01-01T00:00:00.000000Z', x'3000')",
        );
        self.place(name)
    }

    fn edit(&self, name: &str, sql: &str) {
        rusqlite::Connection::open(self.file(name)).unwrap().execute_batch(sql).unwrap();
    }
}

/// Something in every table, a chain that is closed, and one that begins later than with its first line.
async fn fill(store: &dyn Store) {
    declare(store).await;
    permits(store).await;
    let certificates = [(Sha256Digest::of(b"certificate"), Default::default())].into();
    let party = Party {
        id: PartyId::parse("XB-MA").unwrap(),
        name: "Übung\u{1F418}".to_owned(),
        country: epix_core::id::Country::parse("XB").unwrap(),
        roles: Default::default(),
        certificates,
        operations: None,
        suspended: false,
        terms: Default::default(),
    };
    store.apply_parties(vec![party.clone()], audit("parties")).await.unwrap();
    store.advance(&party.id, 1, audit("told")).await.unwrap();
    for bytes in [b"one", b"two"] {
        let refusal = Refusal { bytes: bytes.to_vec(), report: "{}".to_owned(), audit: audit("refuse") };
        store.keep_refused(refusal).await.unwrap();
    }
    store.keep_key(key(), audit("key")).await.unwrap();
    let request = Sha256Digest::of(b"request");
    let claim = Claim { authority: xa(), caller: "a".into(), key: "k".into(), request, at: Utc::now() };
    store.claim(claim).await.unwrap();
    for operation in ["one", "two"] {
        store.record(audit_of("XB", operation), Standing::Registered).await.unwrap();
    }
    let line = store.audit_lines(&authority("XB"), 0, 1, 1).await.unwrap().pop().unwrap();
    store.purge_audit(line.head(), audit_of("XB", "purge")).await.unwrap();
    store.begin_shard(audit("restore")).await.unwrap();
    store.record(audit("after"), Standing::Registered).await.unwrap();
}

async fn permits(store: &dyn Store) {
    for name in ["XA-1", "XA-2", "xa 3"] {
        let attachments = vec![Attachment { name: "scan".to_owned(), content: vec![0, 1, 255] }];
        let proof = Proof { lists: vec![Sha256Digest::of(b"list")], ..Proof::default() };
        let proven = Some(Proven::new(proof, [b"list".to_vec()]));
        let token = Some(TokenHash::from_bytes([7; 32]));
        store
            .insert(NewPermit { attachments, proven, token, entry: entry(&["a", "b"]), ..permit(name) })
            .await
            .unwrap();
    }
    let corrected = NewDocument {
        accepted: document("XA-2", "XB", "corrected"),
        reason: VersionReason::Reissued { reason: "a slip".to_owned() },
        attachments: Attachments::AsBefore,
        proven: None,
    };
    let event = PermitEvent::Reissued { ordinal: 2, reason: "a slip".to_owned() };
    store.append(crate::store::Append { document: Some(corrected), ..change("XA-2", 1, event) }).await.unwrap();
    store.append(change("XA-1", 1, cancelled())).await.unwrap();
    let rendition = Rendition {
        ordinal: 1,
        toolkit: epix_core::version::VERSIONS[0].version,
        losses: Vec::new(),
        bytes: b"rendered".to_vec(),
    };
    store.keep_rendition(number("XA-1"), rendition, audit("render")).await.unwrap();
}

fn key() -> ApiKey {
    ApiKey {
        id: KeyId::parse("00000000000a").unwrap(),
        authority: xa(),
        name: "the registry".to_owned(),
        scopes: [Access::PermitsRead].into(),
        hash: TokenHash::from_bytes([5; 32]),
        created_at: Utc::now(),
        expires_at: Some(Utc::now() + TimeDelta::days(1)),
        revoked_at: None,
    }
}

/// Copies, compares and finishes; gives the digest.
async fn copied(from: &Place, to: &Place) -> Sha256Digest {
    let mut copying = Copying::begin(from, to).await.unwrap();
    copying.copy(&mut |_| ()).await.unwrap();
    let comparison = copying.compare(&mut |_| ()).await.unwrap();
    assert!(comparison.is_equal(), "{comparison:?}");
    copying.finish(&[]).await.unwrap();
    comparison.to
}

async fn open(place: &Place) -> Arc<dyn Store> {
    crate::store::open(place).await.unwrap()
}

fn place(database: &TestDatabase) -> Place {
    Place::parse(&database.url()).unwrap()
}

/// Copies the first pages only, as a process that is killed after them.
async fn interrupted(from: &Place, to: &Place) -> u64 {
    let mut copying = Copying::begin(from, to).await.unwrap();
    let (told, last) = std::sync::mpsc::channel();
    let work = async move {
        let tell = &mut |done| {
            told.send(done).unwrap();
            assert!(done < 10, "this is where it is interrupted");
        };
        copying.copy(tell).await
    };
    tokio::spawn(work).await.unwrap_err();
    last.iter().last().unwrap()
}

/// Where the chains of XA end, each followed from its first line.
async fn chains_of_xa(store: &dyn Store) -> Vec<(u32, u64)> {
    let verdict = look_at_audit(store, &Checkpoints::none(), Scope::Whole).await.unwrap();
    let of_xa = verdict.chains.iter().filter(|followed| followed.head.authority == xa());
    of_xa.map(|followed| (followed.head.shard, followed.head.sequence)).collect()
}

#[tokio::test]
async fn every_table_of_the_full_store_has_rows() {
    let folder = Folder::new();
    let from = folder.full("from").await;
    let mut source = super::open(&from).await.unwrap();

    for table in sqlite::tables().unwrap() {
        assert!(source.count(&table).await.unwrap() > 0, "{}", table.name);
    }
}

#[tokio::test]
async fn a_table_stands_behind_those_to_which_it_refers_and_has_a_key() {
    let tables = sqlite::tables().unwrap();

    assert!(tables.iter().all(|table| table.key > 0 && table.key <= table.columns.len()), "{tables:?}");
    let folder = Folder::new();
    drop(folder.full("from").await);
    let connection = rusqlite::Connection::open(folder.file("from")).unwrap();
    for (position, table) in tables.iter().enumerate() {
        let mut statement = connection.prepare("SELECT \"table\" FROM pragma_foreign_key_list(?1)").unwrap();
        let named: Vec<String> =
            statement.query_map([&table.name], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let behind = |name: &String| tables[..position].iter().any(|before| before.name == *name);
        assert!(named.iter().all(behind), "{} refers to {named:?}", table.name);
    }
}

#[tokio::test]
async fn a_copy_in_another_file_holds_everything_and_goes_on_as_the_first_would() {
    let folder = Folder::new();
    let from = folder.full("from").await;
    let before = open(&from).await.heads().await.unwrap();

    copied(&from, &folder.place("to")).await;

    let store = open(&folder.place("to")).await;
    assert_eq!(store.heads().await.unwrap(), before);
    store.record(audit("here"), Standing::Registered).await.unwrap();
    let ends = [(0, before[0].sequence), (1, before[1].sequence + 1)];
    assert_eq!(chains_of_xa(&*store).await, ends, "only the chain that is not closed goes on");
    let refusal = Refusal { bytes: b"three".to_vec(), report: "{}".to_owned(), audit: audit("refuse") };
    store.keep_refused(refusal).await.unwrap();
    let sequences: Vec<u64> = store.refused(&xa(), 0, 10).await.unwrap().iter().map(|kept| kept.sequence).collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[tokio::test]
async fn a_number_that_was_given_is_never_given_again_in_the_copy() {
    let folder = Folder::new();
    let from = folder.full("from").await;
    folder.edit("from", "DELETE FROM refused_document");

    copied(&from, &folder.place("to")).await;

    let store = open(&folder.place("to")).await;
    let refusal = Refusal { bytes: b"three".to_vec(), report: "{}".to_owned(), audit: audit("refuse") };
    store.keep_refused(refusal).await.unwrap();
    assert_eq!(store.refused(&xa(), 0, 10).await.unwrap()[0].sequence, 3);
}

#[tokio::test]
async fn an_interrupted_copy_is_no_store_and_goes_on_where_it_was() {
    let folder = Folder::new();
    let (from, to) = (folder.full("from").await, folder.place("to"));

    let done = interrupted(&from, &to).await;

    let refused = crate::store::open(&to).await.err().unwrap();
    assert!(refused.to_string().contains("is a copy of sqlite:") && refused.to_string().contains("not finished"));
    let copying = Copying::begin(&from, &to).await.unwrap();
    assert_eq!(copying.found(), done);
    drop(copying);
    copied(&from, &to).await;
    assert_eq!(chains_of_xa(&*open(&to).await).await.len(), 2);
}

#[tokio::test]
async fn a_copy_goes_only_where_nothing_is_or_where_it_was_begun() {
    let folder = Folder::new();
    let (from, to) = (folder.full("from").await, folder.place("to"));
    let other = folder.full("other").await;
    std::fs::write(folder.file("text"), "something else, and long enough to be looked at ".repeat(20)).unwrap();

    let occupied = Copying::begin(&from, &other).await.unwrap_err();
    assert!(matches!(occupied, CopyError::Store(StoreError::Occupied { .. })), "{occupied:?}");
    let not_ours = Copying::begin(&from, &folder.place("text")).await.unwrap_err();
    assert!(matches!(not_ours, CopyError::Store(StoreError::NotOurs { .. })), "{not_ours:?}");
    let nothing = Copying::begin(&folder.place("nothing"), &to).await.unwrap_err();
    assert!(matches!(nothing, CopyError::Store(StoreError::Missing { .. })), "{nothing:?}");

    interrupted(&from, &to).await;
    open(&other).await.record(audit("x"), Standing::Registered).await.unwrap();
    let another = Copying::begin(&other, &to).await.unwrap_err();
    assert!(matches!(another, CopyError::Other { .. }), "{another:?}");
    folder.edit("to", "PRAGMA user_version = 99");
    let newer = Copying::begin(&from, &to).await.unwrap_err();
    assert!(matches!(newer, CopyError::Store(StoreError::Newer { .. })), "{newer:?}");
}

#[tokio::test]
async fn a_store_that_is_used_or_was_written_meanwhile_is_not_copied() {
    let folder = Folder::new();
    let (from, to) = (folder.full("from").await, folder.place("to"));
    interrupted(&from, &to).await;

    let store = open(&from).await;
    let used = Copying::begin(&from, &to).await.unwrap_err();
    assert!(matches!(used, CopyError::Store(StoreError::Locked { .. })), "{used:?}");
    store.record(audit("meanwhile"), Standing::Registered).await.unwrap();
    drop(store);

    let overtaken = Copying::begin(&from, &to).await.unwrap_err();
    assert!(overtaken.to_string().contains("was written since its copy was begun"), "{overtaken}");
}

#[tokio::test]
async fn what_differs_is_found_and_named() {
    let folder = Folder::new();
    let (from, to) = (folder.full("from").await, folder.place("to"));
    copied(&from, &to).await;
    folder.edit(
        "to",
        "UPDATE party SET name = 'x', country = 'XC'; DELETE FROM permit_term WHERE number = 'XA3';
         INSERT INTO notice_told VALUES ('XA', 'XC-MA', 1)",
    );

    let mut stores = Copying::beside(&from, &to).await.unwrap();
    let comparison = stores.compare(&mut |_| ()).await.unwrap();

    assert!(!comparison.is_equal() && comparison.from != comparison.to);
    let said = comparison.differences.join("\n");
    assert!(said.contains("party XA / XB-MA: differs in name, country"), "{said}");
    assert!(said.contains("/ XA3: is not in the second store"), "{said}");
    assert!(said.contains("notice_told XA / XC-MA: is in the second store only"), "{said}");
}

#[tokio::test]
async fn the_first_line_of_a_finished_copy_stands_behind_those_that_were_copied() {
    let folder = Folder::new();
    let (from, to) = (folder.full("from").await, folder.place("to"));
    let before = open(&from).await.heads().await.unwrap();
    let mut copying = Copying::begin(&from, &to).await.unwrap();
    copying.copy(&mut |_| ()).await.unwrap();
    assert_eq!(copying.authorities().await.unwrap(), [xa(), authority("XB")]);

    copying.finish(&[audit("copy-store")]).await.unwrap();

    let store = open(&to).await;
    assert_eq!(chains_of_xa(&*store).await[1], (1, before[1].sequence + 1));
    let last = store.audit_lines(&xa(), 1, before[1].sequence, 10).await.unwrap();
    assert_eq!(last.iter().map(|line| line.event().unwrap().operation).collect::<Vec<_>>(), ["copy-store"]);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn everything_goes_from_a_file_to_a_database_and_back() {
    let folder = Folder::new();
    let from = folder.full("from").await;
    let database = TestDatabase::create().await;
    let (between, back) = (place(&database), folder.place("back"));

    let there = copied(&from, &between).await;
    let again = copied(&between, &back).await;

    assert_eq!(there, again);
    let mut stores = Copying::beside(&from, &back).await.unwrap();
    assert_eq!(stores.compare(&mut |_| ()).await.unwrap().to, there);
    drop(stores);
    for place in [between, back] {
        let store = open(&place).await;
        store.record(audit("here"), Standing::Registered).await.unwrap();
        let refusal = Refusal { bytes: b"three".to_vec(), report: "{}".to_owned(), audit: audit("refuse") };
        store.keep_refused(refusal).await.unwrap();
        assert_eq!(store.refused(&xa(), 2, 10).await.unwrap()[0].sequence, 3);
        let shards: Vec<u32> = chains_of_xa(&*store).await.iter().map(|(shard, _)| *shard).collect();
        assert_eq!(shards, [0, 1], "no chain was begun");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn an_interrupted_copy_in_a_database_is_no_store_and_goes_on_where_it_was() {
    let folder = Folder::new();
    let from = folder.full("from").await;
    let database = TestDatabase::create().await;
    let to = place(&database);

    let done = interrupted(&from, &to).await;

    let refused = crate::store::open(&to).await.err().unwrap();
    assert!(matches!(refused, StoreError::Unfinished { .. }), "{refused}");
    let copying = Copying::begin(&from, &to).await.unwrap();
    assert!(copying.found() >= done);
    drop(copying);
    copied(&from, &to).await;
    let occupied = Copying::begin(&from, &to).await.unwrap_err();
    assert!(matches!(occupied, CopyError::Store(StoreError::Occupied { .. })), "{occupied:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn a_database_is_copied_while_nobody_works_on_it_and_nobody_works_on_it_meanwhile() {
    let folder = Folder::new();
    let database = TestDatabase::create().await;
    let from = place(&database);
    let store = database.create_store(QUOTAS).await.unwrap();
    declare(&store).await;

    let used = Copying::begin(&from, &folder.place("to")).await.unwrap_err();
    assert!(matches!(used, CopyError::Store(StoreError::InUse { .. })), "{used:?}");
    drop(store);

    let copying = Copying::begin(&from, &folder.place("to")).await.unwrap();
    let refused = crate::store::open(&from).await.err().unwrap();
    assert!(matches!(refused, StoreError::Copying), "{refused}");
    drop(copying);
    open(&from).await.record(audit("x"), Standing::Registered).await.unwrap();
}

#[tokio::test]
#[ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it"]
async fn what_somebody_changed_in_the_database_is_found_and_named() {
    let folder = Folder::new();
    let from = folder.full("from").await;
    let database = TestDatabase::create().await;
    copied(&from, &place(&database)).await;
    let edit = "ALTER TABLE audit_line DISABLE TRIGGER USER;
        UPDATE audit_line SET body = body || ' ' WHERE sequence = 4 AND authority = 'XA'";
    database.client().await.batch_execute(edit).await.unwrap();

    let mut stores = Copying::beside(&from, &place(&database)).await.unwrap();
    let comparison = stores.compare(&mut |_| ()).await.unwrap();

    assert_eq!(comparison.differences, ["audit_line XA / 0 / 4: differs in body"]);
    assert!(!comparison.is_equal());
}
