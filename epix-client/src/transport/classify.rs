//! Which kind of failure is this? From an error of the HTTP library to one that says who must act.
//!
//! The library tells timeouts and name lookups by type. What TLS complains about it tells only in words: those are the
//! words of OpenSSL (1.1 to 3.x), and what is not recognised stays a failure with the words kept.

use std::error::Error;
use std::io;

use super::failure::{CertificateFlaw, Refusal, TransportError, Words};
use super::http::Timeouts;

/// Sorts an error of a call to `host`.
pub(crate) fn classify(error: &reqwest::Error, host: String, timeouts: Timeouts) -> TransportError {
    if error.is_timeout() {
        return match error.is_connect() {
            true => TransportError::ConnectTimeout { host, limit: timeouts.connect },
            false => TransportError::AnswerTimeout { host, limit: timeouts.total },
        };
    }
    let words = words_of(error);
    if error.is_dns() {
        return TransportError::UnknownHost { host, cause: Words(words) };
    }
    if let Some(failure) = tls_failure(&words, &host) {
        return failure;
    }
    match (io_kind(error), error.is_connect()) {
        (Some(io::ErrorKind::ConnectionRefused), _) => TransportError::Refused { host },
        (_, true) => TransportError::Unreachable { host, cause: Words(words) },
        (Some(kind), false) if is_end(kind) => TransportError::Closed { host, cause: Words(words) },
        _ if words.contains("connection closed") => TransportError::Closed { host, cause: Words(words) },
        _ => TransportError::Failed { host, cause: Words(words) },
    }
}

/// True for the ways in which a connection ends too early.
fn is_end(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// What TLS complained about; `None` when it did not.
fn tls_failure(words: &str, host: &str) -> Option<TransportError> {
    let host = host.to_owned();
    let lower = words.to_ascii_lowercase();
    let is_tls = lower.contains("ssl routines") || lower.contains("certificate verify failed");
    if !is_tls {
        return None;
    }
    if lower.contains("certificate verify failed") {
        return Some(TransportError::PartnerCertificate { host, flaw: flaw(words) });
    }
    if let Some(refusal) = refusal(&lower) {
        return Some(TransportError::OurCertificate { host, refusal });
    }
    if ["wrong version number", "http request", "packet length too long"].iter().any(|sign| lower.contains(sign)) {
        return Some(TransportError::NotTls { host });
    }
    Some(TransportError::Tls { host, cause: Words(words.to_owned()) })
}

/// The verdict stands in parentheses at the end: `…certificate verify failed:…: (Hostname mismatch)`.
fn flaw(words: &str) -> CertificateFlaw {
    let verdict = words.rsplit_once('(').map_or(words, |(_, verdict)| verdict.trim_end_matches(')'));
    let lower = verdict.to_ascii_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    if says(&["hostname mismatch", "ip address mismatch"]) {
        CertificateFlaw::OtherHost
    } else if says(&["has expired"]) {
        CertificateFlaw::Expired
    } else if says(&["not yet valid"]) {
        CertificateFlaw::NotYetValid
    } else if says(&["issuer certificate", "self-signed", "self signed", "unable to verify the first certificate"]) {
        CertificateFlaw::UnknownAuthority
    } else {
        CertificateFlaw::Other(verdict.to_owned())
    }
}

/// What the partner says of our certificate, in lower case: `tlsv13 alert certificate required`.
fn refusal(lower: &str) -> Option<Refusal> {
    const ALERTS: [(&str, Refusal); 8] = [
        ("alert certificate required", Refusal::Required),
        // TLS 1.2 has no alert of its own for a missing certificate; servers send this one.
        ("alert handshake failure", Refusal::Required),
        ("alert unknown ca", Refusal::UnknownAuthority),
        ("alert certificate expired", Refusal::Expired),
        ("alert certificate revoked", Refusal::Revoked),
        ("alert certificate unknown", Refusal::NotAccepted),
        ("alert bad certificate", Refusal::NotAccepted),
        ("alert unsupported certificate", Refusal::NotAccepted),
    ];
    ALERTS.iter().find(|(alert, _)| lower.contains(alert)).map(|(_, refusal)| *refusal)
}

/// The words of all causes below the library's own wrapper, each said once.
fn words_of(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        let is_new = words.last().is_none_or(|last| !last.contains(&said));
        if is_new {
            words.push(said);
        }
        source = cause.source();
    }
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}

/// The kind of the first system error among the causes that is of a known kind.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut source = error.source();
    while let Some(cause) = source {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        if let Some(kind) = kind.filter(|kind| *kind != io::ErrorKind::Other) {
            return Some(kind);
        }
        source = cause.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_on_a_certificate_has_its_flaw() {
        for (verdict, expected) in [
            ("Hostname mismatch", CertificateFlaw::OtherHost),
            ("IP address mismatch", CertificateFlaw::OtherHost),
            ("certificate has expired", CertificateFlaw::Expired),
            ("certificate is not yet valid", CertificateFlaw::NotYetValid),
            ("self-signed certificate in certificate chain", CertificateFlaw::UnknownAuthority),
            ("self signed certificate", CertificateFlaw::UnknownAuthority),
            ("unable to get local issuer certificate", CertificateFlaw::UnknownAuthority),
            ("unsuitable certificate purpose", CertificateFlaw::Other("unsuitable certificate purpose".to_owned())),
        ] {
            let words = format!("error:0A000086:SSL routines:f:certificate verify failed:f.c:1: ({verdict})");
            let Some(TransportError::PartnerCertificate { flaw, .. }) = tls_failure(&words, "h") else { panic!() };
            assert_eq!(flaw, expected);
        }
    }

    #[test]
    fn each_alert_about_our_certificate_is_a_refusal() {
        for (alert, expected) in [
            ("tlsv13 alert certificate required", Refusal::Required),
            ("sslv3 alert handshake failure", Refusal::Required),
            ("tlsv1 alert unknown ca", Refusal::UnknownAuthority),
            ("ssl/tls alert bad certificate", Refusal::NotAccepted),
            ("sslv3 alert certificate revoked", Refusal::Revoked),
        ] {
            let words = format!("error:0A00045C:SSL routines:ssl3_read_bytes:{alert}:rec_layer_s3.c:1584:");
            let Some(TransportError::OurCertificate { refusal, .. }) = tls_failure(&words, "h") else { panic!() };
            assert_eq!(refusal, expected);
        }
    }

    #[test]
    fn what_tls_says_beyond_that_keeps_its_words() {
        let words = "error:0A000102:SSL routines:f:unsupported protocol:f.c:1:";

        assert!(matches!(tls_failure(words, "h"), Some(TransportError::Tls { cause, .. }) if cause.0 == words));
        assert!(tls_failure("connection reset by peer", "h").is_none());
    }
}
