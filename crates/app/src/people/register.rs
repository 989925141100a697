//! Making an account: with the set-up token of a new installation, or with an invitation.

use std::sync::{Mutex, PoisonError};

use flero_model::{
    audit::{Actor, AuditAction, AuditDetail},
    policy::{Action, Principal, Via},
    secret::SecretString,
};
use flero_store::invites::{Guest, Invite};

use super::{
    SetUp,
    sessions::{Origin, SignedIn, new_token, token_hash},
};
use crate::{App, Error, Result, app::permit};

/// What an account is asked for with.
#[derive(Debug)]
pub struct Registration {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// The token of an invitation.
    pub invite_token: Option<SecretString>,
    /// The token that the server printed at its first start.
    pub setup_token: Option<SecretString>,
    /// The name of the first workspace; only with a set-up token.
    pub workspace: Option<String>,
}

/// The hash of the set-up token of this process.
#[derive(Debug, Default)]
pub(crate) struct SetUpToken(Mutex<Option<[u8; 32]>>);

impl SetUpToken {
    fn is(&self, presented: &str) -> bool {
        let expected = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        expected.is_some_and(|expected| {
            let found = token_hash(presented);
            aws_lc_rs::constant_time::verify_slices_are_equal(&expected, &found).is_ok()
        })
    }
}

impl App {
    /// Makes the token with which the first owner is made in a browser. A former one is no longer taken.
    ///
    /// # Errors
    /// [`Error::AlreadySetUp`] when there is a person; [`Error::Internal`] without randomness.
    pub async fn new_setup_token(&self) -> Result<SecretString> {
        if self.store().has_people().await? {
            return Err(Error::AlreadySetUp);
        }
        let token = new_token()?;
        *self.0.setup.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token_hash(token.expose()));
        Ok(token)
    }

    /// Whether nobody owns the installation yet.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_new(&self) -> Result<bool> {
        Ok(!self.store().has_people().await?)
    }

    /// Makes an account and signs it in.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::RegistrationClosed`] without a token that opens it; [`Error::InviteInvalid`];
    /// [`Error::AccountExists`], which only the holder of an invitation for that address is told.
    pub async fn register(&self, with: Registration, origin: &Origin) -> Result<SignedIn> {
        match (with.setup_token, with.invite_token) {
            (Some(token), None) => {
                if !self.store().has_people().await? && !self.0.setup.is(token.expose()) {
                    return Err(Error::RegistrationClosed);
                }
                let workspace = with.workspace.unwrap_or_else(|| "Main".to_owned());
                let set_up = SetUp { email: with.email, name: with.name, workspace, password: with.password };
                let signed_in = self.set_up_in_browser(set_up, origin).await?;
                *self.0.setup.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Ok(signed_in)
            }
            (None, Some(token)) => {
                let invite = self.open_invite(token.expose()).await?;
                if super::normal_email(&with.email) != invite.email {
                    let message = "The invitation is for another address; use that one.";
                    return Err(Error::field("/email", "invite.other_address", message));
                }
                let account = self.draft_account(&with.name, &with.email, with.password).await?;
                self.register_guest(invite, account, origin).await
            }
            _ => Err(Error::RegistrationClosed),
        }
    }

    /// The open invitation of a token.
    ///
    /// # Errors
    /// [`Error::InviteInvalid`], whatever the reason.
    pub(crate) async fn open_invite(&self, token: &str) -> Result<Invite> {
        match self.store().invite_by_hash(&token_hash(token)).await {
            Ok(invite) if invite.is_open(self.now()) && self.still_invites(&invite).await? => Ok(invite),
            Ok(_) | Err(flero_store::Error::NotFound) => Err(Error::InviteInvalid),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the organization still invites such an address, or still lets it sign itself up to the same, and whether
    /// whoever invited still could: policies and rights hold for invitations that are out, too. Otherwise somebody who is to
    /// be removed would invite a second address of theirs first.
    async fn still_invites(&self, invite: &Invite) -> Result<bool> {
        let organization = self.store().workspace(invite.workspace).await?.organization;
        let (policies, _) = self.store().organization_policies(organization).await?;
        if !invite.by_sign_up {
            return Ok(policies.may_invite(&invite.email) && self.could_invite(invite).await?);
        }
        let place = policies.place_for(&invite.email);
        Ok(place.is_some_and(|place| place.workspace_id == invite.workspace && place.role >= invite.role))
    }

    /// Whether whoever made an invitation has the right to it now, as far as it is a matter of roles.
    async fn could_invite(&self, invite: &Invite) -> Result<bool> {
        let inviter = match self.store().membership(invite.invited_by, invite.workspace).await {
            Ok(member) => member,
            Err(flero_store::Error::NotFound) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let inviter = Principal {
            user: inviter.user,
            organization: inviter.organization,
            organization_role: inviter.organization_role,
            workspace: inviter.workspace,
            role: inviter.role,
            // The proof that it needed was given when it was made.
            via: Via::Local,
        };
        Ok(permit(&inviter, Action::Invite(invite.role)).is_ok())
    }

    async fn register_guest(
        &self,
        invite: Invite,
        account: flero_store::people::Account,
        origin: &Origin,
    ) -> Result<SignedIn> {
        let (token, session) = self.draft_session(account.user, origin)?;
        let actor = Actor::User { user: account.user };
        let detail = AuditDetail { to: Some(invite.role.as_str().to_owned()), ..AuditDetail::default() };
        let audit = [
            (AuditAction::PersonRegistered, account.user.to_string(), AuditDetail::default()),
            (AuditAction::MemberJoined, account.user.to_string(), detail),
            (AuditAction::SignedIn, session.id.to_string(), AuditDetail::default()),
        ];
        let audit = audit
            .into_iter()
            .map(|(action, target, detail)| self.record_in(invite.workspace, actor, action, target, detail))
            .collect();
        let guest = Guest::New { account, session: Box::new(session.clone()) };
        match self.store().accept_invite(invite.id, guest, self.now(), audit).await {
            Ok(()) => Ok(SignedIn { token, session }),
            Err(flero_store::Error::Conflict) => Err(Error::InviteInvalid),
            Err(flero_store::Error::Taken { .. }) => Err(Error::AccountExists),
            Err(error) => Err(error.into()),
        }
    }
}
