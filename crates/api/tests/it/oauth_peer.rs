//! Against the certified `oidc-provider`, driven as a browser drives it (cookies are kept, forms are sent), and against
//! an authorization server on Authlib.
//!
//! `cargo xtask test` installs both; by hand it is `npm ci` in `crates/testing/peers`, and a Python environment with its
//! `requirements.txt` whose interpreter is named in `FLERO_PEER_PYTHON`.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use flero_testing::{Answer, Client, TestServer};
use serde_json::{Value, json};

/// A running provider; it ends with the test.
struct Peer {
    child: Child,
    issuer: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    fn start(server: &TestServer) -> Self {
        Self::with(server, &json!({}))
    }

    /// A provider with these clients and this certificate; see `oidc.mjs`.
    fn with(server: &TestServer, clients: &Value) -> Self {
        let redirects = format!("http://{}/oauth/callback/", server.address());
        Self::run(Command::new("node").arg("oidc.mjs").arg(redirects).arg(clients.to_string()))
    }

    /// A provider that people sign in with, whose client `flero-signs-in` has these keys.
    fn to_sign_in(server: &TestServer, jwks: &Value) -> Self {
        let redirects = format!("http://{}/api/auth/openid/", server.address());
        let clients = json!({"jwks": {"flero-signs-in": jwks}});
        Self::run(Command::new("node").arg("oidc.mjs").arg(redirects).arg(clients.to_string()))
    }

    /// A server on Authlib whose client `robot` has these keys.
    fn authlib(jwks: &Value) -> Self {
        let python = std::env::var("FLERO_PEER_PYTHON").expect("name the interpreter in FLERO_PEER_PYTHON");
        let clients = json!({ "jwks": jwks });
        Self::run(Command::new(python).arg("authlib_server.py").arg(clients.to_string()))
    }

    fn run(command: &mut Command) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/peers");
        let mut child = command
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ready ").map(str::to_owned));
        Self { child, issuer: ready.expect("install the peers first, see the module") }
    }

    fn authority(&self) -> &str {
        self.issuer.trim_start_matches("http://").trim_start_matches("https://")
    }

    fn credential(&self, parameters: Value) -> Value {
        let mut all = json!({"issuer": self.issuer, "clientId": "flero"});
        all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        json!({
            "name": "Peer", "service": "http", "authType": "oauth2", "parameters": all,
            "data": {"clientSecret": "peer-client-secret-3c1f"}, "allowedHosts": [self.issuer.trim_start_matches("https://")],
        })
    }
}

/// A browser of one person: follows redirects, keeps cookies, fills every form in until it leaves the provider or a page
/// has no form.
struct Browser {
    client: Client,
    authority: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn open(&mut self, url: &str) -> String {
        let (mut method, mut url, mut form) = ("GET", url.to_owned(), String::new());
        for _ in 0..20 {
            let path = match url.strip_prefix("http://") {
                Some(rest) if !rest.starts_with(&self.authority) => return url,
                Some(rest) => rest[self.authority.len()..].to_owned(),
                None => url.clone(),
            };
            let answer = self.send(method, &path, &form).await;
            if let Some(location) = answer.headers.get("location") {
                (method, url, form) = ("GET", location.to_str().unwrap().to_owned(), String::new());
                continue;
            }
            let page = answer.text();
            let Some((action, filled)) = fill(&page) else { return page };
            (method, url, form) = ("POST", if action.is_empty() { path } else { action }, filled);
        }
        panic!("the provider goes round in circles");
    }

