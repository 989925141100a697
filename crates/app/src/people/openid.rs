//! Signing in with OpenID providers: who signs in there is somebody here, by an identity that is linked to an account.
//!
//! An identity is an issuer's subject and nothing else. An equal address links nothing: whoever controls a provider could
//! take any account by it. A link is made by somebody who has proved both, or together with a new account.

mod attempt;
mod callback;
mod identities;
mod join;
mod providers;

pub use attempt::{ATTEMPT_MS, OpenidBegun, OpenidStart};
pub use callback::{OpenidCallback, OpenidLanding, OpenidRefusal};
pub use identities::LinkedIdentity;
pub use providers::{ProviderEdit, SignInProvider};
