//! Who has which key and certificate in the demo and in the tests?

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::process::{Call, write_text};
use crate::trouble::Trouble;

/// Somebody with a key and a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The root both authorities trust.
    Root,
    /// A root nobody trusts.
    StrangersRoot,
    /// The gateway of authority XA: its server and its client certificate.
    Xa,
    /// The gateway of authority XB.
    Xb,
    /// The customs service of XA, a registered caller.
    XaCustoms,
    /// Under the trusted root, registered nowhere.
    Unregistered,
    /// Under the root nobody trusts.
    Stranger,
}

struct Row {
    holder: Holder,
    file: &'static str,
    subject: &'static str,
    extensions: &'static str,
    issuer: Option<Holder>,
}

const fn row(
    holder: Holder,
    file: &'static str,
    subject: &'static str,
    extensions: &'static str,
    issuer: Option<Holder>,
) -> Row {
    Row { holder, file, subject, extensions, issuer }
}

/// An issuer stands before those it signs. XA and XB are user-assigned codes of ISO 3166: no real country.
const HOLDERS: &[Row] = &[
    row(Holder::Root, "root", "/C=XA/O=EPIX Demo/CN=EPIX Demo Root", "root", None),
    row(Holder::StrangersRoot, "strangers-root", "/C=XZ/O=Stranger/CN=Root of a Stranger", "root", None),
    row(Holder::Xa, "xa", "/C=XA/O=Management Authority of XA/CN=EPIX gateway of XA", "gateway", Some(Holder::Root)),
    row(Holder::Xb, "xb", "/C=XB/O=Management Authority of XB/CN=EPIX gateway of XB", "gateway", Some(Holder::Root)),
    row(Holder::XaCustoms, "xa-customs", "/C=XA/O=Customs of XA/CN=Customs of XA", "client", Some(Holder::Root)),
    row(
        Holder::Unregistered,
        "unregistered",
        "/C=XC/O=Unregistered/CN=Somebody unregistered",
        "client",
        Some(Holder::Root),
    ),
    row(Holder::Stranger, "stranger", "/C=XZ/O=Stranger/CN=Stranger", "client", Some(Holder::StrangersRoot)),
];

/// Long enough for any demo, short enough that nobody takes them for real ones.
const DAYS: &str = "90";

/// Only our own extensions, not those of the machine's openssl.cnf.
const OPENSSL_CONF: &str = "\
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[gateway]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

/// A folder with the keys and certificates of all holders.
#[derive(Debug, Clone)]
pub(crate) struct Pki {
    folder: PathBuf,
}

impl Pki {
    /// Makes all keys (P-256, PKCS#8 PEM) and certificates in a new folder that only its owner can read.
    pub(crate) fn create(folder: &Path) -> Result<Self, Trouble> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Trouble::file(folder))?;
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(Trouble::file(folder))?;
        let pki = Self { folder: folder.to_path_buf() };
        write_text(&pki.configuration(), OPENSSL_CONF)?;
        for row in HOLDERS {
            pki.issue(row)?;
        }
        Ok(pki)
    }

    pub(crate) fn certificate(&self, holder: Holder) -> PathBuf {
        self.file(holder, "pem")
    }

    pub(crate) fn key(&self, holder: Holder) -> PathBuf {
        self.file(holder, "key")
    }

    fn issue(&self, row: &Row) -> Result<(), Trouble> {
        let key = self.key(row.holder);
        let mut call = Call::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-noenc",
                "-batch",
                "-sha256",
            ])
            .args(["-days", DAYS, "-subj", row.subject, "-extensions", row.extensions])
            .arg("-config")
            .arg(self.configuration())
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(self.certificate(row.holder));
        if let Some(issuer) = row.issuer {
            call = call.arg("-CA").arg(self.certificate(issuer)).arg("-CAkey").arg(self.key(issuer));
        }
        call.must()?;
        fs::set_permissions(&key, Permissions::from_mode(0o600)).map_err(Trouble::file(&key))
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("openssl.cnf")
    }

    fn file(&self, holder: Holder, extension: &str) -> PathBuf {
        let row = HOLDERS.iter().find(|row| row.holder == holder);
        let name = row.expect("each holder has a row").file;
        self.folder.join(format!("{name}.{extension}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Scratch, read_text};

    fn openssl(words: &[&str], file: &Path) -> String {
        let ended = Call::new("openssl").args(words).arg(file).capture().unwrap();
        ended.output()
    }

    #[test]
    fn each_holder_has_a_row() {
        use Holder::{Root, Stranger, StrangersRoot, Unregistered, Xa, XaCustoms, Xb};
        let scratch = Pki { folder: PathBuf::new() };

        for holder in [Root, StrangersRoot, Xa, Xb, XaCustoms, Unregistered, Stranger] {
            assert!(scratch.key(holder).to_string_lossy().ends_with(".key"));
        }
    }

    #[test]
    fn the_pki_is_what_the_story_needs() {
        let scratch = Scratch::new("pki");
        let folder = scratch.path().join("pki");

        let pki = Pki::create(&folder).unwrap();

        let root = pki.certificate(Holder::Root).display().to_string();
        for holder in [Holder::Xa, Holder::Xb, Holder::XaCustoms, Holder::Unregistered] {
            let verdict = openssl(&["verify", "-CAfile", &root], &pki.certificate(holder));
            assert!(verdict.ends_with(": OK\n"), "{verdict}");
        }
        let verdict = openssl(&["verify", "-CAfile", &root], &pki.certificate(Holder::Stranger));
        assert!(verdict.contains("verification failed"), "{verdict}");

        let gateway = openssl(&["x509", "-noout", "-text", "-in"], &pki.certificate(Holder::Xa));
        for part in [
            "DNS:localhost, IP Address:127.0.0.1",
            "TLS Web Server Authentication, TLS Web Client",
            "CA:FALSE",
            "P-256",
        ] {
            assert!(gateway.contains(part), "{part} is not in\n{gateway}");
        }
        assert!(gateway.contains("C = XA, O = Management Authority of XA"), "{gateway}");
        assert_eq!(gateway.matches("Basic Constraints").count(), 1);

        assert!(read_text(&pki.key(Holder::Xb)).unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&pki.key(Holder::Xb))), (0o700, 0o600));
    }
}