    async fn send(&mut self, method: &str, path: &str, form: &str) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = vec![("cookie", cookies.as_str()), ("accept", "text/html")];
        if method == "POST" {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let answer = self.client.send(method, path, &headers, form.to_owned()).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

/// The action of the first form and its fields, filled in.
fn fill(page: &str) -> Option<(String, String)> {
    let form = &page[page.find("<form")?..];
    let form = &form[..form.find("</form>").unwrap_or(form.len())];
    let attribute = |tag: &str, name: &str| {
        let at = tag.find(&format!("{name}=\""))? + name.len() + 2;
        Some(tag[at..at + tag[at..].find('"')?].to_owned())
    };
    let head = &form[..form.find('>')?];
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    for input in form.split("<input").skip(1) {
        let tag = &input[..input.find('>')?];
        let Some(name) = attribute(tag, "name") else { continue };
        let value = match name.as_str() {
            "login" => "ada".to_owned(),
            "password" => "x".to_owned(),
            _ => attribute(tag, "value").unwrap_or_default(),
        };
        fields.append_pair(&name, &value);
    }
    // A page that asks to confirm a device has the answer in its button.
    if form.contains("name=\"confirm\"") && !form.contains("<input type=\"hidden\" name=\"confirm\"") {
        fields.append_pair("confirm", "yes");
    }
    let action = attribute(head, "action").unwrap_or_default().replace("&amp;", "&");
    Some((action, fields.finish()))
}

async fn attempt(server: &TestServer, started: &Value) -> Value {
    let path = format!("/api/credentials/oauth/{}", started["attemptId"].as_str().unwrap());
    server.owner.get(&path).await.expect(200)
}

fn browser(server: &TestServer, peer: &Peer) -> Browser {
    Browser {
        client: server.owner.anonymous().at(peer.authority()),
        authority: peer.authority().to_owned(),
        cookies: BTreeMap::new(),
    }
}

async fn save(server: &TestServer, started: &Value) -> String {
    let save = json!({"attemptId": started["attemptId"], "name": "Peer"});
    let saved = server.owner.post("/api/credentials", save).await.expect(201);
    saved["id"].as_str().unwrap().to_owned()
}

/// Discovery, a pushed request, PKCE, the issuer in the answer, rotation, and revocation, as an independent server sees
/// them.
#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn the_certified_provider_connects_renews_and_revokes() {
    let server = TestServer::start().await;
    let peer = Peer::start(&server);
    let parameters = json!({
        "scopes": "openid email offline_access",
        "authorizationUrl": format!("{}/auth?prompt=consent", peer.issuer),
    });
    let started =
        server.owner.post("/api/credentials/oauth/start", peer.credential(parameters)).await.expect(201);
    let url = started["authorizationUrl"].as_str().unwrap();
    assert!(url.contains("request_uri=urn") && !url.contains("code_challenge"), "{url}");
    let back = browser(&server, &peer).open(url).await;
    let at = back.find("/oauth/callback/").unwrap_or_else(|| panic!("{back}"));
    assert!(back.contains("iss="));
    assert_eq!(server.owner.anonymous().get(&back[at..]).await.status, 303);
    let told = attempt(&server, &started).await;
    assert_eq!(
        (&told["status"], &told["account"]),
        (&json!("connected"), &json!("ada@example.test")),
        "{told}"
    );
    let id = save(&server, &started).await;
    let me = format!("/api/proxy/{id}/{}/me", peer.authority());
    assert_eq!(server.owner.get(&me).await.expect(200)["sub"], "ada");
    // The provider rotates; an old refresh token that came again would end the whole grant.
    for _ in 0..3 {
        server.clock.advance(3_600_000);
        assert_eq!(server.owner.get(&me).await.expect(200)["sub"], "ada");
    }
    use flero_store::OauthStore as _;
    let grant = server.store.get_grant(id.parse().unwrap()).await.unwrap().unwrap().grant;
    assert_eq!((grant.rotates, grant.revision), (Some(true), 4));
    let _ = server.owner.post(&format!("/api/credentials/{id}/revoke"), json!({})).await.expect(200);
    server.app.sweep_oauth().await.unwrap();
    let audit = server.owner.get(&format!("/api/credentials/{id}/audit")).await.expect(200);
    let revoked =
        audit["items"].as_array().unwrap().iter().find(|item| item["action"] == "credential.grant_revoked");
    assert_eq!(revoked.expect("the grant was revoked")["detail"]["outcome"], "success");
}

/// Signing in, for a new member, for one who comes back without being asked, and for one who must prove it anew.
#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn the_certified_provider_signs_people_in() {
    let server = TestServer::start().await;
    server.clock.show_true_time();
    let (signer, other) = (keyed("signer.example.com"), keyed("other.example.com"));
    let peer = Peer::to_sign_in(&server, &signer.jwks);
    let owner = server.owner.sign_in("ada@example.com", flero_testing::PASSWORD).await;
    let body = json!({"name": "Peer", "issuer": peer.issuer, "clientId": "flero",
        "clientSecret": "peer-client-secret-3c1f", "rules": {"joins": true, "domains": ["example.test"],
        "vouchesForEmail": true, "defaultRole": {"workspaceId": server.workspace, "role": "editor"}}});
    let made = owner.post("/api/organization/identity-providers", body).await.expect(201);
    let provider = made["id"].as_str().unwrap();
    let path = format!("/api/organization/identity-providers/{provider}");
    let mut at_peer = browser(&server, &peer);
    let mut people = Vec::new();
    for reauthenticate in [false, false, true] {
        let answer = enter(&server, &mut at_peer, provider, reauthenticate).await;
        assert_eq!(answer.headers["location"], "/workflows");
        let session = server.owner.with_session(&answer);
        let me = session.get("/api/me").await.expect(200);
        assert_eq!((&me["email"], &me["role"]), (&json!("ada@example.test"), &json!("editor")));
        people.push(me["userId"].clone());
        // What asks for a fresh proof is refused unless the provider says that there was one.
        let linked = session.get("/api/me/identities").await.expect(200);
        let identity = format!("/api/me/identities/{}", linked["items"][0]["id"].as_str().unwrap());
        let (status, code) = if reauthenticate { (409, "last_sign_in") } else { (403, "step_up_required") };
        assert_eq!(session.delete(&identity).await.problem(status), code);
    }
    people.dedup();
    assert_eq!(people.len(), 1);

