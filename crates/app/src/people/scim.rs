//! Provisioning by SCIM: an organization's directory keeps people and groups up.
//!
//! The directory acts by an API key of the scope `scim:provision`, which an owner of the organization makes with a fresh
//! proof. It gives nobody a role by itself: what the members of a group may do is what the organization gives the group.

use flero_model::{
    GroupId, UserId,
    audit::{AuditAction, AuditDetail},
    policy::{Action, Principal},
    problem::FieldProblem,
};
use flero_store::{
    people::Account,
    scim::{GroupFilter, ScimAct, ScimGroup, ScimState, ScimUser, Slice, UserFilter},
};

use super::{
    account::{email_problem, name_problem},
    normal_email,
};
use crate::{
    App, Error, Result,
    app::{actor, permit},
    random,
};

/// The most members of a group.
const MOST_MEMBERS: usize = 10_000;
/// The longest name or identifier of a directory, in bytes.
const MAX_TEXT: usize = 500;

/// What a directory says of somebody, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFields {
    /// Its name of them.
    pub user_name: String,
    /// Its identifier.
    pub external_id: Option<String>,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// The name to show; made of the others where it is not told.
    pub display_name: Option<String>,
    /// The address; the user name where it is not told.
    pub email: Option<String>,
    /// Whether they are a member; as before where it is not told.
    pub is_active: Option<bool>,
}

/// What a directory says of a group, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFields {
    /// Its name.
    pub display_name: String,
    /// The directory's identifier.
    pub external_id: Option<String>,
    /// Who is in it.
    pub members: Vec<UserId>,
}

impl UserFields {
    /// The name to show.
    fn name(&self) -> String {
        let told = self.display_name.clone().filter(|name| !name.trim().is_empty());
        let whole = format!("{} {}", self.given_name.trim(), self.family_name.trim());
        let made = Some(whole.trim().to_owned()).filter(|name| !name.is_empty());
        let local = || self.user_name.split('@').next().unwrap_or_default().to_owned();
        told.or(made).unwrap_or_else(local).trim().to_owned()
    }

    fn email(&self) -> String {
        normal_email(self.email.as_deref().unwrap_or(&self.user_name))
    }

    fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let texts = [
            ("/userName", self.user_name.as_str()),
            ("/externalId", self.external_id.as_deref().unwrap_or_default()),
            ("/name/givenName", &self.given_name),
            ("/name/familyName", &self.family_name),
        ];
        for (pointer, text) in texts {
            if text.len() > MAX_TEXT || text.contains(char::is_control) {
                problems.push(FieldProblem::new(pointer, "json.too_long", "Give at most 500 characters."));
            }
        }
        if self.user_name.trim().is_empty() {
            problems.push(FieldProblem::new("/userName", "json.required", "Give a user name."));
        }
        problems.extend(email_problem("/emails", &self.email()));
        problems.extend(name_problem("/displayName", &self.name()));
        problems
    }
}

