//! Signatures that only the service can make: its public key is what a person gives to Flero.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use flero_openapi::extension::Verification;

/// Whether one of the signatures over a text was made with the key.
pub(super) fn verifies(
    rule: &Verification,
    key: &str,
    text: &[u8],
    mut signatures: impl Iterator<Item = Vec<u8>>,
) -> bool {
    let Some(key) = read(rule, key) else { return false };
    signatures.any(|signature| key.verify_sig(text, &signature).is_ok())
}

/// Whether a text is a key of the rule's kind.
pub(super) fn is_readable(rule: &Verification, key: &str) -> bool {
    read(rule, key).is_some()
}

/// A key in PEM (RFC 7468), or as Base64 or hexadecimal digits: `SubjectPublicKeyInfo` (RFC 5280), or the bare key.
fn read(rule: &Verification, key: &str) -> Option<ParsedPublicKey> {
    let algorithm: &'static dyn VerificationAlgorithm = match rule {
        Verification::RsaSha256(_) => &RSA_PKCS1_2048_8192_SHA256,
        Verification::EcdsaP256Sha256(_) => &ECDSA_P256_SHA256_ASN1,
        Verification::Ed25519(_) => &ED25519,
        _ => return None,
    };
    let lines = key.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let text: String = lines.flat_map(str::chars).filter(|sign| !sign.is_whitespace()).collect();
    // Every text of hexadecimal digits could be Base64 too, and is meant as digits.
    let bytes =
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).or_else(|_| BASE64.decode(text.as_bytes())).ok()?;
    ParsedPublicKey::new(algorithm, bytes).ok()
}
