//! Does a store keep its promises? Written once, run on every backend.

mod audit;
mod catalogue;
mod keys;
mod limits;
pub(super) mod looks;
mod notices;
mod parties;
mod permits;
mod proofs;
mod renditions;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use epix_core::id::{Amount, AuthorityId, Country, PartyId, PermitNumber, PositionId, Sha256Digest};
use epix_core::receive::{Accepted, receive_again};

use super::*;

/// The promises. One that is written and not listed is dead code, which the compiler reports.
macro_rules! promises_kept_by {
    ($backend:ident $(, $attribute:meta)?) => {
        promises_kept_by! { $backend $(, $attribute)?:
            permits: a_stored_permit_is_found_with_its_bytes,
            permits: the_same_bytes_again_change_nothing_but_the_audit,
            permits: other_bytes_under_the_same_number_are_refused,
            permits: another_token_or_other_attachments_are_refused,
            permits: a_permit_is_found_whatever_case_and_blanks_its_number_has,
            permits: a_permit_of_one_authority_is_not_found_under_another,
            permits: an_unknown_permit_is_no_error_to_look_for,
            permits: an_event_makes_a_new_revision,
            permits: every_kind_of_event_comes_back_as_it_was_stored,
            permits: an_event_decided_on_another_revision_is_refused,
            permits: of_many_events_decided_on_the_same_revision_exactly_one_stands,
            permits: an_event_of_an_unknown_permit_is_refused,
            permits: a_new_version_leaves_the_old_ones_as_they_were,
            permits: a_new_version_may_bring_its_own_attachments,
            permits: a_new_version_sends_the_permit_where_it_says,
            permits: a_version_of_another_permit_is_refused,
            permits: numbers_come_in_pages,
            permits: a_clock_that_is_set_back_changes_neither_order_nor_chain,
            proofs: what_a_verdict_rested_on_comes_back_with_its_evidence,
            proofs: a_new_version_has_a_proof_of_its_own,
            catalogue: a_permit_is_found_by_all_of_its_terms_and_no_other,
            catalogue: a_change_changes_what_a_permit_is_found_by,
            catalogue: found_permits_come_in_pages_and_each_look_is_bounded,
            catalogue: a_search_stays_in_the_books_of_its_authority,
            catalogue: a_number_is_found_by_how_it_begins,
            catalogue: an_entry_is_made_late_once_at_most,
            keys: a_key_comes_back_as_it_was_kept,
            keys: a_key_that_is_kept_again_is_replaced,
            keys: a_change_is_claimed_by_one_of_many,
            keys: an_answer_is_given_again_for_the_same_request_only,
            keys: a_claim_that_was_given_up_or_cut_off_can_be_made_again,
            keys: answers_are_forgotten_after_their_time,
            renditions: a_rendition_comes_back_as_it_was_kept,
            renditions: the_first_of_two_renditions_stands,
            renditions: nothing_is_rendered_of_what_is_not_kept,
            parties: an_authority_is_declared_once,
            parties: a_corrected_authority_is_audited,
            parties: an_authority_is_not_declared_in_the_books_of_another,
            parties: parties_are_replaced_as_a_whole,
            parties: everything_that_was_agreed_with_a_party_comes_back,
            parties: a_certificate_stands_under_one_party_of_an_authority_only,
            parties: a_party_is_named_once,
            parties: a_certificate_may_be_registered_with_several_authorities,
            parties: an_unregistered_certificate_is_found_nowhere,
            looks: a_look_finds_the_caller_and_the_permit,
            looks: a_look_finds_nothing_for_a_stranger,
            looks: an_answer_is_recorded_once,
            looks: what_has_changed_is_not_answered_with_any_more,
            notices: what_happens_to_permits_is_told_in_its_order,
            notices: a_refused_event_is_told_to_nobody,
            notices: how_far_a_party_was_told_is_kept_and_never_goes_back,
            audit: every_command_leaves_its_line_and_a_refused_one_none,
            audit: the_chain_holds_under_many_writers,
            audit: each_authority_has_a_chain_of_its_own,
            audit: lines_come_in_pages,
            audit: a_line_comes_back_as_it_was_recorded,
            audit: nothing_is_written_for_an_undeclared_authority,
            audit: a_new_chain_is_begun_and_the_old_one_is_written_no_more,
            audit: the_first_lines_of_a_chain_are_purged_and_the_rest_stands,
            audit: nothing_is_purged_up_to_a_line_that_is_not_there,
            audit: a_refused_command_leaves_its_neighbours_standing,
            limits: strangers_lines_beyond_the_quota_are_counted_in_the_next,
            limits: registered_callers_have_no_quota,
            limits: the_quota_of_strangers_is_for_each_authority,
            limits: refused_documents_are_kept_apart_with_bytes_and_report,
            limits: the_oldest_refused_documents_make_room,
            limits: refused_documents_beyond_the_quota_of_bytes_make_room,
            limits: a_refused_document_beyond_the_whole_quota_leaves_the_others,
            limits: a_store_in_use_is_healthy,
        }
    };
    // The attribute goes with every promise: it cannot be repeated in step with them, so that it travels as one piece.
    ($backend:ident, $attribute:meta: $($topic:ident: $promise:ident,)+) => {
        promises_kept_by! { @ $backend, [#[$attribute]]: $($topic: $promise,)+ }
    };
    ($backend:ident: $($topic:ident: $promise:ident,)+) => {
        promises_kept_by! { @ $backend, []: $($topic: $promise,)+ }
    };
    (@ $backend:ident, $attribute:tt: $($topic:ident: $promise:ident,)+) => {
        mod $backend {
            $( promises_kept_by! { @@ $backend, $attribute: $topic: $promise } )+
        }
    };
    (@@ $backend:ident, [$($attribute:tt)*]: $topic:ident: $promise:ident) => {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                $($attribute)*
                async fn $promise() {
                    super::$topic::$promise(super::Bench::$backend().await).await;
                }
    };
}

promises_kept_by!(memory);
promises_kept_by!(sqlite);
promises_kept_by!(remote);
promises_kept_by!(postgres, ignore = "needs PostgreSQL: `cargo xtask test` starts one and names it");

/// Small enough to be reached in a test.
pub(super) const QUOTAS: Quotas = Quotas { stranger_lines_per_hour: 3, refused_documents: 3, refused_bytes: 100 };

/// A store with the authorities XA and XB declared.
pub(super) struct Bench {
    pub(super) store: Arc<dyn Store>,
    _control: Option<Control>,
    _folder: Option<tempfile::TempDir>,
    _database: Option<TestDatabase>,
}

impl Bench {
    async fn memory() -> Bench {
        Bench::with(Arc::new(MemoryStore::new(QUOTAS)), None).await
    }

    async fn sqlite() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(&folder.path().join("store.sqlite"), QUOTAS).unwrap();
        Bench::with(Arc::new(store), Some(folder)).await
    }

    async fn postgres() -> Bench {
        let database = TestDatabase::create().await;
        let store = database.create_store(QUOTAS).await.unwrap();
        Bench { _database: Some(database), ..Bench::with(Arc::new(store), None).await }
    }

    /// The far end of a control socket.
    async fn remote() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("control");
        let control = Control::listen(&socket, folder.path(), Arc::new(MemoryStore::new(QUOTAS))).unwrap();
        let store = RemoteStore::connect(&socket).await.unwrap();
        Bench { _control: Some(control), ..Bench::with(Arc::new(store), Some(folder)).await }
    }

    async fn with(store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Bench {
        declare(&*store).await;
        Bench { store, _control: None, _folder: folder, _database: None }
    }

    /// The operations in the audit of XA, after checking that its chain holds.
    async fn audited(&self) -> Vec<String> {
        verify_audit(&*self.store).await.unwrap();
        let lines = self.store.audit_lines(&xa(), 0, 0, 10_000).await.unwrap();
        lines.iter().map(|line| line.event().unwrap().operation).collect()
    }

    async fn record(&self, number: &str) -> PermitRecord {
        self.store.find(&xa(), &self::number(number)).await.unwrap().unwrap()
    }
}

pub(super) async fn declare(store: &dyn Store) {
    for id in ["XA", "XB"] {
        let authority = Authority { id: authority(id), country: country(id), name: format!("Authority of {id}") };
        store.declare(authority, audit_of(id, "declare")).await.unwrap();
    }
}

pub(super) fn authority(id: &str) -> AuthorityId {
    AuthorityId::parse(id).unwrap()
}

pub(super) fn xa() -> AuthorityId {
    authority("XA")
}

pub(super) fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

pub(super) fn number(text: &str) -> PermitNumber {
    PermitNumber::parse(text).unwrap()
}

/// Eight o'clock, with nanoseconds that no store keeps.
pub(super) fn morning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 123_456_789).unwrap()
}

