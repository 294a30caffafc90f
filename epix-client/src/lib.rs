//! Calling EPIX partners: who they are, how messages reach them, and what one call brings back.
//!
//! ```no_run
//! use std::path::Path;
//! use epix_client::{HttpTransport, Identity, Partner, Timeouts, call};
//! use epix_core::soap::{Answer, Call};
//!
//! # async fn ask() -> Result<(), Box<dyn std::error::Error>> {
//! let identity = Identity {
//!     certificate: Path::new("xb.pem"),
//!     key: Path::new("xb.key"),
//!     authority: Path::new("partner-ca.pem"),
//! };
//! let transport = HttpTransport::new(identity, Timeouts::default())?;
//! let partner = Partner::v2("https://epix.example.org/epix/v2", None)?;
//!
//! let answered = call(&transport, &partner, Call::ServiceState(None)).await?;
//!
//! if let Answer::State(word) = answered.answer {
//!     println!("the partner says {word}");
//! }
//! # Ok(())
//! # }
//! ```
//! Dropping the future gives the call up. It has to run on a tokio runtime with I/O and time.
#![forbid(unsafe_code)]

mod call;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "gateway")]
pub mod gateway;
pub mod partner;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod transport;

pub use call::{Answered, CallError, call, call_for, call_under};
pub use partner::{Endpoint, EndpointError, Login, LoginError, PROFILES, Partner, Profile, STANDARD, Unaskable};
pub use transport::http::{CredentialError, HttpTransport, Identity, Posting, Timeouts};
pub use transport::stub::StubTransport;
pub use transport::{CertificateFlaw, Outgoing, Refusal, Reply, Sending, Transport, TransportError, WhoActs};
