//! Recovery codes: ten, each for one use, hashed at rest.

use aws_lc_rs::digest;
use flero_model::{
    UserId,
    audit::{AuditAction, AuditDetail},
    one_time_code,
    secret::SecretString,
};
use flero_store::sessions::Session;

use crate::{App, Error, Result, random};

/// How many codes there are.
pub(super) const CODES: usize = 10;

/// What is stored of a code. Each has 80 random bits, so a fast hash is right; the person is part of it, so that one
/// table of hashes does not serve for everybody.
pub(super) fn hash(user: UserId, code: &str) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"flero recovery code 1\0");
    context.update(user.as_bytes());
    context.update(code.as_bytes());
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Codes, with what is stored of them.
pub(super) fn mint(user: UserId) -> Result<(Vec<SecretString>, Vec<[u8; 32]>)> {
    let (mut codes, mut hashes) = (Vec::with_capacity(CODES), Vec::with_capacity(CODES));
    for _ in 0..CODES {
        let code = one_time_code::new_recovery_code(random::bytes()?);
        let normal =
            one_time_code::recovery_code(&code).ok_or(Error::Internal("a recovery code was lost"))?;
        hashes.push(hash(user, &normal));
        codes.push(SecretString::from(code.as_str()));
    }
    Ok((codes, hashes))
}

impl App {
    /// Makes new recovery codes; the former ones are void.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without a step-up; [`Error::NotFound`] for somebody without a factor, whom a code would not
    /// help.
    pub async fn replace_recovery_codes(&self, own: &Session) -> Result<Vec<SecretString>> {
        self.permit_factor_change(own)?;
        if !self.store().factors(own.user).await?.has_any() {
            return Err(Error::NotFound);
        }
        let (codes, hashes) = mint(own.user)?;
        let detail = AuditDetail { count: Some(codes.len() as u64), ..AuditDetail::default() };
        let audit = self.records_of(own.user, AuditAction::RecoveryCodesMade, &detail).await?;
        self.store().replace_recovery_codes(own.user, hashes, audit).await?;
        Ok(codes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_differ_and_so_do_the_hashes_of_two_people() {
        let user = |number| UserId::from_u128(number);
        let (codes, hashes) = mint(user(1)).unwrap();
        let texts: BTreeSet<&String> = codes.iter().map(SecretString::expose).collect();
        assert_eq!((texts.len(), hashes.iter().collect::<BTreeSet<_>>().len()), (CODES, CODES));
        let normal = one_time_code::recovery_code(codes[0].expose()).unwrap();
        assert_eq!(hash(user(1), &normal), hashes[0]);
        assert_ne!(hash(user(2), &normal), hashes[0]);
    }
}
