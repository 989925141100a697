//! Invitations to a workspace: they last seven days, for one address and one role.

use std::collections::BTreeSet;

use flero_model::{
    InviteId, Timestamp, UserId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail},
    organization_policies::OrganizationPolicies,
    policy::{Action, Principal},
    problem::FieldProblem,
    role::Role,
    secret::SecretString,
};
use flero_store::{
    Page, PageRequest,
    invites::{Guest, Invite},
    sessions::Session,
};

use super::{account::email_problem, normal_email, sessions::new_token, sessions::token_hash};
use crate::{App, Error, Result, app::permit, random};

/// How long an invitation lasts, in milliseconds: seven days.
pub const LASTING_MS: i64 = 7 * 86_400_000;
/// The most invitations in one request.
pub const MOST_AT_ONCE: usize = 500;

/// An invitation that was just made; its URL is told this once.
#[derive(Debug)]
pub struct Made {
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// The link, which ends in `/invite/` and the token.
    pub url: SecretString,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

/// What the holder of an invitation may know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Where to.
    pub workspace_name: String,
    /// Until when it is taken.
    pub expires_at: Timestamp,
    /// Whether there is an account with the address, which signs in and accepts; else one is made.
    pub has_account: bool,
}

impl App {
    /// Invites people. All of them or nobody: one bad address refuses the whole.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with the place of each bad entry.
    pub async fn invite(&self, who: &Principal, guests: Vec<(String, Role)>) -> Result<Vec<Made>> {
        for role in guests.iter().map(|(_, role)| *role).collect::<BTreeSet<Role>>() {
            permit(who, Action::Invite(role))?;
        }
        if guests.is_empty() {
            permit(who, Action::Invite(Role::Viewer))?;
        }
        check(&guests, &self.policies_of(who).await?)?;
        let (mut made, mut invites, mut audit) = (Vec::new(), Vec::new(), Vec::new());
        for (email, role) in guests {
            let (one, invite) = self.draft_invite(who.workspace, who.user, normal_email(&email), role)?;
            let detail = AuditDetail { to: Some(role.as_str().to_owned()), ..AuditDetail::default() };
            audit.push(self.record(who, AuditAction::MemberInvited, invite.id, detail));
            made.push(one);
            invites.push(invite);
        }
        self.store().create_invites(invites, audit).await?;
        Ok(made)
    }

    /// An invitation on behalf of somebody; it is not stored yet.
    pub(super) fn draft_invite(
        &self,
        workspace: WorkspaceId,
        invited_by: UserId,
        email: String,
        role: Role,
    ) -> Result<(Made, Invite)> {
        let (now, token) = (self.now(), new_token()?);
        let invite = Invite {
            id: InviteId::new(now, random::for_id()?),
            token_hash: token_hash(token.expose()),
            workspace,
            email: email.clone(),
            role,
            invited_by,
            by_sign_up: false,
            created_at: now,
            expires_at: now.plus_millis(LASTING_MS),
            accepted_at: None,
            revoked_at: None,
        };
        let url = SecretString::new(format!("{}/invite/{}", self.public_url(), token.expose()));
        Ok((Made { email, role, url, expires_at: invite.expires_at }, invite))
    }

    /// Makes an open invitation anew; the former link opens nothing any more.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn resend_invite(&self, who: &Principal, id: InviteId) -> Result<Made> {
        permit(who, Action::Invite(Role::Viewer))?;
        let former = self.store().get_invite(who.workspace, id).await?;
        if former.accepted_at.is_some() || former.revoked_at.is_some() {
            return Err(Error::NotFound);
        }
        let made = self.invite(who, vec![(former.email, former.role)]).await?;
        made.into_iter().next().ok_or(Error::Internal("an invitation was lost"))
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn revoke_invite(&self, who: &Principal, id: InviteId) -> Result<()> {
        permit(who, Action::Invite(Role::Viewer))?;
        let record = self.record(who, AuditAction::InviteRevoked, id, AuditDetail::default());
        Ok(self.store().revoke_invite(who.workspace, id, self.now(), vec![record]).await?)
    }

    /// A page of the invitations that are neither accepted nor taken back, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::InvalidCursor`].
    pub async fn list_invites(&self, who: &Principal, page: PageRequest) -> Result<Page<Invite>> {
        permit(who, Action::ReadMembers)?;
        Ok(self.store().list_invites(who.workspace, page).await?)
    }

    /// What the holder of an invitation may know of it.
    ///
    /// # Errors
    /// [`Error::InviteInvalid`].
    pub async fn tell_invite(&self, token: &str) -> Result<Told> {
        let invite = self.open_invite(token).await?;
        let has_account = match self.store().account_by_email(&invite.email).await {
            Ok(_) => true,
            Err(flero_store::Error::NotFound) => false,
            Err(error) => return Err(error.into()),
        };
        let workspace_name = self.store().workspace(invite.workspace).await?.name;
        Ok(Told {
            email: invite.email,
            role: invite.role,
            workspace_name,
            expires_at: invite.expires_at,
            has_account,
        })
    }

