//! People and groups as SCIM writes them (RFC 7643 sections 4.1 and 4.2), and the messages of RFC 7644.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The attributes of every resource (RFC 7643 section 3.1).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimCommon {
    /// `urn:ietf:params:scim:schemas:core:2.0:User` or `...:Group`.
    #[schema(required = false)]
    pub schemas: Vec<String>,
    /// Given by the server.
    #[schema(required = false, read_only)]
    pub id: String,
    /// What the directory calls it.
    #[schema(required = false)]
    pub external_id: String,
    /// What is known of the resource.
    #[schema(required = false, read_only)]
    pub meta: ScimMeta,
}

/// Somebody. An attribute without a value is left out, and so is one that was not asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimUser {
    /// What every resource has.
    #[serde(flatten)]
    pub common: ScimCommon,
    /// The name to sign in by, unique in the organization.
    #[schema(required = false)]
    pub user_name: String,
    /// The parts of the name.
    #[schema(required = false)]
    pub name: ScimName,
    /// The name for people.
    #[schema(required = false)]
    pub display_name: String,
    /// Whether they may sign in.
    #[schema(required = false)]
    pub active: bool,
    /// Addresses: the primary one is kept, else that of work, else the first.
    #[schema(required = false)]
    pub emails: Vec<ScimEmail>,
    /// The groups that they belong to.
    #[schema(required = false, read_only)]
    pub groups: Vec<ScimReference>,
}

/// The parts of a name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimName {
    /// The whole name.
    #[schema(required = false)]
    pub formatted: String,
    /// The first name.
    #[schema(required = false)]
    pub given_name: String,
    /// The last name.
    #[schema(required = false)]
    pub family_name: String,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScimEmail {
    /// The address.
    pub value: String,
    /// For example `work`.
    #[serde(rename = "type")]
    #[schema(required = false)]
    pub kind: String,
    /// Whether it is the one that counts.
    #[schema(required = false)]
    pub primary: bool,
}

/// A group. An attribute without a value is left out, and so is one that was not asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimGroup {
    /// What every resource has.
    #[serde(flatten)]
    pub common: ScimCommon,
    /// The name for people.
    #[schema(required = false)]
    pub display_name: String,
    /// Who belongs to it.
    #[schema(required = false)]
    pub members: Vec<ScimReference>,
}

/// Somebody in a group, or a group of somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScimReference {
    /// The identifier.
    pub value: String,
    /// The name for people.
    #[schema(required = false)]
    pub display: String,
    /// The address of the resource.
    #[serde(rename = "$ref")]
    #[schema(required = false)]
    pub reference: String,
    /// `User` for somebody, `direct` for a group.
    #[serde(rename = "type")]
    #[schema(required = false)]
    pub kind: String,
}

/// What is known of a resource (RFC 7643 section 3.1).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimMeta {
    /// `User` or `Group`.
    pub resource_type: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub last_modified: String,
    /// Its address.
    pub location: String,
    /// A weak entity tag, for `If-Match`.
    pub version: String,
}

/// A page of a list (RFC 7644 section 3.4.2).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScimList<T> {
    /// `urn:ietf:params:scim:api:messages:2.0:ListResponse`.
    pub schemas: Vec<String>,
    /// How many there are in all.
    pub total_results: u64,
    /// The place of the first one of this page, from 1.
    pub start_index: u64,
    /// How many this page has.
    pub items_per_page: u64,
    /// The resources.
    #[serde(rename = "Resources")]
    pub resources: Vec<T>,
}

/// A change (RFC 7644 section 3.5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct ScimPatch {
    /// `urn:ietf:params:scim:api:messages:2.0:PatchOp`.
    #[schema(required = false)]
    pub schemas: Vec<String>,
    /// What to do, in this order.
    #[serde(rename = "Operations")]
    #[schema(min_items = 1, max_items = 1000)]
    pub operations: Vec<ScimOperation>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScimOperation {
    /// `add`, `replace` or `remove`.
    pub op: String,
    /// The attribute; without it the value holds the attributes.
    #[schema(required = false)]
    pub path: String,
    /// The value.
    #[schema(required = false)]
    pub value: Value,
}
