//! How often something may be tried: counted in the store, so that it holds over many addresses and many processes.
//!
//! An attempt is counted before it is made and forgotten when it succeeds, so that attempts at the same time cannot
//! exceed the limit (Security test 59). Buckets exist for any address that is typed in, so that a wait tells nothing
//! of whether there is an account.

use std::net::IpAddr;

use aws_lc_rs::digest;
use flero_store::sessions::{Admission, AttemptLimit};

use crate::{App, Error, Result};

/// Attempts on one account. Source of the most: NIST SP 800-63B-4 section 3.2.2 (at most 100 consecutive failures).
pub const PER_ACCOUNT: AttemptLimit = AttemptLimit {
    free: 5,
    first_wait_ms: 30_000,
    longest_wait_ms: 3_600_000,
    forget_ms: None,
    most: Some(100),
};

/// Attempts from one address, whatever the account. People behind one address share it.
pub const PER_ADDRESS: AttemptLimit = AttemptLimit {
    free: 50,
    first_wait_ms: 10_000,
    longest_wait_ms: 900_000,
    forget_ms: Some(3_600_000),
    most: None,
};

/// Invitations that are mailed to one address because somebody typed it.
pub const PER_MAILED_ADDRESS: AttemptLimit = AttemptLimit {
    free: 3,
    first_wait_ms: 600_000,
    longest_wait_ms: 86_400_000,
    forget_ms: Some(86_400_000),
    most: None,
};

/// How often an owner opens the account of one member again. Each time lets a hundred further guesses be made, so that
/// whoever could open it without end could guess a six-digit code.
pub const PER_UNLOCKED_ACCOUNT: AttemptLimit = AttemptLimit {
    free: 3,
    first_wait_ms: 3_600_000,
    longest_wait_ms: 86_400_000,
    forget_ms: Some(86_400_000),
    most: None,
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bucket<'a> {
    /// Passwords of an account, by its address.
    Password(&'a str),
    /// The notes of an account that does not exist, by its address.
    Nobody(&'a str),
    /// Second factors of a person.
    Factor(flero_model::UserId),
    /// The password that somebody who is signed in proves themselves with. Whoever knows it must not clear the count of
    /// wrong factors by it.
    OwnPassword(flero_model::UserId),
    /// Openings of an account that failures closed.
    Unlock(flero_model::UserId),
    /// Invitations that an address is sent.
    SignUp(&'a str),
    /// Everything from a network address.
    Address(IpAddr),
}

impl Bucket<'_> {
    /// The bucket's name in the store: a hash, so that the table tells no address.
    pub(crate) fn key(self) -> [u8; 32] {
        let text = match self {
            Self::Password(email) => format!("password:{email}"),
            Self::Nobody(email) => format!("nobody:{email}"),
            Self::Factor(user) => format!("factor:{user}"),
            Self::OwnPassword(user) => format!("own-password:{user}"),
            Self::Unlock(user) => format!("unlock:{user}"),
            Self::SignUp(email) => format!("sign-up:{email}"),
            Self::Address(address) => format!("address:{}", network_of(address)),
        };
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        out
    }

    const fn limit(self) -> AttemptLimit {
        match self {
            Self::Password(_) | Self::Nobody(_) | Self::Factor(_) | Self::OwnPassword(_) => PER_ACCOUNT,
            Self::Unlock(_) => PER_UNLOCKED_ACCOUNT,
            Self::SignUp(_) => PER_MAILED_ADDRESS,
            Self::Address(_) => PER_ADDRESS,
        }
    }
}

/// What counts as one address: all of IPv4, the first 64 bits of IPv6, which one household has to itself.
fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => format!("{:x}/64", v6.to_bits() >> 64),
        },
    }
}

impl App {
    /// Counts an attempt. The address is left out where it is loopback: that is a proxy before Flero, and everybody
    /// comes from there.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] with the seconds to wait.
    pub(crate) async fn attempt(&self, own: Bucket<'_>, address: Option<IpAddr>) -> Result<()> {
        self.admit(vec![own], address).await
    }

    async fn admit(&self, mut buckets: Vec<Bucket<'_>>, address: Option<IpAddr>) -> Result<()> {
        buckets.extend(address.filter(|address| !address.is_loopback()).map(Bucket::Address));
        let counted = buckets.iter().map(|bucket| (bucket.key(), bucket.limit())).collect();
        let now = self.now();
        match self.store().admit_attempt(counted, now).await? {
            Admission::Go => Ok(()),
            Admission::Wait(until) => {
                let seconds = until.millis_since(now).div_euclid(1_000) + 1;
                Err(Error::TooManyAttempts { seconds: Some(seconds.unsigned_abs()) })
            }
            Admission::Locked => Err(Error::TooManyAttempts { seconds: None }),
        }
    }

    /// Counts an attempt that is on no account yet, by its address alone.
    ///
    /// # Errors
    /// As [`App::attempt`].
    pub(crate) async fn attempt_from(&self, address: Option<IpAddr>) -> Result<()> {
        self.admit(Vec::new(), address).await
    }

    /// Writes something for an account that does not exist, as a wrong password is noted in the history of one that does:
    /// the time of a write would tell them apart (Security test 47). It is admitted whenever the attempt itself was.
    pub(crate) async fn note_nobody(&self, email: &str) -> Result<()> {
        let note = Bucket::Nobody(email);
        self.store().admit_attempt(vec![(note.key(), note.limit())], self.now()).await?;
        Ok(())
    }

    /// Forgets the attempts on an account: one succeeded. Those from an address stay counted, or whoever has one
    /// account could try others for ever.
    pub(crate) async fn attempt_succeeded(&self, own: Bucket<'_>) -> Result<()> {
        Ok(self.store().clear_attempts(vec![own.key()], Vec::new()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_household_is_one_address() {
        let key = |text: &str| Bucket::Address(text.parse().unwrap()).key();
        assert_eq!(key("2001:db8:1:2::5"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::5"), key("2001:db8:1:3::5"));
        assert_eq!(key("203.0.113.9"), key("::ffff:203.0.113.9"));
        assert_ne!(key("203.0.113.9"), key("203.0.113.10"));
    }

    /// Security test 59: waits double up to an hour, and a hundredth failure is the last.
    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<i64> = (0..16).map(|failures| PER_ACCOUNT.wait_ms(failures) / 1_000).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
        assert_eq!(PER_ACCOUNT.wait_ms(u32::MAX), 3_600_000);
    }
}
