//! People and groups as SCIM writes them (RFC 7643 sections 4.1 and 4.2), and back. Pure.

use flero_app::people::scim::{GroupFields, UserFields};
use flero_store::scim::{ScimGroup, ScimState, ScimUser};
use serde_json::{Map, Value, json};

use super::{error::ScimError, patch::member};

/// The schema of people.
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups.
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Somebody as a resource. `base` is the address of the endpoint.
pub(super) fn user(user: &ScimUser, base: &str) -> Map<String, Value> {
    let groups: Vec<Value> = user
        .groups
        .iter()
        .map(|(id, name)| json!({"value": id, "display": name, "$ref": format!("{base}/Groups/{id}"), "type": "direct"}))
        .collect();
    let resource = json!({
        "schemas": [USER],
        "id": user.user,
        "externalId": user.external_id,
        "userName": user.user_name,
        "name": {"formatted": user.name, "givenName": user.given_name, "familyName": user.family_name},
        "displayName": user.name,
        "active": user.state == ScimState::Active,
        "emails": [{"value": user.email, "type": "work", "primary": true}],
        "groups": groups,
        "meta": {
            "resourceType": "User",
            "created": user.created_at,
            "lastModified": user.updated_at,
            "location": format!("{base}/Users/{}", user.user),
            "version": version(user.revision),
        },
    });
    told(resource)
}

/// A group as a resource.
pub(super) fn group(group: &ScimGroup, base: &str) -> Map<String, Value> {
    let members: Vec<Value> = group
        .members
        .iter()
        .map(|(id, name)| json!({"value": id, "display": name, "$ref": format!("{base}/Users/{id}"), "type": "User"}))
        .collect();
    let resource = json!({
        "schemas": [GROUP],
        "id": group.id,
        "externalId": group.external_id,
        "displayName": group.display_name,
        "members": members,
        "meta": {
            "resourceType": "Group",
            "created": group.created_at,
            "lastModified": group.updated_at,
            "location": format!("{base}/Groups/{}", group.id),
            "version": version(group.revision),
        },
    });
    told(resource)
}

/// The version of a revision: a weak entity tag (RFC 7644 section 3.14).
pub(super) fn version(revision: u64) -> String {
    format!("W/\"{revision}\"")
}

/// Without attributes that have no value (RFC 7643 section 2.5).
fn told(resource: Value) -> Map<String, Value> {
    let Value::Object(mut members) = resource else { return Map::new() };
    members.retain(|_, value| !value.is_null());
    members
}

/// Leaves out what was not asked for: `attributes` names what is wanted, `excludedAttributes` what is not; identifier and
/// schemas always stay (RFC 7644 section 3.9). A part is named behind a dot.
pub(super) fn narrowed(
    mut resource: Map<String, Value>,
    wanted: Option<&str>,
    unwanted: Option<&str>,
) -> Map<String, Value> {
    let names = |list: &str| -> Vec<(String, Option<String>)> {
        let one = |name: &str| {
            let name = name.trim().rsplit(':').next().unwrap_or_default().to_lowercase();
            match name.split_once('.') {
                Some((attribute, part)) => (attribute.to_owned(), Some(part.to_owned())),
                None => (name, None),
            }
        };
        list.split(',').map(one).collect()
    };
    let always = |name: &str| name == "id" || name == "schemas";
    // The parts of an attribute that a list names, and whether it names the whole.
    let told = |list: &[(String, Option<String>)], name: &str| {
        let of: Vec<&Option<String>> =
            list.iter().filter(|one| one.0.eq_ignore_ascii_case(name)).map(|one| &one.1).collect();
        let parts: Vec<String> = of.iter().filter_map(|part| (*part).clone()).collect();
        (of.iter().any(|part| part.is_none()), parts)
    };
    if let Some(wanted) = wanted.map(names) {
        resource.retain(|name, value| {
            let (is_whole, parts) = told(&wanted, name);
            if !is_whole && !parts.is_empty() && !always(name) {
                keep_parts(value, &|part| parts.iter().any(|one| one.eq_ignore_ascii_case(part)));
            }
            always(name) || is_whole || !parts.is_empty()
        });
    } else if let Some(unwanted) = unwanted.map(names) {
        resource.retain(|name, value| {
            let (is_whole, parts) = told(&unwanted, name);
            if !always(name) {
                keep_parts(value, &|part| !parts.iter().any(|one| one.eq_ignore_ascii_case(part)));
            }
            always(name) || !is_whole
        });
    }
    resource
}

/// Leaves those parts in a value, or in each of several.
fn keep_parts(value: &mut Value, keeps: &dyn Fn(&str) -> bool) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| keep_parts(one, keeps)),
        Value::Object(parts) => parts.retain(|name, _| keeps(name)),
        _ => {}
    }
}

fn invalid(what: &str) -> ScimError {
    ScimError::bad("invalidValue", what)
}

/// A text; nothing where it is missing or null.
fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    match member(object, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(invalid(&format!("{name} is a text."))),
    }
}

/// The address: the primary one, else that of work, else the first.
fn address(object: &Map<String, Value>) -> Result<Option<String>, ScimError> {
    let listed = match member(object, "emails") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(invalid("emails is a list of objects.")),
    };
    let emails: Vec<&Map<String, Value>> = listed.iter().filter_map(Value::as_object).collect();
    let is_primary = |one: &&&Map<String, Value>| {
        member(one, "primary").is_some_and(|value| *value == true || value.as_str() == Some("true"))
    };
    let is_work = |one: &&&Map<String, Value>| member(one, "type").and_then(Value::as_str) == Some("work");
    let found =
        emails.iter().find(is_primary).or_else(|| emails.iter().find(is_work)).or_else(|| emails.first());
    found.map_or(Ok(None), |one| text(one, "value"))
}

