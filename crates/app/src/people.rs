//! People: the first owner, and whom the command line acts for.

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use flero_model::{
    ApiKeyId, OrganizationId, UserId, WorkspaceId,
    audit::{Actor, AuditAction, AuditDetail},
    policy::{Principal, Via},
    problem::FieldProblem,
    role::{KeyScope, Role},
    secret::SecretString,
};
use flero_store::{api_keys::ApiKey, people::FirstOwner};

use crate::{App, Error, Result, api_keys, random};

/// The shortest password, in characters, where it is the only factor. Source: NIST SP 800-63B-4 section 3.1.1.2.
pub const MIN_PASSWORD_CHARS: usize = 15;
/// The longest password that is taken, in bytes, so that hashing stays bounded.
pub const MAX_PASSWORD_BYTES: usize = 1_024;

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

/// Who somebody is, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The person's name.
    pub name: String,
    /// The person's address.
    pub email: String,
    /// The name of the workspace.
    pub workspace_name: String,
}

impl App {
    /// Makes the first owner with an organization, a workspace and a key.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::AlreadySetUp`] when there is a person.
    pub async fn set_up(&self, with: SetUp) -> Result<Owner> {
        check(&with)?;
        if self.store().has_people().await? {
            return Err(Error::AlreadySetUp);
        }
        let password = with.password;
        let password_hash = tokio::task::spawn_blocking(move || hash_password(&password))
            .await
            .map_err(|_| Error::Internal("the password could not be hashed"))??;
        let now = self.now();
        let organization = OrganizationId::new(now, random::for_id()?);
        let workspace = WorkspaceId::new(now, random::for_id()?);
        let user = UserId::new(now, random::for_id()?);
        let (api_key, last_four) = api_keys::mint()?;
        let key = ApiKey {
            id: ApiKeyId::new(now, random::for_id()?),
            workspace,
            creator: user,
            name: "First key".to_owned(),
            hash: api_keys::hash(api_key.expose()),
            last_four,
            scopes: KeyScope::ALL.to_vec(),
            workflow_ids: None,
            allowed_networks: Vec::new(),
            expires_at: None,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let actor = Actor::User { user };
        let made = self.record_in(workspace, actor, AuditAction::Bootstrapped, user, AuditDetail::default());
        let named = AuditDetail { name: Some(key.name.clone()), ..AuditDetail::default() };
        let keyed = self.record_in(workspace, actor, AuditAction::ApiKeyCreated, key.id, named);
        let first = FirstOwner {
            organization,
            organization_name: with.workspace.trim().to_owned(),
            workspace,
            workspace_name: with.workspace.trim().to_owned(),
            user,
            email: with.email.trim().to_lowercase(),
            name: with.name.trim().to_owned(),
            password_hash,
            api_key: key,
            at: now,
        };
        match self.store().create_first_owner(first, vec![made, keyed]).await {
            Ok(()) => Ok(Owner { organization, workspace, user, api_key }),
            Err(flero_store::Error::Refused { .. }) => Err(Error::AlreadySetUp),
            Err(error) => Err(error.into()),
        }
    }

    /// Whom the command line acts for: the first owner in the oldest workspace. Whoever can run it on the data
    /// folder holds the data already.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is nobody yet.
    pub async fn local_principal(&self) -> Result<Principal> {
        let member = self.store().first_owner().await?;
        Ok(Principal {
            user: member.user,
            organization: member.organization,
            workspace: member.workspace,
            role: member.role,
            via: Via::Local,
        })
    }

    /// Names for a principal.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the person or the workspace is gone.
    pub async fn me(&self, who: &Principal) -> Result<Me> {
        let (name, email) = self.store().person(who.user).await?;
        let workspace_name = self.store().workspace(who.workspace).await?.name;
        Ok(Me { name, email, workspace_name })
    }
}

/// The words for a role, as the API writes it.
#[must_use]
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Editor => "editor",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

fn check(with: &SetUp) -> Result<()> {
    let mut problems = Vec::new();
    let email = with.email.trim();
    let shaped = email
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && (domain.contains('.') || domain == "localhost"));
    if !shaped
        || email.len() > 254
        || email.chars().any(|letter| letter.is_whitespace() || letter.is_control())
    {
        problems.push(FieldProblem::new(
            "/email",
            "person.email",
            "Give an address such as ada@example.com.",
        ));
    }
    for (pointer, text) in [("/name", &with.name), ("/workspace", &with.workspace)] {
        if text.trim().is_empty() || text.chars().count() > 120 {
            problems.push(FieldProblem::new(pointer, "json.required", "Give a text of 1 to 120 characters."));
        }
    }
    let password = with.password.expose();
    if password.chars().count() < MIN_PASSWORD_CHARS || password.len() > MAX_PASSWORD_BYTES {
        let message = format!(
            "Use {MIN_PASSWORD_CHARS} characters or more, 1024 bytes at most. A sentence is a good password."
        );
        problems.push(FieldProblem::new("/password", "person.password", message));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Argon2id in PHC form with 19 MiB, 2 passes and 1 lane.
///
/// Source: RFC 9106; parameters of the OWASP Password Storage Cheat Sheet.
fn hash_password(password: &SecretString) -> Result<String> {
    const MEMORY_KIB: u32 = 19 * 1024;
    const PASSES: u32 = 2;
    const LANES: u32 = 1;
    let failed = |_| Error::Internal("the password could not be hashed");
    let salt = random::bytes::<16>()?;
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(failed)?;
    let mut hash = [0_u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(password.expose().as_bytes(), &salt, &mut hash)
        .map_err(failed)?;
    let (salt, hash) = (BASE64_NOPAD.encode(&salt), BASE64_NOPAD.encode(&hash));
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_stored_as_a_salted_phc_string() {
        let password = SecretString::from("correct horse battery staple");
        let (one, two) = (hash_password(&password).unwrap(), hash_password(&password).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one.len() > 90);
        assert_ne!(one, two);
        assert!(!one.contains("horse"));
    }

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
}
