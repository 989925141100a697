//! An account: name, address, password, and the first one of an installation.

use flero_model::{
    ApiKeyId, OrganizationId, UserId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail},
    problem::FieldProblem,
    role::KeyScope,
    secret::SecretString,
};
use flero_store::{
    api_keys::ApiKey,
    people::{Account, FirstOwner},
    sessions::Session,
};

use super::{password, sessions::Origin, sessions::SignedIn};
use crate::{App, Error, Result, api_keys, random};

/// What the first owner is made with.
#[derive(Debug)]
pub struct SetUp {
    /// The person's address.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The name of the first workspace.
    pub workspace: String,
    /// The password.
    pub password: SecretString,
}

/// The first owner and the key with all scopes, which is shown this once.
#[derive(Debug)]
pub struct Owner {
    /// The organization.
    pub organization: OrganizationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The person.
    pub user: UserId,
    /// The key.
    pub api_key: SecretString,
}

impl App {
    /// Makes the first owner with an organization, a workspace and a key.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::AlreadySetUp`] when there is a person.
    pub async fn set_up(&self, with: SetUp) -> Result<Owner> {
        let (api_key, last_four) = api_keys::mint()?;
        let (hash, made) = (api_keys::hash(api_key.expose()), ApiKeyId::new(self.now(), random::for_id()?));
        let owner = self
            .create_first_owner(with, |first| {
                first.api_key = Some(ApiKey {
                    id: made,
                    workspace: first.workspace,
                    creator: first.user,
                    name: "First key".to_owned(),
                    hash,
                    last_four,
                    // A key for SCIM is made on purpose.
                    scopes: KeyScope::ALL
                        .iter()
                        .copied()
                        .filter(|scope| *scope != KeyScope::ScimProvision)
                        .collect(),
                    workflow_ids: None,
                    allowed_networks: Vec::new(),
                    expires_at: None,
                    created_at: first.at,
                    last_used_at: None,
                    revoked_at: None,
                });
            })
            .await?;
        Ok(Owner { organization: owner.organization, workspace: owner.workspace, user: owner.user, api_key })
    }

    /// Makes the first owner, signed in. The set-up token was checked before.
    pub(super) async fn set_up_in_browser(&self, with: SetUp, origin: &Origin) -> Result<SignedIn> {
        let (token, draft) = self.draft_session(UserId::from_u128(0), origin)?;
        let owner = self
            .create_first_owner(with, |first| first.session = Some(Session { user: first.user, ..draft }))
            .await?;
        let session = owner.session.ok_or(Error::Internal("a session was lost"))?;
        Ok(SignedIn { token, session })
    }

    async fn create_first_owner(
        &self,
        with: SetUp,
        complete: impl FnOnce(&mut FirstOwner),
    ) -> Result<FirstOwner> {
        check(&with)?;
        if self.store().has_people().await? {
            return Err(Error::AlreadySetUp);
        }
        let now = self.now();
        let mut first = FirstOwner {
            organization: OrganizationId::new(now, random::for_id()?),
            organization_name: with.workspace.trim().to_owned(),
            workspace: WorkspaceId::new(now, random::for_id()?),
            workspace_name: with.workspace.trim().to_owned(),
            user: UserId::new(now, random::for_id()?),
            email: normal_email(&with.email),
            name: with.name.trim().to_owned(),
            password_hash: password::hash(with.password).await?,
            api_key: None,
            session: None,
            at: now,
        };
        complete(&mut first);
        let (place, actor) = (first.workspace, Actor::User { user: first.user });
        let mut audit =
            vec![self.record_in(place, actor, AuditAction::Bootstrapped, first.user, AuditDetail::default())];
        if let Some(key) = &first.api_key {
            let named = AuditDetail::named(key.name.clone());
            audit.push(self.record_in(place, actor, AuditAction::ApiKeyCreated, key.id, named));
        }
        if let Some(session) = &first.session {
            audit.push(self.record_in(
                place,
                actor,
                AuditAction::SignedIn,
                session.id,
                AuditDetail::default(),
            ));
        }
        match self.store().create_first_owner(first.clone(), audit).await {
            Ok(()) => Ok(first),
            Err(flero_store::Error::Refused { .. }) => Err(Error::AlreadySetUp),
            Err(error) => Err(error.into()),
        }
    }

    /// A new account with a checked name, address and password.
    pub(super) async fn draft_account(
        &self,
        name: &str,
        email: &str,
        secret: SecretString,
    ) -> Result<Account> {
        let mut problems = Vec::new();
        problems.extend(name_problem("/name", name));
        problems.extend(email_problem("/email", email));
        problems.extend(password::problem("/password", &secret, &[name, email, "flero"]));
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(Account {
            user: UserId::new(self.now(), random::for_id()?),
            email: normal_email(email),
            name: name.trim().to_owned(),
            password_hash: password::hash(secret).await?,
        })
    }
}

/// An address as it is stored and compared.
pub(crate) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What is wrong with an address.
pub(crate) fn email_problem(pointer: &str, email: &str) -> Option<FieldProblem> {
    let email = email.trim();
    let shaped = email
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && (domain.contains('.') || domain == "localhost"));
    let odd =
        |letter: char| letter.is_whitespace() || letter.is_control() || "<>,;:\"()[]\\".contains(letter);
    if shaped && email.len() <= 254 && email.matches('@').count() == 1 && !email.contains(odd) {
        return None;
    }
    Some(FieldProblem::new(pointer, "person.email", "Give an address such as ada@example.com."))
}

/// What is wrong with the name of a person or a workspace.
pub(crate) fn name_problem(pointer: &str, name: &str) -> Option<FieldProblem> {
    let fits = !name.trim().is_empty() && name.chars().count() <= 120 && !name.contains(char::is_control);
    (!fits).then(|| FieldProblem::new(pointer, "json.required", "Give a text of 1 to 120 characters."))
}

fn check(with: &SetUp) -> Result<()> {
    let mut problems = Vec::new();
    problems.extend(email_problem("/email", &with.email));
    problems.extend(name_problem("/name", &with.name));
    problems.extend(name_problem("/workspace", &with.workspace));
    problems.extend(password::problem("/password", &with.password, &[&with.name, &with.email, "flero"]));
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_field_of_the_set_up_is_named() {
        let with = SetUp {
            email: "nobody".into(),
            name: " ".into(),
            workspace: String::new(),
            password: "short".into(),
        };
        let Err(Error::Invalid(problems)) = check(&with) else { panic!("accepted") };
        let pointers: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, ["/email", "/name", "/workspace", "/password"]);
    }

    #[test]
    fn an_address_holds_nothing_that_mail_reads_otherwise() {
        for good in ["ada@example.com", "a.b+c@x.co", "root@localhost", "ä@exämple.de"] {
            assert!(email_problem("", good).is_none(), "{good}");
        }
        for bad in ["", "@x.y", "a@b", "a b@x.y", "a@x.y\r\nBcc: z@x.y", "a@x.y,b@x.y", "<a@x.y>", "a@b@x.y"]
        {
            assert!(email_problem("", bad).is_some(), "{bad:?}");
        }
    }
}
