//! People and groups that an organization's directory keeps up by SCIM (RFC 7643, RFC 7644).
//!
//! Everybody in the organization can be seen and ended by the directory, also somebody whom people invited. What a person
//! may do follows from the roles that their groups are given; it is brought up to date in the transaction of each change.

use async_trait::async_trait;
use flero_model::{
    CredentialId, GroupId, OrganizationId, Timestamp, UserId,
    audit::{Actor, NewAudit},
};

use crate::{Result, people::Account};

/// How somebody stands in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimState {
    /// A member of the organization.
    Active,
    /// Deactivated: a member of nothing.
    Inactive,
    /// Deleted: as deactivated, and not seen any more. The account is found again when they come back.
    Deleted,
}

impl ScimState {
    /// The name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }
}

/// Somebody as the directory sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimUser {
    /// The person.
    pub user: UserId,
    /// The organization.
    pub organization: OrganizationId,
    /// The directory's name of them; the address of somebody whom it never changed.
    pub user_name: String,
    /// The directory's identifier.
    pub external_id: Option<String>,
    /// The given name, as the directory told it.
    pub given_name: String,
    /// The family name, as the directory told it.
    pub family_name: String,
    /// The name that is shown.
    pub name: String,
    /// The address.
    pub email: String,
    /// How they stand.
    pub state: ScimState,
    /// Whether the directory made the account, and may change its name and address.
    pub is_provisioned: bool,
    /// Their groups, by name.
    pub groups: Vec<(GroupId, String)>,
    /// Since when they are known.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
    /// Counts changes; the version.
    pub revision: u64,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimGroup {
    /// Its identifier.
    pub id: GroupId,
    /// The organization.
    pub organization: OrganizationId,
    /// Its name, by which it is given roles.
    pub display_name: String,
    /// The directory's identifier.
    pub external_id: Option<String>,
    /// Who is in it, with their names.
    pub members: Vec<(UserId, String)>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts changes; the version.
    pub revision: u64,
}

/// Whom a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserFilter {
    /// Everybody.
    All,
    /// This name, without regard to case.
    UserName(String),
    /// This identifier of the directory.
    ExternalId(String),
    /// This address.
    Email(String),
    /// This person.
    Id(UserId),
    /// Nobody: what was asked for can be nobody's.
    Nobody,
}

/// Which groups a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupFilter {
    /// All.
    All,
    /// This name.
    DisplayName(String),
    /// This identifier of the directory.
    ExternalId(String),
    /// This one.
    Id(GroupId),
    /// Those that somebody is in.
    Member(UserId),
    /// None.
    Nothing,
}

/// Part of a list (RFC 7644 section 3.4.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// How many are left out before it.
    pub offset: u64,
    /// How many it has at most.
    pub count: u32,
}

/// Who changes something, and what is recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct ScimAct {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// What is recorded besides the changes of memberships.
    pub audit: Vec<NewAudit>,
}

/// See the module.
#[async_trait]
pub trait ScimStore {
    /// People of an organization, the oldest first, and how many there are in all.
    async fn scim_users(
        &self,
        organization: OrganizationId,
        filter: UserFilter,
        slice: Slice,
    ) -> Result<(Vec<ScimUser>, u64)>;

    /// Somebody, also one who was deleted; [`crate::Error::NotFound`] when the directory never saw them.
    async fn scim_user(&self, organization: OrganizationId, user: UserId) -> Result<ScimUser>;

    /// Makes an account and a member. [`crate::Error::Taken`] when the name or the address is somebody's.
    async fn create_scim_user(&self, account: Account, user: ScimUser, act: ScimAct) -> Result<()>;

    /// Writes somebody who is known, whose revision is one above the stored one, and brings their memberships up to date.
    /// Tells the credentials that are no longer valid. [`crate::Error::Conflict`]; [`crate::Error::Taken`];
    /// [`crate::Error::Refused`] when somebody would be left without an owner.
    async fn change_scim_user(&self, user: ScimUser, act: ScimAct) -> Result<Vec<CredentialId>>;

    /// Groups of an organization, the oldest first, and how many there are in all.
    async fn scim_groups(
        &self,
        organization: OrganizationId,
        filter: GroupFilter,
        slice: Slice,
    ) -> Result<(Vec<ScimGroup>, u64)>;

    /// Writes a group: a new one has revision 1, a changed one is one above the stored revision. Its members' memberships
    /// are brought up to date. [`crate::Error::Taken`] for a name that another one has; [`crate::Error::Conflict`];
    /// [`crate::Error::NotFound`] for a member who is not known.
    async fn put_scim_group(&self, group: ScimGroup, act: ScimAct) -> Result<Vec<CredentialId>>;

    /// Deletes a group. [`crate::Error::NotFound`].
    async fn delete_scim_group(
        &self,
        organization: OrganizationId,
        id: GroupId,
        act: ScimAct,
    ) -> Result<Vec<CredentialId>>;

    /// Brings everybody's memberships up to date after the roles of groups changed.
    async fn give_scim_roles(&self, organization: OrganizationId, act: ScimAct) -> Result<Vec<CredentialId>>;
}
