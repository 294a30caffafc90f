//! The server on PostgreSQL, beside an actix handler that runs one statement through the same kind of pool and does nothing else.

use std::path::Path;

use super::{PERMITS, Place, client_certificate, helper, in_turn, question, renewed, start_peer};
use crate::bench::load::Target;
use crate::pki::{Holder, Pki};
use crate::postgres::Postgres;
use crate::process::Call;
use crate::trouble::Trouble;

/// As many as the server keeps for reading, beside one for writing.
const CONNECTIONS: u32 = 8;

/// Measures and prints, on a database of its own.
pub(super) fn run(oha: &Path, folder: &Path, permit: &Path, pki: &Pki) -> Result<(), Trouble> {
    let postgres = Postgres::start()?;
    let place = Place::make_on(&renewed(folder, "database")?, pki, Some(&postgres.url()))?;
    place.fill(permit, PERMITS, Some(&pki.certificate(Holder::XaCustoms)))?;
    let server = place.start()?;
    let (header, questions) = (client_certificate(pki)?, place.questions("GetFinal", PERMITS)?);
    let (url, answer) = (format!("http://{}/epix/v2", server.proxy), place.folder.join("answer.xml"));
    let curl =
        Call::new("curl").args(["-sS", "--fail", "--noproxy", "*", "-H", "Content-Type: text/xml", "-H", &header]);
    curl.args(["--data-binary", &question("GetFinal", 0), "-o"]).arg(&answer).arg(&url).must()?;
    let connections = CONNECTIONS.to_string();
    let statement = helper("statement").args(["--url", &postgres.url(), "--connections", &connections]);
    let (_statement, port) = start_peer(&statement.arg("--answer").arg(&answer), &place.folder)?;
    let target = |name, url, headers| Target { name, url, questions: questions.clone(), headers, identity: None };
    let targets = [
        target("epix on PostgreSQL, HTTP", url, vec![header.clone()]),
        target("actix with one statement, HTTP", format!("http://127.0.0.1:{port}/"), Vec::new()),
    ];
    let medians = in_turn(oha, &targets)?;
    for (target, figures) in targets.iter().zip(&medians) {
        println!(
            "{:<39} {:>10.0} calls/s, p50 {:?}, p99 {:?}",
            target.name, figures.per_second, figures.p50, figures.p99
        );
    }
    let ratio = medians[0].per_second / medians[1].per_second;
    println!("ratio: epix on PostgreSQL to actix      {ratio:>10.2}   (to be at least 0.7)");
    Ok(())
}
