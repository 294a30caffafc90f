//! How fast is the running server, beside bare actix with the same bytes and gSOAP with the same answer, by one load generator?
//!
//! GetFinal of confirmed permits with identity, rights and a durable line of the audit; the peers do none of that.

mod database;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::load::{self, Figures, Target};
use crate::pki::{Holder, Pki};
use crate::process::{Call, Running, files_with_extension, renew_folder, repository, write_text};
use crate::trouble::Trouble;
use crate::world::{parties_of_xa, target_folder};

const PERMITS: usize = 10_000;
const SIGNED: usize = 1_000;
const ROUNDS: usize = 3;
/// Calls a second for the times of single calls: well below what the machine can.
const STEADY: u32 = 500;
/// Filling the large store takes minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// Measures and prints; `many` is the size of the large store, 0 to leave it out.
pub(super) fn run(folder: &Path, permit: &Path, many: usize) -> Result<bool, Trouble> {
    println!("\nthe running server");
    let oha = load::generator()?;
    for build in [
        Call::cargo().args(["build", "--release", "--package", "epix-server"]),
        Call::cargo().args(["bench", "--no-run", "--package", "epix-server", "--bench", "exchange"]),
    ] {
        if !build.show()?.is_good() {
            return Ok(false);
        }
    }
    let pki = Pki::create(&renewed(folder, "pki")?)?;
    let place = Place::make(&renewed(folder, "exchange")?, &pki)?;
    place.fill(permit, PERMITS, Some(&pki.certificate(Holder::XaCustoms)))?;
    let flushes = helper("flush").arg(&place.folder).within(LIMIT).must()?.stdout;
    println!("{PERMITS} permits, {} flushes of the disk a second", flushes.trim());
    // Before the load: each answer leaves a line of the audit, which is not of the permit's size.
    println!("bytes on disk for each permit           {:>10}", place.bytes() / PERMITS as u64);

    let server = place.start()?;
    beside_peers(&oha, &place, &server, &pki)?;
    let small = single_calls(&oha, &pki, &place, &server, PERMITS)?;
    println!("memory of the server at most            {:>10} MiB", memory(&server.running));
    drop(server);
    database::run(&oha, folder, permit, &pki)?;
    intake(folder, permit, &pki)?;
    if many > 0 {
        large(&oha, folder, permit, &pki, many, small)?;
    }
    Ok(true)
}

fn renewed(folder: &Path, name: &str) -> Result<PathBuf, Trouble> {
    let path = folder.join(name);
    renew_folder(&path)?;
    Ok(path)
}

/// A mode of `epix-server/benches/exchange`.
fn helper(mode: &str) -> Call {
    Call::cargo().args(["bench", "--quiet", "--package", "epix-server", "--bench", "exchange", "--", mode])
}

/// A folder with a configuration, a register and a store.
struct Place {
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
}

struct Server {
    running: Running,
    exchange: String,
    proxy: String,
    started_in: Duration,
}

impl Place {
    fn make(folder: &Path, pki: &Pki) -> Result<Place, Trouble> {
        Place::make_on(folder, pki, None)
    }

    /// With the store in a file, or in a database.
    fn make_on(folder: &Path, pki: &Pki, database: Option<&str>) -> Result<Place, Trouble> {
        let path = |path: PathBuf| path.display().to_string();
        let settings = vec![
            ("EPIX_EXCHANGE_LISTEN", "127.0.0.1:0".to_owned()),
            ("EPIX_EXCHANGE_CERTIFICATE", path(pki.certificate(Holder::Xa))),
            ("EPIX_EXCHANGE_KEY", path(pki.key(Holder::Xa))),
            ("EPIX_EXCHANGE_CLIENT_CA", path(pki.certificate(Holder::Root))),
            ("EPIX_PROXY_LISTEN", "127.0.0.1:0".to_owned()),
            ("EPIX_PROXY_FROM", "127.0.0.1".to_owned()),
            ("EPIX_ADMIN_LISTEN", "127.0.0.1:0".to_owned()),
            ("EPIX_LIMITS_CALLS_PER_MINUTE", u32::MAX.to_string()),
        ];
        let place = Place { folder: folder.to_owned(), settings };
        let store: Vec<&str> = database.iter().flat_map(|url| ["--store", url]).collect();
        Call::new(place.program()?).arg("init").arg(folder).args(["--authority", "XA"]).args(store).must()?;
        let parties = folder.join("parties.toml");
        write_text(&parties, &parties_of_xa(pki))?;
        place.command()?.args(["parties", "apply", "--yes"]).arg(&parties).must()?;
        Ok(place)
    }

    fn program(&self) -> Result<PathBuf, Trouble> {
        Ok(target_folder()?.join("release/epix-server"))
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("epix-server.toml")
    }

    fn set(&self, call: Call) -> Call {
        self.settings.iter().fold(call, |call, (name, value)| call.env(name, value)).within(LIMIT)
    }

    fn command(&self) -> Result<Call, Trouble> {
        Ok(self.set(Call::new(self.program()?).arg("--config").arg(self.configuration())))
    }

