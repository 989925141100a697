//! AES-256-GCM under a key that is derived for each message, with a commitment to the key.
//!
//! ```text
//! magic 4 | suite u8 | key version u32 | salt 32 | commitment 32 || nonce 12 | ciphertext | tag 16
//! okm 64  = HKDF-SHA-512(salt, ikm = key, info)
//! message key = okm[0..32]; commitment = okm[32..64], compared in constant time before decryption
//! ```
//!
//! The additional authenticated data is: label, the 73 header bytes, and the caller's items, each with its
//! length in front. The shape is that of the AWS Encryption SDK's suite 0x0478; the commitment is the answer
//! to CVE-2020-8897 (ciphertexts that decrypt under two keys). Because the key is fresh for each message, the
//! limit of 2^32 random nonces per key (NIST SP 800-38D) is not in reach.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Salt};
use zeroize::{Zeroize, Zeroizing};

use crate::context::push;
use crate::{Error, Result};

/// The only suite so far: AES-256-GCM, HKDF-SHA-512, commitment.
const SUITE: u8 = 1;
const SALT_BYTES: usize = 32;
const COMMITMENT_BYTES: usize = 32;
/// Magic, suite, key version, salt, commitment.
pub(crate) const HEADER_BYTES: usize = 4 + 1 + 4 + SALT_BYTES + COMMITMENT_BYTES;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// How much longer a blob is than its plaintext: 101 bytes.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/// One use of the envelope. Two uses share neither magic nor derivation, so that a blob of one is nothing
/// to the other even under the same key.
pub(crate) struct Format {
    pub(crate) magic: [u8; 4],
    pub(crate) info: &'static [u8],
    pub(crate) label: &'static [u8],
}

/// A secret of a record, sealed with a scope key.
pub(crate) const RECORD: Format =
    Format { magic: *b"FLV1", info: b"flero/vault/v1/rec", label: b"flero/vault/v1" };
/// A scope key, wrapped with the root key.
pub(crate) const SCOPE_KEY: Format =
    Format { magic: *b"FLS1", info: b"flero/vault/v1/sk", label: b"flero/vault/v1/sk" };
/// The audit key, wrapped with the root key.
pub(crate) const AUDIT_KEY: Format =
    Format { magic: *b"FLA1", info: b"flero/vault/v1/audit", label: b"flero/vault/v1/audit" };
/// The root key, wrapped with a symmetric key-encryption key.
pub(crate) const ROOT_KEY: Format =
    Format { magic: *b"FLR1", info: b"flero/vault/v1/rk", label: b"flero/vault/v1/rk" };

/// The length of the derived key material, for the HKDF of AWS-LC.
struct OkmLength;

impl KeyType for OkmLength {
    fn len(&self) -> usize {
        64
    }
}

fn derive(format: &Format, key: &[u8; 32], salt: &[u8]) -> Result<Zeroizing<[u8; 64]>> {
    let mut okm = Zeroizing::new([0_u8; 64]);
    let prk = Salt::new(HKDF_SHA512, salt).extract(key);
    let info = [format.info];
    // Both steps fail only for lengths that are constants here.
    prk.expand(&info, OkmLength).and_then(|output| output.fill(&mut okm[..])).map_err(|_| Error::Refused)?;
    Ok(okm)
}

fn associated_data(format: &Format, header: &[u8], items: &[&[u8]]) -> Vec<u8> {
    let length = items.iter().map(|item| item.len() + 4).sum::<usize>();
    let mut aad = Vec::with_capacity(length + format.label.len() + HEADER_BYTES + 8);
    push(&mut aad, format.label);
    push(&mut aad, header);
    for item in items {
        push(&mut aad, item);
    }
    aad
}

