//! A database for one test, gone when the test is.

use tokio_postgres::{Client, NoTls};

use super::PostgresStore;
use crate::store::place::{Backend, Database};
use crate::store::{Place, Quotas, StoreError};

/// The variable that names a server on which databases can be made.
const SERVER: &str = "EPIX_TEST_POSTGRES";

/// An empty database of its own.
pub(in crate::store) struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    pub(in crate::store) async fn create() -> TestDatabase {
        let server = std::env::var(SERVER).expect("EPIX_TEST_POSTGRES names a server on which databases can be made");
        let name = format!("epix_test_{}", uuid::Uuid::new_v4().simple());
        connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        TestDatabase { server, name }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its URL: that of the server, with another database.
    pub(in crate::store) fn url(&self) -> String {
        self.server.replacen("/postgres", &format!("/{}", self.name), 1)
    }

    pub(in crate::store) fn database(&self) -> Database {
        match Place::parse(&self.url()).unwrap().over(4).backend {
            Backend::Postgres(database) => database,
            other => panic!("{other:?}"),
        }
    }

    pub(in crate::store) async fn create_store(&self, quotas: Quotas) -> Result<PostgresStore, StoreError> {
        PostgresStore::create(&self.database(), quotas).await
    }

    pub(super) async fn open_store(&self, quotas: Quotas) -> Result<PostgresStore, StoreError> {
        PostgresStore::open(&self.database(), quotas).await
    }

    /// Edits the database as somebody with a shell could.
    pub(in crate::store) async fn client(&self) -> Client {
        connect(&self.url()).await
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server).await.batch_execute(&sql).await.unwrap() });
        });
        assert!(dropped.join().is_ok() || std::thread::panicking());
    }
}
