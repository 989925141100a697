//! Filters and paths of SCIM (RFC 7644 sections 3.4.2.2 and 3.5.2), as far as directories send them: one attribute equal
//! to one value, and a path with such a filter in brackets.

use serde_json::Value;

use super::error::ScimError;

/// `attribute eq value`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Equal {
    /// The attribute, lower case, without the name of a schema: attribute names are compared without regard to case.
    pub(super) attribute: String,
    /// The value.
    pub(super) value: Value,
}

/// Where a change is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// The attribute, as it was written, without the name of a schema.
    pub(super) attribute: String,
    /// Which of its values.
    pub(super) filter: Option<Equal>,
    /// A part of it.
    pub(super) sub: Option<String>,
    /// Whether it belongs to a schema that is not kept.
    pub(super) is_foreign: bool,
}

/// The schemas whose names may stand before an attribute.
const OWN: [&str; 2] =
    ["urn:ietf:params:scim:schemas:core:2.0:User:", "urn:ietf:params:scim:schemas:core:2.0:Group:"];

/// The attribute without its schema, and whether that is another one.
fn without_schema(name: &str) -> (&str, bool) {
    for own in OWN {
        if name.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own)) {
            return (&name[own.len()..], false);
        }
    }
    (name, name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")))
}

/// Whether a text is an attribute's name, with or without a part (RFC 7643 section 2.1).
fn is_name(text: &str) -> bool {
    let good = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
    };
    text.split('.').count() <= 2 && text.split('.').all(good)
}

/// Reads a filter.
///
/// # Errors
/// `invalidFilter` for everything but one comparison for equality.
pub(super) fn filter(text: &str) -> Result<Equal, ScimError> {
    let fault = || {
        let message =
            "Filters compare one attribute with one value, for example: userName eq \"ada@example.com\".";
        ScimError::bad("invalidFilter", message)
    };
    let mut parts = text.trim().splitn(3, ' ').map(str::trim);
    let (Some(name), Some(operator), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(fault());
    };
    let (attribute, is_foreign) = without_schema(name);
    // `emails[type eq "work"].value` is what some directories look for an address by.
    let attribute = match attribute.split_once('[') {
        Some((attribute, rest)) => {
            return filter_of_values(attribute, &text.trim()[name.len() - rest.len()..]).ok_or_else(fault);
        }
        None => attribute,
    };
    let value: Value = serde_json::from_str(value).map_err(|_| fault())?;
    let is_plain = value.is_string() || value.is_boolean() || value.is_number();
    if is_foreign || !operator.eq_ignore_ascii_case("eq") || !is_name(attribute) || !is_plain {
        return Err(fault());
    }
    Ok(Equal { attribute: attribute.to_lowercase(), value })
}

/// `type eq "work"].value eq "x"` after `emails[`: the type is not looked at, there is one address.
fn filter_of_values(attribute: &str, rest: &str) -> Option<Equal> {
    let (inner, after) = rest.split_once(']')?;
    filter(inner).ok()?;
    let compared = filter(after.strip_prefix('.')?).ok()?;
    is_name(attribute).then(|| Equal {
        attribute: format!("{}.{}", attribute.to_lowercase(), compared.attribute),
        value: compared.value,
    })
}

/// Reads a path.
///
/// # Errors
/// `invalidPath`; `invalidFilter` for what stands in its brackets.
pub(super) fn path(text: &str) -> Result<Target, ScimError> {
    let fault = || ScimError::bad("invalidPath", "The path is not one of RFC 7644 section 3.5.2.");
    let (text, is_foreign) = without_schema(text.trim());
    if is_foreign {
        return Ok(Target { attribute: text.to_owned(), filter: None, sub: None, is_foreign });
    }
    let (attribute, filtered, sub) = match text.split_once('[') {
        Some((attribute, rest)) => {
            let (inner, after) = rest.rsplit_once(']').ok_or_else(fault)?;
            let sub = match after {
                "" => None,
                after => Some(after.strip_prefix('.').ok_or_else(fault)?),
            };
            (attribute, Some(filter(inner)?), sub)
        }
        None => match text.split_once('.') {
            Some((attribute, sub)) => (attribute, None, Some(sub)),
            None => (text, None, None),
        },
    };
    if !is_name(attribute)
        || attribute.contains('.')
        || sub.is_some_and(|sub| !is_name(sub) || sub.contains('.'))
    {
        return Err(fault());
    }
    Ok(Target { attribute: attribute.to_owned(), filter: filtered, sub: sub.map(str::to_owned), is_foreign })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn equal(attribute: &str, value: Value) -> Equal {
        Equal { attribute: attribute.into(), value }
    }

    #[test]
    fn the_filters_of_directories_are_read() {
        for (text, expected) in [
            // RFC 7644 section 3.4.2.2, figure 2.
            ("userName eq \"bjensen\"", equal("username", json!("bjensen"))),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:userName Eq \"a b\"",
                equal("username", json!("a b")),
            ),
            ("externalId eq \"a\\\"b\"", equal("externalid", json!("a\"b"))),
            ("emails.value eq \"x@y.z\"", equal("emails.value", json!("x@y.z"))),
            ("emails[type eq \"work\"].value eq \"x@y.z\"", equal("emails.value", json!("x@y.z"))),
            ("active eq true", equal("active", json!(true))),
        ] {
            assert_eq!(filter(text).unwrap(), expected, "{text}");
        }
        for text in [
            "",
            "userName",
            "userName pr",
            "userName co \"x\"",
            "userName eq x",
            "userName eq \"x\" and active eq true",
            "userName eq {}",
            "not (userName eq \"x\")",
            "1x eq \"y\"",
            "a.b.c eq \"y\"",
            "emails[type eq \"w\" eq \"x\"",
        ] {
            assert!(filter(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_paths_of_directories_are_read() {
        let read = |text| path(text).unwrap();
        let members = read("members[value eq \"usr_1\"]");
        assert_eq!(
            (members.attribute.as_str(), members.filter),
            ("members", Some(equal("value", json!("usr_1"))))
        );
        // RFC 7644 section 3.5.2, figure 8.
        let city = read("addresses[type eq \"work\"].streetAddress");
        assert_eq!((city.filter.is_some(), city.sub.as_deref()), (true, Some("streetAddress")));
        assert_eq!(read("name.familyName").sub.as_deref(), Some("familyName"));
        assert!(!read("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName").is_foreign);
        assert!(read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department").is_foreign);
        for text in ["", "a b", "a[", "a[x eq \"1\"", "a[x eq \"1\"]b", "a.b.c", "a[]"] {
            assert!(path(text).is_err(), "{text}");
        }
    }
}
