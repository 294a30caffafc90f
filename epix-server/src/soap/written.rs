//! How is an answer written: in which dialect, and with its attachments in place or in parts of their own?

use actix_web::HttpRequest;
use actix_web::http::header;
use epix_core::id::Operation;
use epix_core::report::Lost;
use epix_core::soap::{Dialect, answer};

use crate::service::{CallError, HandedOut};

/// An answer as it goes out.
pub(super) struct Written {
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    /// What of a permit the version of the answer could not carry, where the policy lets that pass.
    pub(super) losses: Vec<Lost>,
}

/// How attachments travel: the caller decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Travel {
    /// As base64 in place.
    InPlace,
    /// In parts of their own (MTOM).
    InParts,
}

impl Travel {
    /// In parts for those who ask for them, or send parts themselves.
    pub(super) fn wanted(http: &HttpRequest) -> Travel {
        let says = |name: header::HeaderName| {
            let mut values = http.headers().get_all(name).filter_map(|value| value.to_str().ok());
            values.any(|value| value.to_ascii_lowercase().contains("multipart/related"))
        };
        if says(header::ACCEPT) || says(header::CONTENT_TYPE) { Travel::InParts } else { Travel::InPlace }
    }
}

/// In which manner a caller is answered.
pub(super) struct Manner<'a> {
    pub(super) dialect: Dialect,
    pub(super) travel: Travel,
    /// A text that occurs in no attachment.
    pub(super) unique: &'a str,
}

impl Manner<'_> {
    /// The answer to `ServiceState`.
    pub(super) fn state(&self, word: &str) -> Written {
        self.text(answer::write_state(self.dialect, word), Vec::new())
    }

    /// The answer to `ConfirmQuantities`.
    pub(super) fn confirmed(&self) -> Written {
        self.text(answer::write_confirmed(self.dialect), Vec::new())
    }

    /// The answer to both Get operations.
    pub(super) fn certificate(&self, operation: Operation, permit: HandedOut) -> Result<Written, CallError> {
        let HandedOut { document, attachments, losses } = permit;
        let written = if self.travel == Travel::InParts && !attachments.is_empty() {
            answer::write_packed(operation, self.dialect, &document, &attachments, self.unique)
                .map(|(content_type, body)| Written { content_type, body, losses })
        } else {
            answer::write_certificate(operation, self.dialect, &document, &attachments)
                .map(|text| self.text(text, losses))
        };
        written.map_err(|error| CallError::Document(error.to_string()))
    }

    fn text(&self, text: String, losses: Vec<Lost>) -> Written {
        Written { content_type: self.dialect.spec().media_type.to_owned(), body: text.into_bytes(), losses }
    }
}
