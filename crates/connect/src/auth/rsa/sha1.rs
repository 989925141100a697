//! RSA with SHA-1, which the safe interface of `aws-lc-rs` only verifies. OAuth 1.0a services ask for it as
//! `RSA-SHA1` (RFC 5849 section 3.4.3), so it is made by the same C library through its plain interface.

#![allow(unsafe_code)]

use std::{ffi::c_long, ptr};

use aws_lc_sys::{
    EVP_DigestSign, EVP_DigestSignInit, EVP_MD_CTX, EVP_MD_CTX_free, EVP_MD_CTX_new, EVP_PKEY, EVP_PKEY_RSA,
    EVP_PKEY_free, EVP_PKEY_id, EVP_sha1, d2i_AutoPrivateKey,
};

/// Owns a key of the library.
struct Key(*mut EVP_PKEY);

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `d2i_AutoPrivateKey`, is not null, and is freed here alone.
        unsafe { EVP_PKEY_free(self.0) }
    }
}

/// Owns a context of the library.
struct Context(*mut EVP_MD_CTX);

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `EVP_MD_CTX_new`, is not null, and is freed here alone.
        unsafe { EVP_MD_CTX_free(self.0) }
    }
}

/// Signs a message with an RSA private key in DER (PKCS #8 or PKCS #1). `None` when it is no such key.
pub(super) fn sign(der: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let length = c_long::try_from(der.len()).ok()?;
    let mut start = der.as_ptr();
    // SAFETY: `start` points to `length` readable bytes, which the function does not write and does not keep.
    let key = unsafe { d2i_AutoPrivateKey(ptr::null_mut(), &raw mut start, length) };
    if key.is_null() {
        return None;
    }
    let key = Key(key);
    // SAFETY: the key is not null.
    if unsafe { EVP_PKEY_id(key.0) } != EVP_PKEY_RSA {
        return None;
    }
    // SAFETY: the function takes nothing; a null pointer is looked at next.
    let context = unsafe { EVP_MD_CTX_new() };
    if context.is_null() {
        return None;
    }
    let context = Context(context);
    // SAFETY: context and key are not null and live on; `EVP_sha1` gives a static description; the other pointers may
    // be null by the function's description.
    let is_ready =
        unsafe { EVP_DigestSignInit(context.0, ptr::null_mut(), EVP_sha1(), ptr::null_mut(), key.0) } == 1;
    if !is_ready {
        return None;
    }
    let mut length = 0;
    // SAFETY: without a place for the signature the function only writes its greatest length.
    let is_measured = unsafe {
        EVP_DigestSign(context.0, ptr::null_mut(), &raw mut length, message.as_ptr(), message.len())
    } == 1;
    if !is_measured {
        return None;
    }
    let mut signed = vec![0; length];
    // SAFETY: `signed` has `length` writable bytes, as was asked for, and `message` is readable in its length.
    let is_signed = unsafe {
        EVP_DigestSign(context.0, signed.as_mut_ptr(), &raw mut length, message.as_ptr(), message.len())
    } == 1;
    signed.truncate(length);
    is_signed.then_some(signed)
}
