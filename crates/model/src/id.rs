//! Typed identifiers: a prefix that names the kind, and a UUID version 7 in 26 characters.
//!
//! The text form follows the TypeID specification 0.3 (<https://github.com/jetify-com/typeid>): prefix,
//! underscore, Crockford base32 in lower case of the 128-bit value. Two kinds cannot be swapped.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::Timestamp;

/// The alphabet of Crockford base32 in lower case, without i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The length of the part after the underscore, in characters.
const SUFFIX_LEN: usize = 26;

/// The text is not an identifier of the kind that was asked for. It is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind: expected `{prefix}_` and 26 characters")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// Writes 128 bits as 26 characters; the first one holds the upper three bits.
fn encode(value: u128) -> [u8; SUFFIX_LEN] {
    let mut out = [b'0'; SUFFIX_LEN];
    for (place, slot) in out.iter_mut().enumerate() {
        let shift = 5 * (SUFFIX_LEN - 1 - place);
        *slot = ALPHABET[((value >> shift) & 31) as usize];
    }
    out
}

/// Reads what [`encode`] wrote; anything else, upper case included, is `None`.
fn decode(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    // The first character carries three bits only, so that the value fits into 128.
    if bytes.len() != SUFFIX_LEN || bytes[0] > b'7' {
        return None;
    }
    bytes.iter().try_fold(0_u128, |value, byte| {
        let digit = ALPHABET.iter().position(|letter| letter == byte)?;
        Some((value << 5) | digit as u128)
    })
}

/// A UUID version 7 (RFC 9562 section 5.7) from a time and 74 bits of randomness that the caller supplies.
#[must_use]
pub fn uuid_v7(now: Timestamp, random: u128) -> Uuid {
    let millis = (now.as_millis().max(0) as u128) & 0xffff_ffff_ffff;
    let rand_a = (random >> 62) & 0xfff;
    let rand_b = random & 0x3fff_ffff_ffff_ffff;
    Uuid::from_u128((millis << 80) | (0x7 << 76) | (rand_a << 64) | (0b10 << 62) | rand_b)
}

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The kind's prefix, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an identifier from a time and randomness; see [`uuid_v7`].
            #[must_use]
            pub fn new(now: Timestamp, random: u128) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The 128 bits.
            #[must_use]
            pub fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// The identifier with these 128 bits.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The 16 bytes, as stored.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let suffix = encode(self.0.as_u128());
                formatter.write_str(concat!($prefix, "_"))?;
                formatter.write_str(std::str::from_utf8(&suffix).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(|bits| Self(Uuid::from_u128(bits)))
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)
                    .map_err(|_| serde::de::Error::custom("expected an identifier"))?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

typed_id! {
    /// An organization.
    OrganizationId = "org";
    /// A workspace.
    WorkspaceId = "ws";
    /// A person.
    UserId = "usr";
    /// A credential.
    CredentialId = "cred";
    /// A workflow.
    WorkflowId = "wf";
    /// One run of a workflow.
    ExecutionId = "exec";
    /// One of Flero's own API keys.
    ApiKeyId = "key";
    /// A key slot of the vault.
    SlotId = "slot";
    /// One installation, made by the first key ceremony; bound into everything that is sealed.
    InstanceId = "inst";
    /// One running process of an installation.
    NodeInstanceId = "node";
    /// A person's session.
    SessionId = "sess";
    /// An invitation to a workspace.
    InviteId = "inv";
    /// One attempt to connect an account by OAuth.
    OauthAttemptId = "oat";
    /// A grant that is to be revoked at its service.
    RevocationId = "rvk";
    /// An OAuth app: the operator's client at a service.
    OauthAppId = "oapp";
    /// A notification of a person.
    NotificationId = "ntf";
    /// Something that is to be delivered.
    DeliveryId = "msg";
    /// Where a workspace wants to be told.
    WebhookEndpointId = "whe";
    /// A request for a wider scope of a credential.
    ScopeRequestId = "scr";
    /// A person's passkey.
    PasskeyId = "pkey";
    /// A subscription to an event of a service.
    SubscriptionId = "sub";
    /// An OpenID provider of an organization.
    IdentityProviderId = "idp";
    /// A person's identity at an OpenID provider.
    IdentityId = "idn";
    /// A group that an organization's directory keeps up by SCIM.
    GroupId = "grp";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_that_of_the_typeid_specification() {
        // The pairs stand in the specification's `valid.yml`.
        for (suffix, uuid) in [
            ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
            ("0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
            ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ] {
            let uuid: Uuid = uuid.parse().unwrap();
            let id: CredentialId = format!("cred_{suffix}").parse().unwrap();
            assert_eq!(id.as_u128(), uuid.as_u128());
            assert_eq!(id.to_string(), format!("cred_{suffix}"));
        }
    }

    #[test]
    fn another_kind_or_a_malformed_text_is_refused() {
        let good = "wf_01h455vb4pex5vsknk084sn02q";
        assert!(good.parse::<WorkflowId>().is_ok());
        for bad in [
            "cred_01h455vb4pex5vsknk084sn02q",
            "wf_81h455vb4pex5vsknk084sn02q",
            "wf_01H455VB4PEX5VSKNK084SN02Q",
            "wf_",
            "wf_01h455vb4pex5vsknk084sn02",
            "",
            "wf_01h455vb4pex5vsknk084sn02i",
            "wf01h455vb4pex5vsknk084sn02q",
        ] {
            assert!(bad.parse::<WorkflowId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn later_identifiers_sort_after_earlier_ones() {
        let early = ExecutionId::new(Timestamp::from_millis(1_000), u128::MAX);
        let late = ExecutionId::new(Timestamp::from_millis(1_001), 0);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.0.get_version_num(), 7);
    }
}
