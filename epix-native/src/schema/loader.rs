//! What may libxml2 load while it compiles a schema? Only what the caller offered.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int};
use std::mem;
use std::ptr;

use libxml::bindings::{self, xmlParserCtxtPtr, xmlParserInputPtr};

/// Names get a scheme of our own, so that a relative reference resolves to a name and an absolute one never does.
const SCHEME: &str = "epix:/";

/// The address under which libxml2 knows the document `name`.
pub(super) fn url_of(name: &str) -> String {
    format!("{SCHEME}{name}")
}

/// The name behind an address of [`url_of`]; anything else as it is.
pub(super) fn name_of(address: &str) -> &str {
    address.strip_prefix(SCHEME).unwrap_or(address)
}

/// The documents this thread offers, until dropped.
pub(super) struct Offer {
    _private: (),
}

struct Offered {
    documents: BTreeMap<String, Vec<u8>>,
    /// The first reference that was refused.
    refused: Option<String>,
}

thread_local! {
    /// `None` outside of a compilation: the loader then refuses everything.
    static OFFERED: RefCell<Option<Offered>> = const { RefCell::new(None) };
}

impl Offer {
    /// Opens the loader for `documents` on this thread.
    pub(super) fn begin(documents: &[(&str, &[u8])]) -> Offer {
        let documents = documents.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        replace(Some(Offered { documents, refused: None }));
        Offer { _private: () }
    }

    /// Closes the loader and tells the first reference that was refused.
    pub(super) fn end(self) -> Option<String> {
        replace(None)?.refused
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        replace(None);
    }
}

/// Never panics: the loader runs inside of C, and a thread may be ending.
fn replace(next: Option<Offered>) -> Option<Offered> {
    OFFERED.try_with(|offered| mem::replace(&mut *offered.try_borrow_mut().ok()?, next)).ok().flatten()
}

/// The external entity loader of the process: the bytes of an offered document, otherwise nothing.
///
/// # Safety
///
/// To be called by libxml2 only: `url` is null or a C string, `context` a live parser context.
pub(super) unsafe extern "C" fn load(
    url: *const c_char,
    _public_id: *const c_char,
    context: xmlParserCtxtPtr,
) -> xmlParserInputPtr {
    if url.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: not null, and libxml2 passes NUL-terminated strings.
    let address = unsafe { CStr::from_ptr(url) };
    let Some(bytes) = find(&address.to_string_lossy()) else {
        return ptr::null_mut();
    };
    let Ok(length) = c_int::try_from(bytes.len()) else {
        return ptr::null_mut();
    };
    // SAFETY: pointer and length describe `bytes`. `...CreateMem` copies them (`...CreateStatic`, which would not,
    // garbled schemas of some kilobytes in libxml2 2.9.14). The input takes over the buffer. `filename` is what
    // relative references resolve against; libxml2 frees it together with the input, hence its own copy.
    unsafe {
        let buffer = bindings::xmlParserInputBufferCreateMem(
            bytes.as_ptr().cast::<c_char>(),
            length,
            bindings::xmlCharEncoding_XML_CHAR_ENCODING_NONE,
        );
        if buffer.is_null() {
            return ptr::null_mut();
        }
        let input = bindings::xmlNewIOInputStream(context, buffer, bindings::xmlCharEncoding_XML_CHAR_ENCODING_NONE);
        if !input.is_null() {
            (*input).filename = bindings::xmlStrdup(url.cast()).cast::<c_char>();
        }
        input
    }
}

/// The bytes of the offered document at `address`; a refusal is remembered.
fn find(address: &str) -> Option<Vec<u8>> {
    let look = |offered: &RefCell<Option<Offered>>| {
        let mut slot = offered.try_borrow_mut().ok()?;
        let offered = slot.as_mut()?;
        let document = address.strip_prefix(SCHEME).and_then(|name| offered.documents.get(name));
        if document.is_none() {
            offered.refused.get_or_insert_with(|| address.to_owned());
        }
        document.cloned()
    };
    OFFERED.try_with(look).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_offered_outside_of_a_compilation() {
        assert_eq!(find("epix:/a.xsd"), None);

        let offer = Offer::begin(&[("a.xsd", b"<a/>")]);
        assert_eq!(find("epix:/a.xsd").as_deref(), Some(&b"<a/>"[..]));
        assert_eq!(offer.end(), None);

        assert_eq!(find("epix:/a.xsd"), None);
    }

    #[test]
    fn the_offer_of_one_thread_is_not_seen_by_another() {
        let _offer = Offer::begin(&[("a.xsd", b"<a/>")]);

        let elsewhere = std::thread::spawn(|| find("epix:/a.xsd")).join().unwrap();

        assert_eq!(elsewhere, None);
    }

    #[test]
    fn the_first_refused_reference_is_told() {
        let offer = Offer::begin(&[("a.xsd", b"<a/>")]);

        for address in ["file:///etc/passwd", "a.xsd", "http://localhost/a.xsd"] {
            assert_eq!(find(address), None);
        }

        assert_eq!(offer.end().as_deref(), Some("file:///etc/passwd"));
    }
}
