//! The practice service that a server may offer: something to connect for whoever has no account at hand.

use flero_model::{
    credential::Scope,
    policy::{Action, Principal},
};

use crate::{App, Error, Result, app::permit};

/// A practice service. Its token opens nothing else, so that everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// Where it is, without a slash at its end.
    pub url: String,
    /// The token that it wants.
    pub token: &'static str,
}

impl App {
    /// Offers a practice service. The first one stays.
    pub fn offer_practice(&self, url: String, token: &'static str) {
        let _ = self.0.practice.set(Practice { url, token });
    }

    /// The practice service, for whoever may add a credential for it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] where none is offered.
    pub fn practice(&self, who: &Principal) -> Result<Practice> {
        permit(who, Action::CreateCredential(Scope::Personal))?;
        self.0.practice.get().cloned().ok_or(Error::NotFound)
    }
}
