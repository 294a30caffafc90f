//! Until when do the certificates and revocation lists hold that the configuration names?
//!
//! The files are looked at each time somebody asks: they are few and small, and nothing can be out of date then.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::{X509, X509Crl};

use crate::config::{ExchangeSection, SignatureSection};

/// A file of the configuration that holds for a time.
#[derive(Debug, Clone)]
pub struct Dated {
    /// The setting that names it.
    pub setting: &'static str,
    /// Where it is.
    pub path: PathBuf,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The first certificate is the one that is shown.
    Own,
    /// The certificate that ends first.
    Any,
    /// A revocation list.
    List,
}

impl Dated {
    /// True where nothing goes on without it: what we show and sign with, and what others need for anything to be accepted.
    pub fn is_essential(&self) -> bool {
        self.kind == Kind::Own || self.setting == "signature.crl"
    }

    /// The end of its time; `None` when a list names none.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn ends(&self) -> Result<Option<DateTime<Utc>>, String> {
        let pem = std::fs::read(&self.path).map_err(|error| error.to_string())?;
        self.ends_in(&pem).map_err(|error| error.to_string())
    }

    fn ends_in(&self, bytes: &[u8]) -> Result<Option<DateTime<Utc>>, ErrorStack> {
        if self.kind == Kind::List {
            let list = X509Crl::from_pem(bytes).or_else(|_| X509Crl::from_der(bytes))?;
            return list.next_update().map(moment).transpose();
        }
        let mut ends = Vec::new();
        for certificate in X509::stack_from_pem(bytes)? {
            ends.push(moment(certificate.not_after())?);
        }
        Ok(if self.kind == Kind::Own { ends.first().copied() } else { ends.into_iter().min() })
    }
}

fn moment(time: &Asn1TimeRef) -> Result<DateTime<Utc>, ErrorStack> {
    let difference = Asn1Time::from_unix(0)?.diff(time)?;
    let seconds = i64::from(difference.days) * 86_400 + i64::from(difference.secs);
    Ok(DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// The files of a configuration that hold for a time. The certificate inside of a PKCS#12 file is not among them.
pub fn dated(exchange: &ExchangeSection, signature: &SignatureSection) -> Vec<Dated> {
    let one = |setting, path: &Path, kind| Dated { setting, path: path.to_owned(), kind };
    let mut all = vec![
        one("exchange.certificate", &exchange.certificate, Kind::Own),
        one("exchange.client_ca", &exchange.client_ca, Kind::Any),
    ];
    all.extend(exchange.crl.iter().map(|path| one("exchange.crl", path, Kind::List)));
    all.extend(signature.certificate.iter().map(|path| one("signature.certificate", path, Kind::Own)));
    all.extend(signature.chain.iter().map(|path| one("signature.chain", path, Kind::Any)));
    all.extend(signature.trust.iter().map(|path| one("signature.trust", path, Kind::Any)));
    all.extend(signature.crl.iter().map(|path| one("signature.crl", path, Kind::List)));
    all.extend(signature.tsa.iter().map(|path| one("signature.tsa", path, Kind::Any)));
    all
}
