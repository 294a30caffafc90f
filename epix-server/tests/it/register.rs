//! The register of parties: what its file may say, and what a caller may do by it.

use chrono::{Days, Utc};
use epix_core::soap::Call;

use crate::permits::{permit, permit_to};
use crate::world::{Who, World, confirm, key};

/// An entry for the management authority of XC with more lines in it.
fn xc(certificate: &str, more: &str) -> String {
    format!(
        "authority = \"XA\"\n[[party]]\nid = \"XC-MA\"\nname = \"Management Authority of XC\"\ncountry = \"XC\"\n\
         roles = [\"management-authority\"]\ncertificates = [{{ file = \"pki/xc.pem\"{certificate} }}]\n{more}\n"
    )
}

/// Writes a register and gives the arguments that apply it.
fn declared(world: &World, text: &str) -> [String; 4] {
    let file = world.path("declared.toml");
    std::fs::write(&file, text).unwrap();
    ["parties", "apply", "--yes", &file.display().to_string()].map(str::to_owned)
}

fn apply(world: &World, text: &str) -> String {
    let arguments = declared(world, text);
    world.succeeds(&arguments.each_ref().map(String::as_str))
}

fn refused(world: &World, text: &str) -> String {
    let arguments = declared(world, text);
    let output = world.command(&arguments.each_ref().map(String::as_str));
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_file_of_the_handbook_is_taken_with_everything_in_it() {
    let world = World::stopped(&[]);
    let handbook = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md")).unwrap();
    let (_, rest) = handbook.split_once("```toml\nauthority").unwrap();
    let text = format!("authority{}", rest.split_once("```").unwrap().0);
    for (name, source) in [("xb-2025", "xb"), ("xb-2026", "xc"), ("xb-ca", "xb"), ("client", "xb")] {
        std::fs::copy(world.path(&format!("pki/{source}.pem")), world.path(&format!("{name}.pem"))).unwrap();
    }
    std::fs::copy(world.path("pki/xb.key"), world.path("client.key")).unwrap();
    std::fs::write(world.path("xb-webhook.secret"), "0123456789abcdef0123456789abcdef\n").unwrap();

    apply(&world, &text);

    let shown = world.succeeds(&["parties", "show", "XB-MA"]);
    for expected in ["until 2026-03-31", "first point of entry", "dialect v2", "hours 06:00-22:00", "xb-webhook.secret"]
    {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(apply(&world, &text).contains("nothing to change"), "what is kept is what was declared");
}

#[test]
fn what_a_register_may_not_say_is_named_with_its_place() {
    let world = World::stopped(&[]);
    let endpoint = |lines: &str| {
        xc(
            "",
            &format!("[party.endpoint]\nurl = \"https://x.example/\"\ndialect = \"v2\"\nca = \"pki/xb.pem\"\n{lines}"),
        )
    };
    std::fs::write(world.path("short.secret"), "secret").unwrap();
    let webhook = "[party.webhook]\nurl = \"https://x.example/\"\nca = \"pki/xb.pem\"\nsecret = \"short.secret\"";

    for (text, expected) in [
        (xc("", "blankt = true"), "blankt"),
        (xc(", sha256 = \"00\"", ""), "64 hexadecimal digits"),
        (xc(", from = \"2026-02-01\", until = \"2026-01-01\"", ""), "before its first"),
        (xc("", "calls_per_minute = 0"), "at least 1"),
        (xc("", "toolkit = \"9\""), "9"),
        (
            xc("", "[[party.grants]]\noperations = [\"get-final\"]\nreason = \"all\""),
            "neither permits nor destinations",
        ),
        (endpoint("").replace("https:", "http:"), "https://"),
        (endpoint("timeout = 0"), "1 to 300 seconds"),
        (endpoint("retries = 6"), "0 to 5"),
        (endpoint("key = \"pki/xb.key\""), "come together"),
        (endpoint("certificate = \"pki/xb.pem\"\nkey = \"pki/none.key\""), "none.key"),
        (endpoint("").replace("pki/xb.pem\"\n", "pki/none.pem\"\n"), "none.pem"),
        (xc("", webhook), "at least 32 characters"),
        (xc("", "availability = { hours = \"8-16\" }"), "06:00-22:00"),
    ] {
        let said = refused(&world, &text);
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[tokio::test]
async fn a_certificate_is_taken_on_its_days_only() {
    let today = Utc::now().date_naive();
    let (yesterday, tomorrow) = (today - Days::new(1), today + Days::new(1));
    for (term, expected) in [
        (format!(", until = \"{yesterday}\""), "CallerNotFound"),
        (format!(", from = \"{tomorrow}\""), "CallerNotFound"),
        (format!(", from = \"{yesterday}\", until = \"{tomorrow}\""), "OK"),
    ] {
        let mut world = World::stopped(&[]);
        apply(&world, &xc(&term, ""));
        world.start();

        assert_eq!(world.word(Who::Xc, Call::ServiceState(None)).await, expected, "{term}");
    }
}

#[test]
fn a_certificate_that_ends_soon_is_warned_about() {
    let world = World::stopped(&[]);
    let soon = Utc::now().date_naive() + Days::new(10);

    apply(&world, &xc(&format!(", until = \"{soon}\""), ""));

    assert!(world.succeeds(&["parties", "list"]).contains("of XC-MA ends in 10 days"));
}

#[tokio::test]
async fn a_blanket_permission_reads_everything_and_confirms_nothing() {
    let mut world = World::stopped(&[permit("N1", &[("A", "10")])]);
    apply(&world, &xc("", "blanket = true"));
    world.start();

    assert_eq!(world.word(Who::Xc, Call::GetNonFinal(key("N1"))).await, "permit");
    assert_eq!(world.word(Who::Xc, confirm("N1", "A=1")).await, "PermitNotFound");
}

#[tokio::test]
async fn a_grant_gives_one_right_to_some_permits() {
    let mut world = World::stopped(&[permit("N1", &[("A", "10")]), permit_to("XD", "N2", &[("A", "10")])]);
    let grant = "[[party.grants]]\noperations = [\"get-non-final\"]\npermits = [\"n 1\"]\nreason = \"transit\"";
    apply(&world, &xc("", grant));
    world.start();

    assert_eq!(world.word(Who::Xc, Call::GetNonFinal(key("N1"))).await, "permit");
    for call in [Call::GetFinal(key("N1")), confirm("N1", "A=1"), Call::GetNonFinal(key("N2"))] {
        assert_eq!(world.word(Who::Xc, call).await, "PermitNotFound");
    }
}

/// The attack: somebody with a good certificate tries numbers, to learn which exist or to use them up.
#[tokio::test]
async fn a_third_party_cannot_tell_somebody_else_s_permit_from_no_permit() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let asked = |number: &'static str| {
        [Call::GetNonFinal(key(number)), Call::GetFinal(key(number)), confirm(number, "A=1"), confirm(number, "Z=1")]
    };
    let answer = |call| async {
        let text = String::from_utf8(world.call(Who::Xc, call).await.unwrap().bytes).unwrap();
        let (before, rest) = text.split_once("<RequestId>").unwrap_or((&text, ""));
        format!("{before}{}", rest.split_once("</RequestId>").unwrap_or(("", rest)).1)
    };

    for (theirs, unknown) in asked("N1").into_iter().zip(asked("N2")) {
        assert_eq!(answer(theirs).await, answer(unknown).await);
    }
    assert_eq!(world.word(Who::Customs, confirm("N1", "A=10")).await, "confirmed", "nothing was used up");
}

#[test]
fn a_partner_is_called_and_what_is_in_the_way_is_told_in_words() {
    let world = World::with(&[]);
    std::fs::copy(world.path("pki/stranger.pem"), world.path("other-ca.pem")).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let good = world.endpoint();
    let checked = |url: &str, dialect: &str, ca: &str, who: &str| {
        let endpoint = format!(
            "[party.endpoint]\nurl = \"{url}\"\ndialect = \"{dialect}\"\nca = \"{ca}\"\ncertificate = \"pki/{who}.pem\"\n\
             key = \"pki/{who}.key\"\nretries = 0\ntimeout = 5"
        );
        // Its country is ours, so that the server of this test can be its service.
        let register = xc("", &endpoint).replace("country = \"XC\"", "country = \"XA\"");
        apply(&world, &register);
        let output = world.command(&["parties", "check"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };

    let root = "tls/clients-ca.pem";
    let (code, said) = checked(&good, "v2", root, "xc");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("all is well: the partner says OK"), "{said}");
    for (url, dialect, ca, who, expected) in [
        (good.clone(), "v2", root, "unregistered", "our certificate is not registered there: "),
        (good.clone(), "v2", root, "stranger", "our certificate: "),
        (good.clone(), "v2", "other-ca.pem", "xc", "its certificate: "),
        (format!("https://127.0.0.1:{free}/epix/v2"), "v2", root, "xc", "network (TCP): nothing listens at"),
        ("https://no-such-host.invalid/epix/v2".to_owned(), "v2", root, "xc", "name (DNS): no host is called"),
        (format!("https://{}/nowhere", world.exchange()), "v2", root, "xc", "address or dialect: "),
    ] {
        let (code, said) = checked(&url, dialect, ca, who);
        assert!(code == Some(1) && said.contains(expected), "{expected}: {said}");
    }
}
