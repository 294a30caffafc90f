//! Does an XML document obey an XML schema, and where does it not?
//!
//! # Why libxml2 sits here
//!
//! A permit is checked against a W3C schema before anything is believed about it, so the checker has to be right in both
//! directions. libxml2 answered all of 128 hand-made cases like the reference implementation of the Java platform; the
//! validators written in Rust that we tried let 7 to 52 wrong documents through (unions, qualified against unqualified
//! elements, attributes in another namespace). Being C it is kept small and fenced in:
//!
//! * only this module calls it, through raw bindings, behind [`Schema`]; another validator can take its place;
//! * the caller passes text that a guard has already limited in size and depth and freed of document types;
//! * nothing is ever fetched: see below;
//! * it never prints: a silent error handler is set for the thread before every call.
//!
//! # Nothing is ever fetched
//!
//! libxml2 loads whatever a schema's `schemaLocation` names, files and `http:` alike, through one *external entity loader*
//! that is global to the process. The first use of this module replaces that loader by one that refuses everything, and it
//! stays for the life of the process. Only while a thread is inside [`Schema::compile`] does the loader answer, on that
//! thread alone, with the documents passed to the call, by exact name; any other reference is refused and makes the
//! compilation fail, even where libxml2 would merely warn. Instance documents (`xsi:schemaLocation`, document types) can
//! therefore never cause a load. Code added to this process must not set a loader of its own.
//!
//! # Threads
//!
//! A compiled schema is only read. [`Schema`] is shared by all threads, and each call of [`Schema::validate`] makes its own
//! parser and validation contexts. Compilations queue behind a lock, and libxml2's global tables are built once.
//!
//! ```
//! use epix_native::schema::Schema;
//!
//! let xsd = br#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
//!                 <xs:element name="count" type="xs:int"/>
//!               </xs:schema>"#;
//! let schema = Schema::compile("count.xsd", &[("count.xsd", xsd)])?;
//!
//! assert!(schema.validate("<count>3</count>")?.is_empty());
//! assert_eq!(schema.validate("<count>three</count>")?[0].line, 1);
//! # Ok::<(), epix_native::schema::SchemaError>(())
//! ```

mod findings;
mod guards;
mod loader;

use std::ffi::{CString, c_char, c_int};
use std::ptr;
use std::sync::{Mutex, Once, PoisonError};

use libxml::bindings;

use findings::{Collected, Complaints};
use guards::{Document, ParserContext, SchemaParserContext, SchemaPtr, SilentThread, ValidationContext};

/// How many violations one call of [`Schema::validate`] lists before it says that there are more.
///
/// A person reads the first dozen; a document made to fail everywhere must not cost memory without end.
pub const MOST_VIOLATIONS: usize = 200;

/// No network, no noise, exact line numbers past 65,535. Entities are not substituted and errors not recovered from:
/// those are libxml2's defaults, changed only by options that are absent here. HUGE lifts its limit of 10 MB for one text,
/// which would make it give up on a document that the guard has let through; the guard limits size and depth. COMPACT keeps
/// short texts inside of their nodes, which is half of all allocations; the tree is never changed, as it asks.
const PARSE_OPTIONS: c_int = (bindings::xmlParserOption_XML_PARSE_NONET
    | bindings::xmlParserOption_XML_PARSE_NOERROR
    | bindings::xmlParserOption_XML_PARSE_NOWARNING
    | bindings::xmlParserOption_XML_PARSE_BIG_LINES
    | bindings::xmlParserOption_XML_PARSE_COMPACT
    | bindings::xmlParserOption_XML_PARSE_HUGE) as c_int;

/// A compiled schema, to be made once and shared by all threads.
pub struct Schema {
    compiled: SchemaPtr,
}

/// One place where a document breaks the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The schema error number of libxml2 (1824: wrong value, 1871: element not expected ...), or [`Violation::CUT`].
    pub code: i32,
    /// What is wrong, one line of at most some hundred characters. It may quote the document.
    pub message: String,
    /// Line of the offending element. Exact up to line 65,534, after that at most a few lines late.
    pub line: u32,
    /// Ordinal (from 0, among element siblings) of each element from the root's child down to the offending one.
    /// Empty: the root itself.
    pub element: Vec<usize>,
    /// Local name of the attribute the finding is about, where libxml2 tells.
    pub attribute: Option<String>,
}

impl Violation {
    /// The code of a last, artificial violation on the root which says that [`MOST_VIOLATIONS`] were listed and how many
    /// there are in all.
    pub const CUT: i32 = -1;
}

/// Why a schema could not be compiled, or a document not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The entry document is not among the documents given.
    #[error("schema document {name} is not among the documents given")]
    MissingMain {
        /// The name asked for.
        name: String,
    },
    /// A schema refers to something that was not given with it. It was not fetched.
    #[error("schema refers to {reference}, which was not given with it")]
    OutsideReference {
        /// The reference, resolved as libxml2 would have loaded it.
        reference: String,
    },
    /// The schema is not a valid schema.
    #[error("schema is broken at line {line} of {document}: {message}")]
    BrokenSchema {
        /// Name of the schema document.
        document: String,
        /// Line in that document.
        line: u32,
        /// What libxml2 says.
        message: String,
    },
    /// The text is not well-formed XML with namespaces.
    #[error("document is not well-formed at line {line}: {message}")]
    NotWellFormed {
        /// Line of the first error.
        line: u32,
        /// What libxml2 says.
        message: String,
    },
    /// The document declares a document type, which is never accepted.
    #[error("document has a document type declaration")]
    DocumentType,
    /// The text is longer than libxml2 can count (2 GiB).
    #[error("document of {bytes} bytes is too large")]
    TooLarge {
        /// Length of the text.
        bytes: usize,
    },
    /// The library gave up, most likely for want of memory.
    #[error("libxml2 failed while {doing}")]
    Library {
        /// What it was asked to do.
        doing: &'static str,
    },
}

