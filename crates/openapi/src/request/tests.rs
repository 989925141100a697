use serde_json::{Value, json};

use super::*;
use crate::connector::{Body, BodyField, BodyKind, Style};

fn parameter(place: Place, style: Style, explode: bool) -> Parameter {
    Parameter { name: "color".to_owned(), place, style, explode, ..Parameter::default() }
}

fn url(parameter: Parameter, value: Value) -> String {
    let path = if parameter.place == Place::Path { "/{color}" } else { "/" };
    let operation = Operation {
        method: "GET".to_owned(),
        path: path.to_owned(),
        parameters: vec![parameter],
        ..Operation::default()
    };
    let inputs = Map::from_iter([("color".to_owned(), value)]);
    request(&operation, inputs).unwrap().url.strip_prefix("https://a.example/").unwrap().to_owned()
}

fn request(operation: &Operation, inputs: Map<String, Value>) -> Result<Built, Fault> {
    let (connection, headers) = (Map::new(), BTreeMap::new());
    let base = Base { url: "https://a.example", connection: &connection, defaults: &[], headers: &headers };
    build(&base, operation, &inputs)
}

/// The table of OpenAPI 3.1.1 section 4.8.12.4, "Style Examples".
#[test]
fn the_published_style_examples_hold() {
    let (string, array) = (json!("blue"), json!(["blue", "black", "brown"]));
    let object = json!({"R": 100, "G": 200, "B": 150});
    let rows = [
        (
            Place::Path,
            Style::Matrix,
            false,
            ";color",
            ";color=blue",
            ";color=blue,black,brown",
            ";color=R,100,G,200,B,150",
        ),
        (
            Place::Path,
            Style::Matrix,
            true,
            ";color",
            ";color=blue",
            ";color=blue;color=black;color=brown",
            ";R=100;G=200;B=150",
        ),
        (Place::Path, Style::Label, false, "", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        (Place::Path, Style::Label, true, "", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        (Place::Path, Style::Simple, false, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (Place::Path, Style::Simple, true, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (
            Place::Query,
            Style::Form,
            false,
            "?color=",
            "?color=blue",
            "?color=blue,black,brown",
            "?color=R,100,G,200,B,150",
        ),
        (
            Place::Query,
            Style::Form,
            true,
            "?color=",
            "?color=blue",
            "?color=blue&color=black&color=brown",
            "?R=100&G=200&B=150",
        ),
        (
            Place::Query,
            Style::SpaceDelimited,
            false,
            "?color=",
            "?color=blue",
            "?color=blue%20black%20brown",
            "?color=R%20100%20G%20200%20B%20150",
        ),
        (
            Place::Query,
            Style::PipeDelimited,
            false,
            "?color=",
            "?color=blue",
            "?color=blue%7Cblack%7Cbrown",
            "?color=R%7C100%7CG%7C200%7CB%7C150",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "?color=",
            "?color=blue",
            "?color%5B0%5D=blue&color%5B1%5D=black&color%5B2%5D=brown",
            "?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
        ),
    ];
    for (place, style, explode, empty, one, many, members) in rows {
        let of = |value: &Value| url(parameter(place, style, explode), value.clone());
        if !empty.is_empty() {
            assert_eq!(of(&json!("")), empty, "{style:?} {explode} empty");
        }
        assert_eq!(of(&string), one, "{style:?} {explode} string");
        assert_eq!(of(&array), many, "{style:?} {explode} array");
        assert_eq!(of(&object), members, "{style:?} {explode} object");
    }
}

#[test]
fn a_list_without_members_is_not_sent() {
    for (style, explode) in
        [(Style::Form, true), (Style::Form, false), (Style::PipeDelimited, false), (Style::DeepObject, true)]
    {
        for nothing in [json!([]), json!({}), Value::Null] {
            assert_eq!(url(parameter(Place::Query, style, explode), nothing), "", "{style:?}");
        }
    }
    let as_json = Parameter { as_json: true, ..parameter(Place::Query, Style::Form, true) };
    assert_eq!(url(as_json, json!([])), "?color=%5B%5D", "JSON has a list without members");
}

#[test]
fn reserved_signs_stay_only_where_the_document_says_so() {
    let value = json!("a/b?c=d e&f");
    assert_eq!(
        url(parameter(Place::Query, Style::Form, true), value.clone()),
        "?color=a%2Fb%3Fc%3Dd%20e%26f"
    );
    let reserved = Parameter { allow_reserved: true, ..parameter(Place::Query, Style::Form, true) };
    assert_eq!(url(reserved.clone(), json!("a/b,c:d")), "?color=a/b,c:d");
    assert_eq!(url(reserved, json!(["a#b", "c"])), "?color=a%23b&color=c", "what ends a query stays within");
}

/// Security test 67: what is given for a place of the path stays in that place.
#[test]
fn a_value_in_the_path_cannot_lead_to_another_path() {
    let simple = parameter(Place::Path, Style::Simple, false);
    assert_eq!(url(simple.clone(), json!("../admin?x#y")), "..%2Fadmin%3Fx%23y");
    let operation = |parameter: Parameter| Operation {
        path: "/v1/{color}/x".to_owned(),
        parameters: vec![parameter],
        ..Operation::default()
    };
    let reserved = Parameter { allow_reserved: true, ..simple.clone() };
    for (parameter, value) in [
        (simple.clone(), ".."),
        (simple.clone(), "."),
        (simple, ""),
        (reserved.clone(), "a/../../admin"),
        (reserved.clone(), "a?b"),
        (reserved, "a#b"),
    ] {
        let inputs = Map::from_iter([("color".to_owned(), json!(value))]);
        let fault = request(&operation(parameter), inputs).unwrap_err();
        assert_eq!(fault.pointer, "/color", "{value}");
    }
}

#[test]
fn a_parameter_of_the_host_is_no_path_and_no_user_name() {
    let operation = Operation { path: "/a".to_owned(), ..Operation::default() };
    let field: flero_model::service::Field =
        serde_json::from_value(json!({"name": "sub", "label": "Sub"})).unwrap();
    let headers = BTreeMap::new();
    for bad in ["evil.example/x", "a@evil.example", "a?b", "a\\b", "a b"] {
        let connection = Map::from_iter([("sub".to_owned(), json!(bad))]);
        let base = Base {
            url: "https://{sub}.a.example",
            connection: &connection,
            defaults: std::slice::from_ref(&field),
            headers: &headers,
        };
        assert!(build(&base, &operation, &Map::new()).is_err(), "{bad}");
    }
}

#[test]
fn bodies_are_written_as_their_kind_says() {
    let field = |name: &str, style| BodyField { name: name.to_owned(), style, ..BodyField::default() };
    let of = |kind, fields: Vec<BodyField>, inputs: Value| {
        let body = Body { kind, media_type: "x/y".to_owned(), fields, ..Body::default() };
        let operation = Operation { path: "/".to_owned(), body: Some(body), ..Operation::default() };
        request(&operation, inputs.as_object().unwrap().clone()).unwrap().body
    };
    let text = |body| match body {
        RequestBody::Text { text, .. } => text,
        other => panic!("{other:?}"),
    };
    let inputs = json!({"a": [1, 2], "m": {"k": "v", "l": [{"x": 1}]}, "other": 1});
    assert_eq!(text(of(BodyKind::Json, vec![field("a", None)], inputs.clone())), r#"{"a":[1,2]}"#);
    let deep = Some((Style::DeepObject, true));
    assert_eq!(
        text(of(BodyKind::Form, vec![field("a", None), field("m", deep)], inputs.clone())),
        "a=1&a=2&m%5Bk%5D=v&m%5Bl%5D%5B0%5D%5Bx%5D=1"
    );
    assert_eq!(
        text(of(BodyKind::Form, vec![field("m", None)], json!({"m": {"k": 1}}))),
        "m=%7B%22k%22%3A1%7D"
    );
    let RequestBody::Multipart(parts) = of(BodyKind::Multipart, vec![field("a", None)], inputs.clone())
    else {
        panic!()
    };
    let part = |name: &str, value: Value, media_type: Option<&str>| BodyPart {
        name: name.to_owned(),
        value,
        media_type: media_type.map(str::to_owned),
    };
    assert_eq!(parts, [part("a", json!(1), None), part("a", json!(2), None)], "a list is a part per element");
    let typed =
        BodyField { as_json: true, media_type: Some("application/json".to_owned()), ..field("m", None) };
    let RequestBody::Multipart(parts) = of(BodyKind::Multipart, vec![typed], json!({"m": {"k": 1}})) else {
        panic!()
    };
    assert_eq!(parts, [part("m", json!(r#"{"k":1}"#), Some("application/json"))]);
    assert_eq!(of(BodyKind::Json, vec![field("none", None)], inputs), RequestBody::Empty);
}

#[test]
fn headers_and_cookies_are_written_plainly() {
    let operation = Operation {
        path: "/".to_owned(),
        parameters: vec![
            Parameter { name: "X-Ids".into(), place: Place::Header, ..Parameter::default() },
            Parameter {
                name: "sid".into(),
                place: Place::Cookie,
                style: Style::Cookie,
                ..Parameter::default()
            },
        ],
        ..Operation::default()
    };
    let inputs = json!({"X-Ids": [1, "b c"], "sid": "a b"});
    let built = request(&operation, inputs.as_object().unwrap().clone()).unwrap();
    assert_eq!(
        built.headers,
        [("X-Ids".to_owned(), "1,b c".to_owned()), ("Cookie".to_owned(), "sid=a b".to_owned())]
    );
}

/// OpenAPI 3.1.1 section 4.8.12.4 has rows for header fields too; cookies are `form` unless 3.2's own style is named.
#[test]
fn lists_and_objects_in_headers_cookies_and_tables_are_written_as_their_style_says() {
    let (list, object) = (json!(["blue", "black"]), json!({"R": 100, "G": 200}));
    let sent = |place: Place, style: Style, explode: bool, value: &Value| {
        let operation = Operation {
            path: "/".to_owned(),
            parameters: vec![parameter(place, style, explode)],
            ..Operation::default()
        };
        let inputs = Map::from_iter([("color".to_owned(), value.clone())]);
        request(&operation, inputs).unwrap().headers.remove(0).1
    };
    for (place, style, explode, many, members) in [
        (Place::Header, Style::Simple, false, "blue,black", "R,100,G,200"),
        (Place::Header, Style::Simple, true, "blue,black", "R=100,G=200"),
        (Place::Cookie, Style::Form, false, "color=blue,black", "color=R,100,G,200"),
        (Place::Cookie, Style::Form, true, "color=blue; color=black", "R=100; G=200"),
        (Place::Cookie, Style::Cookie, false, "color=blue,black", "color=R,100,G,200"),
        (Place::Cookie, Style::Cookie, true, "color=blue; color=black", "R=100; G=200"),
    ] {
        assert_eq!(sent(place, style, explode, &list), many, "{place:?} {style:?} {explode}");
        assert_eq!(sent(place, style, explode, &object), members, "{place:?} {style:?} {explode}");
    }
    // Swagger 2.0 alone has tabs.
    assert_eq!(url(parameter(Place::Query, Style::TabDelimited, false), list), "?color=blue%09black");
}

#[test]
fn a_value_with_a_media_type_of_its_own_is_written_as_json_wherever_it_stands() {
    let value = json!({"a": [1, "b c"]});
    let of = |place: Place| Parameter { as_json: true, ..parameter(place, Style::Simple, false) };
    assert_eq!(url(of(Place::Path), value.clone()), "%7B%22a%22%3A%5B1%2C%22b%20c%22%5D%7D");
    assert_eq!(url(of(Place::Query), value.clone()), "?color=%7B%22a%22%3A%5B1%2C%22b%20c%22%5D%7D");
    for (place, name, written) in [
        (Place::Header, "color", r#"{"a":[1,"b c"]}"#),
        (Place::Cookie, "Cookie", "color=%7B%22a%22%3A%5B1%2C%22b%20c%22%5D%7D"),
    ] {
        let operation =
            Operation { path: "/".to_owned(), parameters: vec![of(place)], ..Operation::default() };
        let built = request(&operation, Map::from_iter([("color".to_owned(), value.clone())])).unwrap();
        assert_eq!(built.headers, [(name.to_owned(), written.to_owned())]);
    }
}

/// OpenAPI 3.2 section "Parameter Locations": `querystring` is the whole of it.
#[test]
fn the_whole_query_is_one_value() {
    let whole = |value: Value| url(parameter(Place::QueryString, Style::Form, true), value);
    assert_eq!(whole(json!("?a=1&b=c d#e")), "?a=1&b=c%20d%23e");
    assert_eq!(whole(json!({"a": [1, 2], "b": "x&y"})), "?a=1&a=2&b=x%26y");
    assert_eq!(whole(json!(5)), "?5");
}

#[test]
fn what_the_service_told_and_a_server_of_the_credential_fill_the_address() {
    let operation = Operation { method: "GET".into(), path: "/a".into(), ..Operation::default() };
    let (inputs, headers) = (Map::new(), BTreeMap::new());
    let of = |url: &str, connection: serde_json::Value| {
        let connection = connection.as_object().cloned().unwrap();
        let base = Base { url, connection: &connection, defaults: &[], headers: &headers };
        build(&base, &operation, &inputs).map(|built| built.url)
    };
    let told = serde_json::json!({"instance_url": "https://acme.my.salesforce.com/"});
    assert_eq!(of("https://{instance_url}/v1", told).unwrap(), "https://acme.my.salesforce.com/v1/a");
    let own = serde_json::json!({"serverUrl": "https://api.example.com/ex/{cloud}/", "cloud": "a/b"});
    assert_eq!(of("https://{site}.example.net", own).unwrap(), "https://api.example.com/ex/a%2Fb/a");
    for bad in ["https://a.example/path", "http://a.example", "https://u@a.example"] {
        of("https://{instance_url}/v1", serde_json::json!({ "instance_url": bad })).unwrap_err();
    }
}
