//! Two real servers, one of them a hub for the other: every dialect between them, and whose rights hold at the far end.

use epix_client::{Endpoint, Partner, call_for};
use epix_core::id::{Country, PartyId};
use epix_core::receive::receive;
use epix_core::soap::{Call, CertificateKey, Dialect, OriginalCaller};

use crate::permits::{permit_of_toolkit_1, permit_to};
use crate::signatures;
use crate::world::{Who, World, confirm, key, word};

/// The far end: authority XB; the certificate of `Who::Customs` is the hub's here, that of `Who::Xc` the customs of XB.
const FAR: &str = r#"
authority = "XB"
[[party]]
id = "HUB"
name = "A hub"
country = "XD"
roles = ["hub"]
certificates = [{ file = "pki/customs.pem" }]
[[party]]
id = "XB-CUSTOMS"
name = "Customs of XB"
country = "XB"
roles = ["customs"]
certificates = [{ file = "pki/xc.pem" }]
[[party]]
id = "XE-MA"
name = "Management Authority of XE"
country = "XE"
roles = ["management-authority"]
certificates = [{ file = "pki/xb.pem" }]
"#;

const NEAR: &str = r#"
authority = "XA"
[[party]]
id = "XC-MA"
name = "Management Authority of XC"
country = "XC"
roles = ["management-authority"]
certificates = [{ file = "pki/xc.pem" }]
[[party]]
id = "XB-MA"
name = "Management Authority of XB"
country = "XB"
roles = ["management-authority"]
[party.endpoint]
url = "URL"
dialect = "DIALECT"
ca = "FAR/tls/clients-ca.pem"
certificate = "FAR/pki/customs.pem"
key = "FAR/pki/customs.key"
callers = ["XC", "XE"]
"#;

struct Pair {
    near: World,
    far: World,
}

impl Pair {
    fn speaking(dialect: &str, permits: &[String]) -> Pair {
        let mut far = World::of("XB", permits);
        apply(&far, FAR);
        far.start();
        let mut near = World::stopped(&[]);
        let folder = far.path("").display().to_string();
        let url = format!("https://{}/epix", far.exchange());
        apply(&near, &NEAR.replace("URL", &url).replace("DIALECT", dialect).replace("FAR/", &folder));
        near.start();
        Pair { near, far }
    }
}

pub(crate) fn apply(world: &World, register: &str) {
    let file = world.path("register.toml");
    std::fs::write(&file, register).unwrap();
    world.succeeds(&["parties", "apply", "--yes", &file.display().to_string()]);
}

/// A permit of XB for XC.
fn of_toolkit_2() -> String {
    permit_to("XC", "N1", &[("A", "10")]).replace("XA<", "XB<")
}

fn of_toolkit_1() -> String {
    permit_of_toolkit_1("N1").replace("XB<", "XC<").replace("XA<", "XB<")
}

fn xb(number: &str) -> CertificateKey {
    CertificateKey { country: Country::parse("XB").ok(), ..key(number) }
}

fn confirm_at_xb(number: &str, quantities: &str) -> Call {
    let Call::ConfirmQuantities(_, positions) = confirm(number, quantities) else { panic!() };
    Call::ConfirmQuantities(xb(number), positions)
}

#[tokio::test]
async fn every_dialect_is_spoken_to_the_far_end() {
    for (dialect, permit) in [("v1", of_toolkit_1()), ("v2", of_toolkit_2()), ("hub", of_toolkit_2())] {
        let pair = Pair::speaking(dialect, &[permit]);
        let ask = async |call: Call| pair.near.word(Who::Xc, call).await;

        assert_eq!(ask(Call::ServiceState(Country::parse("XB").ok())).await, "OK", "{dialect}");
        assert_eq!(ask(Call::GetNonFinal(xb("N1"))).await, "permit", "{dialect}");
        assert_eq!(ask(Call::GetFinal(xb("N1"))).await, "NotFinal", "{dialect}");
        assert_eq!(ask(Call::GetNonFinal(xb("N2"))).await, "PermitNotFound", "{dialect}");
        assert_eq!(ask(confirm_at_xb("N1", "A=7.5")).await, "NotExported", "{dialect}");
        assert_eq!(pair.far.word(Who::Xc, confirm_at_xb("N1", "A=8")).await, "confirmed", "{dialect}");
        assert_eq!(ask(confirm_at_xb("N1", "A=8.5")).await, "QuantityExceeded", "{dialect}");
        assert_eq!(ask(confirm_at_xb("N1", "A=7.5")).await, "confirmed", "{dialect}");
        assert_eq!(ask(confirm_at_xb("N1", "A=7")).await, "AlreadyConfirmed", "{dialect}");
    }
}

