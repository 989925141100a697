//! Signatures and exchanges, judged by independent programs: moto, httpbin, oauthlib and the package cryptography.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use bytes::Bytes;
use flero_connect::{Kind, Reply, Request};
use flero_model::{CredentialId, credential::AuthType};
use http::Method;
use serde_json::{Value, json};

use super::{harness::World, peers::Peer};

/// A key pair as PEM: private, public.
fn rsa() -> (String, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let pem = |label: &str, der: &[u8]| {
        let body = data_encoding::BASE64.encode(der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
    (pem("PRIVATE KEY", private.as_ref()), pem("PUBLIC KEY", public.as_ref()))
}

fn form(url: String, body: &str) -> Request {
    let mut request = Request::new(Method::POST, url);
    request.headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    request.body = Bytes::from(body.to_owned());
    request
}

#[tokio::test]
async fn oauthlib_accepts_every_signature_method() {
    let (private, public) = rsa();
    let peer = Peer::script("oauth1.py", &[&public]);
    let world = World::new();
    for method in
        ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT"]
    {
        let secret = if method.starts_with("RSA") { private.clone() } else { "consumer secret&1".to_owned() };
        let with = |secret: &str| {
            let parameters = json!({"consumerKey": "consumer", "signatureMethod": method});
            world.credential(
                AuthType::Oauth1,
                parameters,
                json!({ "consumerSecret": secret }),
                &["http://127.0.0.1"],
            )
        };
        let good = with(&secret);
        for request in [
            Request::new(Method::GET, peer.url("/a%20b/?x=1&x=%2B&a=%C3%A9&e=")),
            form(peer.url("/form?q=1"), "c2=&a3=2+q&b5=%3D%253D"),
            Request::new(Method::PUT, peer.url("/")),
        ] {
            let reply = world.send(Some(good), request).await.unwrap();
            assert_eq!(reply.status, 200, "{method}");
        }
        if !method.starts_with("RSA") {
            let reply = world.get(Some(with("another secret")), peer.url("/")).await.unwrap();
            assert_eq!(reply.status, 401, "{method}");
        }
    }
}

#[tokio::test]
async fn httpbin_accepts_digest_answers() {
    let run = "import sys; from httpbin import app; app.run(port=int(sys.argv[1]), threaded=True)";
    let peer = Peer::listening(|port| vec!["-c".to_owned(), run.to_owned(), port.to_string()], &[]);
    let world = World::new();
    let ada = |password: &str| {
        let parameters = json!({"username": "ada"});
        world.credential(AuthType::Digest, parameters, json!({ "password": password }), &["http://127.0.0.1"])
    };
    let (good, bad) = (ada("correct-horse-1"), ada("another-horse-1"));
    for (quality, algorithm) in
        [("auth", "MD5"), ("auth", "SHA-256"), ("auth-int", "MD5"), ("auth-int", "SHA-256")]
    {
        let url = peer.url(&format!("/digest-auth/{quality}/ada/correct-horse-1/{algorithm}"));
        assert_eq!(world.get(Some(good), &url).await.unwrap().status, 200, "{quality} {algorithm}");
        assert_eq!(world.get(Some(bad), &url).await.unwrap().status, 401, "{quality} {algorithm}");
    }
}

struct Aws {
    world: World,
    peer: Peer,
}

impl Aws {
    /// moto checks signatures once its first calls, which make the accounts, are used up.
    fn start() -> Self {
        let arguments = |port: u16| {
            let run = "from moto.server import main; main()";
            vec![
                "-c".to_owned(),
                run.to_owned(),
                "-H".to_owned(),
                "127.0.0.1".to_owned(),
                "-p".to_owned(),
                port.to_string(),
            ]
        };
        let peer = Peer::listening(arguments, &[("INITIAL_NO_AUTH_ACTION_COUNT", "5")]);
        Self { world: World::new(), peer }
    }

    fn key(&self, id: &str, secret: &str, service: &str, more: Value) -> CredentialId {
        let mut parameters = json!({"accessKeyId": id, "region": "us-east-1", "awsService": service, "stsUrl": self.peer.url("/")});
        parameters.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        self.world.credential(
            AuthType::AwsSigV4,
            parameters,
            json!({ "secretAccessKey": secret }),
            &["http://127.0.0.1"],
        )
    }

    async fn call(&self, id: CredentialId, method: Method, path: &str, body: &str) -> Reply {
        let mut request = Request::new(method, self.peer.url(path));
        request.body = Bytes::from(body.to_owned());
        self.world.send(Some(id), request).await.unwrap()
    }

    /// Makes a user and a role that may do everything, and gives back the user's key and the role's name.
    async fn accounts(&self) -> (String, String, String) {
        let anybody = self.key("AKIAANYBODY00000", "anything-at-all", "iam", json!({}));
        let all = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D";
        let mut said = Vec::new();
        for action in [
            "Action=CreateUser&UserName=flero".to_owned(),
            format!("Action=PutUserPolicy&UserName=flero&PolicyName=all&PolicyDocument={all}"),
            format!("Action=CreateRole&RoleName=reader&AssumeRolePolicyDocument={all}"),
            format!("Action=PutRolePolicy&RoleName=reader&PolicyName=all&PolicyDocument={all}"),
            "Action=CreateAccessKey&UserName=flero".to_owned(),
        ] {
            let request = form(self.peer.url("/"), &format!("{action}&Version=2010-05-08"));
            let reply = self.world.send(Some(anybody), request).await.unwrap();
            assert_eq!(reply.status, 200, "{:?}", reply.body);
            said.push(String::from_utf8(reply.body.to_vec()).unwrap());
        }
        let part = |name: &str, text: &str| {
            let start = text.find(&format!("<{name}>")).unwrap() + name.len() + 2;
            text[start..].split('<').next().unwrap().to_owned()
        };
        (part("AccessKeyId", &said[4]), part("SecretAccessKey", &said[4]), part("Arn", &said[2]))
    }
}

#[tokio::test]
async fn moto_verifies_signatures_of_aws() {
    let aws = Aws::start();
    let (id, secret, arn) = aws.accounts().await;
    let good = aws.key(&id, &secret, "s3", json!({}));
    assert_eq!(aws.call(good, Method::PUT, "/bucket-of-tests", "").await.status, 200);
    let path = "/bucket-of-tests/a%20folder/it's%20(1)+%C3%A9=x.txt";
    assert_eq!(aws.call(good, Method::PUT, path, "what is kept").await.status, 200);
    assert_eq!(aws.call(good, Method::GET, path, "").await.body, "what is kept");
    let listed =
        aws.call(good, Method::GET, "/bucket-of-tests?list-type=2&prefix=a%20f&delimiter=/", "").await;
    assert_eq!(listed.status, 200, "{:?}", listed.body);
    let queue = form(aws.peer.url("/"), "Action=CreateQueue&QueueName=q&Version=2012-11-05");
    let sqs = aws.key(&id, &secret, "sqs", json!({}));
    assert_eq!(aws.world.send(Some(sqs), queue).await.unwrap().status, 200);
    // A wrong secret and an unknown key are refused: moto does check.
    let wrong = aws.call(aws.key(&id, "another-secret-0", "s3", json!({})), Method::GET, path, "").await;
    assert_eq!(wrong.status, 403);
    assert!(String::from_utf8_lossy(&wrong.body).contains("SignatureDoesNotMatch"));
    let unknown = aws.key("AKIAUNKNOWN00000", &secret, "s3", json!({}));
    assert_eq!(aws.call(unknown, Method::GET, path, "").await.status, 403);
    // With the key of an assumed role, whose token goes along and never comes back.
    let role = aws.key(&id, &secret, "s3", json!({"roleArn": arn, "externalId": "x-7"}));
    assert_eq!(aws.call(role, Method::GET, path, "").await.body, "what is kept");
    let refused = aws.key(&id, "another-secret-0", "s3", json!({ "roleArn": arn }));
    let error = aws.world.get(Some(refused), aws.peer.url(path)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::ExchangeRefused);
}

#[tokio::test]
async fn botocore_makes_the_same_presigned_requests() {
    let peer = Peer::script("presigned.py", &[]);
    let world = World::new();
    let with = |secret: &str| {
        let parameters = json!({"accessKeyId": "AKIAEXAMPLE00000", "region": "eu-west-1", "awsService": "s3", "presigned": true});
        let data = json!({"secretAccessKey": secret, "sessionToken": "token-of-tests/+="});
        world.credential(AuthType::AwsSigV4, parameters, data, &["http://127.0.0.1"])
    };
    let path = "/bucket/it's%20(1)+%C3%A9=x.txt?prefix=a%20f&list-type=2&delimiter=/";
    for (secret, status) in [("secret-of-tests/+", 200), ("another-secret-0", 403)] {
        assert_eq!(world.get(Some(with(secret)), peer.url(path)).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn a_service_accounts_assertion_is_exchanged_once_for_all() {
    let (private, public) = rsa();
    let peer = Peer::script("token_endpoint.py", &[&public]);
    let world = World::new();
    let with = |key: &str, id: &str| {
        let file = json!({"type": "service_account", "client_email": "robot@project.example", "private_key_id": id, "private_key": key});
        let parameters =
            json!({"subject": "ada@example.com", "scopes": ["one", "two"], "tokenUrl": peer.url("/token")});
        world.credential(
            AuthType::ServiceAccount,
            parameters,
            json!({"key": file.to_string()}),
            &["http://127.0.0.1"],
        )
    };
    let id = with(&private, "key-1");
    let many = (0..50).map(|_| world.get(Some(id), peer.url("/")));
    for reply in futures_util::future::join_all(many).await {
        let reply = reply.unwrap();
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, &said["tokens"]), (200, &json!(1)));
        // What came in exchange is a secret too.
        assert!(!said["given"].as_str().unwrap().contains("exchanged-token"), "{said}");
    }
    // A token that was withdrawn is refused once, and then another one is fetched.
    assert_eq!(world.get(Some(id), peer.url("/withdraw")).await.unwrap().status, 401);
    assert_eq!(world.get(Some(id), peer.url("/")).await.unwrap().status, 200);
    let (other, _) = rsa();
    for refused in [with(&other, "key-1"), with(&private, "key-2")] {
        let error = world.get(Some(refused), peer.url("/")).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::ExchangeRefused, Some(400)));
        assert!(!format!("{error:?}").contains("assertion"));
    }
}
