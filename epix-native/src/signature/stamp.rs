//! When did a time-stamping authority see some bytes? A token after RFC 3161, checked by OpenSSL.

use std::ptr::{self, NonNull};

use foreign_types::{ForeignType, ForeignTypeRef};
use libc::{c_int, c_long, c_uchar, c_void};
use openssl::asn1::Asn1TimeRef;
use openssl::nid::Nid;

use super::certificate::unix;
use super::key::KeyError;
use super::trust::Anchors;

/// Opaque structures of `openssl/ts.h`.
enum TstInfo {}
enum VerifyContext {}
enum MessageImprint {}

unsafe extern "C" {
    fn PKCS7_to_TS_TST_INFO(token: *mut openssl_sys::PKCS7) -> *mut TstInfo;
    fn TS_TST_INFO_free(info: *mut TstInfo);
    fn TS_TST_INFO_get_time(info: *const TstInfo) -> *const c_void;
    fn TS_TST_INFO_get_msg_imprint(info: *mut TstInfo) -> *mut MessageImprint;
    fn TS_MSG_IMPRINT_get_algo(imprint: *mut MessageImprint) -> *mut openssl_sys::X509_ALGOR;
    fn TS_VERIFY_CTX_new() -> *mut VerifyContext;
    fn TS_VERIFY_CTX_free(context: *mut VerifyContext);
    fn TS_VERIFY_CTX_set_flags(context: *mut VerifyContext, flags: c_int) -> c_int;
    fn TS_VERIFY_CTX_set_data(context: *mut VerifyContext, data: *mut openssl_sys::BIO) -> *mut openssl_sys::BIO;
    fn TS_VERIFY_CTX_set_store(
        context: *mut VerifyContext,
        store: *mut openssl_sys::X509_STORE,
    ) -> *mut openssl_sys::X509_STORE;
    fn TS_RESP_verify_token(context: *mut VerifyContext, token: *mut openssl_sys::PKCS7) -> c_int;
}

/// `TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_DATA` of `openssl/ts.h`.
const CHECKS: c_int = 1 | 1 << 1 | 1 << 4;

/// Why a token says nothing about the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StampFlaw {
    /// It is no time-stamp token.
    #[error("it is no time-stamp token")]
    Unreadable,
    /// It is made with a digest that is not trusted any more.
    #[error("its digest is none of SHA-256, SHA-384 and SHA-512")]
    Digest,
    /// It was not made by a trusted authority, or not over these bytes.
    #[error("it was not made over this signature by a trusted time-stamping authority")]
    NotTrusted,
}

/// Frees what it owns when dropped.
struct Owned<T>(NonNull<T>, unsafe extern "C" fn(*mut T));

impl<T> Owned<T> {
    fn new(raw: *mut T, free: unsafe extern "C" fn(*mut T)) -> Option<Self> {
        NonNull::new(raw).map(|raw| Owned(raw, free))
    }

    fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: `new` took over the pointer from OpenSSL together with the function that frees it; this runs once.
        unsafe { (self.1)(self.as_ptr()) }
    }
}

/// The moment (Unix time) at which a trusted authority stamped `data`. Its certificate has to be valid at that moment.
///
/// # Errors
/// The inner error says why the token says nothing, the outer one that the library could not look.
pub fn stamped_at(token: &[u8], data: &[u8], anchors: &Anchors) -> Result<Result<i64, StampFlaw>, KeyError> {
    let Some(signed) = read(token) else { return Ok(Err(StampFlaw::Unreadable)) };
    // SAFETY: the token is live; the answer is null or a structure that we own.
    let info = Owned::new(unsafe { PKCS7_to_TS_TST_INFO(signed.as_ptr()) }, TS_TST_INFO_free);
    let Some(info) = info else { return Ok(Err(StampFlaw::Unreadable)) };
    let Some(at) = time_of(&info) else { return Ok(Err(StampFlaw::Unreadable)) };
    if !has_good_digest(&info) {
        return Ok(Err(StampFlaw::Digest));
    }
    let library = KeyError::Library { doing: "checking a time stamp" };
    // SAFETY: takes nothing; null when out of memory.
    let context = Owned::new(unsafe { TS_VERIFY_CTX_new() }, TS_VERIFY_CTX_free).ok_or(library.clone())?;
    let length = c_int::try_from(data.len()).map_err(|_| library.clone())?;
    let store = anchors.store(at)?;
    // SAFETY: the buffer is `data`, which outlives the context; the context takes over buffer and store and frees both, so
    // we let go of ours; token and context are live.
    let is_good = unsafe {
        let buffer = openssl_sys::BIO_new_mem_buf(data.as_ptr().cast(), length);
        if buffer.is_null() {
            return Err(library);
        }
        TS_VERIFY_CTX_set_flags(context.as_ptr(), CHECKS);
        TS_VERIFY_CTX_set_data(context.as_ptr(), buffer);
        TS_VERIFY_CTX_set_store(context.as_ptr(), store.as_ptr());
        std::mem::forget(store);
        TS_RESP_verify_token(context.as_ptr(), signed.as_ptr()) == 1
    };
    // What OpenSSL complained about is ours to say; left in its queue it would be found by the next call of this thread.
    drop(openssl::error::ErrorStack::get());
    Ok(if is_good { Ok(at) } else { Err(StampFlaw::NotTrusted) })
}

/// The signed message of a token: all of the bytes, or none.
fn read(token: &[u8]) -> Option<Owned<openssl_sys::PKCS7>> {
    let length = c_long::try_from(token.len()).ok()?;
    let mut at: *const c_uchar = token.as_ptr();
    // SAFETY: pointer and length describe `token`; OpenSSL moves `at` to behind what it read, inside of it.
    let (raw, used) = unsafe {
        let raw = openssl_sys::d2i_PKCS7(ptr::null_mut(), &raw mut at, length);
        (raw, at.offset_from(token.as_ptr()))
    };
    let signed = Owned::new(raw, openssl_sys::PKCS7_free);
    drop(openssl::error::ErrorStack::get());
    signed.filter(|_| usize::try_from(used) == Ok(token.len()))
}

fn time_of(info: &Owned<TstInfo>) -> Option<i64> {
    // SAFETY: the information is live; the time belongs to it. OpenSSL keeps both kinds of time in one structure.
    unsafe {
        let time = TS_TST_INFO_get_time(info.as_ptr());
        (!time.is_null()).then(|| unix(Asn1TimeRef::from_ptr(time.cast_mut().cast())))
    }
}

fn has_good_digest(info: &Owned<TstInfo>) -> bool {
    // SAFETY: the information is live; imprint, algorithm and its name belong to it, and are null or live.
    let nid = unsafe {
        let imprint = TS_TST_INFO_get_msg_imprint(info.as_ptr());
        let algorithm = if imprint.is_null() { ptr::null_mut() } else { TS_MSG_IMPRINT_get_algo(imprint) };
        if algorithm.is_null() {
            return false;
        }
        let mut name = ptr::null();
        openssl_sys::X509_ALGOR_get0(&raw mut name, ptr::null_mut(), ptr::null_mut(), algorithm);
        Nid::from_raw(openssl_sys::OBJ_obj2nid(name))
    };
    [Nid::SHA256, Nid::SHA384, Nid::SHA512].contains(&nid)
}