/// Seals `plaintext` and binds it to `items`.
///
/// # Errors
/// [`Error::Random`] when `random` fails, before anything is encrypted.
pub(crate) fn seal(
    format: &Format,
    key: &[u8; 32],
    version: u32,
    items: &[&[u8]],
    plaintext: &[u8],
    random: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<Vec<u8>> {
    let mut salt = [0_u8; SALT_BYTES];
    random(&mut salt)?;
    let okm = derive(format, key, &salt)?;

    let mut blob = Vec::with_capacity(OVERHEAD_BYTES + plaintext.len());
    blob.extend_from_slice(&format.magic);
    blob.push(SUITE);
    blob.extend_from_slice(&version.to_be_bytes());
    blob.extend_from_slice(&salt);
    blob.extend_from_slice(&okm[32..]);
    let aad = associated_data(format, &blob, items);
    blob.extend_from_slice(&[0_u8; NONCE_BYTES]);
    blob.extend_from_slice(plaintext);

    let sealed = RandomizedNonceKey::new(&AES_256_GCM, &okm[..32]).and_then(|message_key| {
        let body = &mut blob[HEADER_BYTES + NONCE_BYTES..];
        message_key.seal_in_place_separate_tag(Aad::from(&aad), body)
    });
    match sealed {
        Ok((nonce, tag)) => {
            blob[HEADER_BYTES..HEADER_BYTES + NONCE_BYTES].copy_from_slice(nonce.as_ref());
            blob.extend_from_slice(tag.as_ref());
            Ok(blob)
        }
        Err(_) => {
            // The nonce comes from the module's own generator; without it the plaintext stays in the buffer.
            blob.zeroize();
            Err(Error::Random)
        }
    }
}

/// The parts of a blob whose format has been checked.
struct Parts<'a> {
    header: &'a [u8],
    version: u32,
    salt: &'a [u8],
    commitment: &'a [u8],
    nonce: [u8; NONCE_BYTES],
    body: &'a [u8],
}

fn parse<'a>(format: &Format, blob: &'a [u8]) -> Result<Parts<'a>> {
    if blob.len() < OVERHEAD_BYTES || blob[..4] != format.magic {
        return Err(Error::Malformed);
    }
    if blob[4] != SUITE {
        return Err(Error::UnknownSuite { suite: blob[4] });
    }
    let (header, rest) = blob.split_at(HEADER_BYTES);
    let (nonce_bytes, body) = rest.split_at(NONCE_BYTES);
    let mut version = [0_u8; 4];
    version.copy_from_slice(&header[5..9]);
    let mut nonce = [0_u8; NONCE_BYTES];
    nonce.copy_from_slice(nonce_bytes);
    Ok(Parts {
        header,
        version: u32::from_be_bytes(version),
        salt: &header[9..9 + SALT_BYTES],
        commitment: &header[9 + SALT_BYTES..],
        nonce,
        body,
    })
}

/// The scope-key version that a sealed record names. It is a hint until the blob has been opened.
///
/// # Errors
/// [`Error::Malformed`] or [`Error::UnknownSuite`] when the bytes are not a sealed record.
pub fn key_version(blob: &[u8]) -> Result<u32> {
    version(&RECORD, blob)
}

pub(crate) fn version(format: &Format, blob: &[u8]) -> Result<u32> {
    parse(format, blob).map(|parts| parts.version)
}

/// Opens a blob. A wrong key stops at the commitment, before any decryption, with the same error as a
/// wrong tag.
///
/// # Errors
/// [`Error::Malformed`], [`Error::UnknownSuite`], or [`Error::Refused`].
pub(crate) fn open(
    format: &Format,
    key: &[u8; 32],
    items: &[&[u8]],
    blob: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let parts = parse(format, blob)?;
    let okm = derive(format, key, parts.salt)?;
    verify_slices_are_equal(&okm[32..], parts.commitment).map_err(|_| Error::Refused)?;

    let aad = associated_data(format, parts.header, items);
    let mut body = Zeroizing::new(parts.body.to_vec());
    let message_key = RandomizedNonceKey::new(&AES_256_GCM, &okm[..32]).map_err(|_| Error::Refused)?;
    let nonce = Nonce::assume_unique_for_key(parts.nonce);
    let length =
        message_key.open_in_place(nonce, Aad::from(&aad), &mut body).map_err(|_| Error::Refused)?.len();
    // The tag is cut off in place: the capacity is the blob's, and is wiped whole.
    body.truncate(length);
    Ok(body)
}
