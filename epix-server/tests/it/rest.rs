//! REST as its callers see it: permits stored, found, handed out and changed; keys and certificates; repetitions and refusals.

use crate::permits::{permit, permit_of_toolkit_1, permit_to};
use crate::rest_desk::Desk;
use crate::world::Who;

fn ten(number: &str) -> String {
    permit(number, &[("A", "10")])
}

#[test]
fn a_stored_permit_is_handed_out_byte_for_byte() {
    let desk = Desk::with(&[]);

    let stored = desk.post("/permits", &ten("26XA/1"), &[]);
    let again = desk.post("/permits", &ten("26XA/1"), &[]);
    let other = desk.post("/permits", &permit("26XA/1", &[("A", "11")]), &[]);

    assert_eq!((stored.status, stored.json()["outcome"].as_str()), (201, Some("stored")), "{}", stored.text());
    assert_eq!(stored.header("location"), Some("/rest/v1/permits/26XA%2F1"));
    assert_eq!((again.status, again.json()["outcome"].as_str()), (200, Some("unchanged")));
    assert_eq!(other.refusal(), (409, "different".to_owned()));
    let kept = desk.call("/permits/26xa%2F1", &[]);
    assert_eq!((kept.status, kept.text()), (200, ten("26XA/1")));
    assert_eq!(kept.header("content-type"), Some("application/xml"));
    let tag = format!("If-None-Match: {}", kept.header("etag").unwrap());
    assert_eq!(desk.call("/permits/26XA%2F1", &["-H", &tag]).status, 304);
    assert!(desk.world.succeeds(&["audit", "verify"]).contains("whole"));
}

#[test]
fn a_permit_is_handed_out_in_the_form_that_is_asked_for() {
    let desk = Desk::with(&[ten("N1"), permit_of_toolkit_1("N2")]);

    let json = desk.call("/permits/N1", &["-H", "Accept: application/json"]);
    let older = desk.call("/permits/N1?form=v1", &[]);
    let newer = desk.call("/permits/N2?form=v2", &[]);

    assert_eq!(json.json()["permit"]["document"]["number"]["value"], "N1");
    assert!(older.text().contains("CBFShip"), "{}", older.text());
    assert!(newer.text().contains("CITESEPermit"), "{}", newer.text());
    assert_eq!(desk.call("/permits/N1?form=v9", &[]).refusal(), (400, "invalid-request".to_owned()));
    assert_eq!(desk.call("/permits/N1", &["-H", "Accept: image/png"]).refusal(), (406, "not-acceptable".to_owned()));
    let stored = desk.post("/permits", &json.text().replace("\"N1\"", "\"N3\""), &[]);
    assert_eq!(stored.status, 201, "{}", stored.text());
    assert_eq!(desk.call("/permits/N3", &[]).header("content-type"), Some("application/json"));
}

#[test]
fn a_permit_in_parts_comes_back_with_what_travels_with_it() {
    let desk = Desk::with(&[]);
    std::fs::write(desk.world.path("p.xml"), ten("N1")).unwrap();
    std::fs::write(desk.world.path("a b.pdf"), b"%PDF\r\n--x").unwrap();
    let (document, file) = (desk.world.path("p.xml"), desk.world.path("a b.pdf"));
    let (document, file) = (format!("permit=@{}", document.display()), format!("attachment=@{}", file.display()));

    let stored = desk.call("/permits", &["-F", &document, "-F", &file]);

    assert_eq!(stored.status, 201, "{}", stored.text());
    let listed = desk.call("/permits/N1/attachments", &[]).json();
    assert_eq!((&listed["attachments"][0]["name"], &listed["attachments"][0]["size"]), (&"a b.pdf".into(), &9.into()));
    assert_eq!(desk.call("/permits/N1/attachments/a%20b.pdf", &[]).body, b"%PDF\r\n--x");
    assert_eq!(desk.call("/permits/N1/attachments/c", &[]).refusal(), (404, "no-attachment".to_owned()));
    assert_eq!(desk.call("/permits/N1/signature", &[]).refusal(), (404, "not-signed".to_owned()));
}

