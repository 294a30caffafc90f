//! The faults of an EPIX service: one row per code, and how a fault is written.

use std::fmt;

use super::dialect::Dialect;
use super::envelope::wrap;
use crate::wire::writer::escape_text;

/// Whose turn it is to act: becomes `faultcode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The caller has to change something (`Client`).
    Client,
    /// The service failed; the same call may succeed later (`Server`).
    Server,
    /// A header block must be understood and is not (`MustUnderstand`).
    MustUnderstand,
    /// The envelope is of another SOAP version (`VersionMismatch`).
    VersionMismatch,
}

impl Blame {
    /// The local part of `faultcode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Blame::Client => "Client",
            Blame::Server => "Server",
            Blame::MustUnderstand => "MustUnderstand",
            Blame::VersionMismatch => "VersionMismatch",
        }
    }
}

/// Declares the fault codes as a table: code, blame, the hub's word where the public hub has one, the sentence.
macro_rules! fault_codes {
    ($($(#[$doc:meta])* $code:ident, $blame:ident, $word:expr, $sentence:literal;)+) => {
        /// What went wrong, in one word for programs; the table is printed in `docs/contract.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultCode {
            $($(#[$doc])* $code,)+
        }

        impl FaultCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [FaultCode] = &[$(FaultCode::$code),+];

            /// The code as it stands in the fault detail.
            pub fn as_str(self) -> &'static str {
                match self { $(FaultCode::$code => stringify!($code),)+ }
            }

            /// Whose turn it is to act.
            pub fn blame(self) -> Blame {
                match self { $(FaultCode::$code => Blame::$blame,)+ }
            }

            /// The word that the public hub uses as `faultstring`, kept for clients that look for it.
            pub fn hub_word(self) -> Option<&'static str> {
                match self { $(FaultCode::$code => $word,)+ }
            }

            /// What the caller may know, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(FaultCode::$code => $sentence,)+ }
            }
        }
    };
}

fault_codes! {
    /// The certificate is trusted but registered for nobody.
    CallerNotFound, Client, Some("CallerNotFound"), "the certificate of the caller is not registered with this authority";
    /// No authority of that country is kept here, or several are and none was named.
    CalleeNotFound, Client, Some("CalleeNotFound"), "no authority of the country in IsoCountryCode answers here";
    /// The caller is known and may not do this, in general or with this permit.
    AdapterNotAvailable, Client, Some("AdapterNotAvailable"), "the caller has no right to this operation on this permit";
    /// No such permit, or a missing or wrong token: the same answer, so that numbers cannot be tried out.
    PermitNotFound, Client, None, "no permit with this number and token is kept here";
    /// `GetFinal` on a permit whose quantities are not certified.
    NotFinal, Client, None, "the permit is not final: no export quantities are certified yet";
    /// The permit was cancelled.
    PermitCancelled, Client, None, "the permit was cancelled by the authority that issued it";
    /// A position that the permit does not have.
    PositionUnknown, Client, None, "the permit has no position with this letter";
    /// A position without letter, with white space in it, or given twice.
    PositionIdInvalid, Client, Some("XML structure is not valid. ID must be a token"), "each position must be named once, by a letter without white space";
    /// A quantity that is no decimal number, or negative.
    QuantityInvalid, Client, None, "a quantity must be a decimal number, zero or more";
    /// More than was permitted, or imported more than exported.
    QuantityExceeded, Client, None, "more is confirmed than the permit allows";
    /// No positions in the call: never read as "everything" or "nothing".
    NothingToConfirm, Client, None, "the call names no positions to confirm";
    /// Quantities were confirmed before, and these are others.
    AlreadyConfirmed, Client, None, "other quantities are already confirmed for this permit";
    /// Import quantities for a permit whose export is not certified.
    NotExported, Client, None, "import cannot be confirmed before the export quantities are certified";
    /// Not a message that can be answered.
    InvalidRequest, Client, Some("Invalid Request"), "the message is not a request of this service";
    /// SOAPAction names another operation than the body.
    OperationMismatch, Client, Some("Invalid Request"), "SOAPAction and the body name different operations";
    /// A known dialect or version that this service does not answer.
    VersionNotSupported, Client, None, "this version of the service is not answered here";
    /// A header block must be understood and is not.
    MustUnderstand, MustUnderstand, None, "a header block that must be understood is not";
    /// The envelope is of another SOAP version.
    VersionMismatch, VersionMismatch, None, "only SOAP 1.1 is answered";
    /// The service failed.
    Internal, Server, Some("Something went wrong"), "the service could not answer; nothing was changed";
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault: the code, and what the caller may know about this case beyond the code's own sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {}", self.sentence())]
pub struct Fault {
    /// What went wrong.
    pub code: FaultCode,
    /// This case, in words; empty when the code's own sentence says it all. Never a secret or personal data.
    pub case: String,
}

impl Fault {
    /// A fault that needs no more words.
    pub fn of(code: FaultCode) -> Fault {
        Fault { code, case: String::new() }
    }

    /// A fault with what is special about this case.
    pub fn with(code: FaultCode, case: impl Into<String>) -> Fault {
        Fault { code, case: case.into() }
    }

    /// The whole sentence for the caller.
    pub fn sentence(&self) -> String {
        if self.case.is_empty() {
            self.code.sentence().to_owned()
        } else {
            format!("{}: {}", self.code.sentence(), self.case)
        }
    }
}

/// Writes a fault as a SOAP message; to be sent with HTTP status 500.
///
/// `faultstring` keeps the hub's word where there is one, so that clients of the hub recognise it; the sentence stands in
/// the typed detail.
pub fn write(fault: &Fault, dialect: Dialect, request_id: &str) -> String {
    let sentence = fault.sentence();
    let faultstring = fault.code.hub_word().unwrap_or(&sentence);
    let (prefix, namespace) = (dialect.prefix(), dialect.namespace());
    wrap(&format!(
        "<soapenv:Fault><faultcode>soapenv:{}</faultcode><faultstring xml:lang=\"en\">{}</faultstring>\
         <detail><{prefix}:CitesDataExchangeFault xmlns:{prefix}=\"{namespace}\"><Code>{}</Code><Message>{}</Message>\
         <RequestId>{}</RequestId></{prefix}:CitesDataExchangeFault></detail></soapenv:Fault>",
        fault.code.blame().as_str(),
        escape_text(faultstring),
        fault.code,
        escape_text(&sentence),
        escape_text(request_id),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of a code as `docs/contract.md` prints it.
    fn row(code: FaultCode) -> String {
        let word = code.hub_word().map_or(String::new(), |word| format!("`{word}`"));
        format!("| `{code}` | {} | {word} | {} |", code.blame().as_str(), code.sentence())
    }

    #[test]
    fn the_contract_lists_every_fault_as_it_is() {
        let contract = include_str!("../../../docs/contract.md");
        let table: Vec<String> = FaultCode::ALL.iter().map(|code| row(*code)).collect();

        assert!(contract.contains(&table.join("\n")), "docs/contract.md must hold these rows:\n{}", table.join("\n"));
    }
}
