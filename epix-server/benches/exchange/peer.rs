//! Bare actix: the same bytes from memory for every call, over HTTP or over mutual TLS. No store, no audit, no reading.

use std::path::PathBuf;

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Args;
use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod, SslVerifyMode};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The file with the answer.
    #[arg(long)]
    answer: PathBuf,
    /// The certificate, for TLS.
    #[arg(long, requires_all = ["key", "client_ca"])]
    certificate: Option<PathBuf>,
    /// Its key.
    #[arg(long)]
    key: Option<PathBuf>,
    /// The roots of callers.
    #[arg(long)]
    client_ca: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) {
    actix_web::rt::System::new().block_on(serve(arguments));
}

async fn serve(arguments: &Arguments) {
    let answer = web::Bytes::from(std::fs::read(&arguments.answer).unwrap());
    let app = move || {
        let answer = answer.clone();
        let call = move |_question: web::Bytes| {
            let answer = answer.clone();
            async move { HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(answer) }
        };
        App::new().default_service(web::post().to(call))
    };
    let server = HttpServer::new(app).tcp_nodelay(true);
    let server = match &arguments.certificate {
        None => server.bind(("127.0.0.1", 0)).unwrap(),
        Some(certificate) => {
            let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
            tls.set_certificate_chain_file(certificate).unwrap();
            tls.set_private_key_file(arguments.key.as_ref().unwrap(), SslFiletype::PEM).unwrap();
            tls.set_ca_file(arguments.client_ca.as_ref().unwrap()).unwrap();
            tls.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
            server.bind_openssl(("127.0.0.1", 0), tls).unwrap()
        }
    };
    println!("{}", server.addrs()[0].port());
    server.run().await.unwrap();
}
