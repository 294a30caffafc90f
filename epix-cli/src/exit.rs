//! How does the program end, and why could it not do its work?

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use epix_client::gateway::{GatewayAddressError, GatewayError};
use epix_client::simulate::SimulateError;
use epix_client::{CallError, CredentialError, EndpointError, LoginError};
use epix_core::id::{IdError, PermitNumber};
use epix_core::sign::profile::ProfileError;
use epix_core::sign::{KeyError, SignError};

mod archive;
mod hint;

pub use archive::ArchiveFlaw;

/// The exit status. The worse of two is the greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: all is good.
    Good,
    /// 1: something is not valid, or the partner refused in words.
    Invalid,
    /// 2: the work could not be done.
    Trouble,
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Good => 0,
            Exit::Invalid => 1,
            Exit::Trouble => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Says why the work could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The command line says nothing that can be done.
    #[error("{0}")]
    Usage(String),
    /// A value on the command line is not what its option takes.
    #[error("{option} {typed}")]
    Value {
        /// The option, or the name of the argument.
        option: &'static str,
        /// What was typed.
        typed: String,
        /// Why it is not taken.
        #[source]
        cause: IdError,
    },
    /// A file of policies tells none.
    #[error("the policies in {} cannot be used", .file.display())]
    Policy {
        /// Which file.
        file: PathBuf,
        /// Where and why.
        #[source]
        cause: epix_core::policies::PolicyError,
    },
    /// The address of the partner is none.
    #[error("--to is not an address that can be called")]
    Address(#[source] EndpointError),
    /// Certificates or key are not usable.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The token file holds no token. What it holds is never said.
    #[error("{} holds no token: {reason}", .file.display())]
    Token {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The login file holds no login. What it holds is never said.
    #[error("{} holds no user name and password", .file.display())]
    Login {
        /// Which file.
        file: PathBuf,
        /// What should stand there.
        #[source]
        cause: LoginError,
    },
    /// A file cannot be read.
    #[error("cannot read {file}")]
    Read {
        /// Its name as people know it.
        file: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// An archive, or a document in it, cannot be read.
    #[error("cannot read {file}")]
    Archive {
        /// Its name as people know it.
        file: String,
        /// What is wrong with it.
        #[source]
        cause: ArchiveFlaw,
    },
    /// A folder or an archive in which there is nothing to look at.
    #[error("no documents (*.xml, *.json) were found in {place}")]
    Empty {
        /// Its name as people know it.
        place: String,
    },
    /// A document that should be compared holds nothing to compare.
    #[error("no permit can be read in {file}: {sentence}")]
    NoPermit {
        /// Its name as people know it.
        file: String,
        /// The first thing that is wrong with it.
        sentence: String,
    },
    /// A file, or the folder for it, cannot be written.
    #[error("cannot write {}", .file.display())]
    Write {
        /// Which file or folder.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Keys, certificates or revocation lists are not usable. What they hold is never said.
    #[error("cannot use {}", .file.display())]
    Key {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: KeyError,
    },
    /// A file that retires algorithms is not usable.
    #[error("cannot use {}", .file.display())]
    Algorithms {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: ProfileError,
    },
    /// No passphrase could be asked for.
    #[error("cannot ask for the passphrase")]
    Prompt {
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A document could not be signed.
    #[error("cannot sign {file}")]
    Sign {
        /// Its name as people know it.
        file: String,
        /// Why.
        #[source]
        cause: SignError,
    },
    /// A document or a signature is not one with which this can be done.
    #[error("cannot do this with {file}: {sentence}")]
    Unfit {
        /// Its name as people know it.
        file: String,
        /// What is wrong with it.
        sentence: String,
    },
    /// Nobody could look at a signature.
    #[error("cannot check the signature of {file}")]
    Unseen {
        /// Its name as people know it.
        file: String,
        /// Why.
        #[source]
        cause: KeyError,
    },
    /// Nobody could look at an exported audit.
    #[error("cannot look at {file}")]
    Audit {
        /// Its name as people know it.
        file: String,
        /// Why.
        #[source]
        cause: epix_core::audit::ExportError,
    },
    /// The gateway cannot be called.
    #[error("the gateway cannot be called")]
    Gateway(#[source] GatewayAddressError),
    /// The gateway brought no answer.
    #[error("{gateway} was called in vain")]
    Vain {
        /// The gateway's address.
        gateway: String,
        /// Why there is no answer.
        #[source]
        cause: GatewayError,
    },
    /// A journal cannot be used.
    #[error("the journal {} cannot be used: {reason}", .file.display())]
    Journal {
        /// Which file.
        file: PathBuf,
        /// What is in the way.
        reason: &'static str,
    },
    /// The output cannot be written.
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    /// The program cannot start what it needs for a call.
    #[error("cannot get ready for a call")]
    Runtime(#[source] io::Error),
    /// The partner brought no answer.
    #[error("{partner} was called in vain")]
    Call {
        /// The partner's address.
        partner: String,
        /// Why there is no answer.
        #[source]
        cause: CallError,
    },
    /// The partner cannot be simulated.
    #[error("the simulated partner cannot begin")]
    Simulate(#[source] SimulateError),
    /// An answer that the client library promises not to give.
    #[error("the answer is of another kind than the question")]
    OtherAnswer,
    /// The partner answered with another permit than the one that was asked for.
    #[error("the partner answered with permit {answered} instead of {asked}")]
    OtherPermit {
        /// What was asked for.
        asked: PermitNumber,
        /// What came.
        answered: PermitNumber,
    },
}

impl Trouble {
    /// True when the reader of the output is gone: no reason to complain.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Trouble::Output(cause) if cause.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What went wrong, and then its causes, each in one sentence.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![self.to_string()];
        let mut source = self.source();
        while let Some(cause) = source {
            let sentence = cause.to_string();
            // An error that speaks for its cause repeats it.
            if sentences.last().is_none_or(|last| *last != sentence) {
                sentences.push(sentence);
            }
            source = cause.source();
        }
        sentences
    }

    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        hint::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_of_two_ends_counts() {
        assert_eq!(Exit::Invalid.max(Exit::Good), Exit::Invalid);
        assert_eq!(Exit::Invalid.max(Exit::Trouble).code(), 2);
    }

    #[test]
    fn a_cause_is_said_once() {
        let cause = CallError::Empty { status: 200 };
        let trouble = Trouble::Call { partner: "https://a/".to_owned(), cause };

        assert_eq!(
            trouble.sentences(),
            ["https://a/ was called in vain", "the partner answers with HTTP status 200 and an empty body"]
        );
    }
}
