use bytes::Bytes;
use flero_model::credential::AuthType;
use http::Method;
use serde_json::json;

use super::*;

fn aws(parameters: Value, data: &Value) -> Aws {
    let policy = Policy {
        service: "http".to_owned(),
        auth_type: AuthType::AwsSigV4,
        allowed_hosts: Vec::new(),
        parameters: parameters.as_object().cloned().unwrap(),
    };
    Aws::read(&policy, &Document::read(data.to_string().as_bytes()).unwrap()).unwrap()
}

/// The moment of AWS's test suite.
fn moment() -> Moment {
    Moment { now: "2015-08-30T12:36:00Z".parse().unwrap(), nonce: "n".repeat(32) }
}

fn signed(aws: &Aws, method: &Method, url: &str, body: Option<&'static str>) -> (Url, HeaderMap) {
    let (mut url, mut headers) = (url.parse().unwrap(), HeaderMap::new());
    let mut body = body.map(|text| Bytes::from_static(text.as_bytes()));
    let mut target = Target { method, url: &mut url, headers: &mut headers, body: body.as_mut() };
    aws.apply(&mut target, &moment()).unwrap();
    (url, headers)
}

fn example(more: Value, data: Value) -> Aws {
    let mut parameters =
        json!({"accessKeyId": "AKIDEXAMPLE", "region": "us-east-1", "awsService": "service"});
    parameters.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let mut all = json!({"secretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"});
    all.as_object_mut().unwrap().extend(data.as_object().cloned().unwrap());
    aws(parameters, &all)
}

/// AWS's signing test suite (awslabs/aws-c-auth, `tests/aws-signing-test-suite/v4`), the cases without header fields
/// that we leave out of signatures.
#[test]
fn requests_are_signed_as_in_the_published_suite() {
    let aws = example(json!({}), json!({}));
    for (method, path, signature) in [
        ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "GET",
            "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
        ),
        ("GET", "/?\u{1234}=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        (
            "GET",
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("POST", "/?Param1=value1", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    ] {
        let url = ["https://example.amazonaws.com", path].concat();
        let (_, headers) = signed(&aws, &method.parse().unwrap(), &url, Some(""));
        let line = headers[header::AUTHORIZATION].to_str().unwrap();
        assert!(line.ends_with(&format!("Signature={signature}")), "{method} {path}: {line}");
        assert!(headers[header::AUTHORIZATION].is_sensitive());
    }
}

/// The same suite, `get-vanilla-with-session-token`.
#[test]
fn a_session_token_is_signed_too() {
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    let aws = example(json!({}), json!({ "sessionToken": token }));
    let (_, headers) = signed(&aws, &Method::GET, "https://example.amazonaws.com/", Some(""));
    assert!(
        headers[header::AUTHORIZATION]
            .to_str()
            .unwrap()
            .ends_with("Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")
    );
    assert_eq!(headers["x-amz-security-token"], token);
}

#[test]
fn a_presigned_request_has_its_signature_in_the_query() {
    let aws = example(json!({"presigned": true, "awsService": "s3"}), json!({"sessionToken": "t/+="}));
    let (url, headers) =
        signed(&aws, &Method::GET, "https://b.s3.us-east-1.amazonaws.com/a(b)?list-type=2&acl", Some(""));
    assert!(headers.is_empty());
    assert_eq!(url.path(), "/a%28b%29");
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for name in ["list-type", "acl", "X-Amz-Signature", "X-Amz-Expires", "X-Amz-Security-Token"] {
        assert!(names.contains(&name.to_owned()), "{name}");
    }
    assert!(url.query().unwrap().contains("X-Amz-Security-Token=t%2F%2B%3D"));
}

#[test]
fn a_stream_is_signed_without_its_body_only_for_s3_under_tls() {
    let aws = |host: &str| {
        let aws = aws(json!({"accessKeyId": "AKIDEXAMPLE"}), &json!({"secretAccessKey": "s"}));
        let (mut url, mut headers) = (host.parse().unwrap(), HeaderMap::new());
        let needs_body = aws.needs_body(&url);
        let mut target = Target { method: &Method::PUT, url: &mut url, headers: &mut headers, body: None };
        (needs_body, aws.apply(&mut target, &moment()).map(|()| headers))
    };
    let (needs_body, headers) = aws("https://b.s3.eu-west-1.amazonaws.com/k");
    assert_eq!(
        (needs_body, headers.unwrap()["x-amz-content-sha256"].to_str().unwrap()),
        (false, "UNSIGNED-PAYLOAD")
    );
    assert_eq!(aws("https://sqs.eu-west-1.amazonaws.com/"), (true, Err(Kind::CredentialPlacement)));
    assert_eq!(aws("https://minio.example.com/"), (true, Err(Kind::AwsScopeUnknown)));
}

#[test]
fn an_assumed_role_is_read_and_its_refusals_are_told_apart() {
    let good = br#"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s/+=</SecretAccessKey><SessionToken>t==</SessionToken><Expiration>2015-08-30T13:36:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"#;
    let exchanged = answered(200, good).unwrap();
    assert_eq!(exchanged.renew_at(moment().now), "2015-08-30T13:35:00Z".parse().unwrap());
    let secrets = exchanged.ready.secrets();
    assert_eq!(secrets.iter().map(|one| one.as_slice()).collect::<Vec<_>>(), [b"s/+=".as_slice(), b"t=="]);
    let kind = |status, body: &str| answered(status, body.as_bytes()).err();
    assert_eq!(kind(403, "<Error><Code>AccessDenied</Code></Error>"), Some(Kind::ExchangeRefused));
    assert_eq!(kind(400, "<Error><Code>Throttling</Code></Error>"), Some(Kind::ExchangeFailed));
    assert_eq!(kind(503, ""), Some(Kind::ExchangeFailed));
    assert_eq!(kind(200, "<html>"), Some(Kind::ExchangeFailed));
}
