//! With which certificates is a rehearsal held? A test authority, and what it makes, in a folder.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

const DAY: i64 = 86_400;
/// From when to when a certificate holds, in days from now.
const GOOD: (i64, i64) = (-1, 30);
const OVER: (i64, i64) = (-30, -2);
const HERE: &[&str] = &["localhost", "127.0.0.1", "::1"];

/// A key with its certificate.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) certificate: X509,
    pub(super) key: PKey<Private>,
}

/// A test authority with everything that a rehearsal needs. Nobody else trusts it.
pub struct Pki {
    pub(super) root: Holder,
    pub(super) own: Holder,
    pub(super) other_host: Holder,
    pub(super) expired: Holder,
    pub(super) unknown: Holder,
    folder: PathBuf,
}

/// Says why the certificates could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A file cannot be written.
    #[error("cannot write {}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// OpenSSL cannot make one.
    #[error("a test certificate cannot be made")]
    Openssl(#[from] ErrorStack),
}

impl Pki {
    /// Makes an authority, and writes what a caller needs into a folder: `ca.pem`, `caller.pem`, `caller.key`; and
    /// `other.pem`, `other.key` for a second caller. Files that are there are replaced.
    ///
    /// # Errors
    /// [`PkiError`].
    pub fn make(folder: &Path) -> Result<Pki, PkiError> {
        let root = issue("epix test authority", None, GOOD, &[])?;
        let stranger = issue("another authority", None, GOOD, &[])?;
        let pki = Pki {
            own: issue("simulated partner", Some(&root), GOOD, HERE)?,
            other_host: issue("simulated partner", Some(&root), GOOD, &["elsewhere.example"])?,
            expired: issue("simulated partner", Some(&root), OVER, HERE)?,
            unknown: issue("simulated partner", Some(&stranger), GOOD, HERE)?,
            root,
            folder: folder.to_owned(),
        };
        std::fs::create_dir_all(folder).map_err(|cause| PkiError::File { file: folder.to_owned(), cause })?;
        pki.write("ca.pem", &pki.root.certificate.to_pem()?)?;
        for name in ["caller", "other"] {
            let holder = issue(name, Some(&pki.root), GOOD, &[])?;
            pki.write(&format!("{name}.pem"), &holder.certificate.to_pem()?)?;
            pki.write(&format!("{name}.key"), &holder.key.private_key_to_pem_pkcs8()?)?;
        }
        Ok(pki)
    }

    /// Where a file of it stands.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), PkiError> {
        let file = self.file(name);
        let written = || {
            // A key that is there may belong to somebody else: its rights are never taken over.
            if let Err(error) = std::fs::remove_file(&file)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error);
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600).open(&file)?.write_all(content)
        };
        written().map_err(|cause| PkiError::File { file: file.clone(), cause })
    }
}

fn issue(name: &str, issuer: Option<&Holder>, days: (i64, i64), hosts: &[&str]) -> Result<Holder, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
    let subject = subject.build();
    let mut serial = BigNum::new()?;
    serial.rand(64, MsbOption::ONE, false)?;
    let mut builder = X509::builder()?;
    // The third version of X.509 counts from zero.
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name()))?;
    builder.set_pubkey(&key)?;
    builder.set_not_before(&*in_days(days.0)?)?;
    builder.set_not_after(&*in_days(days.1)?)?;
    if issuer.is_none() {
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    }
    if !hosts.is_empty() {
        let mut names = SubjectAlternativeName::new();
        for host in hosts {
            let is_address = host.parse::<std::net::IpAddr>().is_ok();
            if is_address {
                names.ip(host)
            } else {
                names.dns(host)
            };
        }
        let extension = names.build(&builder.x509v3_context(None, None))?;
        builder.append_extension(extension)?;
    }
    builder.sign(issuer.map_or(&key, |issuer| &issuer.key), MessageDigest::sha256())?;
    Ok(Holder { certificate: builder.build(), key })
}

fn in_days(days: i64) -> Result<Asn1Time, ErrorStack> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Asn1Time::from_unix(i64::try_from(now).unwrap_or(i64::MAX) + days * DAY)
}