    // The same provider takes a client that signs with a key of its own, and no other key (RFC 7523).
    let owner = server.owner.sign_in("ada@example.com", flero_testing::PASSWORD).await;
    for (key, landing) in [(&other, "/login?error=openid_failed"), (&signer, "/workflows")] {
        let client = json!({"clientId": "flero-signs-in", "clientAuthMethod": "private_key_jwt", "clientSecret": key.key});
        let _ = owner.patch(&path, client).await.expect(200);
        assert_eq!(enter(&server, &mut at_peer, provider, false).await.headers["location"], landing);
    }
    let unusable = owner.patch(&path, json!({"clientSecret": "no key"})).await;
    assert_eq!(unusable.json()["errors"][0]["code"], "identity_provider.key");
}

/// One person's sign-in at the provider, as their browser does it; gives the answer that they come back to.
async fn enter(server: &TestServer, at_peer: &mut Browser, provider: &str, reauthenticate: bool) -> Answer {
    let anonymous = server.owner.anonymous();
    let start = json!({"providerId": provider, "reauthenticate": reauthenticate, "returnTo": "/workflows"});
    let begun = anonymous.post("/api/auth/openid/start", start).await;
    let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
    let cookie = begun.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let (name, value) = cookie.split_once('=').unwrap();
    let back = at_peer.open(&url).await;
    let at = back.find("/api/auth/openid/").unwrap_or_else(|| panic!("{back}"));
    assert!(back.contains("iss="));
    anonymous.with_cookie(name, value).get(&back[at..]).await
}

#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn the_certified_provider_gives_a_client_its_own_token() {
    let server = TestServer::start().await;
    let peer = Peer::start(&server);
    let body = peer.credential(json!({"grantType": "client_credentials"}));
    let made = server.owner.post("/api/credentials", body.clone()).await.expect(201);
    let path = format!("/api/proxy/{}/{}/me", made["id"].as_str().unwrap(), peer.authority());
    // Such a token speaks for nobody, so the userinfo endpoint refuses it; but a token it is.
    let answer = server.owner.get(&path).await;
    assert!(matches!(answer.status.as_u16(), 400 | 401 | 403), "{}", answer.text());
    assert!(answer.json()["code"].is_null(), "{}", answer.text());
    let mut wrong = body;
    wrong["data"]["clientSecret"] = json!("not-the-secret");
    let made = server.owner.post("/api/credentials", wrong).await.expect(201);
    let path = format!("/api/proxy/{}/{}/me", made["id"].as_str().unwrap(), peer.authority());
    assert_eq!(server.owner.get(&path).await.json()["reason"], "credential.token_refused");
}

#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn the_certified_provider_connects_a_device() {
    let server = TestServer::start().await;
    let peer = Peer::start(&server);
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let body = peer.credential(json!({"grantType": device, "scopes": "openid email"}));
    let started = server.owner.post("/api/credentials/oauth/start", body).await.expect(201);
    assert!(started["userCode"].as_str().unwrap().len() >= 8);
    let page = browser(&server, &peer).open(started["authorizationUrl"].as_str().unwrap()).await;
    for _ in 0..80 {
        if attempt(&server, &started).await["status"] != "pending" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    let told = attempt(&server, &started).await;
    assert_eq!(
        (&told["status"], &told["account"]),
        (&json!("connected"), &json!("ada@example.test")),
        "{told} {page}"
    );
    let id = save(&server, &started).await;
    let me = format!("/api/proxy/{id}/{}/me", peer.authority());
    assert_eq!(server.owner.get(&me).await.expect(200)["sub"], "ada");
}