/// Reads somebody from a resource. What is not kept is ignored.
pub(super) fn read_user(object: &Map<String, Value>) -> Result<UserFields, ScimError> {
    let none = Map::new();
    let name = match member(object, "name") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(name)) => name,
        Some(_) => return Err(invalid("name is an object.")),
    };
    let is_active = match member(object, "active") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(active)) => Some(*active),
        // Entra writes it as a text.
        Some(Value::String(active)) if active.eq_ignore_ascii_case("true") => Some(true),
        Some(Value::String(active)) if active.eq_ignore_ascii_case("false") => Some(false),
        Some(_) => return Err(invalid("active is true or false.")),
    };
    Ok(UserFields {
        user_name: text(object, "userName")?.ok_or_else(|| invalid("Give a userName."))?,
        external_id: text(object, "externalId")?,
        given_name: text(name, "givenName")?.unwrap_or_default(),
        family_name: text(name, "familyName")?.unwrap_or_default(),
        display_name: match text(object, "displayName")? {
            Some(shown) => Some(shown),
            None => text(name, "formatted")?,
        },
        email: address(object)?,
        is_active,
    })
}

/// Reads a group from a resource.
pub(super) fn read_group(object: &Map<String, Value>) -> Result<GroupFields, ScimError> {
    let listed: &[Value] = match member(object, "members") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(invalid("members is a list of objects.")),
    };
    let unknown = || invalid("The value of a member is the id of a User.");
    let id = |one: &Value| one.as_object().and_then(|one| member(one, "value")?.as_str()?.parse().ok());
    let members = listed.iter().map(|one| id(one).ok_or_else(unknown)).collect::<Result<_, _>>()?;
    Ok(GroupFields {
        display_name: text(object, "displayName")?.ok_or_else(|| invalid("Give a displayName."))?,
        external_id: text(object, "externalId")?,
        members,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Result<UserFields, ScimError> {
        read_user(value.as_object().unwrap())
    }

    /// The full example of RFC 7643 section 8.2, as far as it is kept.
    #[test]
    fn the_example_of_the_rfc_is_read() {
        let found = read(json!({
            "schemas": [USER], "id": "2819c223-7f76-453a-919d-413861904646", "externalId": "701984",
            "userName": "bjensen@example.com",
            "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara",
                "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III"},
            "displayName": "Babs Jensen", "nickName": "Babs", "profileUrl": "https://login.example.com/bjensen",
            "emails": [{"value": "babs@jensen.org", "type": "home"},
                {"value": "bjensen@example.com", "type": "work", "primary": true}],
            "phoneNumbers": [{"value": "555-555-5555", "type": "work"}], "userType": "Employee", "active": true,
            "password": "t1meMa$heen", "groups": [{"value": "e9e30dba", "display": "Tour Guides"}],
        }));
        let expected = UserFields {
            user_name: "bjensen@example.com".into(),
            external_id: Some("701984".into()),
            given_name: "Barbara".into(),
            family_name: "Jensen".into(),
            display_name: Some("Babs Jensen".into()),
            email: Some("bjensen@example.com".into()),
            is_active: Some(true),
        };
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn what_is_not_of_its_kind_is_refused_and_what_is_missing_is_not_made_up() {
        assert_eq!(read(json!({"USERNAME": "x", "active": "False"})).unwrap().is_active, Some(false));
        assert_eq!(read(json!({"userName": "x"})).unwrap().is_active, None);
        for wrong in [
            json!({}),
            json!({"userName": " "}),
            json!({"userName": 1}),
            json!({"userName": "x", "active": "no"}),
            json!({"userName": "x", "name": "y"}),
            json!({"userName": "x", "emails": "y"}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        let group = json!({"displayName": "g", "members": [{"value": "not an id"}]});
        assert!(read_group(group.as_object().unwrap()).is_err());
    }

    #[test]
    fn what_was_not_asked_for_is_left_out() {
        let whole =
            || json!({"id": 1, "schemas": [], "userName": "x", "members": []}).as_object().unwrap().clone();
        let names = |map: Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(narrowed(whole(), Some("username"), None)), ["id", "schemas", "userName"]);
        assert_eq!(names(narrowed(whole(), None, Some("members, id"))), ["id", "schemas", "userName"]);
        let named = format!("{USER}:userName");
        assert_eq!(names(narrowed(whole(), Some(&named), None)), ["id", "schemas", "userName"]);
        let parts = || {
            json!({"id": 1, "name": {"familyName": "J", "givenName": "B"},
            "emails": [{"value": "x", "type": "work"}, {"value": "y"}]})
        };
        let parts = || parts().as_object().unwrap().clone();
        let some = narrowed(parts(), Some("name.GivenName, emails.value"), None);
        let expected =
            json!({"id": 1, "name": {"givenName": "B"}, "emails": [{"value": "x"}, {"value": "y"}]});
        assert_eq!(Value::Object(some), expected);
        let rest = narrowed(parts(), None, Some("name.familyName,emails"));
        assert_eq!(Value::Object(rest), json!({"id": 1, "name": {"givenName": "B"}}));
    }
}
