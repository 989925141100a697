//! Commands from the manuals of cURL and of services, and from browsers.

use serde_json::json;

use super::*;

fn read(text: &str) -> (Value, Vec<(SecretKind, String)>) {
    let imported = parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let secrets =
        imported.secrets.into_iter().map(|found| (found.kind, found.value.expose().to_owned())).collect();
    (Value::Object(imported.parameters), secrets)
}

/// The parameters that differ from what cURL does without options.
fn parameters(text: &str) -> Value {
    let (mut parameters, _) = read(text);
    let members = parameters.as_object_mut().unwrap();
    for (name, default) in
        [("followRedirects", json!(false)), ("failOnError", json!(false)), ("method", json!("GET"))]
    {
        if members.get(name) == Some(&default) {
            members.remove(name);
        }
    }
    parameters
}

#[test]
fn commands_of_the_curl_manual_are_read() {
    for (text, expected) in [
        ("curl https://example.com", json!({"url": "https://example.com/"})),
        ("curl example.com", json!({"url": "https://example.com/"})),
        ("curl -L --url http://example.com/", json!({"url": "http://example.com/", "followRedirects": true})),
        ("curl -I https://example.com", json!({"url": "https://example.com/", "method": "HEAD"})),
        (
            "curl -d \"name=curl\" https://example.com",
            json!({"url": "https://example.com/", "method": "POST", "bodyType": "form", "body": {"name": "curl"}}),
        ),
        (
            "curl -d \"name=curl\" -d \"tool=cmdline\" https://example.com",
            json!({"url": "https://example.com/", "method": "POST", "bodyType": "form", "body": {"name": "curl", "tool": "cmdline"}}),
        ),
        (
            "curl --data-urlencode \"name=val u\" https://example.com",
            json!({"url": "https://example.com/", "method": "POST", "bodyType": "form", "body": {"name": "val u"}}),
        ),
        (
            "curl -G -d 'q=a b' -d 'n=1' https://example.com/s?x=0",
            json!({"url": "https://example.com/s", "query": {"x": "0", "q": "a b", "n": "1"}}),
        ),
        (
            "curl --json '{ \"drink\": \"coffee\" }' https://example.com",
            json!({"url": "https://example.com/", "method": "POST", "bodyType": "json", "body": {"drink": "coffee"}}),
        ),
        (
            "curl --json '{ \"drink\":' --json ' \"coffee\" }' https://example.com",
            json!({"url": "https://example.com/", "method": "POST", "bodyType": "json", "body": {"drink": "coffee"}}),
        ),
        (
            "curl -F \"name=daniel\" -F 'x=<a.txt' https://example.com",
            json!({"url": "https://example.com/", "method": "POST", "bodyType": "multipart", "body": {"name": "daniel", "x": ""}}),
        ),
        (
            "curl -X \"DELETE\" https://example.com",
            json!({"url": "https://example.com/", "method": "DELETE"}),
        ),
        (
            "curl -XPUT -kfsS -m 2.5 --retry 3 https://example.com",
            json!({"url": "https://example.com/", "method": "PUT", "validateSsl": false, "timeoutMs": 2500, "retries": 3}),
        ),
        (
            "curl --compressed -A 'me/1' -e https://r.example https://example.com",
            json!({"url": "https://example.com/", "headers": {"User-Agent": "me/1", "Referer": "https://r.example"}}),
        ),
        (
            "curl -H 'X-A: 1' -H 'X-Empty;' -H 'Accept:' -H 'Host: evil.example' https://example.com",
            json!({"url": "https://example.com/", "headers": {"X-A": "1", "X-Empty": ""}}),
        ),
        (
            "curl 'https://example.com/?a=1&a=2'",
            json!({"url": "https://example.com/", "query": {"a": ["1", "2"]}}),
        ),
    ] {
        assert_eq!(parameters(text), expected, "{text}");
    }
}

