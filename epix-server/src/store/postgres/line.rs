//! How a connection to the database is made: where to, under whose certificate, and what is set on it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::Connect;
use openssl::ssl::{SslConnector, SslMethod};
use postgres_openssl::MakeTlsConnector;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, Error};

use crate::store::StoreError;
use crate::store::place::Database;

/// How long it may take to be let in.
const PATIENCE: Duration = Duration::from_secs(10);

/// After how long a silent peer is asked whether it is still there, and after how long it is given up.
const QUIET: Duration = Duration::from_secs(30);

/// A lock that somebody holds for longer is an answer, not a reason to hang.
pub(super) const LOCK_TIMEOUT: &str = "10s";

/// What else is set on each connection: a server that was cut off from the network must not hold its locks for the two hours
/// that TCP would wait.
const SETTINGS: &str = "SET idle_in_transaction_session_timeout = '60s';
    SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
    SET client_min_messages = warning";

/// The way to a database. What goes over it is moved by the store's own threads, whoever asks: callers' threads check
/// documents between two answers, and a connection would wait for them.
#[derive(Clone)]
pub(super) struct Line {
    config: Config,
    tls: MakeTlsConnector,
    threads: Handle,
}

impl Line {
    /// Reads where the database is. Nothing is connected yet.
    pub(super) fn to(database: &Database, threads: Handle) -> Result<Line, StoreError> {
        let mut config: Config = database.url.parse().map_err(StoreError::backend)?;
        if let Some(password) = &database.password {
            config.password(password);
        }
        if !database.url.contains("sslmode=") {
            config.ssl_mode(if is_near(&config) { SslMode::Disable } else { SslMode::Require });
        }
        config.application_name("epix-server").connect_timeout(PATIENCE).keepalives_idle(QUIET);
        config.tcp_user_timeout(QUIET);
        let mut tls = SslConnector::builder(SslMethod::tls_client()).map_err(StoreError::backend)?;
        if let Some(ca) = &database.ca {
            tls.set_ca_file(ca).map_err(StoreError::backend)?;
        }
        Ok(Line { config, tls: MakeTlsConnector::new(tls.build()), threads })
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Connects; the task moves the bytes until the client is dropped.
    pub(super) async fn open(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        let moved = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(causes = %causes(&error), "a connection to the database ended");
            }
        });
        client.batch_execute(&format!("SET lock_timeout = '{LOCK_TIMEOUT}'; {SETTINGS}")).await?;
        Ok((client, moved))
    }
}

/// For the pool of readers.
impl Connect for Line {
    fn connect(
        &self,
        _: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        let line = self.clone();
        let opened = self.threads.spawn(async move { line.open().await });
        Box::pin(async move { opened.await.expect("the threads of a store outlive whoever asks it") })
    }
}

/// Is the database on this machine? Then nobody listens in between.
fn is_near(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