    fn fill(&self, permit: &Path, count: usize, confirmed_by: Option<&Path>) -> Result<(), Trouble> {
        let seed = helper("seed").arg("--config").arg(self.configuration()).arg("--permit").arg(permit);
        let seed = seed.args(["--count", &count.to_string()]);
        let seed = match confirmed_by {
            Some(certificate) => seed.arg("--confirmed-by").arg(certificate),
            None => seed,
        };
        self.set(seed).must().map(|_| ())
    }

    fn start(&self) -> Result<Server, Trouble> {
        let begun = Instant::now();
        let mut running = self.command()?.arg("run").stay(&self.folder.join("server.log"))?;
        let line = first_line(&mut running)?;
        let started_in = begun.elapsed();
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        Ok(Server { running, exchange: address("exchange"), proxy: address("proxy"), started_in })
    }

    /// A file with a question of an operation for each permit.
    fn questions(&self, operation: &str, count: usize) -> Result<PathBuf, Trouble> {
        let path = self.folder.join(format!("{operation}.txt"));
        let lines: Vec<String> = (0..count).map(|index| question(operation, index)).collect();
        write_text(&path, &lines.join("\n"))?;
        Ok(path)
    }

    /// What the store takes on the disk.
    fn bytes(&self) -> u64 {
        let files = ["store.sqlite", "store.sqlite-wal"].map(|name| self.folder.join(name));
        files.iter().filter_map(|file| fs::metadata(file).ok()).map(|found| found.len()).sum()
    }
}

/// As `seed` numbers them.
fn question(operation: &str, index: usize) -> String {
    format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <x:{operation}CitesCertificateRequest xmlns:x='urn:CitesDataExchange/v2/'>\
         <CertificateNumber>B{index:07}</CertificateNumber></x:{operation}CitesCertificateRequest></e:Body></e:Envelope>"
    )
}

fn first_line(running: &mut Running) -> Result<String, Trouble> {
    let stdout = running.take_stdout().ok_or_else(|| Trouble::Missing("a server has no standard output".into()))?;
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line);
    if read.unwrap_or(0) == 0 {
        return Err(Trouble::Missing(
            "a server ended before it listened; its log stands in the folder of the bench".into(),
        ));
    }
    Ok(line)
}

fn client_certificate(pki: &Pki) -> Result<String, Trouble> {
    let der = Call::new("openssl").args(["x509", "-outform", "DER", "-in"]).arg(pki.certificate(Holder::Xb));
    let shell = format!("{} | base64 -w0", der.text());
    Ok(format!("Client-Cert: :{}:", Call::new("sh").args(["-c", &shell]).must()?.stdout.trim()))
}

fn beside_peers(oha: &Path, place: &Place, server: &Server, pki: &Pki) -> Result<(), Trouble> {
    let header = client_certificate(pki)?;
    let questions = place.questions("GetFinal", PERMITS)?;
    let answer = place.folder.join("answer.xml");
    let over_http = format!("http://{}/epix/v2", server.proxy);
    let curl = || Call::new("curl").args(["-sS", "--fail", "--noproxy", "*"]);
    curl()
        .args(["-H", "Content-Type: text/xml", "-H", &header, "--data-binary", &question("GetFinal", 0), "-o"])
        .arg(&answer)
        .arg(&over_http)
        .must()?;
    let description = place.folder.join("served.wsdl");
    curl().arg("-o").arg(&description).arg(format!("{over_http}?wsdl&inline")).must()?;

    let script = repository().join("epix-server/benches/exchange/gsoap/make.sh");
    Call::new("sh").arg(script).arg(&description).arg(place.folder.join("gsoap")).within(LIMIT).must()?;
    let gsoap = Call::new(place.folder.join("gsoap/gsoap-peer")).arg(&answer);
    let bare = helper("peer").arg("--answer").arg(&answer);
    let (certificate, key) = (pki.certificate(Holder::Xa), pki.key(Holder::Xa));
    let root = pki.certificate(Holder::Root);
    let tls = helper("peer").arg("--answer").arg(&answer).arg("--certificate").arg(&certificate);
    let tls = tls.arg("--key").arg(&key).arg("--client-ca").arg(&root);
    // They stay up as long as their names do.
    let (_gsoap, gsoap) = start_peer(&gsoap, &place.folder)?;
    let (_bare, bare) = start_peer(&bare, &place.folder)?;
    let (_tls, tls) = start_peer(&tls, &place.folder)?;

    let identity = Some([pki.certificate(Holder::Xb), pki.key(Holder::Xb), root]);
    let target = |name, url: String, identity: Option<[PathBuf; 3]>| Target {
        name,
        url,
        questions: questions.clone(),
        headers: if identity.is_none() { vec![header.clone()] } else { Vec::new() },
        identity,
    };
    let targets = [
        target("epix, HTTP", over_http, None),
        target("gSOAP, HTTP", format!("http://127.0.0.1:{gsoap}/"), None),
        target("actix, HTTP", format!("http://127.0.0.1:{bare}/"), None),
        target("epix, mutual TLS", format!("https://{}/epix/v2", server.exchange), identity.clone()),
        target("actix, mutual TLS", format!("https://127.0.0.1:{tls}/"), identity),
    ];
    let medians = in_turn(oha, &targets)?;
    let size = fs::metadata(&answer).map_err(Trouble::file(&answer))?.len();
    println!("GetFinal, an answer of {size} bytes, 64 connections, {ROUNDS} rounds in turn");
    for (target, figures) in targets.iter().zip(&medians) {
        println!(
            "{:<39} {:>10.0} calls/s, p50 {:?}, p99 {:?}",
            target.name, figures.per_second, figures.p50, figures.p99
        );
    }
    let ratio = |ours: usize, theirs: usize| medians[ours].per_second / medians[theirs].per_second;
    println!("ratio: epix to gSOAP, HTTP              {:>10.2}   (to be at least 1.0, aim 1.5)", ratio(0, 1));
    println!("ratio: epix to actix, HTTP              {:>10.2}   (to be at least 0.25, aim 0.4)", ratio(0, 2));
    println!("ratio: epix to actix, mutual TLS        {:>10.2}   (to be at least 0.4, aim 0.6)", ratio(3, 4));
    Ok(())
}

