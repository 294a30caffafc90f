//! TLS to PostgreSQL: only a server with a certificate for its name, under the roots that were named, is believed.

use std::error::Error;
use std::path::Path;

use epix_server::store::{self, Place};

use crate::loopback::Holder;
use crate::own_postgres::OwnPostgres;

/// What is said, with its causes.
async fn refusal(url: &str, ca: Option<&Path>) -> String {
    let place = Place::parse(url).unwrap();
    let place = ca.map_or(place.clone(), |ca| place.trusting(ca.to_owned()));
    let error = store::open(&place).await.err().expect("it is refused");
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(&format!(": {error}"));
        cause = error.source();
    }
    said
}

#[tokio::test]
#[ignore = "needs PostgreSQL's programs: `cargo xtask test` provides them"]
async fn a_database_is_believed_under_the_right_root_and_name_only() {
    let (root, other) = (Holder::root("root of the database"), Holder::root("another root"));
    let database = root.issues("the database", &["localhost"]);
    let (certificate, key) = (database.certificate.to_pem().unwrap(), database.key.private_key_to_pem_pkcs8().unwrap());
    let files: [(&str, &[u8]); 2] = [("server.crt", &certificate), ("server.key", &key)];
    let postgres = OwnPostgres::start(&files, &["ssl = on"]);
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (folder.path().join("right.pem"), folder.path().join("wrong.pem"));
    std::fs::write(&right, root.certificate.to_pem().unwrap()).unwrap();
    std::fs::write(&wrong, other.certificate.to_pem().unwrap()).unwrap();
    let by_name = postgres.url_at("localhost");

    for ca in [Some(wrong.as_path()), None] {
        let said = refusal(&by_name, ca).await;
        assert!(said.contains("certificate verify failed"), "{said}");
    }
    let said = refusal(&postgres.url_at("127.0.0.1"), Some(&right)).await;
    assert!(said.contains("mismatch"), "{said}");

    let place = Place::parse(&by_name).unwrap().trusting(right);
    let made = store::create(&place).await.unwrap();
    made.health().await.unwrap();
}
