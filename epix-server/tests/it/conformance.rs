//! Our own server passes every case of the conformance list, and none is skipped.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use epix_client::conformance::{CASES, Callers, Input, Inputs, Outcome, cases, run};
use epix_client::simulate::{Credentials, Script, Settings, Simulator};
use epix_client::{Endpoint, HttpTransport};
use epix_core::id::{Country, PermitNumber, Token};
use epix_core::soap::Dialect;
use tempfile::TempDir;

use crate::permits::permit;
use crate::world::{Who, World};

const REGISTER: &str = r#"
authority = "XA"
[[party]]
id = "XA-CUSTOMS"
name = "Customs of XA"
country = "XA"
roles = ["customs"]
certificates = [{ file = "pki/customs.pem" }, { file = "pki/xb.pem" }]
[[party]]
id = "XC-MA"
name = "Management Authority of XC"
country = "XC"
roles = ["management-authority"]
certificates = [{ file = "pki/xc.pem" }]
"#;

/// A Party behind the server, and its entry in the register.
struct Behind {
    entry: String,
    _partner: Simulator,
    _folder: TempDir,
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn behind(code: &str, script: &str) -> Behind {
    let folder = tempfile::tempdir().unwrap();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let partner = Simulator::start(Settings {
        country: country(code),
        importer: country("XA"),
        script: Script::parse(script, folder.path()).unwrap(),
        credentials: Credentials::Made(folder.path().to_owned()),
        listen: free,
        control: free,
        told: Arc::new(|_| ()),
    })
    .unwrap();
    let (url, pki) = (partner.endpoint(), folder.path().display());
    let entry = format!(
        "[[party]]\nid = \"{code}-MA\"\nname = \"Management Authority of {code}\"\ncountry = \"{code}\"\n\
         roles = [\"management-authority\"]\n[party.endpoint]\nurl = \"{url}\"\ndialect = \"v2\"\nca = \"{pki}/ca.pem\"\n\
         certificate = \"{pki}/caller.pem\"\nkey = \"{pki}/caller.key\"\ncallers = [\"XA\"]\ntimeout = 1\nretries = 0\n"
    );
    Behind { entry, _partner: partner, _folder: folder }
}

/// A server that has whatever a case asks for.
fn prepared(parties: &[Behind]) -> World {
    let one = |number: &str| permit(number, &[("A", "10"), ("B", "2.75")]);
    let mut world = World::stopped(&[one("N1"), one("N2"), one("CANCELLED")]);
    let register = REGISTER.to_owned() + &parties.iter().map(|party| party.entry.as_str()).collect::<String>();
    let file = |name: &str, content: &str| {
        let path = world.path(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    world.succeeds(&["parties", "apply", "--yes", &file("register.toml", &register)]);
    world.succeeds(&["cancel", "CANCELLED", "--reason", "for the test"]);
    let with_token = file("token.xml", &one("TOKEN"));
    world.succeeds(&["import", &with_token, "--token-file", &file("token", "s3cret-token\n")]);
    let with_papers = file("papers.xml", &one("PAPERS"));
    world.succeeds(&["import", &with_papers, "--attach", &file("annex.txt", "an annex")]);
    world.start();
    world
}

fn inputs(world: &World, dialect: Dialect) -> Inputs {
    let number = |text: &str| PermitNumber::parse(text).unwrap();
    let road = |who: Who| -> HttpTransport { world.transport(who).clone() };
    Inputs {
        endpoint: Endpoint::parse(&format!("https://{}/epix", world.exchange())).unwrap(),
        dialect,
        country: country("XA"),
        numbers: BTreeMap::from([
            (Input::Number, number("N1")),
            (Input::TokenNumber, number("TOKEN")),
            (Input::Cancelled, number("CANCELLED")),
            (Input::Confirm, number("N2")),
            (Input::Papers, number("PAPERS")),
            (Input::RelayNumber, number("XB-SIM-1")),
        ]),
        countries: BTreeMap::from([
            (Input::RelayCountry, country("XB")),
            (Input::SlowCountry, country("XE")),
            (Input::FaultCountry, country("XF")),
            (Input::JunkCountry, country("XG")),
        ]),
        token: Token::parse("s3cret-token"),
        callers: Callers {
            own: road(Who::Customs),
            new: Some(road(Who::Xb)),
            other: Some(road(Who::Xc)),
            unregistered: Some(road(Who::Unregistered)),
        },
    }
}

#[tokio::test]
async fn every_case_passes_in_every_dialect() {
    let parties = [
        behind("XB", ""),
        behind("XE", "[[rule]]\nwait = 10.0"),
        behind("XF", "[[rule]]\ndo = { fault = { code = \"PermitLost\", status = 200 } }"),
        behind("XG", "[[rule]]\ndo = { reply = { body = \"<p>hello\" } }"),
    ];
    for dialect in [Dialect::V1, Dialect::V2, Dialect::Hub] {
        let world = prepared(&parties);
        let inputs = inputs(&world, dialect);

        for case in cases(CASES).unwrap() {
            let result = run(&case, &inputs).await;

            assert_eq!(result.outcome, Outcome::Passed, "{dialect} {}: {:#?}", case.id, result.steps);
        }
    }
}
