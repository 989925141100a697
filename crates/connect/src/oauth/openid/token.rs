//! ID tokens: signature and claims (OpenID Connect Core 1.0 section 3.1.3.7). Pure; the time is given.
//!
//! The signature is checked by `jsonwebtoken`; the claims are checked here, against the clock that everything reads.

use flero_model::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, PublicKeyUse},
};
use serde_json::{Map, Value};

/// The algorithms that are taken, whatever a token or a provider says: none with a shared key and none without one
/// (RFC 8725 section 3.1).
const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
/// The longest token that is read, in bytes: those with hundreds of groups have some 20 KiB.
const MAX_TOKEN_BYTES: usize = 64 << 10;
/// How far the provider's clock may be off, in seconds.
const SKEW_SECONDS: i64 = 60;
/// The longest subject (OpenID Connect Core 1.0 section 2: 255 ASCII characters).
const MAX_SUBJECT: usize = 255;
/// The most groups that are read of a person.
const MAX_GROUPS: usize = 1_000;

/// What an ID token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// What the provider lists; empty where it lists nothing.
    pub(super) algorithms: &'a [String],
}

/// Why an ID token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// There is none.
    Missing,
    /// It is no token, or says something that must be understood and is not.
    Malformed,
    /// It says that it is a token of another kind.
    Type,
    /// It is signed by another algorithm than those that are taken and listed.
    Algorithm,
    /// It is signed by a key that the provider does not list.
    Key,
    /// The signature is wrong.
    Signature,
    /// It is another issuer's.
    Issuer,
    /// It is for another client.
    Audience,
    /// It is of another attempt.
    Nonce,
    /// It is over, or not good yet.
    Time,
    /// It names nobody, or userinfo names somebody else.
    Subject,
}

impl TokenFault {
    /// A word for the audit trail.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "id_token_missing",
            Self::Malformed => "id_token_malformed",
            Self::Type => "id_token_type",
            Self::Algorithm => "id_token_algorithm",
            Self::Key => "id_token_key",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::Nonce => "id_token_nonce",
            Self::Time => "id_token_time",
            Self::Subject => "id_token_subject",
        }
    }
}

/// What a provider says of a person, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct IdClaims {
    /// Who, at this issuer.
    pub subject: String,
    /// When the person last proved who they are there; `None` where it is not told.
    pub auth_time: Option<Timestamp>,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// In which context.
    pub acr: Option<String>,
    claims: Map<String, Value>,
}

impl IdClaims {
    /// The address; `None` where there is none or the provider says that it is not verified. One of which nothing is
    /// said counts where `vouches` is set.
    #[must_use]
    pub fn email(&self, vouches: bool) -> Option<&str> {
        let is_verified = match self.claims.get("email_verified") {
            // Some providers write it as text.
            Some(Value::Bool(true)) => true,
            Some(Value::String(text)) => text == "true",
            Some(Value::Null) | None => vouches,
            Some(_) => false,
        };
        self.claims.get("email").and_then(Value::as_str).filter(|_| is_verified)
    }

