//! OAuth 2: the client's side of RFC 6749 and its relatives, inside the one door.
//!
//! Pure parts: [`Settings`] reads a policy, `grants` and `request` write token requests, [`answer`] reads what comes
//! back. `broker` finds, opens and renews token sets, exactly once however many want it; `wire` calls through the
//! egress guard.
//!
//! The token request is written and read here and not by a library: services differ from the RFC in so many small
//! ways (see [`flero_model::service::Oauth`]) that a typed client would stand in the way.

pub mod answer;
mod authorize;
mod broker;
pub(crate) mod client;
mod device;
mod discovery;
pub(crate) mod dpop;
mod fault;
mod grants;
mod jwt;
pub mod openid;
mod pkce;
mod refresh;
mod request;
mod settings;
mod token_set;
mod wire;

pub use answer::Account;
pub use authorize::{Begun, Consent, VERIFIER_FIELD};
pub use broker::{OauthPorts, Timing};
pub use device::DeviceCode;
pub use discovery::Metadata;
pub use fault::{Fault, OauthError};
pub use settings::{GrantType, Settings};
pub use token_set::TokenSet;

pub(crate) use broker::{Access, Broker};
pub(crate) use request::Prepared;
pub(crate) use wire::Wire;