impl App {
    /// Whether the caller may provision at all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn permit_provisioning(&self, who: &Principal) -> Result<()> {
        permit(who, Action::Provision)
    }

    /// People of the caller's organization, the oldest first, and how many there are in all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_scim_users(
        &self,
        who: &Principal,
        filter: UserFilter,
        slice: Slice,
    ) -> Result<(Vec<ScimUser>, u64)> {
        permit(who, Action::Provision)?;
        Ok(self.store().scim_users(who.organization, filter, slice).await?)
    }

    /// Somebody of the caller's organization.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn get_scim_user(&self, who: &Principal, id: UserId) -> Result<ScimUser> {
        permit(who, Action::Provision)?;
        let found = self.store().scim_user(who.organization, id).await?;
        if found.state == ScimState::Deleted { Err(Error::NotFound) } else { Ok(found) }
    }

    /// Makes an account and a member. Somebody whom this directory deleted comes back with the account that they had.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::NameTaken`] when the name or the address is somebody's: an
    /// account of somebody else's making is never taken over.
    pub async fn create_scim_user(&self, who: &Principal, fields: UserFields) -> Result<ScimUser> {
        permit(who, Action::Provision)?;
        let problems = fields.problems();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let email = fields.email();
        let former = match self.store().account_by_email(&email).await {
            Ok(account) => match self.store().scim_user(who.organization, account.user).await {
                Ok(known) if known.state == ScimState::Deleted => known,
                Ok(_) | Err(flero_store::Error::NotFound) => return Err(Error::NameTaken),
                Err(error) => return Err(error.into()),
            },
            Err(flero_store::Error::NotFound) => return self.provision(who, fields, email).await,
            Err(error) => return Err(error.into()),
        };
        let state = if fields.is_active == Some(false) { ScimState::Inactive } else { ScimState::Active };
        self.write_scim_user(who, former, fields, state).await
    }

    async fn provision(&self, who: &Principal, fields: UserFields, email: String) -> Result<ScimUser> {
        let now = self.now();
        let user = UserId::new(now, random::for_id()?);
        let name = fields.name();
        let account =
            Account { user, email: email.clone(), name: name.clone(), password_hash: String::new() };
        let made = ScimUser {
            user,
            organization: who.organization,
            user_name: fields.user_name.trim().to_owned(),
            external_id: fields.external_id,
            given_name: fields.given_name,
            family_name: fields.family_name,
            name,
            email,
            state: if fields.is_active == Some(false) { ScimState::Inactive } else { ScimState::Active },
            is_provisioned: true,
            groups: Vec::new(),
            created_at: now,
            updated_at: now,
            revision: 1,
        };
        let mut act = self.scim_act(who, AuditAction::PersonRegistered, user, AuditDetail::default());
        let detail = AuditDetail { to: Some(made.state.as_str().to_owned()), ..AuditDetail::default() };
        act.audit.push(self.record(who, AuditAction::ScimUserChanged, user, detail));
        self.store().create_scim_user(account, made.clone(), act).await.map_err(taken)?;
        Ok(made)
    }

    /// Replaces what the directory says of somebody. Whoever is deactivated loses every membership, and their Personal
    /// credentials are no longer valid. The name and the address of an account that people made stay.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::NameTaken`]; [`Error::Changed`];
    /// [`Error::LastOwner`].
    pub async fn replace_scim_user(
        &self,
        who: &Principal,
        id: UserId,
        fields: UserFields,
        expected: Option<u64>,
    ) -> Result<ScimUser> {
        let former = self.get_scim_user(who, id).await?;
        if expected.is_some_and(|expected| expected != former.revision) {
            return Err(Error::Changed);
        }
        let problems = fields.problems();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let state = match fields.is_active {
            Some(true) => ScimState::Active,
            Some(false) => ScimState::Inactive,
            None => former.state,
        };
        self.write_scim_user(who, former, fields, state).await
    }

    /// Ends every membership of somebody and forgets what the directory said of them. The account stays.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Changed`]; [`Error::LastOwner`].
    pub async fn delete_scim_user(&self, who: &Principal, id: UserId, expected: Option<u64>) -> Result<()> {
        let former = self.get_scim_user(who, id).await?;
        if expected.is_some_and(|expected| expected != former.revision) {
            return Err(Error::Changed);
        }
        let fields = UserFields {
            user_name: former.user_name.clone(),
            external_id: former.external_id.clone(),
            given_name: former.given_name.clone(),
            family_name: former.family_name.clone(),
            display_name: Some(former.name.clone()),
            email: Some(former.email.clone()),
            is_active: None,
        };
        self.write_scim_user(who, former, fields, ScimState::Deleted).await.map(drop)
    }

    async fn write_scim_user(
        &self,
        who: &Principal,
        former: ScimUser,
        fields: UserFields,
        state: ScimState,
    ) -> Result<ScimUser> {
        let is_theirs = former.is_provisioned;
        let to = ScimUser {
            name: if is_theirs { fields.name() } else { former.name.clone() },
            email: if is_theirs { fields.email() } else { former.email.clone() },
            user_name: fields.user_name.trim().to_owned(),
            external_id: fields.external_id,
            given_name: fields.given_name,
            family_name: fields.family_name,
            state,
            updated_at: self.now(),
            revision: former.revision + 1,
            ..former.clone()
        };
        let detail = AuditDetail {
            from: (former.state != state).then(|| former.state.as_str().to_owned()),
            to: (former.state != state).then(|| state.as_str().to_owned()),
            fields: changes(&former, &to),
            ..AuditDetail::default()
        };
        let act = self.scim_act(who, AuditAction::ScimUserChanged, to.user, detail);
        let expired = self.store().change_scim_user(to.clone(), act).await.map_err(taken)?;
        expired.into_iter().for_each(|credential| self.credential_changed(credential));
        Ok(self.store().scim_user(who.organization, to.user).await?)
    }

    /// Groups of the caller's organization, the oldest first, and how many there are in all.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn list_scim_groups(
        &self,
        who: &Principal,
        filter: GroupFilter,
        slice: Slice,
    ) -> Result<(Vec<ScimGroup>, u64)> {
        permit(who, Action::Provision)?;
        Ok(self.store().scim_groups(who.organization, filter, slice).await?)
    }

    /// A group of the caller's organization.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`].
    pub async fn get_scim_group(&self, who: &Principal, id: GroupId) -> Result<ScimGroup> {
        let one = Slice { offset: 0, count: 1 };
        let (found, _) = self.list_scim_groups(who, GroupFilter::Id(id), one).await?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    /// Makes a group.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`]; [`Error::NameTaken`].
    pub async fn create_scim_group(&self, who: &Principal, fields: GroupFields) -> Result<ScimGroup> {
        permit(who, Action::Provision)?;
        let now = self.now();
        let draft = ScimGroup {
            id: GroupId::new(now, random::for_id()?),
            organization: who.organization,
            display_name: String::new(),
            external_id: None,
            members: Vec::new(),
            created_at: now,
            updated_at: now,
            revision: 0,
        };
        self.write_scim_group(who, draft, fields).await
    }

    /// Replaces a group. What its members may do follows at once.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::NameTaken`]; [`Error::Changed`].
    pub async fn replace_scim_group(
        &self,
        who: &Principal,
        id: GroupId,
        fields: GroupFields,
        expected: Option<u64>,
    ) -> Result<ScimGroup> {
        let former = self.get_scim_group(who, id).await?;
        if expected.is_some_and(|expected| expected != former.revision) {
            return Err(Error::Changed);
        }
        self.write_scim_group(who, former, fields).await
    }

    async fn write_scim_group(
        &self,
        who: &Principal,
        former: ScimGroup,
        fields: GroupFields,
    ) -> Result<ScimGroup> {
        let name = fields.display_name.trim();
        if name.is_empty() || name.len() > MAX_TEXT || name.contains(char::is_control) {
            let message = "Give a name of 1 to 500 characters.";
            return Err(Error::field("/displayName", "json.required", message));
        }
        if fields.members.len() > MOST_MEMBERS {
            let message = format!("A group has at most {MOST_MEMBERS} members.");
            return Err(Error::field("/members", "json.range", message));
        }
        let to = ScimGroup {
            display_name: name.to_owned(),
            external_id: fields.external_id.filter(|text| text.len() <= MAX_TEXT),
            members: fields.members.into_iter().map(|user| (user, String::new())).collect(),
            updated_at: self.now(),
            revision: former.revision + 1,
            ..former
        };
        let detail = AuditDetail {
            name: Some(to.display_name.clone()),
            count: Some(to.members.len() as u64),
            ..AuditDetail::default()
        };
        let (id, act) = (to.id, self.scim_act(who, AuditAction::ScimGroupChanged, to.id, detail));
        let expired = match self.store().put_scim_group(to, act).await {
            Err(flero_store::Error::NotFound) => {
                let message = "A member is nobody of this organization; make them first.";
                return Err(Error::field("/members", "scim.member", message));
            }
            done => done.map_err(taken)?,
        };
        expired.into_iter().for_each(|credential| self.credential_changed(credential));
        self.get_scim_group(who, id).await
    }

    /// Deletes a group; its members lose what they had by it alone.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Changed`].
    pub async fn delete_scim_group(&self, who: &Principal, id: GroupId, expected: Option<u64>) -> Result<()> {
        let former = self.get_scim_group(who, id).await?;
        if expected.is_some_and(|expected| expected != former.revision) {
            return Err(Error::Changed);
        }
        let detail = AuditDetail {
            name: Some(former.display_name),
            outcome: Some("deleted".to_owned()),
            ..AuditDetail::default()
        };
        let act = self.scim_act(who, AuditAction::ScimGroupChanged, id, detail);
        let expired = self.store().delete_scim_group(who.organization, id, act).await?;
        expired.into_iter().for_each(|credential| self.credential_changed(credential));
        Ok(())
    }

    fn scim_act(
        &self,
        who: &Principal,
        action: AuditAction,
        target: impl ToString,
        detail: AuditDetail,
    ) -> ScimAct {
        let record = self.record(who, action, target, detail);
        ScimAct { actor: actor(who), at: record.at, audit: vec![record] }
    }
}

/// The names of what differs, as SCIM writes them.
fn changes(from: &ScimUser, to: &ScimUser) -> Vec<String> {
    let differ = [
        ("userName", from.user_name != to.user_name),
        ("externalId", from.external_id != to.external_id),
        ("name", (&from.given_name, &from.family_name) != (&to.given_name, &to.family_name)),
        ("displayName", from.name != to.name),
        ("emails", from.email != to.email),
        ("active", from.state != to.state),
    ];
    differ.iter().filter(|(_, differs)| *differs).map(|(name, _)| (*name).to_owned()).collect()
}

fn taken(error: flero_store::Error) -> Error {
    match error {
        flero_store::Error::Taken { .. } => Error::NameTaken,
        flero_store::Error::Refused { .. } => Error::LastOwner,
        other => other.into(),
    }
}
