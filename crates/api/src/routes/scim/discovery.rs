//! What the endpoint can do, and the schemas of its resources (RFC 7643 sections 5 to 7).

use serde_json::{Value, json};

use super::{
    request::MOST_RESULTS,
    resource::{GROUP, USER},
};

/// The service provider's configuration.
pub(super) fn configuration(base: &str, documentation: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "documentationUri": documentation,
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "API key",
            "description": "An API key of the scope scim:provision, as a bearer token (RFC 6750).",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750", "primary": true,
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
    })
}

/// The types of resources.
pub(super) fn resource_types(base: &str) -> Vec<Value> {
    let of = |name: &str, schema: &str, what: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": format!("/{name}s"), "description": what, "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}")},
        })
    };
    vec![of("User", USER, "A person of the organization"), of("Group", GROUP, "A group of people")]
}

fn attribute(name: &str, kind: &str, more: &[(&str, Value)]) -> Value {
    let mut whole = json!({
        "name": name, "type": kind, "multiValued": false, "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    });
    for (name, value) in more {
        whole[*name] = value.clone();
    }
    whole
}

/// The schemas, with the attributes that are kept.
pub(super) fn schemas(base: &str) -> Vec<Value> {
    let of = |id: &str, name: &str, attributes: Vec<Value>| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id, "name": name, "description": name, "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{id}")},
        })
    };
    let text = |name: &str| attribute(name, "string", &[]);
    let read_only = ("mutability", json!("readOnly"));
    let exact = ("caseExact", json!(true));
    let many = ("multiValued", json!(true));
    let unique = ("uniqueness", json!("server"));
    let required = ("required", json!(true));
    let parts = |names: &[&str]| ("subAttributes", names.iter().map(|name| text(name)).collect::<Value>());
    // What a value refers to by its identifier.
    let references = |to: &str, is_given: bool| {
        let mutability = if is_given { "readOnly" } else { "immutable" };
        let mutability = ("mutability", json!(mutability));
        let shown = ("mutability", json!("readOnly"));
        let reference = [shown.clone(), ("referenceTypes", json!([to])), ("caseExact", json!(true))];
        let parts = [
            attribute("value", "string", std::slice::from_ref(&mutability)),
            attribute("display", "string", &[shown]),
            attribute("$ref", "reference", &reference),
            attribute("type", "string", &[mutability]),
        ];
        ("subAttributes", json!(parts))
    };
    let email = [text("value"), text("type"), attribute("primary", "boolean", &[])];
    vec![
        of(
            USER,
            "User",
            vec![
                attribute("userName", "string", &[required.clone(), unique.clone()]),
                attribute("externalId", "string", std::slice::from_ref(&exact)),
                attribute("name", "complex", &[parts(&["formatted", "givenName", "familyName"])]),
                text("displayName"),
                attribute("active", "boolean", &[]),
                attribute("emails", "complex", &[many.clone(), ("subAttributes", json!(email))]),
                attribute("groups", "complex", &[many.clone(), read_only, references("Group", true)]),
            ],
        ),
        of(
            GROUP,
            "Group",
            vec![
                attribute("displayName", "string", &[required, unique, exact.clone()]),
                attribute("externalId", "string", &[exact]),
                attribute("members", "complex", &[many, references("User", false)]),
            ],
        ),
    ]
}