    /// Accepts an invitation as somebody who is signed in with its address.
    ///
    /// # Errors
    /// [`Error::InviteInvalid`], also when it is for another address.
    pub async fn accept_invite(&self, own: &Session, token: &str) -> Result<()> {
        let invite = self.open_invite(token).await?;
        if self.store().account(own.user).await?.email != invite.email {
            return Err(Error::InviteInvalid);
        }
        let detail = AuditDetail { to: Some(invite.role.as_str().to_owned()), ..AuditDetail::default() };
        let actor = Actor::User { user: own.user };
        let record = self.record_in(invite.workspace, actor, AuditAction::MemberJoined, own.user, detail);
        match self.store().accept_invite(invite.id, Guest::Known(own.user), self.now(), vec![record]).await {
            Err(flero_store::Error::Conflict) => Err(Error::InviteInvalid),
            other => Ok(other?),
        }
    }
}

fn check(guests: &[(String, Role)], policies: &OrganizationPolicies) -> Result<()> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, (email, _)) in guests.iter().enumerate() {
        let pointer = format!("/emails/{place}");
        if let Some(problem) = email_problem(&pointer, email) {
            problems.push(problem);
        } else if !policies.may_invite(&normal_email(email)) {
            let message = "Your organization invites addresses of other domains alone.";
            problems.push(FieldProblem::new(pointer, "invite.domain", message));
        } else if !seen.insert(normal_email(email)) {
            problems.push(FieldProblem::new(pointer, "invite.twice", "This address stands there twice."));
        }
    }
    if guests.is_empty() || guests.len() > MOST_AT_ONCE {
        let message = format!("Give 1 to {MOST_AT_ONCE} addresses.");
        problems.push(FieldProblem::new("/emails", "json.range", message));
    }
    problems.truncate(50);
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Reads a table of addresses and, optionally, roles: `email,role` in each line (RFC 4180), with or without a head
/// line. A line without a role gets `role`.
///
/// # Errors
/// [`Error::Invalid`] with the place of each line that cannot be read.
pub fn read_csv(text: &str, role: Role) -> Result<Vec<(String, Role)>> {
    let (mut guests, mut problems) = (Vec::new(), Vec::new());
    for (place, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let mut cells = line.split([',', ';']).map(|cell| cell.trim().trim_matches('"').trim());
        let email = cells.next().unwrap_or_default();
        if email.is_empty() || (place == 0 && email.eq_ignore_ascii_case("email")) {
            continue;
        }
        let as_what = match cells.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "" => Some(role),
            "viewer" => Some(Role::Viewer),
            "editor" => Some(Role::Editor),
            "admin" => Some(Role::Admin),
            _ => None,
        };
        match as_what {
            Some(role) => guests.push((email.to_owned(), role)),
            None => problems.push(FieldProblem::new(
                "/csv",
                "invite.role",
                format!("Line {}: the role is viewer, editor or admin.", place + 1),
            )),
        }
    }
    problems.truncate(50);
    if problems.is_empty() { Ok(guests) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_and_without_a_head_line() {
        let expected = vec![("a@x.y".to_owned(), Role::Editor), ("b@x.y".to_owned(), Role::Admin)];
        for text in [
            "a@x.y\nb@x.y,admin",
            "Email,Role\r\na@x.y,\r\n\"b@x.y\", ADMIN\r\n\r\n",
            "\u{feff}email;role\na@x.y;editor\nb@x.y;admin",
        ] {
            assert_eq!(read_csv(text, Role::Editor).unwrap(), expected, "{text:?}");
        }
        assert!(matches!(read_csv("a@x.y,king", Role::Viewer), Err(Error::Invalid(_))));
        assert!(matches!(read_csv("a@x.y,owner", Role::Viewer), Err(Error::Invalid(_))));
    }

    #[test]
    fn one_bad_address_refuses_the_whole() {
        let guests = |emails: &[&str]| -> Vec<(String, Role)> {
            emails.iter().map(|email| ((*email).to_owned(), Role::Viewer)).collect()
        };
        assert!(check(&guests(&["a@x.y", "b@x.y"]), &OrganizationPolicies::default()).is_ok());
        for bad in [&[][..], &["a@x.y", "nobody"], &["a@x.y", "A@X.y "]] {
            assert!(
                matches!(check(&guests(bad), &OrganizationPolicies::default()), Err(Error::Invalid(_))),
                "{bad:?}"
            );
        }
    }
}
