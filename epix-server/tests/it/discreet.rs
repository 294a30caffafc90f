//! Does the audit say who did what, when, from where and with what answer, and nothing that it should not know?

use epix_core::audit::{AuditEvent, Entry};
use epix_core::soap::Call;

use crate::permits::permit;
use crate::world::{Who, World, confirm, key, key_with};

const TOKEN: &str = "s3cret-t0ken-of-this-permit";

/// Names and places as in boxes 3 and 4, and whoever signed.
const PERSONAL: [&str; 4] = ["Ada Consignee", "Ben Consignor", "Lane of Nowhere", "Cleo Signatory"];

fn document(number: &str) -> String {
    permit(number, &[("A", "10")])
        .replace("<ram:Name>Importer</ram:Name>", "<ram:Name>Ada Consignee</ram:Name>")
        .replace("<ram:Name>Exporter</ram:Name>", "<ram:Name>Ben Consignor</ram:Name>")
        .replace("<ram:CityName>City</ram:CityName>", "<ram:CityName>Lane of Nowhere</ram:CityName>")
        .replace("<ram:Name>Management Authority</ram:Name>", "<ram:Name>Cleo Signatory</ram:Name>")
}

/// Everything that happens to a permit, as partners and the operator do it.
async fn life_of_a_permit() -> World {
    let mut world = World::stopped(&[]);
    let file = |name: &str, text: &str| {
        std::fs::write(world.path(name), text).unwrap();
        world.path(name).display().to_string()
    };
    let (good, bad) = (file("n1.xml", &document("N1")), file("n2.xml", &document("N2").replace(">10<", ">ten<")));
    let token = file("token", TOKEN);
    let beside = file("Letter of Ada Consignee.txt", "a letter");
    world.succeeds(&["import", &good, "--token-file", &token, "--attach", &beside]);
    assert_eq!(world.command(&["import", &bad]).status.code(), Some(1));
    world.start();
    let with = |token: &str| key_with("N1", token);
    assert_eq!(world.word(Who::Xb, Call::ServiceState(None)).await, "OK");
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(with("a-wr0ng-token"))).await, "PermitNotFound");
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(with(TOKEN))).await, "permit");
    let Call::ConfirmQuantities(_, found) = confirm("N1", "A=5") else { unreachable!() };
    for _ in 0..2 {
        assert_eq!(world.word(Who::Customs, Call::ConfirmQuantities(with(TOKEN), found.clone())).await, "confirmed");
    }
    assert_eq!(world.word(Who::Xb, Call::GetFinal(with(TOKEN))).await, "permit");
    assert_eq!(world.word(Who::Unregistered, Call::GetFinal(key("N1"))).await, "CallerNotFound");
    world.succeeds(&["suspend", "N1", "--reason", "asked by Ada Consignee"]);
    world.stop();
    world
}

fn lines(world: &World) -> Vec<AuditEvent> {
    let file = world.path("audit.jsonl");
    world.succeeds(&["audit", "export", "-o", &file.display().to_string()]);
    let text = std::fs::read_to_string(file).unwrap();
    let entries = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let event = |entry| match entry {
        Entry::Line(line) => Some(line.event().unwrap()),
        _ => None,
    };
    entries.filter_map(event).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_tokens_nor_names_of_a_permit_are_in_the_audit_or_the_log() {
    let world = life_of_a_permit().await;

    lines(&world);

    for file in ["audit.jsonl", "server.log"] {
        let text = std::fs::read_to_string(world.path(file)).unwrap();
        for secret in PERSONAL.iter().chain(&[TOKEN, "a-wr0ng-token"]) {
            assert!(!text.contains(secret), "{file} holds {secret}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_says_who_did_what_from_where_and_what_was_answered() {
    let world = life_of_a_permit().await;

    let lines = lines(&world);

    for call in lines.iter().filter(|line| line.remote.is_some()) {
        let told = format!("{call:?}");
        assert!(call.actor.fingerprint.is_some() && call.request_digest.is_some(), "{told}");
        assert!(call.remote.as_deref().is_some_and(|remote| remote.starts_with("127.0.0.1")), "{told}");
        let names_its_answer = call.document_digest.is_some() || call.detail.contains_key("answer");
        assert_eq!(names_its_answer, call.outcome == "ok", "{told}");
    }
    let outcomes: Vec<_> = lines.iter().map(|line| format!("{} {}", line.operation, line.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            "declare ok",
            "parties-apply ok",
            "import ok",
            "import refused",
            "ServiceState ok",
            "GetNonFinalCitesCertificate permit-unknown",
            "GetNonFinalCitesCertificate ok",
            "ConfirmQuantities ok",
            "ConfirmQuantities ok",
            "GetFinalCitesCertificate ok",
            "GetFinalCitesCertificate caller-unknown",
            "suspend ok",
        ]
    );
    let operator = lines.iter().filter(|line| line.remote.is_none());
    assert!(operator.filter(|line| line.operation != "declare").all(|line| line.actor.name.is_some()));
}
