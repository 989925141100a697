//! People and groups that a directory keeps up by SCIM.

mod groups;
mod users;

use async_trait::async_trait;
use flero_model::{CredentialId, GroupId, OrganizationId, UserId, identity::roles_of};
use flero_store::{
    Result, ScimStore,
    identity::GivenRoles,
    people::Account,
    scim::{GroupFilter, ScimAct, ScimGroup, ScimUser, Slice, UserFilter},
};

use crate::{error::Outcome, identity, store::SqliteStore, writer::Tx};

/// Brings a person's memberships to what their groups are given. The source is the organization itself.
fn give_by_groups(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    act: &ScimAct,
) -> Outcome<Vec<CredentialId>> {
    let names: Vec<String> =
        groups::of_person(tx.connection, organization, user)?.into_iter().map(|(_, name)| name).collect();
    let (table, _) = identity::group_roles(tx.connection, organization)?;
    let given = GivenRoles {
        organization,
        source: *organization.as_bytes(),
        roles: roles_of(&names, &table),
        actor: act.actor,
        at: act.at,
    };
    Ok(identity::give(tx, user, &given)?.expired)
}

/// The same for several people; whoever is no member now is left out.
fn give_to_all(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    people: impl IntoIterator<Item = UserId>,
    act: &ScimAct,
) -> Outcome<Vec<CredentialId>> {
    let mut expired = Vec::new();
    for user in people {
        if users::is_member(tx.connection, organization, user)? {
            expired.extend(give_by_groups(tx, organization, user, act)?);
        }
    }
    Ok(expired)
}

#[async_trait]
impl ScimStore for SqliteStore {
    async fn scim_users(
        &self,
        organization: OrganizationId,
        filter: UserFilter,
        slice: Slice,
    ) -> Result<(Vec<ScimUser>, u64)> {
        self.read(move |connection| users::list(connection, organization, &filter, slice)).await
    }

    async fn scim_user(&self, organization: OrganizationId, user: UserId) -> Result<ScimUser> {
        self.read(move |connection| users::get(connection, organization, user)).await
    }

    async fn create_scim_user(&self, account: Account, user: ScimUser, act: ScimAct) -> Result<()> {
        self.write(move |tx| {
            tx.insert_account(&account, act.at)?;
            users::put(tx, &user, &act).map(drop)
        })
        .await
    }

    async fn change_scim_user(&self, user: ScimUser, act: ScimAct) -> Result<Vec<CredentialId>> {
        self.write(move |tx| {
            users::rename(tx, &user)?;
            users::put(tx, &user, &act)
        })
        .await
    }

    async fn scim_groups(
        &self,
        organization: OrganizationId,
        filter: GroupFilter,
        slice: Slice,
    ) -> Result<(Vec<ScimGroup>, u64)> {
        self.read(move |connection| groups::list(connection, organization, &filter, slice)).await
    }

    async fn put_scim_group(&self, group: ScimGroup, act: ScimAct) -> Result<Vec<CredentialId>> {
        self.write(move |tx| groups::put(tx, &group, &act)).await
    }

    async fn delete_scim_group(
        &self,
        organization: OrganizationId,
        id: GroupId,
        act: ScimAct,
    ) -> Result<Vec<CredentialId>> {
        self.write(move |tx| groups::delete(tx, organization, id, &act)).await
    }

    async fn give_scim_roles(&self, organization: OrganizationId, act: ScimAct) -> Result<Vec<CredentialId>> {
        self.write(move |tx| {
            let people = groups::people(tx.connection, organization)?;
            tx.record(&act.audit)?;
            give_to_all(tx, organization, people, &act)
        })
        .await
    }
}
