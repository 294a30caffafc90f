//! One authority XA with its server, a public key infrastructure, and callers: everything a test needs, in one folder.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use epix_client::{
    Answered, CallError, HttpTransport, Identity, Outgoing, Partner, Reply, Timeouts, Transport as _, TransportError,
    call,
};
use epix_core::id::{Amount, Country, PermitNumber, PositionId, Token};
use epix_core::soap::{Answer, Call, CertificateKey};
use epix_server::app;
use epix_server::config::Config;
use epix_server::store::{self, Store};
use tempfile::TempDir;

use crate::database::TestDatabase;
use crate::loopback::Holder;

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    /// The management authority of XB, registered.
    Xb,
    /// The customs of XA, registered.
    Customs,
    /// The management authority of XC, registered, a third Party to most permits.
    Xc,
    /// A certificate under the same root, registered for nobody.
    Unregistered,
    /// A certificate under another root.
    Stranger,
}

impl Who {
    const ALL: [Who; 5] = [Who::Xb, Who::Customs, Who::Xc, Who::Unregistered, Who::Stranger];

    fn file(self) -> &'static str {
        match self {
            Who::Xb => "xb",
            Who::Customs => "customs",
            Who::Xc => "xc",
            Who::Unregistered => "unregistered",
            Who::Stranger => "stranger",
        }
    }
}

const PARTIES: &str = r#"
authority = "XA"
[[party]]
id = "XB-MA"
name = "Management Authority of XB"
country = "XB"
roles = ["management-authority"]
certificates = [{ file = "pki/xb.pem" }]
[[party]]
id = "XA-CUSTOMS"
name = "Customs of XA"
country = "XA"
roles = ["customs"]
certificates = [{ file = "pki/customs.pem" }]
[[party]]
id = "XC-MA"
name = "Management Authority of XC"
country = "XC"
roles = ["management-authority"]
certificates = [{ file = "pki/xc.pem" }]
"#;

/// A folder with configuration, store, keys and, while it runs, a server.
pub(crate) struct World {
    folder: TempDir,
    server: Option<Child>,
    database: Option<TestDatabase>,
    exchange: String,
    proxy: String,
    admin: String,
    rest: String,
    transports: [OnceLock<HttpTransport>; Who::ALL.len()],
}

impl World {
    /// Sets everything up, imports the permits and starts the server.
    pub(crate) fn with(permits: &[String]) -> World {
        let mut world = World::stopped(permits);
        world.start();
        world
    }

    /// The same, without starting the server.
    pub(crate) fn stopped(permits: &[String]) -> World {
        World::of("XA", permits)
    }

    /// The same for the authority of another country.
    pub(crate) fn of(authority: &str, permits: &[String]) -> World {
        World::on(TestDatabase::wanted(), authority, permits)
    }

    /// Without a server, and with the store in a file, wherever the others have theirs: for what only a file shows.
    pub(crate) fn in_a_file(permits: &[String]) -> World {
        World::on(None, "XA", permits)
    }

    /// Without a server, and with the store in a database: for what only several servers show.
    pub(crate) fn on_many(permits: &[String]) -> World {
        let database =
            TestDatabase::wanted().expect("EPIX_TEST_POSTGRES names a server on which databases can be made");
        World::on(Some(database), "XA", permits)
    }

    /// Without a server, and with the store in this database.
    pub(crate) fn on_database(database: TestDatabase) -> World {
        World::on(Some(database), "XA", &[])
    }

