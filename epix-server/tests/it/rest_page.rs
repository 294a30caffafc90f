//! Does every line that `docs/rest.md` prints do what the page says, typed as it stands there?

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::Utc;
use epix_core::id::Country;
use epix_core::sign::make::{Statement, sign};
use epix_core::sign::{Certificate, Place, SoftwareKey};
use epix_core::soap::{Call, CertificateKey};

use crate::permits::permit;
use crate::relay_pair::apply;
use crate::rest_desk::Desk;
use crate::rest_partners::{FAR, PARTNER, theirs};
use crate::signatures::test_key;
use crate::world::{Who, World, confirm, key_with};

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rest.md")).unwrap()
}

/// The lines of the blocks that are marked `sh`, each with what the page says of it.
fn lines(page: &str) -> Vec<(String, String)> {
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let typed = |line: &str| {
        let (typed, said) = line.split_once("   # ").unwrap_or_else(|| panic!("it says nothing of {line}"));
        (typed.to_owned(), said.to_owned())
    };
    blocks.flat_map(|block| block.lines().map(typed)).collect()
}

fn ten(number: &str) -> String {
    permit(number, &[("A", "10")])
}

/// Everything that the page speaks of, in the folder in which it is typed.
fn put_files(near: &World) {
    let put = |name: &str, content: &[u8]| std::fs::write(near.path(name), content).unwrap();
    let signed = ten("26XA000124");
    let key = std::fs::read(test_key("xa-rsa.key")).unwrap();
    let chain = Certificate::all_from_pem(&std::fs::read(test_key("xa-rsa.pem")).unwrap()).unwrap();
    let signer = SoftwareKey::from_pem(&key, None, chain).unwrap();
    let statement = Statement { time: Some(Utc::now()), original: None };
    put("permit.xml", ten("26XA000123/EX").as_bytes());
    put("signed.xml", signed.as_bytes());
    put("signed.sig.xml", sign(&signed, &signer, Place::Detached, &statement).unwrap().as_bytes());
    put("scan.pdf", b"%PDF-1.7");
    put("wrong.xml", permit("26XA000125", &[("A", "many")]).as_bytes());
    let many = ["26XA000126", "26XA000127"].map(ten);
    let line = |document: &String| serde_json::json!({ "xml": document }).to_string();
    put("permits.jsonl", many.each_ref().map(line).join("\n").as_bytes());
    let script = "import sys, zipfile\nwith zipfile.ZipFile('permits.zip', 'w') as z:\n \
                  for n, document in enumerate(sys.argv[1:]): z.writestr(f'{n}.xml', document)";
    let made = Command::new("python3").args(["-c", script]).args(&many).current_dir(near.path("")).status().unwrap();
    assert!(made.success());
}

/// The authority of XB, which keeps a permit for XA with a token; what left is certified.
fn far() -> World {
    let far = World::of("XB", &[]);
    std::fs::write(far.path("permit.xml"), theirs(&ten("26XB000123"))).unwrap();
    std::fs::write(far.path("token"), "4711\n").unwrap();
    let (document, token) = (far.path("permit.xml").display().to_string(), far.path("token").display().to_string());
    far.succeeds(&["import", &document, "--token-file", &token]);
    apply(&far, FAR);
    far
}

/// Types a line; `curl` finds the gateway where it listens, and says the status behind the answer.
fn typed(desk: &Desk, line: &str) -> Output {
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_epix-server")).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("PATH", path).env("KEY", &desk.key).env("CURL_HOME", desk.world.path(""));
    shell.current_dir(desk.world.path("")).output().unwrap()
}

#[tokio::test]
async fn every_line_of_the_page_does_what_it_says() {
    let mut far = far();
    far.start();
    let Call::ConfirmQuantities(_, positions) = confirm("26XB000123", "A=10") else { panic!() };
    let key = CertificateKey { country: Country::parse("XB").ok(), ..key_with("26XB000123", "4711") };
    assert_eq!(far.word(Who::Xc, Call::ConfirmQuantities(key, positions)).await, "confirmed");
    let partner = PARTNER.replace("ID", "XB").replace("ADDRESS", far.exchange()).replace("TIMEOUT", "30");
    let partner = partner.replace("FAR", far.path("").to_str().unwrap()).replace("SUSPENDED", "false");
    let desk = Desk::prepared_over_tls(|near| apply(near, &format!("authority = \"XA\"\n{partner}")));
    put_files(&desk.world);
    let root = desk.world.path("tls/clients-ca.pem").display().to_string();
    let settings = format!(
        "silent\nshow-error\ncacert = {root:?}\nconnect-to = \"localhost:8445:{}\"\nwrite-out = \"\\n%{{http_code}}\"\n",
        desk.world.rest()
    );
    std::fs::write(desk.world.path(".curlrc"), settings).unwrap();
    let lines = lines(&page());
    assert!(lines.len() > 20, "{lines:?}");

    for (line, said) in lines {
        let output = typed(&desk, &line);

        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {answer}{errors}");
        let piece = match said.split_once(' ').filter(|_| line.starts_with("curl")) {
            Some((status, piece)) => {
                assert!(answer.ends_with(&format!("\n{status}")), "{line} is to give {status}: {answer}");
                piece
            }
            None => said.as_str(),
        };
        assert!(answer.contains(piece), "{line} is to give {piece}: {answer}");
    }
}