#[test]
fn a_refused_document_is_told_with_its_findings_and_kept_apart() {
    let desk = Desk::with(&[]);

    let refused = desk.post("/permits", &permit("N1", &[("A", "many")]), &[]);

    assert_eq!(refused.refusal(), (422, "refused".to_owned()));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    let finding = &refused.json()["findings"][0];
    assert_eq!((&finding["severity"], &finding["line"]), (&"error".into(), &5.into()), "{}", refused.text());
    assert!(desk.world.succeeds(&["list", "--refused"]).contains("ItemQuantity"));
    let elsewhere = permit_to("XB", "N2", &[("A", "1")]).replacen("<ram:CountryID>XA", "<ram:CountryID>XC", 1);
    assert_eq!(desk.post("/permits", &elsewhere, &[]).refusal(), (422, "issued-elsewhere".to_owned()));
    assert_eq!(desk.call("/permits", &[]).json()["permits"], serde_json::json!([]));
}

#[test]
fn permits_are_found_by_what_they_say_and_by_their_state() {
    let lion = permit_to("XC", "XA-3", &[("A", "1")]).replace("Caiman yacare", "Panthera leo");
    let desk = Desk::with(&[ten("XA-1"), ten("XA-2"), lion.replace(">Importer<", ">Zoo of the Lake<"), ten("XB-4")]);
    desk.post("/permits/XA-2/state", r#"{"change": "cancel", "reason": "an error"}"#, &[]);
    let numbers = |query: &str| {
        let found = desk.call(&format!("/permits?{query}"), &[]);
        let found = found.json();
        let rows = found["permits"].as_array().unwrap_or_else(|| panic!("{query}: {found}"));
        rows.iter().map(|row| row["number"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };

    for (query, expected) in [
        ("", "XA-1 XA-2 XA-3 XB-4"),
        ("country=XC", "XA-3"),
        ("number=xa-", "XA-1 XA-2 XA-3"),
        ("state=cancelled", "XA-2"),
        ("state=issued&country=XB", "XA-1 XB-4"),
        ("state=expired", ""),
        ("species=panthera", "XA-3"),
        ("species=zoo", ""),
        ("party=lake%20zoo", "XA-3"),
        ("q=LEO", "XA-3"),
        ("q=leo%20caiman", ""),
        ("issuedFrom=2099-01-01&issuedUntil=2099-01-01", "XA-1 XA-2 XA-3 XB-4"),
        ("issuedFrom=2099-01-02", ""),
        ("validUntil=2099-06-29", ""),
        ("validFrom=2099-06-30&q=caiman", "XA-1 XA-2 XB-4"),
    ] {
        assert_eq!(numbers(query), expected, "{query}");
    }
    let first = desk.call("/permits?limit=3", &[]).json();
    assert_eq!(first["next"], "XA-3");
    assert_eq!(numbers("limit=3&after=XA-3"), "XB-4");
    let row = &first["permits"][2];
    assert_eq!((&row["state"], &row["species"][0]), (&"issued".into(), &"Panthera leo".into()));
    assert_eq!((&row["lastDay"], &row["consignee"]), (&"2099-06-30".into(), &"Zoo of the Lake".into()));
    for wrong in ["colour=red", "limit=0", "limit=501", "state=red", "country=X", "issuedFrom=soon"] {
        assert_eq!(
            desk.call(&format!("/permits?{wrong}"), &[]).refusal(),
            (400, "invalid-request".to_owned()),
            "{wrong}"
        );
    }
}

#[test]
fn a_state_changes_only_from_the_one_that_was_seen() {
    let desk = Desk::with(&[ten("N1")]);
    let suspend = r#"{"change": "suspend", "reason": "under enquiry"}"#;
    let seen = desk.call("/permits/N1/state", &[]);
    let unless = format!("If-Match: {}", seen.header("etag").unwrap());

    let suspended = desk.post("/permits/N1/state", suspend, &[&unless]);
    let late = desk.post("/permits/N1/state", r#"{"change": "resume", "reason": "done"}"#, &[&unless]);
    let twice = desk.post("/permits/N1/state", suspend, &[]);

    assert_eq!(seen.json()["state"], "issued");
    assert_eq!((suspended.status, &suspended.json()["state"]), (200, &"suspended".into()), "{}", suspended.text());
    assert_eq!(late.refusal(), (412, "changed".to_owned()));
    assert_eq!((twice.refusal(), &twice.json()["state"]), ((409, "not-possible".to_owned()), &"suspended".into()));
    let events = desk.call("/permits/N1/events", &[]).json();
    assert_eq!(
        (&events["events"][1]["event"]["event"], &events["events"][1]["event"]["reason"]),
        (&"suspended".into(), &"under enquiry".into())
    );
    assert_eq!(desk.post("/permits/N1/state", r#"{"change": "melt", "reason": "x"}"#, &[]).status, 400);
    assert_eq!(
        desk.post("/permits/N1/state", r#"{"change": "resume", "reason": " "}"#, &[]).refusal(),
        (422, "no-reason".to_owned())
    );
    assert_eq!(desk.post("/permits/N9/state", suspend, &[]).refusal(), (404, "permit-unknown".to_owned()));
}

#[test]
fn a_corrected_document_becomes_a_new_version() {
    let desk = Desk::with(&[ten("N1"), ten("N2")]);
    let corrected = permit("N1", &[("A", "9")]);

    let reissued = desk.post("/permits/N1/versions?reason=a%20slip", &corrected, &[]);
    let of_another = desk.post("/permits/N2/versions?reason=a%20slip", &permit("N1", &[("A", "8")]), &[]);

    assert_eq!((reissued.status, &reissued.json()["ordinal"]), (201, &2.into()), "{}", reissued.text());
    assert_eq!(of_another.refusal(), (422, "other-number".to_owned()));
    assert_eq!(desk.call("/permits/N1", &[]).text(), corrected);
    assert_eq!(desk.call("/permits/N1/versions/1", &[]).text(), ten("N1"));
    assert_eq!(desk.call("/permits/N1/versions", &[]).json()["versions"][1]["reason"]["reason"], "a slip");
    assert_eq!(desk.call("/permits/N1/versions/3", &[]).refusal().0, 404);
}

#[test]
fn the_authority_confirms_what_left_and_declares_it_void() {
    let desk = Desk::with(&[ten("N1")]);

    let too_much = desk.post("/permits/N1/confirmations", r#"{"positions": {"A": "11"}}"#, &[]);
    let confirmed = desk.post("/permits/N1/confirmations", r#"{"positions": {"A": "7.5"}}"#, &[]);
    let voided = desk.post("/permits/N1/confirmations/void", r#"{"reason": "miscounted"}"#, &[]);

    assert_eq!(too_much.refusal(), (422, "quantity-exceeded".to_owned()));
    assert_eq!((confirmed.status, &confirmed.json()["state"]), (200, &"final".into()), "{}", confirmed.text());
    assert_eq!((voided.status, &voided.json()["state"]), (200, &"issued".into()), "{}", voided.text());
    assert_eq!(
        desk.post("/permits/N1/confirmations/void", r#"{"reason": "again"}"#, &[]).refusal(),
        (409, "nothing-to-void".to_owned())
    );
}

#[test]
fn a_change_under_an_idempotency_key_is_made_once_and_answered_alike() {
    let mut desk = Desk::with(&[ten("N1")]);
    let (change, key) = (r#"{"change": "cancel", "reason": "an error"}"#, "Idempotency-Key: k-1");

    let first = desk.post("/permits/N1/state", change, &[key]);
    desk.world.stop();
    desk.world.start();
    let again = desk.post("/permits/N1/state", change, &[key]);
    let other = desk.post("/permits/N1/state", r#"{"change": "cancel", "reason": "another"}"#, &[key]);

    assert_eq!((first.status, again.status), (200, 200), "{}", again.text());
    assert_eq!(first.body, again.body);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!(other.refusal(), (422, "other-request".to_owned()));
    let events = desk.call("/permits/N1/events", &[]).json();
    assert_eq!(events["events"].as_array().unwrap().len(), 2);
}

#[test]
fn a_key_is_taken_for_its_scopes_until_it_is_revoked() {
    let mut desk = Desk::with(&[ten("N1")]);
    let reader = desk.world.succeeds(&["keys", "add", "a reader", "--scope", "permits:read"]).trim().to_owned();
    let with = |key: &str, path: &str| {
        let url = format!("http://{}/rest/v1{path}", desk.world.rest());
        desk.raw(&url, &["-H", &format!("Authorization: Bearer {key}")])
    };

    assert_eq!(with(&reader, "/permits/N1").status, 200);
    let body = ["-d", "x", "-H", &format!("Authorization: Bearer {reader}")];
    let wrote = desk.raw(&format!("http://{}/rest/v1/permits", desk.world.rest()), &body);
    assert_eq!((wrote.refusal(), &wrote.json()["scope"]), ((403, "no-right".to_owned()), &"permits:write".into()));
    let listed = desk.world.succeeds(&["keys", "list"]);
    assert!(listed.contains("a reader  permits:read  until ") && !listed.contains(&reader), "{listed}");
    let id = reader.split('_').nth(1).unwrap();
    assert!(desk.world.succeeds(&["keys", "revoke", id]).contains("is revoked"));
    assert_eq!(with(&reader, "/permits/N1").refusal(), (401, "key-unknown".to_owned()));
    let almost = format!("{}x", &desk.key[..desk.key.len() - 1]);
    for wrong in ["", "epix_", "epix_000000000000_x", &almost] {
        assert_eq!(with(wrong, "/permits/N1").status, 401, "{wrong}");
    }
    let nobody = desk.raw(&format!("http://{}/rest/v1/permits", desk.world.rest()), &[]);
    assert_eq!(nobody.refusal(), (401, "caller-missing".to_owned()));
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer realm=\"epix\""));
    assert_eq!(desk.raw(&format!("http://{}/rest/v1/rules", desk.world.rest()), &[]).status, 200);
    desk.world.stop();
    assert!(!std::fs::read_to_string(desk.world.path("server.log")).unwrap().contains(&desk.key[18..]));
}

#[test]
fn a_key_whose_last_day_is_over_is_not_made() {
    let desk = Desk::with(&[]);

    let made = desk.world.command(&["keys", "add", "x", "--scope", "audit", "--until", "2020-01-01"]);

    assert_eq!(made.status.code(), Some(2));
    assert_eq!(desk.world.command(&["keys", "add", "x", "--scope", "everything"]).status.code(), Some(2));
    assert_eq!(desk.world.command(&["keys", "revoke", "000000000000"]).status.code(), Some(1));
}

#[test]
fn a_partner_sees_by_its_certificate_what_soap_would_let_it_see() {
    let desk = Desk::over_tls(&[ten("N1"), ten("N2")]);
    desk.world.succeeds(&["suspend", "N2", "--reason", "enquiry"]);
    let get = |who: Who, path: &str| desk.call_as(Some(who), path, &[]);

    let permit = get(Who::Xb, "/permits/N1");
    assert_eq!((permit.status, permit.text()), (200, ten("N1")));
    assert_eq!(get(Who::Xc, "/permits/N1").refusal(), desk.call_as(Some(Who::Xc), "/permits/N9", &[]).refusal());
    assert_eq!(get(Who::Xb, "/permits/N1?document=final").refusal(), (409, "not-final".to_owned()));
    assert_eq!(get(Who::Xb, "/permits/N2").refusal(), (409, "suspended".to_owned()));
    assert_eq!(get(Who::Unregistered, "/permits/N1").refusal(), (401, "caller-unknown".to_owned()));
    assert_eq!(get(Who::Xb, "/permits").refusal(), (403, "no-right".to_owned()));
    assert_eq!(desk.call_as(None, "/permits/N1", &[]).refusal(), (401, "caller-missing".to_owned()));
    let key = format!("Authorization: Bearer {}", desk.key);
    assert_eq!(desk.call_as(None, "/permits/N1", &["-H", &key]).status, 200);
    let confirm =
        |who: Who| desk.call_as(Some(who), "/permits/N1/confirmations", &["-d", r#"{"positions": {"A": "5"}}"#]);
    assert_eq!(confirm(Who::Xb).refusal(), (409, "not-exported".to_owned()));
    assert_eq!(confirm(Who::Customs).status, 200);
    assert!(get(Who::Xb, "/permits/N1?document=final").text().contains("<ram:UnitQuantity"));
    assert_eq!(confirm(Who::Xb).status, 200);
}

#[test]
fn bodies_travel_packed_both_ways_and_never_grow_beyond_the_limit() {
    let desk = Desk::with(&[ten("N1")]);
    let pack = |program: &str, arguments: &[&str], body: &[u8]| {
        let file = desk.world.path("plain");
        std::fs::write(&file, body).unwrap();
        let output = std::process::Command::new(program).args(arguments).arg(&file).output().unwrap();
        assert!(output.status.success());
        std::fs::write(desk.world.path("packed"), output.stdout).unwrap();
        format!("@{}", desk.world.path("packed").display())
    };
    let gzip = |body: &[u8]| pack("gzip", &["-c"], body);

    let stored = desk.call("/permits", &["--data-binary", &gzip(ten("N2").as_bytes()), "-H", "Content-Encoding: gzip"]);
    let bomb = desk.call("/permits", &["--data-binary", &gzip(&vec![b' '; 41 << 20]), "-H", "Content-Encoding: gzip"]);
    let packed = desk.call("/permits/N1", &["-H", "Accept-Encoding: br, gzip"]);
    let better = desk.call("/permits/N1", &["-H", "Accept-Encoding: gzip, zstd"]);

    assert_eq!(stored.status, 201, "{}", stored.text());
    assert_eq!(bomb.refusal(), (413, "too-large".to_owned()));
    std::fs::write(desk.world.path("packed"), zstd::stream::encode_all(&vec![b' '; 41 << 20][..], 3).unwrap()).unwrap();
    let bomb = format!("@{}", desk.world.path("packed").display());
    let bomb = desk.call("/permits", &["--data-binary", &bomb, "-H", "Content-Encoding: zstd"]);
    assert_eq!(bomb.refusal(), (413, "too-large".to_owned()));
    let chunks = format!("@{}", desk.world.path("plain").display());
    let chunks = desk.call("/permits", &["--data-binary", &chunks, "-H", "Transfer-Encoding: chunked"]);
    assert_eq!(chunks.refusal(), (413, "too-large".to_owned()));
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let unpacked = zstd::stream::decode_all(&better.body[..]).unwrap();
    assert_eq!((better.header("content-encoding"), unpacked), (Some("zstd"), ten("N1").into_bytes()));
    let broken = desk.post("/permits", "no gzip", &["Content-Encoding: gzip"]);
    assert_eq!(broken.refusal(), (400, "invalid-request".to_owned()));
    assert_eq!(desk.post("/permits", "x", &["Content-Encoding: br"]).refusal(), (415, "encoding-unknown".to_owned()));
}

#[test]
fn documents_are_validated_and_converted_without_being_stored() {
    let desk = Desk::with(&[]);

    let good = desk.post("/validate", &ten("N1"), &[]).json();
    let bad = desk.post("/validate", &permit("N1", &[("A", "many")]), &[]).json();
    let converted = desk.post("/convert?to=json", &ten("N1"), &[]);

    assert_eq!((&good["accepted"], &bad["accepted"]), (&true.into(), &false.into()));
    assert_eq!(bad["report"]["findings"][0]["severity"], "error");
    assert_eq!(converted.json()["permit"]["document"]["number"]["value"], "N1");
    assert_eq!(desk.post("/convert?to=v9", &ten("N1"), &[]).status, 400);
    assert_eq!(desk.call("/permits", &[]).json()["permits"], serde_json::json!([]));
}

#[test]
fn codes_and_rules_are_told_and_what_is_not_there_is_a_problem() {
    let desk = Desk::with(&[]);

    let lists = desk.call("/codes", &[]).json();
    let list = lists["lists"][0]["name"].as_str().unwrap().to_owned();
    let codes = desk.call(&format!("/codes/{list}?language=fr"), &[]).json();

    assert_eq!((codes["language"].as_str(), codes["name"].as_str()), (Some("fr"), Some(list.as_str())));
    assert!(!codes["codes"].as_array().unwrap().is_empty());
    assert!(desk.call("/rules", &[]).json()["rules"].as_array().unwrap().len() > 50);
    assert_eq!(desk.call("/codes/none", &[]).refusal(), (404, "no-list".to_owned()));
    let nowhere = desk.call("/nowhere", &[]);
    assert_eq!(nowhere.refusal(), (404, "nothing-here".to_owned()));
    desk.world.logged(nowhere.json()["requestId"].as_str().unwrap());
    let deleted = desk.call("/permits", &["-X", "DELETE"]);
    assert_eq!(
        (deleted.refusal(), deleted.header("allow")),
        ((405, "method-not-allowed".to_owned()), Some("GET, POST"))
    );
}

#[test]
fn the_register_and_the_audit_are_told_without_secrets() {
    let desk = Desk::with(&[ten("N1")]);

    let parties = desk.call("/parties", &[]).json();
    desk.call("/permits/N1", &[]);
    let audit = desk.call("/audit?limit=500", &[]).json();

    assert_eq!(parties["parties"][0]["id"], "XA-CUSTOMS");
    assert_eq!(parties["parties"][0]["terms"], serde_json::Value::Null);
    let read = audit["lines"].as_array().unwrap().iter().find(|line| line["event"]["operation"] == "read").unwrap();
    assert!(read["event"]["actor"]["name"].as_str().unwrap().ends_with("(the registry)"), "{read}");
    assert!(!audit.to_string().contains(&desk.key[18..]));
    assert_eq!(desk.call("/audit?limit=0", &[]).refusal(), (400, "invalid-request".to_owned()));
}

#[test]
fn the_page_for_people_tells_every_route_and_loads_nothing() {
    let desk = Desk::with(&[]);

    let page = desk.raw(&format!("http://{}/rest/v1/", desk.world.rest()), &[]);

    assert_eq!(page.header("content-security-policy"), Some("default-src 'none'; style-src 'unsafe-inline'"));
    let description: serde_json::Value = serde_json::from_str(&epix_server::rest::description()).unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        assert!(page.text().contains(&format!("/rest/v1{path}</code>")), "{path}");
        for operation in methods.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(page.text().contains(&format!("id=\"{name}\"")), "{name}");
        }
    }
    for elsewhere in ["http:", "https:", "src=", "<script", "@import", "url("] {
        assert!(!page.text().contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn the_generated_description_is_the_one_that_is_kept_and_served() {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let made = epix_server::rest::description();
    if std::env::var_os("EPIX_BLESS").is_some() {
        std::fs::write(&kept, &made).unwrap();
    }

    assert!(
        std::fs::read_to_string(&kept).unwrap() == made,
        "docs/openapi.json is not what the code says: cargo xtask gen"
    );
    let desk = Desk::with(&[]);
    assert_eq!(desk.raw(&format!("http://{}/rest/v1/openapi.json", desk.world.rest()), &[]).text(), made);
}