impl Schema {
    /// Compiles the schema whose entry document is `main`.
    ///
    /// `documents` are pairs of name and content. A relative `schemaLocation` resolves only to one of these names; every
    /// other reference is refused and never fetched, and the whole compilation fails.
    ///
    /// # Errors
    ///
    /// [`SchemaError::MissingMain`], [`SchemaError::OutsideReference`] and [`SchemaError::BrokenSchema`], which are
    /// mistakes in what was passed; [`SchemaError::Library`] when libxml2 is out of memory.
    pub fn compile(main: &str, documents: &[(&str, &[u8])]) -> Result<Schema, SchemaError> {
        initialise();
        let missing = || SchemaError::MissingMain { name: main.to_owned() };
        if !documents.iter().any(|(name, _)| *name == main) {
            return Err(missing());
        }
        let url = CString::new(loader::url_of(main)).map_err(|_| missing())?;

        static COMPILING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = COMPILING.lock().unwrap_or_else(PoisonError::into_inner);
        let _silent = SilentThread::begin();
        let offer = loader::Offer::begin(documents);
        let mut complaints = Complaints::default();
        let compiled = parse_schema(&url, &mut complaints)?;

        if let Some(reference) = offer.end() {
            return Err(SchemaError::OutsideReference { reference });
        }
        match compiled {
            Some(compiled) => Ok(Schema { compiled }),
            None => Err(complaints.into_error()),
        }
    }

    /// Lists the places where `xml` breaks the schema, in document order; none means that it is valid.
    ///
    /// `xml` is expected to be well-formed and free of document types; the encoding its declaration names is ignored. At
    /// most [`MOST_VIOLATIONS`] are listed, then one more with the code [`Violation::CUT`].
    ///
    /// # Errors
    ///
    /// Err means that nobody looked: the text is not XML after all, too large, or libxml2 gave up.
    pub fn validate(&self, xml: &str) -> Result<Vec<Violation>, SchemaError> {
        let _silent = SilentThread::begin();
        let document = parse_document(xml)?;
        let context = ValidationContext::of(&self.compiled)?;
        let mut collected = Collected::default();
        let outcome = {
            // SAFETY: the context is live and owned here; `collected` outlives the call below, which is the only one
            // that runs the callback, and is not touched between these two lines and the end of that call.
            unsafe {
                bindings::xmlSchemaSetValidStructuredErrors(
                    context.as_ptr(),
                    Some(findings::on_violation),
                    ptr::from_mut(&mut collected).cast(),
                );
                bindings::xmlSchemaValidateDoc(context.as_ptr(), document.as_ptr())
            }
        };
        if outcome < 0 || (outcome > 0) != collected.found_any() {
            return Err(SchemaError::Library { doing: "validating a document" });
        }
        Ok(collected.into_violations())
    }
}

/// Builds libxml2's global tables and shuts its loader, once, before any thread uses them.
fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        keep_freed_memory();
        libxml::init_parser();
        // SAFETY: `Once` makes this the only thread that runs these two, and no schema exists before it; the loader is
        // a plain function that lives as long as the process.
        unsafe {
            bindings::xmlSchemaInitTypes();
            bindings::xmlSetExternalEntityLoader(Some(loader::load));
        }
    });
}

/// Lets the C library keep some megabytes of freed memory for the next document.
///
/// A tree takes half a megabyte and is freed as a whole. By itself glibc then gives the pages back to the system, and asks
/// for them again for the next document: with trees made by Rust too, this was a third of the time of a whole check.
fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: both set a number that the allocator reads; they may be set at any time.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, 8 << 20);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 4 << 20);
    }
}

/// Runs the schema parser over the document named `url`; `None` when it found the schema broken.
fn parse_schema(url: &CString, complaints: &mut Complaints) -> Result<Option<SchemaPtr>, SchemaError> {
    let context = SchemaParserContext::of(url)?;
    // SAFETY: the context is live and owned here; `complaints` outlives it and is touched by nobody else while it lives.
    let schema = unsafe {
        bindings::xmlSchemaSetParserStructuredErrors(
            context.as_ptr(),
            Some(findings::on_complaint),
            ptr::from_mut(complaints).cast(),
        );
        bindings::xmlSchemaParse(context.as_ptr())
    };
    Ok(SchemaPtr::new(schema))
}

/// Reads `xml` into libxml2's tree.
fn parse_document(xml: &str) -> Result<Document, SchemaError> {
    let length = c_int::try_from(xml.len()).map_err(|_| SchemaError::TooLarge { bytes: xml.len() })?;
    let context = ParserContext::fresh()?;
    // SAFETY: the context is live, the pointer and the length describe `xml`, the two strings are NUL-terminated, and
    // libxml2 copies what it keeps.
    let tree = unsafe {
        bindings::xmlCtxtReadMemory(
            context.as_ptr(),
            xml.as_ptr().cast::<c_char>(),
            length,
            c"document".as_ptr(),
            c"UTF-8".as_ptr(),
            PARSE_OPTIONS,
        )
    };
    let Some(document) = Document::new(tree) else {
        return Err(findings::not_well_formed(&context));
    };
    // SAFETY: both structures are live and only read.
    let (good_names, has_document_type) =
        unsafe { ((*context.as_ptr()).nsWellFormed != 0, !(*document.as_ptr()).intSubset.is_null()) };
    if has_document_type {
        return Err(SchemaError::DocumentType);
    }
    if !good_names && !findings::is_odd_namespace(&context) {
        return Err(findings::not_well_formed(&context));
    }
    Ok(document)
}
