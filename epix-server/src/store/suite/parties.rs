//! What a store promises about authorities and their parties.

use epix_core::id::Operation;
use epix_core::receive::Requirement;

use super::*;

fn xa_named(name: &str) -> Authority {
    Authority { id: xa(), country: country("XA"), name: name.to_owned() }
}

pub(super) async fn an_authority_is_declared_once(bench: Bench) {
    bench.store.declare(xa_named("Authority of XA"), audit("declare again")).await.unwrap();

    assert_eq!(bench.audited().await, ["declare"]);
    assert_eq!(bench.store.heads().await.unwrap().len(), 2);
}

pub(super) async fn a_corrected_authority_is_audited(bench: Bench) {
    bench.store.declare(xa_named("A better name"), audit("rename")).await.unwrap();
    bench.store.declare(xa_named("A better name"), audit("rename again")).await.unwrap();

    assert_eq!(bench.audited().await, ["declare", "rename"]);
}

pub(super) async fn an_authority_is_not_declared_in_the_books_of_another(bench: Bench) {
    let refused = bench.store.declare(xa_named("A"), audit_of("XB", "declare")).await.unwrap_err();

    assert!(matches!(refused, StoreError::UnknownAuthority { .. }), "{refused}");
}

pub(super) async fn parties_are_replaced_as_a_whole(bench: Bench) {
    let mut customs = party("XA-CU", &["c", "d"]);
    customs.roles = [Role::Customs].into();
    customs.operations = Some([Operation::ConfirmQuantities, Operation::ServiceState].into());
    customs.suspended = true;
    let mut silent = party("XC-MA", &[]);
    silent.operations = Some([].into());
    bench
        .store
        .apply_parties(vec![party("XB-MA", &["a", "b"]), party("gone", &["c"])], audit("parties"))
        .await
        .unwrap();

    let wanted = vec![silent.clone(), party("XB-MA", &["b"]), customs.clone()];
    bench.store.apply_parties(wanted, audit("parties")).await.unwrap();

    assert_eq!(bench.store.parties(&xa()).await.unwrap(), [customs, party("XB-MA", &["b"]), silent]);
    assert_eq!(bench.store.parties(&authority("XB")).await.unwrap(), []);
    assert_eq!(bench.store.registrations(&Sha256Digest::of(b"a")).await.unwrap(), []);
    assert_eq!(bench.audited().await, ["declare", "parties", "parties"]);
}

pub(super) async fn a_certificate_stands_under_one_party_of_an_authority_only(bench: Bench) {
    bench.store.apply_parties(vec![party("before", &["a"])], audit("parties")).await.unwrap();

    let twice = vec![party("one", &["a", "b"]), party("two", &["b"])];
    let refused = bench.store.apply_parties(twice, audit("parties")).await.unwrap_err();

    let StoreError::CertificateTaken { fingerprint, first, second } = refused else {
        panic!("{refused}");
    };
    assert_eq!((fingerprint, first.as_str(), second.as_str()), (Sha256Digest::of(b"b"), "one", "two"));
    assert_eq!(bench.store.parties(&xa()).await.unwrap(), [party("before", &["a"])]);
    assert_eq!(bench.audited().await, ["declare", "parties"]);
}

pub(super) async fn a_party_is_named_once(bench: Bench) {
    let twice = vec![party("one", &["a"]), party("one", &["b"])];

    let refused = bench.store.apply_parties(twice, audit("parties")).await.unwrap_err();

    assert!(matches!(refused, StoreError::PartyTwice { .. }), "{refused}");
}

pub(super) async fn a_certificate_may_be_registered_with_several_authorities(bench: Bench) {
    bench.store.apply_parties(vec![party("partner", &["a"])], audit("parties")).await.unwrap();
    bench.store.apply_parties(vec![party("friend", &["a"])], audit_of("XB", "parties")).await.unwrap();

    let found = bench.store.registrations(&Sha256Digest::of(b"a")).await.unwrap();

    assert_eq!(found, [(xa(), party("partner", &["a"])), (authority("XB"), party("friend", &["a"]))]);
}

pub(super) async fn an_unregistered_certificate_is_found_nowhere(bench: Bench) {
    bench.store.apply_parties(vec![party("partner", &["a"])], audit("parties")).await.unwrap();

    assert_eq!(bench.store.registrations(&Sha256Digest::of(b"b")).await.unwrap(), []);
}

pub(super) async fn everything_that_was_agreed_with_a_party_comes_back(bench: Bench) {
    let mut agreed = party("XB-MA", &[]);
    let expires = DateTime::from_timestamp(1_900_000_000, 0);
    let term = Term { from: "2026-01-01".parse().ok(), until: "2026-12-31".parse().ok(), expires };
    agreed.certificates.insert(Sha256Digest::of(b"a"), term);
    agreed.terms = Terms {
        blanket: true,
        grants: vec![Grant {
            operations: [Operation::GetFinal].into(),
            permits: vec![number("XA-1")],
            destinations: [country("XC")].into(),
            until: "2026-12-31".parse().ok(),
            reason: "transit".to_owned(),
        }],
        partial_use: true,
        availability: Availability {
            open: false,
            hours: Hours::try_from("06:00-22:00".to_owned()).ok(),
            days: [Day::Mon, Day::Sun].into(),
            offset: Offset::try_from("-03:30".to_owned()).unwrap(),
            words: Some("moving house".to_owned()),
        },
        toolkit: Some(epix_core::version::ToolkitVersion::V1),
        policy: Some("lenient".to_owned()),
        signature: Requirement::Required,
        endpoint: Some(EndpointEntry {
            url: "https://epix.example.org/epix/v1".to_owned(),
            dialect: Speaks::V1,
            timeout: 7,
            retries: 0,
            ca: "/etc/epix/xb-ca.pem".into(),
            certificate: Some("/etc/epix/xb.pem".into()),
            key: Some("/etc/epix/xb.key".into()),
            profile: Some("cz".to_owned()),
            login: Some("xb.login".into()),
            callers: [Country::parse("XC").unwrap()].into(),
        }),
        webhook: Some(Webhook {
            url: "https://hook.example.org/".to_owned(),
            ca: "/etc/epix/xb-ca.pem".into(),
            secret: "/etc/epix/xb.secret".into(),
        }),
        calls_per_minute: Some(30),
    };

    bench.store.apply_parties(vec![agreed.clone()], audit("parties")).await.unwrap();

    assert_eq!(bench.store.parties(&xa()).await.unwrap(), std::slice::from_ref(&agreed));
    assert_eq!(bench.store.registrations(&Sha256Digest::of(b"a")).await.unwrap(), [(xa(), agreed)]);
}
