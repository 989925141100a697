//! Filling in, ordering, naming.

use serde_json::json;

use super::*;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn hints(value: Value) -> TriggerHints {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_name_alone_keeps_its_type_and_one_without_a_value_is_left_out() {
    let value_of = |name: &str| match name {
        "registration.id" => Some(json!(42)),
        "owner" => Some(json!("a{{repo}}")),
        _ => None,
    };
    let filled = fill(
        &object(
            json!({"id": "{{registration.id}}", "at": "/x/{{ registration.id }}/{{owner}}", "cursor": "{{cursor}}",
            "list": ["{{none}}", "{{owner}}"], "n": {"deep": "{{owner}}", "gone": "{{none}}"}, "t": true}),
        ),
        &value_of,
    );
    // What was filled in is not looked at again.
    let wanted = json!({"id": 42, "at": "/x/42/a{{repo}}", "list": ["a{{repo}}"], "n": {"deep": "a{{repo}}"}, "t": true});
    assert_eq!(Value::Object(filled), wanted);
}

#[test]
fn an_event_asks_for_the_inputs_that_its_way_needs() {
    let verification = json!({"type": "token", "header": "X-Token"});
    let registered = hints(json!({"verification": verification, "registration": {
        "operation": "make", "remove": "end", "id": "/id",
        "inputs": {"owner": "{{owner}}", "branch": "{{branch}}", "config": {"url": "{{webhook.url}}", "secret": "{{webhook.secret}}"}},
        "removeInputs": {"owner": "{{owner}}", "region": "{{region}}", "id": "{{registration.id}}"}}}));
    assert_eq!(registered.way(), Some(Way::Registered));
    let make = json!({"properties": {"owner": {"type": "string", "description": "Who"}, "branch": {"type": "array"}, "config": {}}, "required": ["owner", "config"]});
    let end = json!({"properties": {"region": {"type": "integer"}}, "required": ["id"]});
    let asked = registered
        .input(&|id| (id == "make").then(|| make.clone()).or_else(|| (id == "end").then(|| end.clone())));
    assert_eq!(
        asked["properties"],
        json!({"owner": {"type": "string", "description": "Who"}, "branch": {"type": "array"}, "region": {"type": "integer"}})
    );
    assert_eq!(asked["required"], json!(["owner"]), "what no operation needs need not be given");
    let polling = json!({"operation": "list", "id": "/id", "cursor": "/at", "inputs": {"chat": "{{chat}}", "from": "{{cursor}}"}});
    let polled = hints(json!({"polling": polling}));
    assert_eq!(polled.way(), Some(Way::Polling));
    assert_eq!(polled.input(&|_| None)["properties"], json!({"chat": {"type": "string"}}));
    assert!(polled.polling.unwrap().follows_cursor());
    let whole = hints(
        json!({"polling": {"operation": "list", "id": "/id", "cursor": "/at", "inputs": {"chat": "{{chat}}"}}}),
    );
    assert!(!whole.polling.unwrap().follows_cursor());
    assert_eq!(hints(json!({"verification": verification})).way(), Some(Way::Manual));
    // Nobody knows who would send these.
    let unknown = hints(json!({"registration": {"operation": "make", "remove": "end", "id": "/id"}}));
    assert_eq!(unknown.way(), None);
}

/// Of a text, or of what lies deeper, no operation says what it is.
#[test]
fn an_input_within_a_text_has_to_be_given_unless_the_description_says_otherwise() {
    let polling = json!({"operation": "list", "id": "/id", "cursor": "/at",
        "inputs": {"query": "board={{board}}", "variables": {"team": "{{team}}"}, "view": "{{view}}"}});
    let list = json!({"properties": {"query": {"type": "string", "maxLength": 9}, "view": {"type": "string"}}, "required": []});
    let asked = |hints: TriggerHints| hints.input(&|_| Some(list.clone()));
    let strict = asked(hints(json!({"polling": polling})));
    assert_eq!(strict["required"], json!(["board", "team"]));
    assert_eq!(
        strict["properties"]["board"],
        json!({"type": "string"}),
        "what holds for the whole text is not its own"
    );
    assert_eq!(asked(hints(json!({"polling": polling, "optional": ["team"]})))["required"], json!(["board"]));
}

/// What a list depends on is called in an event as the event calls it, and what the event itself says comes first.
#[test]
fn the_choices_of_an_input_are_those_of_the_operation_that_gets_it_whole() {
    let options = |of: Value| json!({"operation": "list", "inputs": {"of": of, "all": true}, "value": "/id", "label": "/name"});
    let registration = json!({"operation": "make", "remove": "end", "id": "/id",
        "inputs": {"owner": "{{account}}", "repo": "{{repo}}", "host": "a.example", "list": ["{{list}}"], "secret": "{{webhook.secret}}"},
        "removeInputs": {"repo": "{{repo}}"}});
    let event = hints(json!({"verification": {"type": "token", "header": "h"}, "registration": registration,
        "options": {"list": options(json!("{{repo}}")), "account": options(json!("mine"))}}));
    let of = json!({"owner": options(json!("all")), "repo": options(json!("{{host}}/{{owner}}")), "list": options(json!("x")),
        "secret": options(json!("x")), "gone": options(json!("x"))});
    let end = json!({"repo": options(json!("never"))});
    let found = event
        .choices(&|id| serde_json::from_value(if id == "make" { of.clone() } else { end.clone() }).unwrap());
    let depends: Vec<_> =
        found.iter().map(|(name, options)| (name.as_str(), &options.inputs["of"])).collect();
    assert_eq!(
        depends,
        [
            ("account", &json!("mine")),
            ("list", &json!("{{repo}}")),
            ("repo", &json!("a.example/{{account}}")),
        ]
    );
}

fn places(value: Value) -> Places {
    serde_json::from_value(value).unwrap()
}

#[test]
fn items_have_an_id_and_a_cursor_and_cursors_an_order() {
    let answer = json!({"result": [{"n": 10, "id": "c"}, {"n": 9, "id": 8}, {"id": "no cursor"}, {"n": 9, "id": "b"}, 7]});
    let found = items(&answer, "/result", &places(json!("/id")), "/n").unwrap();
    assert_eq!(found.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["c", "8", "b"]);
    assert_eq!(told(&found), Told::NewestFirst);
    assert_eq!(told(&found[1..]), Told::Mixed, "all of one cursor may stand in any order");
    let mut rising = found;
    rising.reverse();
    assert_eq!((told(&rising), told(&[])), (Told::OldestFirst, Told::Mixed));
    rising.swap(1, 2);
    assert_eq!(told(&rising), Told::Mixed);
    assert_eq!(items(&answer, "/none", &places(json!("/id")), "/n"), None);
    for (less, more) in [
        (json!("9"), json!("10")),
        (json!(9_007_199_254_740_992_i64), json!(9_007_199_254_740_993_i64)),
        (json!("1531420618.000100"), json!("1531420618.000200")),
        (json!("2026-01-02T00:00:00Z"), json!("2026-01-10T00:00:00Z")),
        (json!(1.5), json!(2)),
    ] {
        assert_eq!((order(&less, &more), order(&more, &less)), (Ordering::Less, Ordering::Greater), "{less}");
    }
}

#[test]
fn an_id_of_several_values_tells_each_combination_apart() {
    let of = |list: Value| {
        let found = items(&list, "", &places(json!(["/id", "/at"])), "/at").unwrap();
        found.into_iter().map(|item| item.id).collect::<Vec<_>>()
    };
    let ids =
        of(json!([{"id": 1, "at": "23"}, {"id": 12, "at": "3"}, {"id": 1, "at": "24"}, {"at": "no id"}]));
    assert_eq!(ids, ["[\"1\",\"23\"]", "[\"12\",\"3\"]", "[\"1\",\"24\"]"]);
    assert!(items(&json!([{"at": 1}]), "", &places(json!([])), "/at").unwrap().is_empty());
}

#[test]
fn a_delivery_names_its_event_in_a_field_or_in_its_body() {
    let by = |value: Value| serde_json::from_value::<EventName>(value).unwrap();
    let header = |name: &str| name.eq_ignore_ascii_case("x-github-event").then_some("push");
    let body = json!({"event": {"type": "message"}, "event_id": "Ev1"});
    assert!(by(json!({"header": "X-GitHub-Event", "values": ["push"]})).is_of(&header, &body));
    assert!(!by(json!({"header": "X-GitHub-Event", "values": ["ping"]})).is_of(&header, &body));
    let slack = by(json!({"pointer": "/event/type", "values": ["message"], "deliveryId": "/event_id"}));
    assert!(slack.is_of(&header, &body) && !slack.is_of(&header, &json!({})));
    assert_eq!(slack.delivery(&header, &body).as_deref(), Some("Ev1"));
}

#[test]
fn a_delivery_with_a_list_brings_several_events() {
    let by = |value: Value| serde_json::from_value::<EventName>(value).unwrap();
    let none = |_: &str| None;
    let xero = by(
        json!({"items": "/events", "pointer": "/eventCategory", "values": ["INVOICE"], "deliveryId": "/id"}),
    );
    let body = json!({"events": [{"eventCategory": "INVOICE", "id": 7}, {"eventCategory": "CONTACT"}], "entropy": "x"});
    let parts = xero.parts(&body);
    assert_eq!(parts.len(), 2);
    assert!(xero.is_of(&none, parts[0]) && !xero.is_of(&none, parts[1]));
    assert_eq!(xero.delivery(&none, parts[0]).as_deref(), Some("7"));
    assert!(xero.parts(&json!({"events": null})).is_empty() && xero.parts(&json!({})).is_empty());
    let root = by(json!({"items": "", "pointer": "/type", "values": ["a"]}));
    assert_eq!(root.parts(&json!([{"type": "a"}, {"type": "a"}])).len(), 2);
    assert_eq!(by(json!({"values": []})).parts(&json!([1, 2])).len(), 1, "the body as a whole");
}

#[test]
fn every_handshake_is_known_by_its_members() {
    let of = |value: Value| serde_json::from_value::<Handshake>(value);
    for (value, is) in [
        (json!({"query": "hub.challenge"}), "Query"),
        (
            json!({"header": "X-Okta-Verification-Challenge", "answer": {"verification": "{{challenge}}"}}),
            "Header",
        ),
        (json!({"header": "X-Hook-Secret", "answerHeader": "X-Hook-Secret"}), "Header"),
        (json!({"pointer": "/type", "equals": "url_verification", "challenge": "/challenge"}), "Body"),
        (json!({"challenge": "/challenge", "answer": {"challenge": "{{challenge}}"}}), "Body"),
        (json!({"secret": "/verification_token"}), "Secret"),
    ] {
        let read = of(value.clone()).unwrap();
        assert!(format!("{read:?}").starts_with(is), "{value}");
        assert_eq!(serde_json::to_value(&read).unwrap(), value);
    }
    assert!(of(json!({"query": "a", "secret": "b"})).is_err());
    let answer = json!({"handshake": {"pointer": "/event", "equals": "q", "challenge": "/t", "answer": {"s": "{{signature}}"}},
        "verification": {"type": "token", "header": "h"}});
    assert!(hints(answer.clone()).asks_for_a_foreign_signature());
    let mut hmac = answer;
    hmac["verification"] = json!({"type": "hmacSha256", "header": "h", "encoding": "hex"});
    assert!(!hints(hmac).asks_for_a_foreign_signature());
}

#[test]
fn a_question_is_known_by_its_word_or_by_its_challenge_alone() {
    let of = |value: Value| serde_json::from_value::<Handshake>(value).unwrap();
    let slack = of(json!({"pointer": "/type", "equals": "url_verification", "challenge": "/challenge"}));
    assert_eq!(slack.asked_in(&json!({"type": "url_verification", "challenge": "a"})), Some("a"));
    assert_eq!(slack.asked_in(&json!({"type": "event_callback", "challenge": "a"})), None);
    let monday = of(json!({"challenge": "/challenge"}));
    assert_eq!(monday.asked_in(&json!({"challenge": "3eZb"})), Some("3eZb"));
    assert_eq!(monday.asked_in(&json!({"event": {"type": "create_pulse"}})), None);
    assert_eq!(of(json!({"query": "q"})).asked_in(&json!({"challenge": "a"})), None);
}

#[test]
fn a_challenge_is_sent_back_in_no_field_that_means_something_else() {
    for name in ["X-Hook-Secret", "Smartsheet-Hook-Response", "WebHook-Allowed-Origin", "X-Verification"] {
        assert!(Handshake::is_echo_field(name), "{name}");
    }
    for name in
        ["Set-Cookie", "Location", "X-Accel-Redirect", "X-Sendfile", "", "X-Hook\r\nSet-Cookie", "x-hook:"]
    {
        assert!(!Handshake::is_echo_field(name), "{name}");
    }
}
