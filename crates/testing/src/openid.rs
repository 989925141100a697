//! An OpenID provider on loopback that signs what a test wants it to sign, honest or not.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use flero_model::Clock as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use crate::clock::StoppedClock;

/// The client that the provider knows.
pub const OPENID_CLIENT: &str = "flero-sign-in";
/// Its secret.
pub const OPENID_SECRET: &str = "openid-secret-canary-51d9";

/// What is wrong with the next ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// It is not signed: `alg` is `none`.
    Unsigned,
    /// It is signed with the public key as a shared one: `alg` is `HS256`.
    SharedKey,
    /// It is signed with a key that is not listed, under the name of one that is.
    OtherKey,
    /// It is signed with a key under a name that is not listed.
    UnknownKey,
    /// Its claims were changed after it was signed.
    Changed,
}

struct Consent {
    challenge: String,
    redirect_uri: String,
    nonce: String,
    claims: Value,
}

struct Inner {
    key: EcdsaKeyPair,
    kid: u32,
    codes: HashMap<String, Consent>,
    forgery: Option<Forgery>,
    userinfo: HashMap<String, Value>,
    told_later: Option<Value>,
    counter: u64,
    key_reads: u32,
}

/// See the module.
#[derive(Clone)]
pub struct OpenidProvider {
    /// Its issuer.
    pub issuer: String,
    clock: Arc<StoppedClock>,
    inner: Arc<Mutex<Inner>>,
}

fn new_key() -> EcdsaKeyPair {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref()).unwrap()
}

fn jwk(key: &EcdsaKeyPair, kid: u32) -> Value {
    let point = &key.public_key().as_ref()[1..];
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid.to_string(),
        "x": BASE64URL_NOPAD.encode(&point[..32]), "y": BASE64URL_NOPAD.encode(&point[32..])})
}

impl OpenidProvider {
    /// Starts one that reads a test's clock.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(clock: Arc<StoppedClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            key: new_key(),
            kid: 1,
            codes: HashMap::new(),
            forgery: None,
            userinfo: HashMap::new(),
            told_later: None,
            counter: 0,
            key_reads: 0,
        };
        let provider = Self { issuer, clock, inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/me", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap())
    }

    /// What an organization sets it up with.
    #[must_use]
    pub fn body(&self, rules: Value) -> Value {
        json!({"name": "Practice", "issuer": self.issuer, "clientId": OPENID_CLIENT,
            "clientSecret": OPENID_SECRET, "rules": rules})
    }

    /// Somebody signs in at the address that the browser opened; gives the query that it comes back with. `claims` are
    /// added to the usual ones of the ID token, or replace them; null removes one.
    ///
    /// # Panics
    /// When the address is not a request for a sign-in.
    pub fn consent(&self, authorization_url: &str, claims: Value) -> String {
        let url = Url::parse(authorization_url).unwrap();
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", OPENID_CLIENT));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let code = self.with(|inner| {
            inner.counter += 1;
            let code = format!("code-{}", inner.counter);
            let consent = Consent {
                challenge: asked["code_challenge"].clone(),
                redirect_uri: asked["redirect_uri"].clone(),
                nonce: asked["nonce"].clone(),
                claims,
            };
            inner.codes.insert(code.clone(), consent);
            code
        });
        form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.issuer)
            .finish()
    }

    /// What is wrong with ID tokens from now on.
    pub fn forge(&self, forgery: Option<Forgery>) {
        self.with(|inner| inner.forgery = forgery);
    }

    /// Signs with another key from now on.
    pub fn rotate_key(&self) {
        self.with(|inner| {
            inner.key = new_key();
            inner.kid += 1;
        });
    }

    /// What userinfo tells from now on; without it, nothing but the subject.
    pub fn tell_later(&self, claims: Option<Value>) {
        self.with(|inner| inner.told_later = claims);
    }

    /// How often the keys were read.
    #[must_use]
    pub fn key_reads(&self) -> u32 {
        self.with(|inner| inner.key_reads)
    }
}

async fn metadata(State(server): State<OpenidProvider>) -> Json<Value> {
    let issuer = &server.issuer;
    Json(json!({"issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
        "userinfo_endpoint": format!("{issuer}/me"), "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true}))
}

async fn jwks(State(server): State<OpenidProvider>) -> Json<Value> {
    server.with(|inner| {
        inner.key_reads += 1;
        // One of a kind that nobody knows, as providers list them at times.
        Json(json!({"keys": [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "x"}, jwk(&inner.key, inner.kid)]}))
    })
}

async fn token(State(server): State<OpenidProvider>, headers: HeaderMap, body: Bytes) -> Response {
    let asked: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let basic = format!("Basic {}", BASE64.encode(format!("{OPENID_CLIENT}:{OPENID_SECRET}").as_bytes()));
    let refuse = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": code}))).into_response();
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value.as_bytes() != basic.as_bytes()) {
        return refuse("invalid_client");
    }
    let now = server.clock.now().as_millis() / 1_000;
    server.with(|inner| {
        let text = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
        let Some(consent) = inner.codes.remove(text("code")) else { return refuse("invalid_grant") };
        let hash = digest::digest(&digest::SHA256, text("code_verifier").as_bytes());
        if BASE64URL_NOPAD.encode(hash.as_ref()) != consent.challenge
            || consent.redirect_uri != text("redirect_uri")
        {
            return refuse("invalid_grant");
        }
        let mut claims = json!({"iss": server.issuer, "aud": OPENID_CLIENT, "sub": "subject-1",
            "nonce": consent.nonce, "iat": now, "exp": now + 300});
        let members = claims.as_object_mut().unwrap();
        members.extend(consent.claims.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        let access = format!("access-{}", inner.counter);
        let mut told = inner.told_later.clone().unwrap_or_else(|| json!({}));
        told.as_object_mut().unwrap().entry("sub").or_insert(claims["sub"].clone());
        inner.userinfo.insert(access.clone(), told);
        let id_token = inner.sign(&claims);
        Json(json!({"access_token": access, "token_type": "Bearer", "id_token": id_token})).into_response()
    })
}

async fn userinfo(State(server): State<OpenidProvider>, headers: HeaderMap) -> Response {
    let presented = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = presented.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    match server.with(|inner| inner.userinfo.get(token).cloned()) {
        Some(told) => Json(told).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

impl Inner {
    fn sign(&self, claims: &Value) -> String {
        let algorithm = match self.forgery {
            Some(Forgery::Unsigned) => "none",
            Some(Forgery::SharedKey) => "HS256",
            _ => "ES256",
        };
        let kid = if self.forgery == Some(Forgery::UnknownKey) { 99 } else { self.kid };
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid.to_string()});
        let coded = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", coded(&header), coded(claims));
        let by = |key: &EcdsaKeyPair| {
            key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
        };
        let signature = match self.forgery {
            Some(Forgery::Unsigned) => Vec::new(),
            Some(Forgery::SharedKey) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key().as_ref());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            Some(Forgery::OtherKey | Forgery::UnknownKey) => by(&new_key()),
            Some(Forgery::Changed) | None => by(&self.key),
        };
        let mut told = claims.clone();
        if self.forgery == Some(Forgery::Changed) {
            told["sub"] = json!("somebody-else");
        }
        format!("{}.{}.{}", coded(&header), coded(&told), BASE64URL_NOPAD.encode(&signature))
    }
}
