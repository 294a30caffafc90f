//! Bare actix on PostgreSQL: each call is one statement that reads the document of a permit and writes a line, over a pool.
//!
//! Nobody is asked who they are, and nothing is chained; the answer is as long as the real one, with the document in it.

use std::path::PathBuf;

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Args;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::NoTls;

/// One statement, as somebody writes it who has one table of documents and one of lines.
const READ_AND_WRITE: &str = "
    WITH found AS (
        SELECT size, content FROM permit_version WHERE authority = 'XA' AND number = $1 ORDER BY ordinal DESC LIMIT 1),
    written AS (INSERT INTO bench_line (number, body) VALUES ($1, $2))
    SELECT size, content FROM found";

const TABLE: &str = "CREATE TABLE IF NOT EXISTS bench_line (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number TEXT NOT NULL, body TEXT NOT NULL)";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The database with the permits.
    #[arg(long)]
    url: String,
    /// The file with an answer of the real server: what stands around the document, and how long the line is, follow from it.
    #[arg(long)]
    answer: PathBuf,
    /// How many connections the pool has.
    #[arg(long)]
    connections: usize,
}

pub(crate) fn run(arguments: &Arguments) {
    actix_web::rt::System::new().block_on(serve(arguments));
}

async fn serve(arguments: &Arguments) {
    let config: tokio_postgres::Config = arguments.url.parse().unwrap();
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_config(config, NoTls, recycling)).max_size(arguments.connections);
    let pool = pool.build().unwrap();
    pool.get().await.unwrap().batch_execute(TABLE).await.unwrap();
    let length = std::fs::metadata(&arguments.answer).unwrap().len();
    let app = move || {
        let pool = pool.clone();
        let call = move |question: web::Bytes| {
            let pool = pool.clone();
            async move {
                HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(answer(&pool, &question, length).await)
            }
        };
        App::new().default_service(web::post().to(call))
    };
    let server = HttpServer::new(app).tcp_nodelay(true).bind(("127.0.0.1", 0)).unwrap();
    println!("{}", server.addrs()[0].port());
    server.run().await.unwrap();
}

/// The document, as it is kept, unpacked, and blanks up to the length of the real answer.
async fn answer(pool: &Pool, question: &[u8], length: u64) -> Vec<u8> {
    let question = std::str::from_utf8(question).unwrap();
    let number = question.split_once("<CertificateNumber>").and_then(|(_, rest)| rest.split_once('<')).unwrap().0;
    // As long as a line of the audit.
    let body =
        format!("{{\"operation\":\"GetFinalCitesCertificate\",\"permit\":\"{number}\",\"detail\":\"{:500}\"}}", "");
    let client = pool.get().await.unwrap();
    let statement = client.prepare_cached(READ_AND_WRITE).await.unwrap();
    let row = client.query_one(&statement, &[&number, &body]).await.unwrap();
    let (size, content): (i64, &[u8]) = (row.get(0), row.get(1));
    let mut answer = zstd::bulk::decompress(content, usize::try_from(size).unwrap()).unwrap();
    answer.resize(usize::try_from(length).unwrap().max(answer.len()), b' ');
    answer
}