    fn on(database: Option<TestDatabase>, authority: &str, permits: &[String]) -> World {
        let folder = tempfile::tempdir().unwrap();
        let (exchange, proxy, admin, rest) = Default::default();
        let store: Vec<String> = database.iter().flat_map(|made| ["--store".to_owned(), made.url()]).collect();
        let transports = Default::default();
        let world = World { folder, server: None, database, exchange, proxy, admin, rest, transports };
        world.make_keys();
        let path = world.path("").display().to_string();
        let init = epix_server().args(["init", &path, "--authority", authority]).args(store).output().unwrap();
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        let config = std::fs::read_to_string(world.path("epix-server.toml")).unwrap();
        let config = config.replace("127.0.0.1:8443", "127.0.0.1:0").replace("127.0.0.1:9443", "127.0.0.1:0");
        std::fs::write(world.path("epix-server.toml"), config).unwrap();
        let parties = PARTIES.replace("authority = \"XA\"", &format!("authority = \"{authority}\""));
        std::fs::write(world.path("parties.toml"), parties).unwrap();
        world.succeeds(&["parties", "apply", "--yes", &world.path("parties.toml").display().to_string()]);
        for (index, permit) in permits.iter().enumerate() {
            let file = world.path(&format!("permit-{index}.xml"));
            std::fs::write(&file, permit).unwrap();
        }
        let files: Vec<_> =
            (0..permits.len()).map(|i| world.path(&format!("permit-{i}.xml")).display().to_string()).collect();
        if !files.is_empty() {
            world.succeeds(&[&["import"], files.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
        }
        world
    }

    fn make_keys(&self) {
        let (root, other_root) = (Holder::root("epix test root"), Holder::root("another root"));
        for folder in ["pki", "tls"] {
            std::fs::create_dir(self.path(folder)).unwrap();
        }
        let server = root.issues("XA", &["localhost", "127.0.0.1"]);
        save(&server, &self.path("tls/server.pem"), &self.path("tls/server.key"));
        std::fs::write(self.path("tls/clients-ca.pem"), root.certificate.to_pem().unwrap()).unwrap();
        save(&root, &self.path("pki/root.pem"), &self.path("pki/root.key"));
        save(&root.issues("XA", &["localhost", "127.0.0.1"]), &self.path("pki/next.pem"), &self.path("pki/next.key"));
        for who in Who::ALL {
            let issuer = if matches!(who, Who::Stranger) { &other_root } else { &root };
            let holder = issuer.issues(who.file(), &[]);
            let file = |ending: &str| self.path(&format!("pki/{}.{ending}", who.file()));
            save(&holder, &file("pem"), &file("key"));
        }
    }

    /// The store, while no server runs.
    pub(crate) async fn store(&self) -> Arc<dyn Store> {
        let config = Config::load(&self.path("epix-server.toml")).unwrap();
        store::open(&app::place(&config).unwrap()).await.unwrap()
    }

    /// The database of a world that has its store in one.
    pub(crate) fn database(&self) -> &TestDatabase {
        self.database.as_ref().expect("this world has its store in a database")
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes the configuration; for a server that is not running yet.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        let file = self.path("epix-server.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(file, text.replacen(from, to, 1)).unwrap();
    }

    /// What the counters say.
    pub(crate) fn metrics(&self) -> String {
        self.tool("/metrics")
    }

    /// What the operator's tools are answered at a path.
    pub(crate) fn tool(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.admin());
        let output = Command::new("curl").args(["-sS", &url]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command of `epix-server` on this store.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        let config = self.path("epix-server.toml");
        epix_server().arg("--config").arg(config).args(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and gives what it printed.
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {printed}{errors}");
        printed
    }

    /// Starts the server and waits until it says where it listens.
    pub(crate) fn start(&mut self) {
        self.start_by(epix_server());
    }

    /// The same by a command that ends with the program, for one that needs another surrounding.
    pub(crate) fn start_by(&mut self, program: Command) {
        let (server, addresses) = serve_by(program, &self.path("epix-server.toml"), &self.path("server.log"));
        self.server = Some(server);
        self.exchange = addresses["exchange"].as_str().unwrap().to_owned();
        self.proxy = addresses["proxy"].as_str().unwrap_or_default().to_owned();
        self.rest = addresses["rest"].as_str().unwrap_or_default().to_owned();
        self.admin = addresses["admin"].as_str().unwrap().to_owned();
    }

    /// The log, once it holds these words: it is written beside the answers, and at a stop to its end.
    pub(crate) fn logged(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let log = std::fs::read_to_string(self.path("server.log")).unwrap();
            if log.contains(words) {
                return log;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{words:?} is not in the log: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks the server to stop, as an operator would, and waits until it has.
    pub(crate) fn stop(&mut self) {
        let mut server = self.server.take().unwrap();
        signal("TERM", &server);
        assert!(server.wait().unwrap().success(), "{}", std::fs::read_to_string(self.path("server.log")).unwrap());
    }

    /// Kills the server without warning (SIGKILL), while others use this world.
    pub(crate) fn kill_from_outside(&self) {
        signal("KILL", self.server.as_ref().unwrap());
    }

    /// The process of the server.
    pub(crate) fn process(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    /// The most memory that the server has held, in MiB.
    pub(crate) fn memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.server.as_ref().unwrap().id());
        let text = std::fs::read_to_string(status).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
    }

    /// Waits until the killed server is gone.
    pub(crate) fn wait_for_end(&mut self) {
        self.server.take().unwrap().wait().unwrap();
    }

    /// The address of the exchange listener, `127.0.0.1:PORT`.
    pub(crate) fn exchange(&self) -> &str {
        &self.exchange
    }

    /// The address of the listener for proxies.
    pub(crate) fn proxy(&self) -> &str {
        &self.proxy
    }

    /// The address of the REST listener.
    pub(crate) fn rest(&self) -> &str {
        &self.rest
    }

    /// The address of the admin listener.
    pub(crate) fn admin(&self) -> &str {
        &self.admin
    }

    /// The endpoint that partners call.
    pub(crate) fn endpoint(&self) -> String {
        format!("https://{}/epix/v2", self.exchange)
    }

    /// A road to the server with somebody's certificate; its connections stay open, as a partner's do.
    pub(crate) fn transport(&self, who: Who) -> &HttpTransport {
        self.transports[who as usize].get_or_init(|| self.new_transport(who))
    }

    fn new_transport(&self, who: Who) -> HttpTransport {
        let (certificate, key, authority) = (self.certificate(who), self.key(who), self.path("tls/clients-ca.pem"));
        let identity = Identity { certificate: &certificate, key: &key, authority: &authority };
        HttpTransport::new(identity, Timeouts::default()).unwrap()
    }

    /// The certificate of a caller, as a file.
    pub(crate) fn certificate(&self, who: Who) -> PathBuf {
        self.path(&format!("pki/{}.pem", who.file()))
    }

    /// The key of a caller, as a file.
    pub(crate) fn key(&self, who: Who) -> PathBuf {
        self.path(&format!("pki/{}.key", who.file()))
    }

    /// Calls the server and gives the answer.
    pub(crate) async fn call(&self, who: Who, message: Call) -> Result<Answered, CallError> {
        let partner = Partner::v2(&self.endpoint(), None).unwrap();
        call(self.transport(who), &partner, message).await
    }

    /// Calls the server and gives the answer in one word: what it is, or the code of the fault.
    pub(crate) async fn word(&self, who: Who, message: Call) -> String {
        word(&self.call(who, message).await.unwrap().answer)
    }

    /// Sends bytes as they are.
    pub(crate) async fn post(&self, who: Who, soap_action: &str, body: &str) -> Reply {
        self.try_post(who, soap_action, body).await.unwrap()
    }

    /// The same, where the server may be gone.
    pub(crate) async fn try_post(&self, who: Who, soap_action: &str, body: &str) -> Result<Reply, TransportError> {
        let url = self.endpoint();
        self.transport(who).send(Outgoing { url: &url, soap_action, body, headers: &[] }).await
    }

    /// Partners reach the service at an address that is not a server's own.
    pub(crate) fn is_reached_at(&mut self, address: String) {
        self.exchange = address;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            server.kill().ok();
            server.wait().ok();
        }
    }
}

/// Starts a server and waits until it says where it listens.
pub(crate) fn serve(config: &Path, log: &Path) -> (Child, serde_json::Value) {
    serve_by(epix_server(), config, log)
}

fn serve_by(mut run: Command, config: &Path, log: &Path) -> (Child, serde_json::Value) {
    let errors = std::fs::File::create(log).unwrap();
    run.arg("--config").arg(config).arg("run").stdout(Stdio::piped()).stderr(errors);
    let mut server = run.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addresses = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", std::fs::read_to_string(log).unwrap()));
    (server, addresses)
}

/// Sends a signal by the shell's own `kill`: a small machine has no program of that name.
fn signal(name: &str, process: &Child) {
    let command = format!("kill -{name} {}", process.id());
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}

/// The program under test.
pub(crate) fn epix_server() -> Command {
    Command::new(env!("CARGO_BIN_EXE_epix-server"))
}

fn save(holder: &Holder, certificate: &Path, key: &Path) {
    std::fs::write(certificate, holder.certificate.to_pem().unwrap()).unwrap();
    std::fs::write(key, holder.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
}

/// An answer in one word.
pub(crate) fn word(answer: &Answer) -> String {
    match answer {
        Answer::Certificate(_) => "permit".to_owned(),
        Answer::Confirmed(Some(true)) => "confirmed".to_owned(),
        Answer::Confirmed(_) => "not confirmed".to_owned(),
        Answer::State(state) => state.clone(),
        Answer::Fault(fault) => fault.code.clone().unwrap_or_else(|| fault.faultstring.clone()),
    }
}

/// The key of a permit of XA.
pub(crate) fn key(number: &str) -> CertificateKey {
    CertificateKey { number: PermitNumber::parse(number).unwrap(), token: None, country: Country::parse("XA").ok() }
}

/// The key of a permit with a token.
pub(crate) fn key_with(number: &str, token: &str) -> CertificateKey {
    CertificateKey { token: Token::parse(token), ..key(number) }
}

/// A call of `ConfirmQuantities` such as `confirm("N", "A=5 B=2.75")`.
pub(crate) fn confirm(number: &str, quantities: &str) -> Call {
    let pair = |text: &str| {
        let (id, amount) = text.split_once('=').unwrap();
        (PositionId::parse(id).unwrap(), Amount::parse(amount).unwrap())
    };
    Call::ConfirmQuantities(key(number), quantities.split_whitespace().map(pair).collect())
}
