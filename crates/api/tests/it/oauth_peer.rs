//! Against the certified `oidc-provider`, driven as a browser drives it: cookies are kept, forms are sent.
//!
//! `cargo xtask test` installs it; `npm ci` in `crates/testing/peers` does so by hand.

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
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/peers");
        let mut child = Command::new("node")
            .arg("oidc.mjs")
            .arg(format!("http://{}/oauth/callback/", server.address()))
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ready ").map(str::to_owned));
        Self { child, issuer: ready.expect("run npm ci in crates/testing/peers first") }
    }

    fn authority(&self) -> &str {
        self.issuer.trim_start_matches("http://")
    }

    fn credential(&self, parameters: Value) -> Value {
        let mut all = json!({"issuer": self.issuer, "clientId": "flero"});
        all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        json!({
            "name": "Peer", "service": "http", "authType": "oauth2", "parameters": all,
            "data": {"clientSecret": "peer-client-secret-3c1f"}, "allowedHosts": [self.issuer],
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