/// Tokens that are bound to a key: a proof on every request, the server's nonce in it, and the same key for as long as the
/// grant lives. The clock of this test is weeks ahead, which a nonce makes up for (RFC 9449 section 8).
#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn the_certified_provider_takes_proofs_of_possession() {
    let server = TestServer::start().await;
    let peer = Peer::start(&server);
    let parameters = json!({
        "clientId": "flero-dpop", "dpop": true, "scopes": "openid email offline_access",
        "authorizationUrl": format!("{}/auth?prompt=consent", peer.issuer),
    });
    let started = server
        .owner
        .post("/api/credentials/oauth/start", peer.credential(parameters.clone()))
        .await
        .expect(201);
    let back = browser(&server, &peer).open(started["authorizationUrl"].as_str().unwrap()).await;
    let at = back.find("/oauth/callback/").unwrap_or_else(|| panic!("{back}"));
    assert_eq!(server.owner.anonymous().get(&back[at..]).await.status, 303);
    let told = attempt(&server, &started).await;
    assert_eq!(told["status"], "connected", "{told}");
    let id = save(&server, &started).await;
    let me = format!("/api/proxy/{id}/{}/me", peer.authority());
    for _ in 0..3 {
        let answer = server.owner.get(&me).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        server.clock.advance(3_600_000);
    }
    // In a node as through the proxy, with a body that may have to be sent twice.
    let mut call =
        crate::node("call", "HTTPRequest", json!({"method": "POST", "url": format!("{}/me", peer.issuer)}));
    call["credentialId"] = json!(id);
    let workflow =
        crate::made(&server, crate::chain(vec![crate::node("in", "Start", json!({})), call])).await;
    let run =
        server.owner.post(&format!("/api/workflows/{workflow}/run?wait=true"), json!({})).await.expect(200);
    assert_eq!(run["status"], "success", "{run}");
    // Whoever is not asked for a proof by the description, and gets a bound token, does not use it as a bearer token.
    let mut plain = parameters;
    plain["dpop"] = json!(false);
    plain["grantType"] = json!("client_credentials");
    plain.as_object_mut().unwrap().remove("scopes");
    let made = server.owner.post("/api/credentials", peer.credential(plain)).await.expect(201);
    let path = format!("/api/proxy/{}/{}/me", made["id"].as_str().unwrap(), peer.authority());
    assert_eq!(server.owner.get(&path).await.json()["reason"], "credential.reconnect_required");
}

/// A key pair, its self-signed certificate for a host, and the public part as a JWK with that certificate.
struct Keyed {
    key: String,
    certificate: String,
    jwks: Value,
}

fn keyed(host: &str) -> Keyed {
    let made = rcgen::generate_simple_self_signed(vec![host.to_owned()]).unwrap();
    let point = made.signing_key.public_key_raw()[1..].to_vec();
    let coded = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": coded(&point[..32]), "y": coded(&point[32..]),
        "x5c": [data_encoding::BASE64.encode(made.cert.der())]});
    Keyed {
        key: made.signing_key.serialize_pem(),
        certificate: made.cert.pem(),
        jwks: json!({"keys": [jwk]}),
    }
}

/// Client certificates at the token endpoint, known to the service (RFC 8705 section 2.2) and signed by an authority that it
/// trusts (section 2.1), tokens that are bound to them (section 3), and a signed assertion in their place (RFC 7523).
/// Security test 35: two credentials at one host, and each connection shows its own.
#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn the_certified_provider_takes_client_certificates_and_assertions() {
    let server = TestServer::start().await;
    // Assertions of the future are refused.
    server.clock.show_true_time();
    let (host, known, signed, signer) = (
        keyed("127.0.0.1"),
        keyed("known.example.com"),
        keyed("client.example.com"),
        keyed("signer.example.com"),
    );
    let clients = json!({
        "tls": {"key": host.key, "cert": host.certificate, "ca": signed.certificate},
        "jwks": {"flero-certificate": known.jwks, "flero-key": signer.jwks},
    });
    let peer = Peer::with(&server, &clients);
    let credential = |client: &str, method: &str, shown: Option<&Keyed>, key: &str| {
        let mut body = peer.credential(json!({
            "clientId": client, "clientAuthMethod": method, "grantType": "client_credentials", "ca": host.certificate,
            "tokenUrl": format!("{}/token", peer.issuer),
        }));
        body["parameters"].as_object_mut().unwrap().remove("issuer");
        if let Some(shown) = shown {
            body["parameters"]["certificate"] = json!(shown.certificate);
        }
        body["data"] = json!({"privateKey": key});
        body
    };
    for (client, method, shown, key, status) in [
        ("flero-certificate", "self_signed_tls_client_auth", Some(&known), &known.key, 200),
        ("flero-authority", "tls_client_auth", Some(&signed), &signed.key, 200),
        // The certificate of somebody else is refused, by both ways to know one.
        ("flero-certificate", "self_signed_tls_client_auth", Some(&signed), &signed.key, 0),
        ("flero-authority", "tls_client_auth", Some(&known), &known.key, 0),
        // An assertion is taken, and gives a token that is bound to no certificate.
        ("flero-key", "private_key_jwt", None, &signer.key, 401),
        ("flero-key", "private_key_jwt", None, &known.key, 0),
    ] {
        let body = credential(client, method, shown, key);
        let made = server.owner.post("/api/credentials", body).await.expect(201);
        let path = format!("/api/proxy/{}/{}/resource", made["id"].as_str().unwrap(), peer.authority());
        let answer = server.owner.get(&path).await;
        if status == 0 {
            let reason = &answer.json()["reason"];
            assert_eq!(reason, "credential.token_refused", "{client} {method}: {}", answer.text());
            continue;
        }
        assert_eq!(answer.status.as_u16(), status, "{client} {method}: {}", answer.text());
        if status == 200 {
            assert_eq!(answer.json()["client"], client);
            // The kept connection shows it too.
            assert_eq!(server.owner.get(&path).await.status, 200);
        }
    }
}

