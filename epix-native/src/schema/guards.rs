//! Who frees what libxml2 allocates? One owner per structure, freed when dropped.

use std::ffi::{CString, c_void};
use std::ptr::{self, NonNull};

use libxml::bindings;

use super::SchemaError;
use super::findings::AnyError;

/// Defines an owner of one libxml2 structure: made from a pointer (null: none), freed by the function given.
macro_rules! owner {
    ($(#[$doc:meta])* $name:ident, $raw:ident, $free:ident) => {
        $(#[$doc])*
        pub(super) struct $name(NonNull<bindings::$raw>);

        impl $name {
            /// Takes over what libxml2 just returned.
            pub(super) fn new(raw: *mut bindings::$raw) -> Option<Self> {
                NonNull::new(raw).map(Self)
            }

            pub(super) fn as_ptr(&self) -> *mut bindings::$raw {
                self.0.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: `new` took over the pointer from libxml2, nobody else frees it, and this runs once.
                unsafe { bindings::$free(self.as_ptr()) }
            }
        }
    };
}

owner!(
    /// A compiled schema.
    SchemaPtr, _xmlSchema, xmlSchemaFree
);
owner!(
    /// The state of one schema compilation.
    SchemaParserContext, _xmlSchemaParserCtxt, xmlSchemaFreeParserCtxt
);
owner!(
    /// The state of one validation.
    ValidationContext, _xmlSchemaValidCtxt, xmlSchemaFreeValidCtxt
);
owner!(
    /// The state of one document parse.
    ParserContext, _xmlParserCtxt, xmlFreeParserCtxt
);
owner!(
    /// A parsed document.
    Document, _xmlDoc, xmlFreeDoc
);

// SAFETY: a compiled schema belongs to no thread: it is freed by whoever drops the last owner, and libxml2 keeps nothing
// about it in thread-local storage.
unsafe impl Send for SchemaPtr {}
// SAFETY: after compilation libxml2 only reads it; whatever a validation writes lives in its own `ValidationContext`.
unsafe impl Sync for SchemaPtr {}

impl SchemaParserContext {
    /// For the schema document at `url`.
    pub(super) fn of(url: &CString) -> Result<Self, SchemaError> {
        // SAFETY: `url` is a C string, which libxml2 copies.
        let raw = unsafe { bindings::xmlSchemaNewParserCtxt(url.as_ptr()) };
        Self::new(raw).ok_or(SchemaError::Library { doing: "preparing a schema" })
    }
}

impl ValidationContext {
    /// For one document against `schema`, which must outlive it.
    pub(super) fn of(schema: &SchemaPtr) -> Result<Self, SchemaError> {
        // SAFETY: the schema is live; the callers in this module drop the context before they let go of the schema.
        let raw = unsafe { bindings::xmlSchemaNewValidCtxt(schema.as_ptr()) };
        Self::new(raw).ok_or(SchemaError::Library { doing: "preparing a validation" })
    }
}

impl ParserContext {
    /// For one document.
    pub(super) fn fresh() -> Result<Self, SchemaError> {
        // SAFETY: takes nothing; libxml2 was initialised before any schema could exist.
        let raw = unsafe { bindings::xmlNewParserCtxt() };
        Self::new(raw).ok_or(SchemaError::Library { doing: "preparing a parse" })
    }
}

/// Keeps libxml2 from printing on this thread, and from remembering pointers into a finished call.
pub(super) struct SilentThread {
    _private: (),
}

impl SilentThread {
    pub(super) fn begin() -> SilentThread {
        silence();
        SilentThread { _private: () }
    }
}

impl Drop for SilentThread {
    fn drop(&mut self) {
        silence();
    }
}

fn silence() {
    // SAFETY: sets a variable of this thread to a function that touches nothing and lives as long as the process.
    unsafe { bindings::xmlSetStructuredErrorFunc(ptr::null_mut(), Some(swallow)) }
}

/// An error handler that does nothing.
unsafe extern "C" fn swallow<E: AnyError>(_nothing: *mut c_void, _error: E) {}