pub(super) fn audit(operation: &str) -> AuditEvent {
    audit_of("XA", operation)
}

pub(super) fn audit_of(id: &str, operation: &str) -> AuditEvent {
    AuditEvent::new(authority(id), morning(), "r-1".into(), operation)
}

/// The smallest document that can be accepted; `note` makes its bytes differ.
pub(super) fn document(number: &str, destination: &str, note: &str) -> Accepted {
    let text = format!(
        r#"<rsm:CITESEPermit xmlns:rsm="urn:un:unece:uncefact:data:standard:CITESEPermit:2"
  xmlns:ram="urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1">
  <rsm:SpecifiedExchangedDocumentContext/>
  <rsm:HeaderExchangedDocument><ram:ID>{number}</ram:ID></rsm:HeaderExchangedDocument>
  <rsm:SpecifiedSupplyChainConsignment>
    <ram:ConsigneeTradeParty>
      <ram:PostalTradeAddress><ram:CountryID>{destination}</ram:CountryID></ram:PostalTradeAddress>
    </ram:ConsigneeTradeParty>
  </rsm:SpecifiedSupplyChainConsignment>
</rsm:CITESEPermit>
<!-- {note} -->
"#
    );
    receive_again(text.as_bytes()).unwrap()
}

pub(super) fn permit(number: &str) -> NewPermit {
    let accepted = document(number, "XB", "as issued");
    NewPermit {
        accepted,
        token: None,
        attachments: Vec::new(),
        proven: None,
        entry: entry(&[]),
        audit: audit("import"),
    }
}