    /// The name to show, where one is told.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.claims.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty())
    }

    /// The groups that a claim lists.
    #[must_use]
    pub fn groups(&self, claim: &str) -> Vec<String> {
        match self.claims.get(claim) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => {
                many.iter().take(MAX_GROUPS).filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the provider keeps a claim elsewhere instead of telling it (OpenID Connect Core 1.0 section 5.6.2).
    /// Microsoft Entra does so with the groups of whoever is in more than 200.
    #[must_use]
    pub fn is_elsewhere(&self, claim: &str) -> bool {
        let elsewhere = self.claims.get("_claim_names").and_then(Value::as_object);
        !self.claims.contains_key(claim) && elsewhere.is_some_and(|names| names.contains_key(claim))
    }

    /// Adds what userinfo tells; what the ID token says stands. It must be about the same person (OpenID Connect Core
    /// 1.0 section 5.3.2).
    pub(super) fn add(&mut self, more: Map<String, Value>) -> Result<(), TokenFault> {
        if more.is_empty() {
            return Ok(());
        }
        if more.get("sub").and_then(Value::as_str) != Some(&self.subject) {
            return Err(TokenFault::Subject);
        }
        // An address and whether it is verified are one statement.
        let has_email = self.claims.contains_key("email");
        for (name, value) in more {
            if !(has_email && name == "email_verified") {
                self.claims.entry(name).or_insert(value);
            }
        }
        Ok(())
    }
}

/// Whether a key may check a token of an algorithm.
fn fits(key: &Jwk, algorithm: Algorithm, kid: Option<&str>) -> bool {
    let common = &key.common;
    let is_for_it = match common.key_algorithm {
        Some(own) => own.to_string().parse::<Algorithm>().is_ok_and(|own| own == algorithm),
        None => true,
    };
    let is_for_signing = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let is_named = kid.is_none_or(|kid| common.key_id.as_deref() == Some(kid));
    let is_of_family = DecodingKey::from_jwk(key).is_ok_and(|made| made.family() == algorithm.family());
    is_for_it && is_for_signing && is_named && is_of_family
}

/// Checks an ID token.
pub(super) fn verify(
    token: &str,
    keys: &[Jwk],
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<IdClaims, TokenFault> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenFault::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Malformed)?;
    let taken = ALGORITHMS.iter().any(|(name, algorithm)| {
        *algorithm == header.alg
            && (expected.algorithms.is_empty() || expected.algorithms.iter().any(|listed| listed == name))
    });
    if !taken {
        return Err(TokenFault::Algorithm);
    }
    // One issuer signs tokens of many kinds (RFC 8725 section 3.11), and an ID token is a plain one.
    if header.typ.as_ref().is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err(TokenFault::Type);
    }
    if header.crit.is_some() || header.enc.is_some() {
        return Err(TokenFault::Malformed);
    }
    let mut fitting = keys.iter().filter(|key| fits(key, header.alg, header.kid.as_deref()));
    let (Some(key), None) = (fitting.next(), fitting.next()) else { return Err(TokenFault::Key) };
    let key = DecodingKey::from_jwk(key).map_err(|_| TokenFault::Key)?;
    let mut validation = Validation::new(header.alg);
    // The claims are checked below, by the clock that everything reads.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
    let claims = decoded.map_err(|_| TokenFault::Signature)?.claims;
    check(&claims, expected, now)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let subject = text("sub").filter(|subject| !subject.is_empty() && subject.len() <= MAX_SUBJECT);
    let methods = claims.get("amr").and_then(Value::as_array);
    Ok(IdClaims {
        subject: subject.ok_or(TokenFault::Subject)?,
        auth_time: seconds(&claims, "auth_time").map(|at| Timestamp::from_millis(at.saturating_mul(1_000))),
        amr: methods.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        acr: text("acr"),
        claims,
    })
}

/// A time in seconds since 1970 (RFC 7519 section 2: it may have a fraction).
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

/// The claims, in the order of OpenID Connect Core 1.0 section 3.1.3.7.
fn check(claims: &Map<String, Value>, expected: &Expected<'_>, now: Timestamp) -> Result<(), TokenFault> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(TokenFault::Issuer);
    }
    let (is_for_us, is_for_others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == expected.client_id, false),
        Some(Value::Array(many)) => {
            (many.iter().any(|one| one.as_str() == Some(expected.client_id)), many.len() > 1)
        }
        _ => (false, false),
    };
    let party = claims.get("azp").map(|party| party.as_str() == Some(expected.client_id));
    if !is_for_us || party == Some(false) || (is_for_others && party.is_none()) {
        return Err(TokenFault::Audience);
    }
    let at = now.as_millis() / 1_000;
    let end = seconds(claims, "exp").ok_or(TokenFault::Time)?;
    let issued = seconds(claims, "iat").ok_or(TokenFault::Time)?;
    let begins = seconds(claims, "nbf").unwrap_or(issued);
    if end <= at - SKEW_SECONDS || issued.max(begins) > at + SKEW_SECONDS {
        return Err(TokenFault::Time);
    }
    let nonce = text("nonce").unwrap_or_default();
    let is_same =
        aws_lc_rs::constant_time::verify_slices_are_equal(nonce.as_bytes(), expected.nonce.as_bytes());
    is_same.map_err(|_| TokenFault::Nonce)
}

#[cfg(test)]
mod tests;
