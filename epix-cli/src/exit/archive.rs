//! What can be wrong with an archive?

use rawzip::{Error, ErrorKind};

/// Says why an archive, or a document in it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFlaw {
    /// No table of contents where one must be.
    #[error("it is no zip archive, or its end is missing")]
    NoArchive,
    /// Something in it is not where it should be.
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    /// More entries than anybody honest would pack.
    #[error("the archive lists {listed} entries; at most {most} are accepted")]
    TooMany {
        /// How many it lists.
        listed: u64,
        /// How many are accepted.
        most: u64,
    },
    /// Another number of entries than the archive says.
    #[error("the archive lists {listed} entries, and {found} were found")]
    OtherCount {
        /// How many it lists.
        listed: u64,
        /// How many are there.
        found: u64,
    },
    /// A bomb: far more comes out than honest documents give.
    #[error("its documents expand to more than {most} times the size of the archive; the rest was not read")]
    Bomb {
        /// How many times are accepted.
        most: u64,
    },
    /// A document that is larger than any that is accepted.
    #[error("it expands to {bytes} bytes; at most {most} are accepted")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The size that is accepted.
        most: u64,
    },
    /// Readable with a password only.
    #[error("it is encrypted")]
    Encrypted,
    /// Compressed in another way.
    #[error("it is compressed by method {0}; only stored (0) and deflated (8) documents are read")]
    Method(u16),
}

impl From<Error> for ArchiveFlaw {
    fn from(error: Error) -> ArchiveFlaw {
        ArchiveFlaw::Damaged(match error.kind() {
            ErrorKind::MissingEndOfCentralDirectory => return ArchiveFlaw::NoArchive,
            ErrorKind::Eof => "it ends too early".to_owned(),
            ErrorKind::InvalidChecksum { .. } => "the checksum is wrong".to_owned(),
            ErrorKind::InvalidSize { expected, actual } => {
                format!("{actual} bytes came out where {expected} were promised")
            }
            ErrorKind::IO(cause) => cause.to_string(),
            _ => "its tables contradict each other".to_owned(),
        })
    }
}