/// Signed assertions as grants and as client authentication (RFC 7523), and token exchange (RFC 8693), as Authlib judges
/// them: audience, life, one use, signature, client.
#[tokio::test]
#[ignore = "needs the peers that cargo xtask test installs"]
async fn authlib_takes_assertions_and_exchanges_tokens() {
    let server = TestServer::start().await;
    // Assertions of the future are refused.
    server.clock.show_true_time();
    let (own, other) = (keyed("robot.example.com"), keyed("other.example.com"));
    let peer = Peer::authlib(&own.jwks);
    let token_url = format!("{}/token", peer.issuer);
    let (bearer, exchange) =
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange");
    let assertion = json!({"grantType": bearer, "clientId": "robot", "clientAuthMethod": "none", "subject": "ada", "scopes": "read"});
    let machine = json!({"grantType": "client_credentials", "clientId": "robot", "clientAuthMethod": "private_key_jwt"});
    let exchanged = json!({"grantType": exchange, "clientId": "exchanger", "clientAuthMethod": "client_secret_basic",
        "audience": "reports", "resource": "https://reports.example.com/", "scopes": "read",
        "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt"});
    let subject = |token: &str| json!({"clientSecret": "exchanger-secret-77b0", "subjectToken": token});
    let with = |parameters: &Value, name: &str, value: &str| {
        let mut changed = parameters.clone();
        changed[name] = json!(value);
        changed
    };
    let token = "subject-token-of-ada-5e77";
    for (parameters, data, expected) in [
        (assertion.clone(), json!({"privateKey": own.key}), Some("ada")),
        (assertion.clone(), json!({"privateKey": other.key}), None),
        (with(&assertion, "subject", "eve"), json!({"privateKey": own.key}), None),
        (with(&assertion, "audience", "https://elsewhere.example.com"), json!({"privateKey": own.key}), None),
        (machine.clone(), json!({"privateKey": own.key}), Some("robot")),
        (machine, json!({"privateKey": other.key}), None),
        (exchanged.clone(), subject(token), Some("ada")),
        (exchanged.clone(), subject("another-token-of-ada"), None),
        (with(&exchanged, "audience", "payroll"), subject(token), None),
    ] {
        let mut parameters = parameters;
        parameters["tokenUrl"] = json!(token_url);
        let body = json!({"name": "Peer", "service": "http", "authType": "oauth2", "parameters": parameters, "data": data,
            "allowedHosts": [peer.issuer]});
        let made = server.owner.post("/api/credentials", body).await.expect(201);
        let path = format!("/api/proxy/{}/{}/resource", made["id"].as_str().unwrap(), peer.authority());
        // The second time asks for another token, with another assertion: each is good once.
        for _ in 0..2 {
            let answer = server.owner.get(&path).await;
            match expected {
                Some(name) => assert_eq!(answer.expect(200)["speaksFor"], name, "{parameters}"),
                None => {
                    let reason = &answer.json()["reason"];
                    let refused = [json!("credential.token_refused"), json!("credential.reconnect_required")];
                    assert!(refused.contains(reason), "{parameters}: {}", answer.text());
                }
            }
            let patch = json!({ "data": data });
            let path = format!("/api/credentials/{}", made["id"].as_str().unwrap());
            let _ = server.owner.json("PATCH", &path, &patch).await.expect(200);
        }
    }
}
