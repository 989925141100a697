//! Signing oneself up: whoever has an address of one of an organization's domains is sent an invitation.
//!
//! The mail is the proof of the address, and everything after it is what becomes of any invitation. Whether there is an
//! account with the address changes nothing, here or in the answer.

use flero_connect::mail::{Mail, MailFault};
use flero_model::{
    DeliveryId,
    audit::{Actor, AuditAction, AuditDetail},
    organization_policies::SignUp,
};
use flero_store::{PageRequest, invites::Invite};

use super::{account::email_problem, attempts::Bucket, normal_email, sessions::Origin};
use crate::{App, Error, Result, random};

impl App {
    /// Mails an invitation to whoever has this address, if an organization takes people of its domain.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::RegistrationClosed`] for an address that nobody takes; [`Error::TooManyAttempts`];
    /// [`Error::Unavailable`] when no mail can be sent now.
    pub async fn sign_up(&self, email: &str, origin: &Origin) -> Result<()> {
        if let Some(problem) = email_problem("/email", email) {
            return Err(Error::Invalid(vec![problem]));
        }
        let email = normal_email(email);
        self.attempt(Bucket::SignUp(&email), origin.address).await?;
        let unavailable = Error::Unavailable("no mail can be sent now; try again later");
        let place = self.place_for(&email).await?.ok_or(Error::RegistrationClosed)?;
        let mailer = self.mailer().cloned().ok_or(Error::RegistrationClosed)?;
        // The new invitation takes the place of one that waits. What somebody invited them to stays theirs.
        let waiting = self.store().open_invite(place.workspace_id, &email, self.now()).await?;
        let theirs = waiting.filter(|invite| !invite.by_sign_up && invite.role >= place.role);
        let role = theirs.as_ref().map_or(place.role, |invite| invite.role);
        let (made, invite) = self.draft_invite(place.workspace_id, place.opened_by, email.clone(), role)?;
        let invite = Invite { by_sign_up: theirs.is_none(), ..invite };
        let workspace = self.store().workspace(place.workspace_id).await?.name;
        let mail = Mail {
            id: DeliveryId::new(self.now(), random::for_id()?).to_string(),
            to_name: String::new(),
            to_address: email,
            subject: format!("Your invitation to “{workspace}”"),
            text: format!(
                "You, or somebody who typed your address, asked to join “{workspace}” at {}.\n\n\
                 This link makes you a member. It works once, for seven days:\n\n{}\n\n\
                 If it was not you, there is nothing to do: without the link nothing happens.\n",
                self.public_url(),
                made.url.expose(),
            ),
        };
        let detail = AuditDetail {
            to: Some(role.as_str().to_owned()),
            outcome: Some("sign_up".to_owned()),
            ..AuditDetail::default()
        };
        let action = AuditAction::MemberInvited;
        let record = self.record_in(place.workspace_id, Actor::System, action, invite.id, detail);
        self.store().create_invites(vec![invite], vec![record]).await?;
        match mailer.send(mail).await {
            // What the server says of an address is not for whoever typed it.
            Ok(()) | Err(MailFault::Refused) => Ok(()),
            Err(MailFault::Passing) => Err(unavailable),
        }
    }

    /// Where whoever has an address may sign themselves up.
    async fn place_for(&self, email: &str) -> Result<Option<SignUp>> {
        let mut seen = Vec::new();
        for workspace in self.store().workspaces().await? {
            if seen.contains(&workspace.organization) {
                continue;
            }
            seen.push(workspace.organization);
            let (policies, _) = self.store().organization_policies(workspace.organization).await?;
            if let Some(place) = policies.place_for(email)
                && self.is_lived_in(place).await?
            {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Whether a workspace is still one that people join: neither deleted, which leaves nobody in it, nor archived.
    async fn is_lived_in(&self, place: SignUp) -> Result<bool> {
        let is_archived = self.store().workspace(place.workspace_id).await?.archived_at.is_some();
        let members =
            self.store().list_members(place.workspace_id, PageRequest { limit: 1, cursor: None }).await?;
        Ok(!is_archived && members.total > 0)
    }
}
