//! What can be done about trouble? One table.

use epix_client::gateway::{GatewayAddressError, GatewayError};
use epix_client::{CallError, CertificateFlaw, CredentialError, Refusal, TransportError, Unaskable};

use epix_core::audit::ExportError;
use epix_core::sign::{KeyError, SignError};

use super::{ArchiveFlaw, Trouble};

/// The hint for a trouble, where there is something to say that its sentences do not.
pub(super) fn of(trouble: &Trouble) -> Option<&'static str> {
    Some(match trouble {
        Trouble::Usage(_) | Trouble::Value { .. } => "epix VERB --help shows what can be typed",
        Trouble::Policy { .. } => "docs/how-to/decide-by-policy.md shows such a file, key by key",
        Trouble::Address(_) => "give the whole address, such as --to https://epix.example.org:8443/epix/v2",
        Trouble::Credential(error) => return credential(error),
        Trouble::Token { .. } => "the file should hold the token alone, on one line",
        Trouble::Login { .. } => return None,
        Trouble::Call { cause, .. } => return call(cause),
        Trouble::Gateway(error) => return address(error),
        Trouble::Vain { cause, .. } => return vain(cause),
        Trouble::Journal { .. } => return None,
        Trouble::Simulate(_) => "docs/how-to/test-a-partner.md tells what a script can say",
        Trouble::Audit { cause: ExportError::NotAnExport, .. } => "epix-server audit export writes such a file",
        Trouble::Audit { .. } => return None,
        Trouble::OtherAnswer => return None,
        Trouble::OtherPermit { .. } => "nothing was kept as a permit; tell the partner",
        Trouble::Archive { cause: ArchiveFlaw::Encrypted | ArchiveFlaw::Method(_), .. } => {
            "unpack the archive with the program that made it, and give the folder"
        }
        Trouble::NoPermit { .. } => "epix validate says all that is wrong with it",
        Trouble::Empty { .. } => "names that begin with a dot and links to folders are passed over",
        Trouble::Archive { .. } => return None,
        Trouble::Key { cause: KeyError::Passphrase, .. } => "give --passphrase-file, or type it on a terminal",
        Trouble::Key { cause: KeyError::Mismatch, .. } => "--cert must begin with the certificate of the key in --key",
        Trouble::Algorithms { .. } => "docs/signatures.md shows such a file",
        Trouble::Sign { cause: SignError::Signed, .. } => "epix signature detach takes the signature out",
        Trouble::Key { .. } | Trouble::Prompt { .. } | Trouble::Sign { .. } => return None,
        Trouble::Unfit { .. } | Trouble::Unseen { .. } => return None,
        Trouble::Read { .. } | Trouble::Write { .. } | Trouble::Output(_) | Trouble::Runtime(_) => return None,
    })
}

fn credential(error: &CredentialError) -> Option<&'static str> {
    Some(match error {
        CredentialError::NoCertificate { .. } | CredentialError::BrokenCertificate { .. } => {
            "a certificate in DER becomes PEM with: openssl x509 -inform DER -in FILE -out FILE.pem"
        }
        CredentialError::NoKey { .. } => {
            "a key becomes PKCS#8 with: openssl pkcs8 -topk8 -nocrypt -in FILE -out FILE.pk8"
        }
        CredentialError::NoIdentity { .. } => {
            "--cert must begin with the certificate that was made for the key in --key"
        }
        CredentialError::Unreadable { .. } => return None,
    })
}

fn address(error: &GatewayAddressError) -> Option<&'static str> {
    Some(match error {
        GatewayAddressError::NoAddress(_) => "give the whole address, such as --to https://epix.example.org:8444",
        GatewayAddressError::Clear(_) => "give an address that begins with https, and --ca",
        GatewayAddressError::NoAuthority => "name a file with the roots of the gateway's certificate with --ca",
        GatewayAddressError::NoKey(_) => {
            "the file should hold the key alone, on one line: epix-server keys add makes one"
        }
        GatewayAddressError::Credential(error) => return credential(error),
    })
}

fn vain(error: &GatewayError) -> Option<&'static str> {
    Some(match error {
        GatewayError::Transport(error) => return transport(error),
        GatewayError::Problem(problem) => match problem.status {
            401 => "the key or the certificate is not known there, or no longer good",
            403 => "the key was not given the right to do this: epix-server keys list shows what it may",
            404 => "check the address in --to, and the number",
            _ => return None,
        },
        GatewayError::Strange { .. } => {
            "check the address in --to; what answers there may not be the REST face of a gateway"
        }
    })
}

fn call(error: &CallError) -> Option<&'static str> {
    Some(match error {
        CallError::Unaskable(Unaskable::LoginMissing { .. }) => "give them in a file with --login-file",
        CallError::Unaskable(_) => "nothing was sent; another --profile may fit the partner better",
        CallError::Transport(error) => return transport(error),
        CallError::Status { status: 404, .. } => "check the path in --to; the partner serves nothing there",
        CallError::Status { status: 300..=399, .. } => {
            "redirects are not followed; if the partner has moved, ask it for its new address"
        }
        CallError::Status { status: 401 | 403, .. } => "ask the partner whether it knows your certificate",
        CallError::Status { .. } => "the partner's service is in trouble; try later, or tell the partner",
        CallError::Empty { .. } => "this is never a yes; tell the partner that it must send a fault when it fails",
        CallError::Unreadable { content_type: Some(kind), .. } if kind.starts_with("multipart/") => {
            "the partner sends attachments beside the message (MTOM); ask it to send them inside"
        }
        CallError::Unreadable { .. } => "check the path in --to; what answers there may not be an EPIX service",
    })
}

fn transport(error: &TransportError) -> Option<&'static str> {
    Some(match error {
        TransportError::UnknownHost { .. } => "check the host in --to",
        TransportError::Refused { .. } => "check the port in --to, or ask the partner whether its service runs",
        TransportError::Unreachable { .. } | TransportError::ConnectTimeout { .. } => {
            "check the network, and whether the partner lets your address in"
        }
        TransportError::AnswerTimeout { .. } => {
            "the partner may have done what was asked; ask again, or wait longer with --timeout"
        }
        TransportError::NotTls { .. } => "check the port in --to",
        TransportError::PartnerCertificate { flaw, .. } => return Some(flawed(flaw)),
        TransportError::OurCertificate { refusal: Refusal::Expired, .. } => "get a new certificate for --cert",
        TransportError::OurCertificate { .. } => "ask the partner which certificates it accepts, and check --cert",
        TransportError::Closed { .. } => {
            "some services end like this when they do not accept a certificate: check --cert, then tell the partner"
        }
        TransportError::Tls { .. } => "the partner must offer TLS 1.2 or newer",
        TransportError::TooLarge { .. } => "tell the partner; no permit is that large",
        TransportError::Failed { .. } => return None,
    })
}

fn flawed(flaw: &CertificateFlaw) -> &'static str {
    match flaw {
        CertificateFlaw::UnknownAuthority => "check --ca: it must hold the root that the partner names as its own",
        CertificateFlaw::OtherHost => "call the partner by the host name that its certificate is made out for",
        CertificateFlaw::Expired | CertificateFlaw::NotYetValid => "check the clock here, then tell the partner",
        CertificateFlaw::Other(_) => "tell the partner",
    }
}
