//! `PATCH` of SCIM (RFC 7644 section 3.5.2) on a resource as JSON, in the forms that directories send. Pure.
//!
//! Microsoft Entra writes operations with a capital letter, values that are texts, and the parts of an attribute as names
//! with a dot; Okta leaves the path out and sends an object. Attributes that are not kept are taken and ignored, so that a
//! directory with more to say does not stop.

use serde_json::{Map, Value};

use super::{
    error::ScimError,
    filter::{Filter, Target, path},
};

/// The most operations of a request.
const MOST_OPERATIONS: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Add,
    Replace,
    Remove,
}

/// Applies a request to a resource.
///
/// # Errors
/// `invalidSyntax`, `invalidPath`, `invalidFilter`, `noTarget`. Nothing is applied then: the caller drops the resource.
pub(super) fn apply(resource: &mut Map<String, Value>, request: &Value) -> Result<(), ScimError> {
    let syntax = || ScimError::bad("invalidSyntax", "Send {\"schemas\": [...], \"Operations\": [...]}.");
    let listed = member(request.as_object().ok_or_else(syntax)?, "Operations").and_then(Value::as_array);
    let listed =
        listed.filter(|list| !list.is_empty() && list.len() <= MOST_OPERATIONS).ok_or_else(syntax)?;
    for one in listed {
        let one = one.as_object().ok_or_else(syntax)?;
        let text = |name| member(one, name).and_then(Value::as_str);
        let operation = match text("op").unwrap_or_default().to_ascii_lowercase().as_str() {
            "add" => Operation::Add,
            "replace" => Operation::Replace,
            "remove" => Operation::Remove,
            _ => return Err(ScimError::bad("invalidSyntax", "An operation is add, replace or remove.")),
        };
        let value = member(one, "value");
        match text("path").filter(|path| !path.trim().is_empty()) {
            Some(text) => {
                let target = path(text)?;
                refuse_immutable(resource, operation, &target)?;
                change(resource, operation, &target, value)?;
            }
            None if operation == Operation::Remove => {
                return Err(ScimError::bad("noTarget", "An operation that removes says what, in its path."));
            }
            None => {
                let members = value.and_then(Value::as_object).ok_or_else(syntax)?;
                for (name, value) in members {
                    change(resource, operation, &path(name)?, Some(value))?;
                }
            }
        }
    }
    Ok(())
}

/// The attributes that the server gives (RFC 7643 section 7, `readOnly`). Where a whole object is sent without a path they
/// are taken and ignored, because Okta sends the identifier along.
const READ_ONLY: [&str; 4] = ["schemas", "id", "meta", "groups"];

/// Refuses a change of what the server gives, and the removal of what a resource must have (RFC 7644 section 3.5.2).
fn refuse_immutable(
    resource: &Map<String, Value>,
    operation: Operation,
    target: &Target,
) -> Result<(), ScimError> {
    if READ_ONLY.iter().any(|name| target.place.is(name)) {
        return Err(ScimError::bad("mutability", "This attribute is the server's to give."));
    }
    let is_group = member(resource, "userName").is_none();
    let required = if is_group { "displayName" } else { "userName" };
    if operation == Operation::Remove && target.place.is(required) {
        return Err(ScimError::bad("mutability", "This attribute is required; replace it."));
    }
    Ok(())
}

/// A member whatever the case of its name (RFC 7643 section 2.1).
pub(super) fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    object.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The place of a member, which is made when it is missing.
fn place<'v>(object: &'v mut Map<String, Value>, name: &str) -> &'v mut Value {
    let known = object.keys().find(|own| own.eq_ignore_ascii_case(name)).cloned();
    object.entry(known.unwrap_or_else(|| name.to_owned())).or_insert(Value::Null)
}

fn forget(object: &mut Map<String, Value>, name: &str) {
    object.retain(|own, _| !own.eq_ignore_ascii_case(name));
}

fn change(
    resource: &mut Map<String, Value>,
    operation: Operation,
    target: &Target,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let place_of = &target.place;
    if place_of.is_foreign {
        return Ok(());
    }
    if operation != Operation::Remove && value.is_none() {
        return Err(ScimError::bad("invalidValue", "An operation that adds or replaces has a value."));
    }
    if let Some(filter) = &target.filter {
        return change_values(resource, operation, target, filter, value);
    }
    match (&place_of.sub, operation) {
        (None, Operation::Remove) => remove(resource, &place_of.attribute, value),
        (None, _) => set(place(resource, &place_of.attribute), operation, value),
        (Some(sub), Operation::Remove) => {
            if let Value::Object(parts) = place(resource, &place_of.attribute) {
                forget(parts, sub);
            }
        }
        (Some(sub), _) => {
            let whole = place(resource, &place_of.attribute);
            if !whole.is_object() {
                *whole = Value::Object(Map::new());
            }
            if let Value::Object(parts) = whole {
                set(place(parts, sub), operation, value);
            }
        }
    }
    Ok(())
}

