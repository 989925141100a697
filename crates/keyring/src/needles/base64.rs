//! Base64 and hexadecimal. Inside a longer encoded text a secret looks different for each of three places in
//! the group of three bytes; the characters that also hold bits of its neighbours are cut off.

use data_encoding::{
    BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, Encoding as Alphabet, HEXLOWER, HEXUPPER,
};
use zeroize::Zeroizing;

use super::{Encoding, Needle};

pub(super) fn push_all(secret: &[u8], needles: &mut Vec<Needle>) {
    for shift in 0..3_u8 {
        needles.push(Needle::new(Encoding::Base64(shift), inside(&BASE64_NOPAD, secret, shift)));
        needles.push(Needle::new(Encoding::Base64Url(shift), inside(&BASE64URL_NOPAD, secret, shift)));
    }
    // Alone, the last group is complete: covering it whole leaves nothing of the last byte behind.
    needles.push(Needle::new(Encoding::Base64(0), whole(&BASE64, secret)));
    needles.push(Needle::new(Encoding::Base64(0), whole(&BASE64_NOPAD, secret)));
    needles.push(Needle::new(Encoding::Base64Url(0), whole(&BASE64URL, secret)));
    needles.push(Needle::new(Encoding::Base64Url(0), whole(&BASE64URL_NOPAD, secret)));
    needles.push(Needle::new(Encoding::HexLower, whole(&HEXLOWER, secret)));
    needles.push(Needle::new(Encoding::HexUpper, whole(&HEXUPPER, secret)));
}

fn whole(alphabet: &Alphabet, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(vec![0; alphabet.encode_len(bytes.len())]);
    alphabet.encode_mut(bytes, &mut text);
    text
}

/// The characters that `secret` alone decides, `shift` bytes after the beginning of a group.
fn inside(alphabet: &Alphabet, secret: &[u8], shift: u8) -> Zeroizing<Vec<u8>> {
    let before = usize::from(shift);
    let mut padded = Zeroizing::new(Vec::with_capacity(before + secret.len()));
    padded.resize(before, 0);
    padded.extend_from_slice(secret);
    let text = whole(alphabet, &padded);
    let first = (before * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    Zeroizing::new(text[first..last].to_vec())
}
