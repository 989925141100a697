//! An authenticator in software: it makes passkeys and answers challenges as WebAuthn Level 3 has it (sections 5.8.1,
//! 6.1 and 6.5.4), and as it does not have it where a test wants that.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// The person was there.
const PRESENT: u8 = 0x01;
/// The person was verified, by a PIN or a finger.
const VERIFIED: u8 = 0x04;
/// The passkey may be copied to other devices, and is.
const BACKED_UP: u8 = 0x08 | 0x10;
/// The data of a new passkey follows.
const ATTESTED: u8 = 0x40;

/// What an answer has that it should not have. Without a change, the answer is right.
#[derive(Debug, Default, Clone)]
pub(crate) struct Twist {
    pub(crate) origin: Option<String>,
    pub(crate) party: Option<String>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) challenge: Option<Vec<u8>>,
    pub(crate) without_presence: bool,
    pub(crate) without_verification: bool,
    pub(crate) counter: Option<u32>,
    pub(crate) handle: Option<Vec<u8>>,
    pub(crate) without_handle: bool,
    pub(crate) credential: Option<Vec<u8>>,
    pub(crate) with_broken_signature: bool,
}

/// A device with one passkey.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    pub(crate) id: Vec<u8>,
    origin: String,
    handle: Vec<u8>,
    pub(crate) counter: AtomicU32,
    is_backed_up: bool,
}

impl Authenticator {
    /// A new device, whose browser shows a page of this origin.
    pub(crate) fn new(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let mut id = vec![0; 32];
        aws_lc_rs::rand::fill(&mut id).unwrap();
        Self {
            key,
            id,
            origin: origin.to_owned(),
            handle: Vec::new(),
            counter: AtomicU32::new(0),
            is_backed_up: false,
        }
    }

    /// A device that copies its passkeys and counts nothing.
    pub(crate) fn synchronised(origin: &str) -> Self {
        Self { is_backed_up: true, ..Self::new(origin) }
    }

    fn client_data(&self, kind: &str, options: &Value, twist: &Twist) -> Vec<u8> {
        let challenge = twist.challenge.as_ref().map_or_else(
            || options["publicKey"]["challenge"].as_str().unwrap().to_owned(),
            |bytes| BASE64URL_NOPAD.encode(bytes),
        );
        let data = json!({
            "type": twist.kind.unwrap_or(kind), "challenge": challenge,
            "origin": twist.origin.as_ref().unwrap_or(&self.origin), "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, party: &str, more: u8, twist: &Twist) -> Vec<u8> {
        let mut flags = more;
        flags |= if twist.without_presence { 0 } else { PRESENT };
        flags |= if twist.without_verification { 0 } else { VERIFIED };
        flags |= if self.is_backed_up { BACKED_UP } else { 0 };
        let next = if self.is_backed_up { 0 } else { self.counter.fetch_add(1, Ordering::SeqCst) + 1 };
        let mut data = digest(&SHA256, twist.party.as_deref().unwrap_or(party).as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(twist.counter.unwrap_or(next).to_be_bytes());
        data
    }

    /// Makes the passkey.
    pub(crate) fn create(&mut self, options: &Value, twist: &Twist) -> Value {
        let public = &options["publicKey"];
        self.handle = BASE64URL_NOPAD.decode(public["user"]["id"].as_str().unwrap().as_bytes()).unwrap();
        let client = self.client_data("webauthn.create", options, twist);
        let mut data = self.data(public["rp"]["id"].as_str().unwrap(), ATTESTED, twist);
        let id = twist.credential.as_ref().unwrap_or(&self.id);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(id);
        // COSE (RFC 9053 section 7.1): kty EC2, alg ES256, crv P-256, x, y.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        json!({
            "id": BASE64URL_NOPAD.encode(id), "rawId": BASE64URL_NOPAD.encode(id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"attestationObject": BASE64URL_NOPAD.encode(&object),
                         "clientDataJSON": BASE64URL_NOPAD.encode(&client), "transports": ["internal"]},
        })
    }

    /// Answers a challenge.
    pub(crate) fn answer(&self, options: &Value, twist: &Twist) -> Value {
        let client = self.client_data("webauthn.get", options, twist);
        let data = self.data(options["publicKey"]["rpId"].as_str().unwrap(), 0, twist);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client).as_ref());
        let mut signature = self.key.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec();
        if twist.with_broken_signature {
            *signature.last_mut().unwrap() ^= 1;
        }
        let id = twist.credential.as_ref().unwrap_or(&self.id);
        let handle = twist.handle.as_ref().unwrap_or(&self.handle);
        let mut answer = json!({
            "id": BASE64URL_NOPAD.encode(id), "rawId": BASE64URL_NOPAD.encode(id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {"authenticatorData": BASE64URL_NOPAD.encode(&data),
                         "clientDataJSON": BASE64URL_NOPAD.encode(&client),
                         "signature": BASE64URL_NOPAD.encode(&signature),
                         "userHandle": BASE64URL_NOPAD.encode(handle)},
        });
        if twist.without_handle {
            answer["response"].as_object_mut().unwrap().remove("userHandle");
        }
        answer
    }
}