/// Puts a value in its place: what is added to a list stands beside what is there, what is added to an object joins it.
fn set(place: &mut Value, operation: Operation, value: Option<&Value>) {
    let value = value.cloned().unwrap_or_default();
    match (place, operation) {
        (Value::Array(there), Operation::Add) => {
            let more = if let Value::Array(more) = value { more } else { vec![value] };
            for one in more {
                if !there.iter().any(|known| is_same(known, &one)) {
                    there.push(one);
                }
            }
        }
        (Value::Object(there), _) if value.is_object() => {
            for (name, one) in value.as_object().into_iter().flatten() {
                *self::place(there, name) = one.clone();
            }
        }
        (place, _) => *place = value,
    }
}

/// Whether two values of a list are one: the same `value`, or the same whole.
fn is_same(one: &Value, other: &Value) -> bool {
    let key = |value: &Value| value.as_object().and_then(|object| member(object, "value").cloned());
    match (key(one), key(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// Removes an attribute; with a value, those entries of its list alone, as Entra does with members of groups.
fn remove(resource: &mut Map<String, Value>, attribute: &str, value: Option<&Value>) {
    match (place(resource, attribute), value) {
        (Value::Array(there), Some(Value::Array(gone))) => {
            there.retain(|known| !gone.iter().any(|one| is_same(known, one)));
        }
        (Value::Array(there), Some(gone @ Value::Object(_))) => there.retain(|known| !is_same(known, gone)),
        _ => forget(resource, attribute),
    }
}

/// A change of those values of a list that a filter fits.
fn change_values(
    resource: &mut Map<String, Value>,
    operation: Operation,
    target: &Target,
    filter: &Filter,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let (list, sub) = (place(resource, &target.place.attribute), &target.place.sub);
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let Value::Array(there) = list else { return Ok(()) };
    let fits = |one: &Value| one.as_object().is_some_and(|object| filter.fits(object, &[]));
    if operation == Operation::Remove && sub.is_none() {
        there.retain(|one| !fits(one));
        return Ok(());
    }
    if !there.iter().any(fits) {
        if operation != Operation::Add {
            return Err(ScimError::bad("noTarget", "No value fits the filter of the path."));
        }
        there.push(Value::Object(filter.equalities().into_iter().collect()));
    }
    for one in there.iter_mut().filter(|one| fits(one)) {
        match (sub, one) {
            (Some(sub), Value::Object(parts)) if operation == Operation::Remove => forget(parts, sub),
            (Some(sub), Value::Object(parts)) => set(place(parts, sub), operation, value),
            (_, one) => set(one, operation, value),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(resource: Value, operations: Value) -> Result<Value, ScimError> {
        let Value::Object(mut object) = resource else { panic!("a resource is an object") };
        apply(&mut object, &json!({"schemas": [], "Operations": operations}))?;
        Ok(Value::Object(object))
    }

    fn babs() -> Value {
        json!({"userName": "bjensen", "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen"},
            "emails": [{"value": "bjensen@example.com", "type": "work"}]})
    }

    /// The examples of RFC 7644 section 3.5.2.
    #[test]
    fn the_examples_of_the_rfc_do_what_it_says() {
        // 3.5.2.1, the first two.
        let group = json!({"displayName": "g", "members": []});
        let babs_in = json!([{"display": "Babs Jensen", "value": "2819c223"}]);
        let added = patched(group, json!([{"op": "add", "path": "members", "value": babs_in}])).unwrap();
        assert_eq!(added["members"], babs_in);
        let merged = patched(
            babs(),
            json!([{"op": "add", "value": {
            "emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}}]),
        )
        .unwrap();
        assert_eq!(merged["emails"].as_array().unwrap().len(), 2);
        assert_eq!(merged["nickname"], "Babs");
        // 3.5.2.2: one member, all members, and by a filter with a part.
        let two = json!({"members": [{"value": "2819c223"}, {"value": "902c246b"}]});
        let left = patched(two.clone(), json!([{"op": "remove", "path": "members[value eq \"2819c223\"]"}]))
            .unwrap();
        assert_eq!(left["members"], json!([{"value": "902c246b"}]));
        let left = patched(two, json!([{"op": "remove", "path": "members"}])).unwrap();
        assert!(left.get("members").is_none());
        let left = patched(
            babs(),
            json!([{"op": "remove",
            "path": "emails[type eq \"work\"]"}]),
        )
        .unwrap();
        assert_eq!(left["emails"], json!([]));
        // 3.5.2.3: all members, one value's part, and parts without a path.
        let replaced = patched(
            json!({"members": [{"value": "a"}]}),
            json!([{"op": "replace", "path": "members", "value": [{"value": "b"}]}]),
        )
        .unwrap();
        assert_eq!(replaced["members"], json!([{"value": "b"}]));
        let replaced = patched(
            babs(),
            json!([{"op": "replace", "path": "emails[type eq \"work\"].value",
            "value": "babs@example.com"}]),
        )
        .unwrap();
        assert_eq!(replaced["emails"], json!([{"value": "babs@example.com", "type": "work"}]));
        let replaced = patched(
            babs(),
            json!([{"op": "replace", "value": {
            "emails": [{"value": "x@example.com"}], "nickname": "Babs"}}]),
        )
        .unwrap();
        assert_eq!(replaced["emails"], json!([{"value": "x@example.com"}]));
        let nothing = patched(
            babs(),
            json!([{"op": "replace", "path": "addresses[type eq \"work\"].locality", "value": "x"}]),
        );
        assert!(format!("{:?}", nothing.unwrap_err()).contains("noTarget"));
    }

    #[test]
    fn the_forms_of_entra_and_okta_are_understood() {
        // Entra: capital letters, dots, schema names, texts for truth, members to remove as a list.
        let entra = json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": "emails[type eq \"other\"].value", "value": "o@example.com"},
            {"op": "Replace", "value": {"name.givenName": "Barbara",
                "urn:ietf:params:scim:schemas:core:2.0:User:displayName": "Babs",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Tours"}},
        ]);
        let done = patched(babs(), entra).unwrap();
        assert_eq!((&done["active"], &done["displayName"]), (&json!("False"), &json!("Babs")));
        assert_eq!(done["name"]["givenName"], "Barbara");
        assert_eq!(done["emails"][1], json!({"type": "other", "value": "o@example.com"}));
        assert!(!done.to_string().contains("Tours"));
        let group = json!({"members": [{"value": "a", "display": "A"}, {"value": "b"}]});
        let done =
            patched(group.clone(), json!([{"op": "Remove", "path": "members", "value": [{"value": "a"}]}]))
                .unwrap();
        assert_eq!(done["members"], json!([{"value": "b"}]));
        // Okta: no path, and the same member twice.
        let done = patched(babs(), json!([{"op": "replace", "value": {"active": false}}])).unwrap();
        assert_eq!(done["active"], false);
        // Okta: the identifier along with a new name.
        let renamed = json!([{"op": "replace", "value": {"id": "x", "displayName": "Guides"}}]);
        assert_eq!(patched(json!({"displayName": "g"}), renamed).unwrap()["displayName"], "Guides");
        // A value that two conditions describe.
        let two = json!([{"op": "add", "path": "emails[type eq \"home\" and primary eq true].value", "value": "h@example.com"}]);
        let done = patched(babs(), two).unwrap();
        assert_eq!(done["emails"][1], json!({"type": "home", "primary": true, "value": "h@example.com"}));
        let done = patched(
            group,
            json!([{"op": "add", "path": "members", "value": [{"value": "b"}, {"value": "c"}]}]),
        )
        .unwrap();
        assert_eq!(done["members"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn what_cannot_be_followed_is_said_in_the_words_of_the_rfc() {
        for (operations, word) in [
            (json!([]), "invalidSyntax"),
            (json!([1]), "invalidSyntax"),
            (json!([{"op": "move", "path": "active"}]), "invalidSyntax"),
            (json!([{"op": "remove"}]), "noTarget"),
            (json!([{"op": "add", "path": "active"}]), "invalidValue"),
            (json!([{"op": "add", "value": 1}]), "invalidSyntax"),
            (json!([{"op": "add", "path": "a b", "value": 1}]), "invalidPath"),
            (json!([{"op": "add", "path": "emails[type like \"x\"]", "value": 1}]), "invalidFilter"),
            (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
            (json!([{"op": "add", "path": "groups", "value": []}]), "mutability"),
            (json!([{"op": "replace", "path": "meta.version", "value": "x"}]), "mutability"),
            (json!([{"op": "remove", "path": "userName"}]), "mutability"),
        ] {
            let fault = patched(babs(), operations.clone()).unwrap_err();
            assert!(format!("{fault:?}").contains(word), "{operations}");
        }
    }
}
