//! Batches: many permits in one call, each stored or refused for itself.

use crate::permits::permit;
use crate::rest_desk::Desk;

fn ten(number: &str) -> String {
    permit(number, &[("A", "10")])
}

#[test]
fn a_batch_stores_what_is_accepted_and_tells_the_outcome_of_each() {
    let desk = Desk::with(&[ten("N1")]);
    let line = |document: &str| serde_json::json!({ "xml": document }).to_string();
    let json = desk.post("/convert?to=json", &ten("N3"), &[]).json().to_string();
    let batch =
        [line(&ten("N1")), line(&ten("N2")), line(&permit("N9", &[("A", "many")])), json, "{}".into()].join("\n");

    let first = desk.post("/batches", &batch, &[]);
    let again = desk.post("/batches", &batch, &[]);

    let report = first.json();
    let outcomes: Vec<_> =
        report["items"].as_array().unwrap().iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["unchanged", "stored", "refused", "stored", "refused"], "{}", first.text());
    assert_eq!((&report["stored"], first.status, again.status), (&2.into(), 201, 200));
    assert_eq!(again.json(), report);
    let place = first.header("location").unwrap().trim_start_matches("/rest/v1").to_owned();
    assert_eq!(desk.call(&place, &[]).json(), report);
    assert_eq!(desk.call(&format!("/batches/{}", "0".repeat(64)), &[]).refusal(), (404, "no-batch".to_owned()));
    assert_eq!(desk.post("/batches", " \n", &[]).refusal(), (400, "invalid-request".to_owned()));
    assert_eq!(desk.call("/permits", &[]).json()["permits"].as_array().unwrap().len(), 3);
}

#[test]
fn a_batch_whose_connection_is_cut_is_done_to_its_end() {
    let desk = Desk::with(&[]);
    let line = |number: u32| serde_json::json!({ "xml": ten(&format!("N{number}")) }).to_string() + "\n";
    let batch: String = (1..=50).map(line).collect();
    let head = format!(
        "POST /rest/v1/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        desk.key,
        batch.len()
    );
    let mut stream = std::net::TcpStream::connect(desk.world.rest()).unwrap();
    std::io::Write::write_all(&mut stream, (head + &batch).as_bytes()).unwrap();
    drop(stream);

    let place = format!("/batches/{}", epix_core::id::Sha256Digest::of(batch.as_bytes()));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let report = loop {
        let told = desk.call(&place, &[]).json();
        if told["state"] == "done" {
            break told;
        }
        assert!(std::time::Instant::now() < end, "{told}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };

    assert_eq!(report["stored"], 50);
}

#[test]
fn a_zip_archive_is_a_batch_and_a_damaged_one_is_none() {
    let desk = Desk::with(&[]);
    let folder = desk.world.path("many");
    std::fs::create_dir(&folder).unwrap();
    for number in 1..=40 {
        std::fs::write(folder.join(format!("{number:02}.xml")), ten(&format!("N{number:02}"))).unwrap();
    }
    let zip = desk.world.path("many.zip");
    let script = "import sys, shutil; shutil.make_archive(sys.argv[1][:-4], 'zip', sys.argv[2])";
    let made = std::process::Command::new("python3").args(["-c", script]).arg(&zip).arg(&folder).status().unwrap();
    assert!(made.success());
    let sent = format!("@{}", zip.display());

    let stored = desk.call("/batches", &["--data-binary", &sent]);

    assert_eq!((stored.status, &stored.json()["stored"]), (201, &40.into()), "{}", stored.text());
    assert!(stored.json()["items"][39]["item"].as_str().unwrap().ends_with(".xml"));
    let bytes = std::fs::read(&zip).unwrap();
    std::fs::write(&zip, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(desk.call("/batches", &["--data-binary", &sent]).refusal(), (400, "invalid-request".to_owned()));
}

#[test]
fn of_a_refused_document_a_batch_tells_the_first_findings_and_how_many_there_are() {
    let desk = Desk::with(&[]);
    let positions: Vec<(String, &str)> = (0..9).map(|index| (format!("P{index}"), "many")).collect();
    let positions: Vec<(&str, &str)> = positions.iter().map(|(id, quantity)| (id.as_str(), *quantity)).collect();
    let document = permit("N9", &positions);

    let report = desk.post("/batches", &serde_json::json!({ "xml": document }).to_string(), &[]).json();
    let whole = desk.post("/validate", &document, &[]).json();

    let found = whole["report"]["findings"].as_array().unwrap();
    let of = |severity: &str| found.iter().filter(|finding| finding["severity"] == severity).count();
    let item = &report["items"][0];
    assert_eq!((&item["errors"], &item["warnings"]), (&of("error").into(), &of("warning").into()), "{report}");
    assert!(of("error") >= 9 && item["findings"].as_array().unwrap().len() == 5, "{report}");
    assert!(item["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "error"), "{report}");
}

#[test]
fn no_more_refused_documents_of_a_batch_are_kept_than_the_quota_allows() {
    let desk = Desk::with(&[]);
    let batch: String = (0..1_010).map(|number| format!("{{\"xml\": \"<no>{number}</no>\"}}\n")).collect();

    let report = desk.post("/batches", &batch, &[]).json();

    assert_eq!(report["refused"], 1_010, "the report tells of all of them");
    assert_eq!(desk.world.succeeds(&["list", "--refused"]).lines().count(), 1_000);
}

/// Writes an archive of so many entries, each of so many megabytes of spaces; its directory may tell another size of the first.
fn bomb(desk: &Desk, entries: usize, megabytes: usize, said: Option<u32>) -> String {
    let zip = desk.world.path("bomb.zip").display().to_string();
    let script = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n \
                  for n in range(int(sys.argv[2])): z.writestr(f'{n}.xml', b' ' * (int(sys.argv[3]) << 20))";
    let numbers = [entries.to_string(), megabytes.to_string()];
    let made = std::process::Command::new("python3").args(["-c", script, &zip]).args(numbers).status().unwrap();
    assert!(made.success());
    if let Some(said) = said {
        let mut bytes = std::fs::read(&zip).unwrap();
        let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        bytes[directory + 24..directory + 28].copy_from_slice(&said.to_le_bytes());
        std::fs::write(&zip, bytes).unwrap();
    }
    format!("@{zip}")
}

#[test]
fn an_archive_that_unpacks_to_much_is_taken_entry_by_entry_and_one_of_too_much_not_at_all() {
    let desk = Desk::with(&[]);

    let much = desk.call("/batches", &["--data-binary", &bomb(&desk, 12, 20, None)]);
    let lying = desk.call("/batches", &["--data-binary", &bomb(&desk, 1, 20, Some(1_000))]);
    let long = desk.call("/batches", &["--data-binary", &bomb(&desk, 1, 30, None)]);
    let too_much = desk.call("/batches", &["--data-binary", &bomb(&desk, 1, 1, Some(3 << 30))]);

    assert_eq!((much.status, &much.json()["refused"]), (201, &12.into()), "{}", much.text());
    for refused in [&lying, &long] {
        assert_eq!(refused.json()["items"][0]["code"], "unreadable", "{}", refused.text());
    }
    assert_eq!(too_much.refusal(), (413, "too-large".to_owned()));
    let held = desk.world.memory();
    assert!(held < 220, "240 MiB of documents were to be read one by one, and {held} MiB were held");
}
