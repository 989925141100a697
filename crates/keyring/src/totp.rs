//! Time-based one-time codes (RFC 6238): the shared secret is sealed like every other one, and a code is compared here,
//! so that the secret never leaves the crate again after it was shown once.

use aws_lc_rs::{constant_time, hmac};
use data_encoding::BASE32_NOPAD;
use flero_model::{Timestamp, UserId, credential::KeyScopeRef, secret::SecretBytes};
use flero_store::keys::SealedSecret;
use flero_vault::PolicyHash;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{Binding, Error, Keyring, Result};

/// The length of a step, in seconds. Source: RFC 6238 section 5.2, which recommends it.
pub const STEP_SECONDS: u64 = 30;

/// The length of a shared secret, in bytes. Source: RFC 4226 section 4, R6 (160 bits are recommended).
pub const SECRET_BYTES: usize = 20;

/// The digits of a code, as a power of ten. Source: RFC 4226 section 5.3.
const MODULUS: u32 = 1_000_000;

/// The sealed document. The secret stands in it as the base32 text that a person types, so that the leak scan looks for
/// exactly that.
#[derive(Deserialize)]
struct Document {
    secret: Zeroizing<String>,
}

/// The step that a time lies in.
#[must_use]
pub fn step_at(now: Timestamp) -> u64 {
    u64::try_from(now.as_millis()).unwrap_or_default() / 1_000 / STEP_SECONDS
}

/// The code of a counter, as a number. Source: RFC 4226 section 5.3 (dynamic truncation).
fn code(algorithm: hmac::Algorithm, secret: &[u8], counter: u64, modulus: u32) -> u32 {
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), &counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let four = tag.get(offset..offset + 4).unwrap_or_default();
    let number = four.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    (number & 0x7fff_ffff) % modulus
}

/// The step among the present one and its neighbours whose code this is. All three are computed and compared, whichever
/// it is. Source of the window: RFC 6238 section 5.2 (at most one step of delay).
fn matching_step(secret: &[u8], presented: &str, now: Timestamp) -> Option<u64> {
    let present = step_at(now);
    let mut found = None;
    for step in present.saturating_sub(1)..=present + 1 {
        let number = code(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, step, MODULUS);
        let expected = Zeroizing::new(format!("{number:06}"));
        if constant_time::verify_slices_are_equal(expected.as_bytes(), presented.as_bytes()).is_ok() {
            found = Some(step);
        }
    }
    found
}

impl Binding {
    /// The binding of a person's shared secret for one-time codes; `field` tells the one in use from one that is not
    /// confirmed yet, and `revision` counts a person's secrets.
    #[must_use]
    pub fn of_totp(user: UserId, field: &str, revision: u64) -> Self {
        Self {
            scope: KeyScopeRef::person(user),
            owner: user.to_string(),
            bound_type: "totp".to_owned(),
            field: field.to_owned(),
            revision,
            policy: PolicyHash::of(b"totp sha1 30 6"),
        }
    }
}

impl Keyring {
    /// Seals a shared secret.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub async fn seal_totp(&self, binding: &Binding, secret: &[u8; SECRET_BYTES]) -> Result<SealedSecret> {
        let text = Zeroizing::new(BASE32_NOPAD.encode(secret));
        let document = SecretBytes::new(format!(r#"{{"secret":"{}"}}"#, *text).into_bytes());
        self.seal(binding, &document).await
    }

    /// The step whose code was presented, in the form of [`flero_model::one_time_code::totp_code`]; `None` for a wrong
    /// one. That a step is used once is the store's to keep.
    ///
    /// # Errors
    /// As [`Keyring::open_for_connect`].
    pub async fn totp_step(
        &self,
        binding: &Binding,
        blob: &[u8],
        presented: &str,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        let plaintext = self.open(binding, blob).await?;
        let document: Document =
            serde_json::from_slice(plaintext.expose()).map_err(|_| Error::NotADocument)?;
        let secret = BASE32_NOPAD
            .decode(document.secret.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| Error::NotADocument)?;
        Ok(matching_step(&secret, presented, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASCII: &[u8] = b"1234567890";

    fn seed(bytes: usize) -> Vec<u8> {
        ASCII.iter().copied().cycle().take(bytes).collect()
    }

    /// Security test 1: the 18 vectors of RFC 6238 appendix B, with 8 digits and the seeds of its erratum 2866.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let algorithms =
            [(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 20), (hmac::HMAC_SHA256, 32), (hmac::HMAC_SHA512, 64)];
        for (seconds, codes) in [
            (59_u64, [94_287_082, 46_119_246, 90_693_936]),
            (1_111_111_109, [7_081_804, 68_084_774, 25_091_201]),
            (1_111_111_111, [14_050_471, 67_062_674, 99_943_326]),
            (1_234_567_890, [89_005_924, 91_819_424, 93_441_116]),
            (2_000_000_000, [69_279_037, 90_698_825, 38_618_901]),
            (20_000_000_000, [65_353_130, 77_737_706, 47_863_826]),
        ] {
            for ((algorithm, bytes), expected) in algorithms.iter().zip(codes) {
                let found = code(*algorithm, &seed(*bytes), seconds / STEP_SECONDS, 100_000_000);
                assert_eq!(found, expected, "{seconds} {bytes}");
            }
        }
    }

    /// Security test 1: an authenticator-app library of somebody else shows the same codes.
    #[test]
    fn another_library_shows_the_same_codes() {
        for round in 0..500_u64 {
            let secret: [u8; SECRET_BYTES] =
                std::array::from_fn(|place| (round * 31 + place as u64 * 7 + (round >> 3)).to_le_bytes()[0]);
            let seconds = round * 86_399 + 17;
            let peer = totp_rs::Builder::new().with_secret(secret).build().unwrap();
            let shown = peer.generate(seconds).to_string();
            let now = Timestamp::from_millis(i64::try_from(seconds).unwrap() * 1_000);
            assert_eq!(matching_step(&secret, &shown, now), Some(seconds / 30), "{round}");
        }
    }

    #[test]
    fn one_step_of_delay_is_taken_and_not_two() {
        let (secret, now) = (seed(20), Timestamp::from_millis(1_800_000_000_000));
        let present = step_at(now);
        for (step, is_taken) in [(-2_i64, false), (-1, true), (0, true), (1, true), (2, false)] {
            let step = present.checked_add_signed(step).unwrap();
            let shown = code(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret, step, MODULUS);
            let found = matching_step(&secret, &format!("{shown:06}"), now);
            assert_eq!(found, is_taken.then_some(step));
        }
        for wrong in ["", "0", "000000x"] {
            assert_eq!(matching_step(&secret, wrong, now), None);
        }
    }
}
