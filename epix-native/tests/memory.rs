//! How much memory does libxml2 take for a document? Counted by the allocator that it is given, in a process of its own.

use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

use epix_native::schema::Schema;
use libxml::bindings;

const SCHEMA: &[u8] = br#"
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="list">
    <xs:complexType><xs:sequence>
      <xs:element name="a" type="xs:token" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType>
  </xs:element>
</xs:schema>"#;

/// A node of the tree takes 120 bytes, for four of `<a/>`.
const BYTES_PER_BYTE: usize = 64;
const BYTES_BESIDES: usize = 1 << 20;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn realloc(piece: *mut c_void, size: usize) -> *mut c_void;
    fn free(piece: *mut c_void);
    fn malloc_usable_size(piece: *mut c_void) -> usize;
}

fn taken(piece: *mut c_void) -> *mut c_void {
    // SAFETY: null, for which the size is 0, or a live piece of the C allocator.
    let size = unsafe { malloc_usable_size(piece) };
    let held = HELD.fetch_add(size, Ordering::Relaxed) + size;
    PEAK.fetch_max(held, Ordering::Relaxed);
    piece
}

fn given_back(piece: *mut c_void) {
    // SAFETY: as above; the piece is freed only after this.
    HELD.fetch_sub(unsafe { malloc_usable_size(piece) }, Ordering::Relaxed);
}

unsafe extern "C" fn counted_malloc(size: usize) -> *mut c_void {
    // SAFETY: any size may be asked for.
    taken(unsafe { malloc(size) })
}

unsafe extern "C" fn counted_realloc(piece: *mut c_void, size: usize) -> *mut c_void {
    given_back(piece);
    // SAFETY: libxml2 passes null or a piece that it got from here.
    taken(unsafe { realloc(piece, size) })
}

unsafe extern "C" fn counted_free(piece: *mut c_void) {
    given_back(piece);
    // SAFETY: as above.
    unsafe { free(piece) }
}

unsafe extern "C" fn counted_strdup(text: *const c_char) -> *mut c_char {
    // SAFETY: libxml2 passes a C string; the copy has room for it and its end.
    unsafe {
        let length = CStr::from_ptr(text).count_bytes() + 1;
        let copy = counted_malloc(length).cast::<c_char>();
        if !copy.is_null() {
            text.copy_to_nonoverlapping(copy, length);
        }
        copy
    }
}

#[test]
fn a_document_takes_memory_in_proportion_and_gives_all_of_it_back() {
    // SAFETY: nothing of libxml2 was used before this, and all four speak of the same allocator.
    let set = unsafe {
        bindings::xmlMemSetup(Some(counted_free), Some(counted_malloc), Some(counted_realloc), Some(counted_strdup))
    };
    assert_eq!(set, 0);
    let schema = Schema::compile("list.xsd", &[("list.xsd", SCHEMA)]).unwrap();
    schema.validate("<list/>").unwrap();
    let before = HELD.load(Ordering::Relaxed);
    assert!(before > 0, "libxml2 does not ask us for memory");

    for (piece, count) in [
        ("<a/>", 200_000),
        ("<a>1</a>", 100_000),
        ("<a><b/></a>", 100_000),
        ("<a b='1'/>", 100_000),
        ("<a xmlns='u'/>", 1_000),
        ("<!---->", 400_000),
        ("<a>a long text a long text a long text</a>", 100_000),
    ] {
        let document = format!("<list>{}</list>", piece.repeat(count));
        PEAK.store(HELD.load(Ordering::Relaxed), Ordering::Relaxed);

        schema.validate(&document).unwrap();

        let peak = PEAK.load(Ordering::Relaxed) - before;
        println!("{count} of {piece}: {} bytes, peak {peak}, {} per byte", document.len(), peak / document.len());
        assert!(peak <= document.len() * BYTES_PER_BYTE + BYTES_BESIDES, "{piece}: {peak} for {}", document.len());
        assert!(HELD.load(Ordering::Relaxed) <= before + 4096, "{piece}: not all of it was given back");
    }
}