fn start_peer(call: &Call, folder: &Path) -> Result<(Running, String), Trouble> {
    let mut running = call.stay(&folder.join("peer.log"))?;
    let port = first_line(&mut running)?.trim().to_owned();
    Ok((running, port))
}

/// Each target once a round; the round in the middle by speed.
fn in_turn(oha: &Path, targets: &[Target]) -> Result<Vec<Figures>, Trouble> {
    let mut all: Vec<Vec<Figures>> = vec![Vec::new(); targets.len()];
    for _ in 0..ROUNDS {
        for (target, figures) in targets.iter().zip(&mut all) {
            figures.push(load::full_speed(oha, target)?);
        }
    }
    let median = |mut figures: Vec<Figures>| {
        figures.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        figures[ROUNDS / 2]
    };
    Ok(all.into_iter().map(median).collect())
}

/// The times of single calls for permits taken at random.
fn single_calls(oha: &Path, pki: &Pki, place: &Place, server: &Server, count: usize) -> Result<Figures, Trouble> {
    let target = Target {
        name: "GetNonFinal at a steady rate",
        url: format!("http://{}/epix/v2", server.proxy),
        questions: place.questions("GetNonFinal", count)?,
        headers: vec![client_certificate(pki)?],
        identity: None,
    };
    let figures = load::steady(oha, &target, STEADY)?;
    println!("GetNonFinal among {count} permits, {STEADY} calls/s: p50 {:?}, p99 {:?}", figures.p50, figures.p99);
    Ok(figures)
}

/// Signed permits as an operator imports them, verified and durable.
fn intake(folder: &Path, permit: &Path, pki: &Pki) -> Result<(), Trouble> {
    let place = Place::make(&renewed(folder, "intake")?, pki)?;
    let files = renewed(folder, "signed")?;
    let keys = repository().join("fixtures/signatures/keys");
    let signed = helper("signed").arg("--permit").arg(permit).args(["--count", &SIGNED.to_string(), "--folder"]);
    let signed = signed.arg(&files).arg("--key").arg(keys.join("xa-p256.key"));
    signed.arg("--certificate").arg(keys.join("xa-p256.pem")).within(LIMIT).must()?;
    let import =
        place.command()?.env("EPIX_SIGNATURE_TRUST", keys.join("ca.pem")).env("EPIX_SIGNATURE_REQUIRE", "required");
    let begun = Instant::now();
    import.arg("import").args(files_with_extension(&files, "xml")?).must()?;
    let took = begun.elapsed();
    println!("intake of {SIGNED} signed permits           {:>10.0} a second", SIGNED as f64 / took.as_secs_f64());
    fs::remove_dir_all(&files).map_err(Trouble::file(&files))
}

/// The same calls among many more permits, and how long a start takes then.
fn large(oha: &Path, folder: &Path, permit: &Path, pki: &Pki, many: usize, small: Figures) -> Result<(), Trouble> {
    println!("filling a store with {many} permits ...");
    let place = Place::make(&renewed(folder, "large")?, pki)?;
    place.fill(permit, many, None)?;
    println!("bytes on disk for each permit           {:>10}", place.bytes() / many as u64);
    let server = place.start()?;
    println!("start with {many} permits            {:>10.2} s", server.started_in.as_secs_f64());
    let large = single_calls(oha, pki, &place, &server, many)?;
    let ratio = large.p99.as_secs_f64() / small.p99.as_secs_f64();
    println!("ratio: p99 among {many} to p99 among {PERMITS}  {ratio:>6.2}   (to be at most 1.5)");
    println!("memory of the server at most            {:>10} MiB", memory(&server.running));
    drop(server);
    fs::remove_dir_all(&place.folder).map_err(Trouble::file(&place.folder))
}

fn memory(running: &Running) -> u64 {
    super::high_water(Path::new(&format!("/proc/{}/status", running.id()))) / 1024
}