#[tokio::test]
async fn a_permit_of_another_version_is_rendered_for_the_caller() {
    let pair = Pair::speaking("v1", &[of_toolkit_1()]);

    let answered = pair.near.call(Who::Xc, Call::GetNonFinal(xb("N1"))).await.unwrap();

    let accepted = receive(&answered.bytes).unwrap();
    assert_eq!(accepted.version().to_string(), "2.0");
    assert_eq!(accepted.destination().map(|country| country.to_string()).as_deref(), Some("XC"));
}

#[tokio::test]
async fn a_permit_of_the_version_of_the_caller_passes_byte_for_byte() {
    let document = of_toolkit_2();
    let pair = Pair::speaking("hub", std::slice::from_ref(&document));

    let answered = pair.near.call(Who::Xc, Call::GetNonFinal(xb("N1"))).await.unwrap();

    let passed = String::from_utf8(receive(&answered.bytes).unwrap().bytes().to_vec()).unwrap();
    assert!(document.ends_with(&format!("{passed}\n")), "all but the declaration and the last line end");
}

/// Calls the far end as somebody, and says for whom.
async fn claiming(far: &World, who: Who, original: &OriginalCaller, call: Call) -> String {
    let endpoint = Endpoint::parse(&format!("https://{}/epix", far.exchange())).unwrap();
    let partner = Partner::new(endpoint, Dialect::V2);
    word(&call_for(far.transport(who), &partner, call, Some(original)).await.unwrap().answer)
}

fn original(party: &str, country: &str, role: &str) -> OriginalCaller {
    OriginalCaller {
        party: PartyId::parse(party).unwrap(),
        name: "somebody".to_owned(),
        country: Country::parse(country).unwrap(),
        roles: vec![role.to_owned()],
        request_id: "r-1".to_owned(),
        call_id: None,
    }
}

#[tokio::test]
async fn the_word_of_a_hub_counts_and_that_of_others_does_not() {
    let pair = Pair::speaking("v2", &[of_toolkit_2()]);
    let (hub, stranger) = (Who::Customs, Who::Xb);
    let importer = original("XC-MA", "XC", "management-authority");
    let read = || Call::GetNonFinal(xb("N1"));

    assert_eq!(pair.far.word(hub, read()).await, "AdapterNotAvailable", "a hub has no rights of its own");
    assert_eq!(claiming(&pair.far, hub, &importer, read()).await, "permit");
    assert_eq!(claiming(&pair.far, stranger, &importer, read()).await, "PermitNotFound", "its word does not count");
    let third = original("XE-MA", "XE", "management-authority");
    assert_eq!(claiming(&pair.far, hub, &third, read()).await, "PermitNotFound");
    let scientist = original("XC-SA", "XC", "scientific-authority");
    assert_eq!(claiming(&pair.far, hub, &scientist, read()).await, "permit");
    assert_eq!(claiming(&pair.far, hub, &scientist, confirm_at_xb("N1", "A=1")).await, "AdapterNotAvailable");
    let own_side = original("XB-UNKNOWN", "XB", "customs");
    assert_eq!(claiming(&pair.far, hub, &own_side, confirm_at_xb("N1", "A=1")).await, "AdapterNotAvailable");
    assert_eq!(claiming(&pair.far, stranger, &importer, Call::GetFinal(xb("N1"))).await, "PermitNotFound");
    assert_eq!(pair.far.word(Who::Xc, Call::GetFinal(xb("N1"))).await, "NotFinal", "nothing was used up");
}

#[tokio::test]
async fn what_is_passed_on_has_to_be_signed_where_that_is_asked_for() {
    // The key of the far end, what the configuration of the near end requires, what its register demands of the far end.
    for (key, required, demanded, expected) in [
        (Some("xb-rsa"), "required", "preferred", "permit"),
        (Some("xa-rsa"), "required", "preferred", "UpstreamHttp"),
        (None, "required", "ignored", "UpstreamHttp"),
        (None, "preferred", "required", "UpstreamHttp"),
        (None, "preferred", "preferred", "permit"),
    ] {
        let mut far = World::of("XB", &[]);
        if let Some(key) = key {
            signatures::configure(&far, &signatures::signing(key));
        }
        let file = far.path("n1.xml");
        std::fs::write(&file, of_toolkit_2()).unwrap();
        far.succeeds(&["import", &file.display().to_string()]);
        apply(&far, FAR);
        far.start();
        let mut near = World::stopped(&[]);
        signatures::configure(&near, &signatures::trusting(required));
        let (folder, url) = (far.path("").display().to_string(), format!("https://{}/epix", far.exchange()));
        let register = NEAR.replace("[party.endpoint]", &format!("signature = {demanded:?}\n[party.endpoint]"));
        apply(&near, &register.replace("URL", &url).replace("DIALECT", "v2").replace("FAR/", &folder));
        near.start();

        let said = near.word(Who::Xc, Call::GetNonFinal(xb("N1"))).await;

        assert!(said.contains(expected), "{key:?}, {required}, {demanded}: {said}");
    }
}