#[test]
fn quoting_is_that_of_the_shell() {
    for (text, body) in [
        (r#"curl -H 'Content-Type: text/plain' -d 'it'\''s' https://x.example"#, "it's"),
        (r#"curl -H 'Content-Type: text/plain' -d "a \"b\" \$c \d" https://x.example"#, r#"a "b" $c \d"#),
        (
            r#"curl -H 'Content-Type: text/plain' -d $'a\n\'b\'\t\x41\u00e9\101\xc3\xa9' https://x.example"#,
            "a\n'b'\tAéAé",
        ),
        ("curl -H 'Content-Type: text/plain' \\\n  -d a\\ b \\\r\n  https://x.example | jq .", "a b"),
        ("$ curl -H 'Content-Type: text/plain' -d '' -d x https://x.example > out; rm -rf x", "&x"),
        ("curl.exe ^\n -H \"Content-Type: text/plain\" ^\n -d ^\"a b^\" https://x.example", "a b"),
    ] {
        assert_eq!(parameters(text)["body"], json!(body), "{text}");
    }
}

#[test]
fn a_command_that_a_browser_copies_is_read() {
    let chrome = r#"curl 'https://api.example.com/v1/orders?limit=10' \
  -H 'accept: application/json' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'authorization: Bearer eyJhbGciOi.J9.abc' \
  -H 'content-type: application/json' \
  -b 'session=s3cr3t; theme=dark' \
  --data-raw $'{"note":"it\'s \u0021"}' \
  --compressed"#;
    let (parameters, secrets) = read(chrome);
    assert_eq!(parameters["body"], json!({"note": "it's !"}));
    assert_eq!(
        parameters["headers"],
        json!({"accept": "application/json", "accept-language": "en-US,en;q=0.9"})
    );
    assert_eq!(
        secrets,
        [
            (SecretKind::Bearer, "eyJhbGciOi.J9.abc".to_owned()),
            (SecretKind::Cookie { name: "session".into() }, "s3cr3t".to_owned()),
            (SecretKind::Cookie { name: "theme".into() }, "dark".to_owned()),
        ]
    );
}

#[test]
fn secrets_are_reported_and_are_in_no_parameter() {
    let header = |name: &str, prefix: &str| SecretKind::Header { name: name.into(), prefix: prefix.into() };
    let basic = |name: &str| SecretKind::Basic { username: name.into() };
    // The commands follow the documentation of Stripe, GitHub, Twilio, OpenAI, Pinecone, Google, Zendesk, Discord.
    for (text, kind) in [
        ("curl https://api.stripe.com/v1/charges -u CANARY:", None),
        ("curl -H \"Authorization: Bearer CANARY\" https://api.github.com/user", Some(SecretKind::Bearer)),
        (
            "curl -H 'Authorization: token CANARY' https://api.github.com/user",
            Some(header("Authorization", "token")),
        ),
        ("curl -X POST https://api.twilio.com/x -u AC1:CANARY --data-urlencode 'To=+1'", Some(basic("AC1"))),
        ("curl -H 'Authorization: Basic YWRhOkNBTkFSWQ==' https://x.example", Some(basic("ada"))),
        ("curl https://api.openai.com/v1/models --oauth2-bearer CANARY", Some(SecretKind::Bearer)),
        ("curl -H 'Api-Key: CANARY' https://x.pinecone.io", Some(header("Api-Key", ""))),
        (
            "curl 'https://maps.googleapis.com/maps/api?address=x&key=CANARY'",
            Some(SecretKind::Query { name: "key".into() }),
        ),
        (
            "curl -G https://x.example -d access_token=CANARY -d a=1",
            Some(SecretKind::Query { name: "access_token".into() }),
        ),
        ("curl https://ada:CANARY@x.example/p", Some(basic("ada"))),
        ("curl -H 'Cookie: sid=CANARY' https://x.example", Some(SecretKind::Cookie { name: "sid".into() })),
        ("curl -H 'X-Auth-Token:CANARY' https://x.example", Some(header("X-Auth-Token", ""))),
        ("curl -H 'Authorization: CANARY' https://discord.com/api", Some(header("Authorization", ""))),
    ] {
        let (parameters, secrets) = read(text);
        assert!(!parameters.to_string().contains("CANARY"), "{text}: {parameters}");
        assert_eq!(secrets.len(), 1, "{text}");
        if let Some(kind) = kind {
            assert_eq!(secrets[0], (kind, "CANARY".to_owned()), "{text}");
        }
    }
    assert!(!format!("{:?}", parse("curl -u a:CANARY https://x.example").unwrap()).contains("CANARY"));
}

#[test]
fn braces_of_the_command_do_not_become_expressions() {
    let (parameters, _) =
        read("curl -H 'X-T: {{ $env.A }}' -H 'Content-Type: text/plain' -d '{{x}}' https://x.example");
    let document = json!({"name": "x", "nodes": [{"id": "s", "name": "s", "type": "Start"}, {"id": "c", "name": "c", "type": "HTTPRequest", "parameters": parameters}]});
    let document = flero_model::workflow::WorkflowDocument::parse(&document).unwrap();
    assert_eq!(crate::params::check(&document), []);
    assert_eq!(parameters["headers"]["X-T"], json!("\\{{ $env.A }}"));
}

#[test]
fn what_cannot_be_imported_is_told() {
    for (text, error) in [
        ("wget https://x.example", Error::NotCurl),
        ("", Error::NotCurl),
        ("curl 'https://x.example", Error::Quote),
        ("curl -s", Error::NoUrl),
        ("curl -d @secret.json https://x.example", Error::File("-d @file")),
        ("curl -T a https://x.example", Error::File("-T")),
        ("curl --cert a.pem https://x.example", Error::File("--cert")),
        ("curl file:///etc/passwd", Error::Url("only http and https can be called")),
        ("curl https://x.example --nonsense", Error::Unknown(2)),
        ("curl https://x.example -X", Error::Value("-X")),
    ] {
        assert_eq!(parse(text).unwrap_err(), error, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(curl )?[ -~\\n'\"$\\\\^-]{0,80}") {
        let _ = parse(&text);
    }
}
