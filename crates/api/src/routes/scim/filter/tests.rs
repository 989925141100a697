use serde_json::{Map, Value, json};

use super::{Filter, filter, path};

/// Somebody as the endpoint shows them.
fn babs() -> Map<String, Value> {
    let shown = json!({"id": "usr_1", "userName": "bjensen@example.com", "externalId": "Bj", "active": true,
        "title": "", "name": {"familyName": "O'Malley", "givenName": "Babs"},
        "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}],
        "meta": {"lastModified": "2011-05-13T04:42:34.000Z"}});
    shown.as_object().unwrap().clone()
}

fn fits(text: &str) -> bool {
    filter(text).unwrap().fits(&babs(), &["id", "externalId"])
}

/// The filters of RFC 7644 section 3.4.2.2, figure 2, as far as they are about attributes that are kept, and their
/// opposites.
#[test]
fn the_filters_of_the_rfc_select_what_it_says() {
    for text in [
        "userName eq \"bjensen@example.com\"",
        "userName Eq \"BJENSEN@example.com\"",
        "name.familyName co \"O'Malley\"",
        "userName sw \"B\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"bj\"",
        "userName pr",
        "meta.lastModified gt \"2011-05-13T04:42:33Z\"",
        "meta.lastModified ge \"2011-05-13T06:42:34+02:00\"",
        "meta.lastModified lt \"2011-05-14T00:00:00Z\"",
        "meta.lastModified le \"2011-05-13T04:42:34Z\"",
        "name.givenName pr and active eq true",
        "title pr or active eq true",
        "active eq \"True\"",
        "name.givenName eq \"babs\" and (emails co \"nowhere\" or emails.value co \"jensen.org\")",
        "active ne false and not (emails co \"nobody\")",
        "active eq true and (emails.type eq \"work\")",
        "active eq true and emails[type eq \"home\" and value co \"@jensen.org\"]",
        "emails[type eq \"work\" and value co \"@example.com\"] or ims[type eq \"xmpp\" and value co \"@foo.com\"]",
        "emails[type eq \"work\"].value eq \"bjensen@example.com\"",
        "externalId eq \"Bj\"",
        "nickName ne \"x\"",
        "nickName eq null",
        "userName ne null",
        "name.familyName ew \"malley\"",
    ] {
        assert!(fits(text), "{text}");
    }
    for text in [
        "userName eq \"bjensen\"",
        "title pr",
        "externalId eq \"bj\"",
        "active eq false",
        "nickName eq \"Babs\"",
        "emails[type eq \"home\"].value eq \"bjensen@example.com\"",
        "emails[type eq \"home\" and primary eq true]",
        "not (userName pr)",
        "active eq true and userName sw \"x\" or title pr",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr",
        "userName eq null",
    ] {
        assert!(!fits(text), "{text}");
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    let deep = format!("{}a pr{}", "(".repeat(20), ")".repeat(20));
    let long = format!("userName eq \"{}\"", "x".repeat(5_000));
    for text in [
        "",
        "userName",
        "userName eq",
        "userName eq x",
        "userName like \"x\"",
        "userName eq {}",
        "userName eq [1]",
        "userName eq \"x",
        "userName eq \"x\"y",
        "userName eq \"x\" and",
        "userName eq \"x\" userName pr",
        "(userName pr",
        "userName pr)",
        "not userName pr",
        "1x eq \"y\"",
        "a.b.c eq \"y\"",
        "active gt true",
        "active co true",
        "emails[type eq \"w\" eq \"x\"",
        "emails[]",
        "\u{e4} pr",
        deep.as_str(),
        long.as_str(),
    ] {
        assert!(filter(text).is_err(), "{text}");
    }
}

#[test]
fn one_equality_is_told_so_that_the_store_can_select() {
    let equal = |text: &str| filter(text).unwrap().as_equal().map(|(name, value)| (name, value.to_owned()));
    let read = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
    assert_eq!(equal("userName eq \"a b\""), read("username", "a b"));
    assert_eq!(equal("externalId eq \"a\\\"b\""), read("externalid", "a\"b"));
    assert_eq!(equal("emails.value eq \"x@y.z\""), read("emails.value", "x@y.z"));
    for text in ["active eq true", "userName pr", "userName ne \"x\"", "userName eq \"x\" and active eq true"]
    {
        assert_eq!(equal(text), None, "{text}");
    }
    let both = filter("type eq \"work\" and primary eq true").unwrap();
    assert_eq!(both.equalities(), [("type".into(), json!("work")), ("primary".into(), json!(true))]);
    assert!(Filter::Not(Box::new(both)).equalities().is_empty());
}

#[test]
fn the_paths_of_directories_are_read() {
    let read = |text| path(text).unwrap();
    let members = read("members[value eq \"usr_1\"]");
    assert_eq!((members.place.attribute.as_str(), members.filter.is_some()), ("members", true));
    // RFC 7644 section 3.5.2, figure 8.
    let city = read("addresses[type eq \"work\" and primary eq true].streetAddress");
    assert_eq!((city.filter.is_some(), city.place.sub.as_deref()), (true, Some("streetAddress")));
    assert_eq!(read("name.familyName").place.sub.as_deref(), Some("familyName"));
    assert!(!read("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName").place.is_foreign);
    assert!(read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department").place.is_foreign);
    for text in ["", "a b", "a[", "a[x eq \"1\"", "a[x eq \"1\"]b", "a.b.c", "a[]"] {
        assert!(path(text).is_err(), "{text}");
    }
}

#[test]
fn resources_are_sorted_by_their_primary_value() {
    let key = |name: &str| {
        filter(&format!("{name} pr")).map(|read| match read {
            Filter::Present(place) => place.sort_key(&babs(), &["id", "externalId"]),
            _ => None,
        })
    };
    assert_eq!(key("name.familyName").unwrap().as_deref(), Some("o'malley"));
    assert_eq!(key("externalId").unwrap().as_deref(), Some("Bj"));
    assert_eq!(key("emails").unwrap().as_deref(), Some("bjensen@example.com"));
    assert_eq!(key("emails.value").unwrap().as_deref(), Some("bjensen@example.com"));
    assert_eq!(key("active").unwrap().as_deref(), Some("true"));
    assert_eq!(key("nickName").unwrap(), None);
}
