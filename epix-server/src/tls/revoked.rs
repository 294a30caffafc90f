//! Which certificates have their issuers revoked? What this server's own files say, and newer lists that other servers passed on.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::{X509, X509Crl, X509Ref};

use super::{TlsError, certificates, readable, unusable};
use crate::config::ExchangeSection;

/// Which certificate, as its issuer names it: the issuer's name (DER) and the serial number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Serial {
    issuer: Vec<u8>,
    number: Vec<u8>,
}

impl Serial {
    /// That of a certificate.
    ///
    /// # Errors
    /// What OpenSSL says.
    pub fn of(certificate: &X509Ref) -> Result<Serial, ErrorStack> {
        let number = certificate.serial_number().to_bn()?.to_vec();
        Ok(Serial { issuer: certificate.issuer_name().to_der()?, number })
    }
}

/// A list of revoked certificates that one of the client roots has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The issuer's name (DER).
    pub issuer: Vec<u8>,
    /// When it was issued (`thisUpdate`).
    pub issued_at: DateTime<Utc>,
    /// The list itself (DER).
    pub bytes: Vec<u8>,
    numbers: Vec<Vec<u8>>,
}

/// Marks of lists that tell of some certificates only: a delta, or a distribution point of several (id-ce 27 and 28, in DER).
const PARTIAL: [[u8; 5]; 2] = [[6, 3, 0x55, 0x1d, 27], [6, 3, 0x55, 0x1d, 28]];

impl List {
    /// Reads one; `None` where none of the roots has signed it.
    fn of(list: &X509Crl, roots: &[X509]) -> Result<Option<List>, ErrorStack> {
        let issuer = list.issuer_name().to_der()?;
        let has_signed = |root: &X509| -> Result<bool, ErrorStack> {
            Ok(root.subject_name().to_der()? == issuer && list.verify(&*root.public_key()?)?)
        };
        if !roots.iter().any(|root| has_signed(root).unwrap_or(false)) {
            return Ok(None);
        }
        let revoked = list.get_revoked().into_iter().flatten();
        let numbers =
            revoked.map(|entry| Ok(entry.serial_number().to_bn()?.to_vec())).collect::<Result<_, ErrorStack>>()?;
        Ok(Some(List { issuer, issued_at: time(list.last_update())?, bytes: list.to_der()?, numbers }))
    }

    /// Does it tell of every certificate of its issuer? Only then one that is newer takes the place of an older one.
    pub fn is_whole(&self) -> bool {
        !PARTIAL.iter().any(|mark| self.bytes.windows(mark.len()).any(|window| window == mark))
    }
}

fn time(at: &Asn1TimeRef) -> Result<DateTime<Utc>, ErrorStack> {
    let passed = Asn1Time::from_unix(0)?.diff(at)?;
    let seconds = i64::from(passed.days) * 86_400 + i64::from(passed.secs);
    Ok(DateTime::from_timestamp(seconds, 0).unwrap_or_default())
}

/// The certificates that their issuers have revoked.
#[derive(Default)]
pub(super) struct Revoked {
    own: Vec<List>,
    passed_on: Vec<List>,
    serials: BTreeSet<Serial>,
}

impl Revoked {
    /// Reads this server's own files.
    pub(super) fn load(section: &ExchangeSection) -> Result<Revoked, TlsError> {
        let roots = certificates("the client roots", &section.client_ca)?;
        let own = section.crl.iter().map(|path| own_list(path, &roots)).collect::<Result<Vec<_>, _>>()?;
        Ok(Revoked { own, ..Revoked::default() }.told_apart())
    }

    /// The same with what was passed on to another reading of the files, as far as the roots still sign for it.
    pub(super) fn with_lists_of(mut self, section: &ExchangeSection, other: &Revoked) -> Result<Revoked, TlsError> {
        for list in &other.passed_on {
            self.take(section, &list.bytes)?;
        }
        Ok(self)
    }

    pub(super) fn contains(&self, certificate: &Serial) -> bool {
        self.serials.contains(certificate)
    }

    /// The newest whole list of each issuer in this server's own files.
    pub(super) fn own(&self) -> Vec<List> {
        let whole: Vec<&List> = self.own.iter().filter(|list| list.is_whole()).collect();
        let is_newest =
            |list: &List| !whole.iter().any(|other| other.issuer == list.issuer && other.issued_at > list.issued_at);
        whole.iter().filter(|list| is_newest(list)).map(|list| (*list).clone()).collect()
    }

    /// Takes a list that was passed on; false where it is none that the roots have signed, or not of all certificates.
    pub(super) fn take(&mut self, section: &ExchangeSection, bytes: &[u8]) -> Result<bool, TlsError> {
        let roots = certificates("the client roots", &section.client_ca)?;
        let read = X509Crl::from_der(bytes).and_then(|list| List::of(&list, &roots));
        let Some(list) = read.ok().flatten().filter(List::is_whole) else { return Ok(false) };
        let is_older = |known: &List| known.issuer == list.issuer && known.issued_at < list.issued_at;
        self.passed_on.retain(|known| !is_older(known));
        if !self.passed_on.iter().any(|known| known.issuer == list.issuer) {
            self.passed_on.push(list);
        }
        *self = std::mem::take(self).told_apart();
        Ok(true)
    }

    /// Finds the certificates: of two whole lists of one issuer, those of the newer one.
    fn told_apart(self) -> Revoked {
        let Revoked { own, passed_on, .. } = self;
        let is_newer = |list: &List, than: &List| list.issuer == than.issuer && list.issued_at > than.issued_at;
        let is_beyond_own =
            |list: &&List| !own.iter().any(|own| own.is_whole() && own.issuer == list.issuer && !is_newer(list, own));
        let newer: Vec<&List> = passed_on.iter().filter(is_beyond_own).collect();
        let holds = |list: &&List| !list.is_whole() || !newer.iter().any(|newer| is_newer(newer, list));
        let serials = own.iter().filter(holds).chain(newer.iter().copied()).flat_map(serials).collect();
        Revoked { own, passed_on, serials }
    }
}

fn serials(list: &List) -> impl Iterator<Item = Serial> {
    list.numbers.iter().map(|number| Serial { issuer: list.issuer.clone(), number: number.clone() })
}

fn own_list(path: &Path, roots: &[X509]) -> Result<List, TlsError> {
    let pem = readable("the revocation list", path)?;
    let unusable = |source| unusable("the revocation list", path, source);
    let list = X509Crl::from_pem(&pem).map_err(unusable)?;
    let over = |next: &Asn1TimeRef| {
        Asn1Time::days_from_now(0).is_ok_and(|now| next.compare(&now).is_ok_and(|order| order.is_lt()))
    };
    if list.next_update().is_some_and(over) {
        tracing::warn!(list = %path.display(), "the revocation list is older than its issuer promised");
    }
    List::of(&list, roots).map_err(unusable)?.ok_or_else(|| TlsError::ForeignList { path: path.to_owned() })
}