/// An entry with a card that tells its terms.
pub(super) fn entry(terms: &[&str]) -> Entry {
    Entry { terms: terms.iter().map(|term| Keyword::of("t", term)).collect(), card: terms.join(" ") }
}

pub(super) fn cancelled() -> PermitEvent {
    PermitEvent::Cancelled { reason: "lost".to_owned() }
}

pub(super) fn change(number: &str, expected_revision: u64, event: PermitEvent) -> Append {
    Append {
        number: self::number(number),
        expected_revision,
        event,
        document: None,
        entry: entry(&[]),
        audit: audit("append"),
    }
}

fn confirmed(position: &str, amount: &str) -> PermitEvent {
    PermitEvent::Confirmed {
        ledger: Ledger::Export,
        country: country("XA"),
        organisation: "Customs of XA".to_owned(),
        positions: [(PositionId::parse(position).unwrap(), Amount::parse(amount).unwrap())].into(),
        identity: Sha256Digest::of(b"the call"),
        late: true,
        roles: [Role::Customs].into(),
        call: epix_core::id::CallId::parse("call-1").ok(),
        part: true,
    }
}

fn file(name: &str, content: &[u8]) -> Attachment {
    Attachment { name: name.to_owned(), content: content.to_vec() }
}

pub(super) fn party(id: &str, certificates: &[&str]) -> Party {
    Party {
        id: PartyId::parse(id).unwrap(),
        name: format!("{id} by name"),
        country: country("XB"),
        roles: [Role::ManagementAuthority, Role::Hub].into(),
        certificates: certificates.iter().map(|name| (Sha256Digest::of(name.as_bytes()), Term::default())).collect(),
        operations: None,
        suspended: false,
        terms: Terms::default(),
    }
}

fn refusal(bytes: &[u8]) -> Refusal {
    Refusal { bytes: bytes.to_vec(), report: r#"{"findings":[]}"#.to_owned(), audit: audit("refuse") }
}

fn later(mut event: AuditEvent, minutes: i64) -> AuditEvent {
    event.at += TimeDelta::minutes(minutes);
    event
}
