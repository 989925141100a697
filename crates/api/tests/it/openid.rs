//! Signing in with OpenID providers: the whole way without a browser, the rules of who comes in, and the attacks.

use flero_testing::{Answer, Client, Forgery, OPENID_SECRET, OpenidProvider, PASSWORD, TestServer};
use serde_json::{Value, json};

const EMAIL: &str = "ada@example.com";

/// The cookie of an attempt, as the browser keeps it.
fn kept(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie");
    let found = cookies.iter().find_map(|value| value.to_str().unwrap().strip_prefix("flero-openid="));
    found.expect("the attempt is bound to the browser").split(';').next().unwrap().to_owned()
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// An organization with a provider, and everything that a browser does with it.
pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) provider: OpenidProvider,
    pub(crate) owner: Client,
    pub(crate) id: String,
}

impl Scene {
    async fn with(rules: Value) -> Self {
        let server = TestServer::start().await;
        let provider = OpenidProvider::start(server.clock.clone()).await;
        let owner = server.owner.sign_in(EMAIL, PASSWORD).await;
        let made = owner.post("/api/organization/identity-providers", provider.body(rules)).await;
        let id = made.expect(201)["id"].as_str().unwrap().to_owned();
        Self { server, provider, owner, id }
    }

    /// Everybody of `example.org` becomes a viewer.
    async fn open() -> Self {
        let scene = Self::with(json!({})).await;
        scene
            .set(json!({"joins": true, "domains": ["example.org"],
            "defaultRole": {"workspaceId": scene.server.workspace, "role": "viewer"}}))
            .await;
        scene
    }

    async fn set(&self, rules: Value) {
        let path = format!("/api/organization/identity-providers/{}", self.id);
        let _ = self.owner.patch(&path, json!({"rules": rules})).await.expect(200);
    }

    async fn start(&self, browser: &Client) -> (String, String) {
        let begun = browser.post("/api/auth/openid/start", json!({"providerId": self.id})).await;
        let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
        (url, kept(&begun))
    }

    async fn back(&self, browser: &Client, cookie: &str, query: &str) -> Answer {
        let path = format!("/api/auth/openid/{}/callback?{query}", self.id);
        browser.with_cookie("flero-openid", cookie).get(&path).await
    }

    /// A sign-in of a browser that is nobody yet.
    async fn sign_in(&self, claims: Value) -> Answer {
        let browser = self.server.owner.anonymous();
        let (url, cookie) = self.start(&browser).await;
        self.back(&browser, &cookie, &self.provider.consent(&url, claims)).await
    }

    async fn trail(&self, action: &str) -> Vec<String> {
        let owner = self.owner.in_workspace(self.server.workspace);
        let found = owner.get(&format!("/api/audit?action={action}&limit=200")).await.expect(200);
        let word = |item: &Value| item["detail"]["outcome"].as_str().unwrap_or_default().to_owned();
        found["items"].as_array().unwrap().iter().map(word).collect()
    }
}

fn bob() -> Value {
    json!({"sub": "bob", "email": "Bob@Example.org", "email_verified": true, "name": "Bob"})
}

#[tokio::test]
async fn somebody_of_the_domain_becomes_a_member_and_is_the_same_person_next_time() {
    let scene = Scene::open().await;
    let listed = scene.server.owner.anonymous().get("/api/auth/providers").await.expect(200);
    assert_eq!(listed, json!({"items": [{"id": scene.id, "name": "Practice"}]}));
    let other =
        scene.server.owner.anonymous().get("/api/auth/providers?email=x@example.net").await.expect(200);
    assert_eq!(other, json!({"items": []}));
    let first = scene.sign_in(bob()).await;
    assert_eq!(location(&first), "/");
    let browser = scene.server.owner.with_session(&first);
    let me = browser.get("/api/me").await.expect(200);
    assert_eq!(
        (&me["name"], &me["email"], &me["role"]),
        (&json!("Bob"), &json!("bob@example.org"), &json!("viewer"))
    );
    assert_eq!(me["organizationRole"], "member");
    // The subject is the person; another address changes nothing of the account.
    let again =
        scene.sign_in(json!({"sub": "bob", "email": "robert@example.org", "email_verified": true})).await;
    let same = scene.server.owner.with_session(&again).get("/api/me").await.expect(200);
    assert_eq!((&same["userId"], &same["email"]), (&me["userId"], &json!("bob@example.org")));
    let linked = browser.get("/api/me/identities").await.expect(200);
    assert_eq!(linked["items"][0]["email"], "robert@example.org");
    assert_eq!(linked["items"][0]["providerName"], "Practice");
    // No password opens the account, and the last identity stays.
    let tried = browser.post("/api/auth/login", json!({"email": "bob@example.org", "password": ""})).await;
    assert_eq!(tried.problem(401), "invalid_login");
    assert_eq!(scene.trail("identity.linked").await, ["new_account"]);
    assert_eq!(scene.trail("person.registered").await.len(), 1);
    assert_eq!(scene.trail("member.joined").await.len(), 1);
}

/// Security test 50: `state` belongs to one browser and is taken once, within ten minutes.
#[tokio::test]
async fn an_answer_is_taken_once_from_the_browser_that_began() {
    let scene = Scene::open().await;
    let browser = scene.server.owner.anonymous();
    let (url, cookie) = scene.start(&browser).await;
    assert!(!url.contains(&cookie), "what the browser keeps is not what the provider is told");
    let query = scene.provider.consent(&url, bob());
    let unknown = "/login?error=openid_unknown";
    // Another browser: none of its own, or one of an attempt of its own.
    assert_eq!(
        location(&browser.get(&format!("/api/auth/openid/{}/callback?{query}", scene.id)).await),
        unknown
    );
    let (_, foreign) = scene.start(&browser).await;
    assert_eq!(location(&scene.back(&browser, &foreign, &query).await), unknown);
    // The right one, which that did not take anything away from; then never again.
    let answer = scene.back(&browser, &cookie, &query).await;
    assert_eq!(location(&answer), "/");
    assert_eq!(location(&scene.back(&browser, &cookie, &query).await), unknown);
    let (url, cookie) = scene.start(&browser).await;
    let query = scene.provider.consent(&url, bob());
    scene.server.clock.advance(600_001);
    assert_eq!(location(&scene.back(&browser, &cookie, &query).await), unknown);
    for nonsense in ["", "state=x", "state=x&state=y", "code=1"] {
        assert_eq!(location(&scene.back(&browser, &cookie, nonsense).await), unknown);
    }
}

#[tokio::test]
async fn an_id_token_that_is_not_for_us_signs_nobody_in() {
    let scene = Scene::open().await;
    let seconds = 1_800_000_000;
    let cases = [
        (json!({"nonce": "another"}), "id_token_nonce"),
        (json!({"nonce": null}), "id_token_nonce"),
        (json!({"aud": "another-client"}), "id_token_audience"),
        (json!({"aud": ["flero-sign-in", "another"]}), "id_token_audience"),
        (json!({"azp": "another"}), "id_token_audience"),
        (json!({"iss": "https://evil.example"}), "id_token_issuer"),
        (json!({"iss": format!("{}/", scene.provider.issuer)}), "id_token_issuer"),
        (json!({"exp": seconds - 61}), "id_token_time"),
        (json!({"exp": null}), "id_token_time"),
        (json!({"iat": seconds + 61}), "id_token_time"),
        (json!({"nbf": seconds + 3_600}), "id_token_time"),
        (json!({"sub": ""}), "id_token_subject"),
    ];
    let mut expected = Vec::new();
    for (claims, word) in cases {
        let mut all = bob();
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        assert_eq!(location(&scene.sign_in(all).await), "/login?error=openid_failed", "{claims}");
        expected.insert(0, word.to_owned());
    }
    for (forgery, word) in [
        // The library does not even know the name `none`.
        (Forgery::Unsigned, "id_token_malformed"),
        (Forgery::SharedKey, "id_token_algorithm"),
        (Forgery::OtherKey, "id_token_signature"),
        (Forgery::Changed, "id_token_signature"),
        (Forgery::UnknownKey, "id_token_key"),
    ] {
        scene.provider.forge(Some(forgery));
        assert_eq!(location(&scene.sign_in(bob()).await), "/login?error=openid_failed", "{forgery:?}");
        expected.insert(0, word.to_owned());
    }
    assert_eq!(scene.trail("session.openid_refused").await, expected);
    scene.provider.forge(None);
    // A clock that is a minute off is borne, and an audience that names us and says so.
    let off = json!({"sub": "bob", "email": "bob@example.org", "email_verified": true, "iat": seconds + 59,
        "exp": seconds - 59, "aud": ["other", "flero-sign-in"], "azp": "flero-sign-in"});
    assert_eq!(location(&scene.sign_in(off).await), "/");
}

#[tokio::test]
async fn new_keys_are_read_when_a_token_names_one_and_not_all_the_time() {
    let scene = Scene::open().await;
    assert_eq!(location(&scene.sign_in(bob()).await), "/");
    assert_eq!(location(&scene.sign_in(bob()).await), "/");
    assert_eq!(scene.provider.key_reads(), 1);
    scene.provider.rotate_key();
    // Made-up names do not make us ask each time.
    assert_eq!(location(&scene.sign_in(bob()).await), "/login?error=openid_failed");
    assert_eq!(scene.provider.key_reads(), 1);
    scene.server.clock.advance(30_000);
    assert_eq!(location(&scene.sign_in(bob()).await), "/");
    assert_eq!(scene.provider.key_reads(), 2);
}

/// Security test 49: an answer that names another issuer, or none although the provider always does, signs nobody in
/// (RFC 9207), nor does one that came in at another provider's address.
#[tokio::test]
async fn an_answer_of_another_issuer_is_not_used() {
    let scene = Scene::open().await;
    let browser = scene.server.owner.anonymous();
    for other in ["&iss=https%3A%2F%2Fevil.example", "", "&iss=a&iss=b"] {
        let (url, cookie) = scene.start(&browser).await;
        let query = scene.provider.consent(&url, bob());
        let (before, _) = query.split_once("&iss=").unwrap();
        let answer = scene.back(&browser, &cookie, &format!("{before}{other}")).await;
        assert_eq!(location(&answer), "/login?error=openid_failed", "{other}");
    }
    let (url, cookie) = scene.start(&browser).await;
    let query = scene.provider.consent(&url, bob());
    // The address of another provider is another address.
    let other =
        scene.owner.post("/api/organization/identity-providers", scene.provider.body(json!({}))).await;
    let other = other.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/auth/openid/{other}/callback?{query}");
    let answer = browser.with_cookie("flero-openid", &cookie).get(&path).await;
    assert_eq!(location(&answer), "/login?error=openid_failed");
    let (url, cookie) = scene.start(&browser).await;
    let query = scene.provider.consent(&url, bob()).replace("code=", "error=access_denied&x=");
    assert_eq!(location(&scene.back(&browser, &cookie, &query).await), "/login?error=openid_cancelled");
}

/// Whoever may not come in is told one and the same, whether there is an account or not.
#[tokio::test]
async fn an_equal_address_links_nothing_and_nobody_learns_of_accounts() {
    let scene = Scene::open().await;
    scene
        .set(json!({"joins": true, "domains": ["example.org", "example.com"],
        "defaultRole": {"workspaceId": scene.server.workspace, "role": "viewer"}}))
        .await;
    let cases = [
        (json!({"sub": "x", "email": EMAIL, "email_verified": true}), "account_exists"),
        (json!({"sub": "x", "email": "x@example.org", "email_verified": false}), "email_unverified"),
        (json!({"sub": "x", "email": "x@example.org"}), "email_unverified"),
        (json!({"sub": "x"}), "email_unverified"),
        (json!({"sub": "x", "email": "x@example.net", "email_verified": true}), "domain"),
        (json!({"sub": "x", "email": "x@sub.example.org", "email_verified": true}), "domain"),
        (json!({"sub": "x", "email": "<x>@example.org", "email_verified": true}), "email_unusable"),
    ];
    let mut bodies = Vec::new();
    for (claims, _) in &cases {
        let answer = scene.sign_in(claims.clone()).await;
        assert_eq!(location(&answer), "/login?error=openid_not_allowed", "{claims}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    let mut words: Vec<&str> = cases.iter().map(|(_, word)| *word).collect();
    words.reverse();
    assert_eq!(scene.trail("session.openid_refused").await, words);
    scene
        .set(json!({"joins": false, "domains": ["example.org"],
        "defaultRole": {"workspaceId": scene.server.workspace, "role": "viewer"}}))
        .await;
    assert_eq!(location(&scene.sign_in(bob()).await), "/login?error=openid_not_allowed");
    assert_eq!(scene.trail("session.openid_refused").await[0], "not_linked");
    scene.set(json!({"joins": true, "domains": ["example.org"]})).await;
    assert_eq!(location(&scene.sign_in(bob()).await), "/login?error=openid_not_allowed");
    let members = scene.owner.get("/api/organization/members").await.expect(200);
    assert_eq!(members["total"], 1, "nobody joined");
}

#[tokio::test]
async fn an_identity_is_linked_by_whoever_proved_both_and_opens_the_account_from_then_on() {
    let scene = Scene::with(json!({})).await;
    let ada = json!({"sub": "ada-at-work", "email": "whatever@example.net"});
    assert_eq!(location(&scene.sign_in(ada.clone()).await), "/login?error=openid_not_allowed");
    let begun = scene.owner.post("/api/me/identities", json!({"providerId": scene.id})).await;
    let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
    let query = scene.provider.consent(&url, ada.clone());
    // Another session, or none, is not the one that began.
    let stranger = scene.back(&scene.server.owner.anonymous(), &kept(&begun), &query).await;
    assert_eq!(location(&stranger), "/login?error=openid_unknown");
    // Nor does it become somebody else's who came back in the same browser.
    let (guest, _) = crate::matrix::guest(&scene.server, "guest@example.com", "viewer").await;
    let begun = scene.owner.post("/api/me/identities", json!({"providerId": scene.id})).await;
    let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
    let other = scene.back(&guest, &kept(&begun), &scene.provider.consent(&url, ada.clone())).await;
    assert_eq!(location(&other), "/settings/security?error=openid_unknown");
    assert_eq!(guest.get("/api/me/identities").await.expect(200), json!({"items": []}));
    let begun = scene.owner.post("/api/me/identities", json!({"providerId": scene.id})).await;
    let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
    let answer = scene.back(&scene.owner, &kept(&begun), &scene.provider.consent(&url, ada.clone())).await;
    assert_eq!(location(&answer), "/settings/security");
    let signed_in = scene.sign_in(ada.clone()).await;
    let me = scene.server.owner.with_session(&signed_in).get("/api/me").await.expect(200);
    assert_eq!(me["userId"], scene.server.user.to_string());
    // The same identity is nobody else's.
    let begun = guest.post("/api/me/identities", json!({"providerId": scene.id})).await;
    let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
    let answer = scene.back(&guest, &kept(&begun), &scene.provider.consent(&url, ada.clone())).await;
    assert_eq!(location(&answer), "/settings/security?error=openid_taken");
    // Unlinked, it opens nothing; and all of that needs a fresh proof.
    let id = scene.owner.get("/api/me/identities").await.expect(200)["items"][0]["id"].clone();
    let path = format!("/api/me/identities/{}", id.as_str().unwrap());
    assert_eq!(guest.delete(&path).await.problem(404), "not_found");
    scene.server.clock.advance(300_000);
    assert_eq!(scene.owner.delete(&path).await.problem(403), "step_up_required");
    let again = scene.owner.post("/api/me/identities", json!({"providerId": scene.id})).await;
    assert_eq!(again.problem(403), "step_up_required");
    let proved = scene.owner.post("/api/auth/step-up", json!({"password": PASSWORD})).await;
    assert_eq!(scene.server.owner.with_session(&proved).delete(&path).await.status, 204);
    assert_eq!(location(&scene.sign_in(ada).await), "/login?error=openid_not_allowed");
}

#[tokio::test]
async fn whoever_is_no_member_any_more_does_not_come_in() {
    let scene = Scene::open().await;
    let first = scene.sign_in(bob()).await;
    let browser = scene.server.owner.with_session(&first);
    assert_eq!(
        browser
            .delete(&format!("/api/me/identities/{}", {
                let items = browser.get("/api/me/identities").await.expect(200);
                items["items"][0]["id"].as_str().unwrap().to_owned()
            }))
            .await
            .problem(403),
        "step_up_required",
        "a sign-in of unknown age is no fresh proof"
    );
    let id = browser.get("/api/me").await.expect(200)["userId"].as_str().unwrap().to_owned();
    let member = format!("/api/organization/members/{id}");
    assert_eq!(scene.owner.post(&format!("{member}/deactivate"), json!({})).await.status, 204);
    assert_eq!(location(&scene.sign_in(bob()).await), "/login?error=openid_not_allowed");
    assert_eq!(scene.trail("session.openid_refused").await, ["not_a_member"]);
    assert_eq!(scene.owner.post(&format!("{member}/reactivate"), json!({})).await.status, 204);
    let browser = scene.server.owner.with_session(&scene.sign_in(bob()).await);
    let path = format!("/api/organization/identity-providers/{}", scene.id);
    // One that is set aside while somebody is there lets nobody in either.
    let anybody = scene.server.owner.anonymous();
    let (url, cookie) = scene.start(&anybody).await;
    let query = scene.provider.consent(&url, bob());
    let _ = scene.owner.patch(&path, json!({"isEnabled": false})).await.expect(200);
    let answer = scene.back(&anybody, &cookie, &query).await;
    assert_eq!(location(&answer), "/login?error=openid_not_allowed");
    assert_eq!(scene.trail("session.openid_refused").await[0], "disabled");
    let started = browser.post("/api/auth/openid/start", json!({"providerId": scene.id})).await;
    assert_eq!(started.problem(404), "not_found");
    let _ = scene.owner.patch(&path, json!({"isEnabled": true})).await.expect(200);
    let (url, cookie) = scene.start(&browser).await;
    let query = scene.provider.consent(&url, bob());
    assert_eq!(scene.owner.delete(&path).await.status, 204);
    assert_eq!(
        location(&scene.back(&browser, &cookie, &query).await),
        "/settings/security?error=openid_unknown"
    );
    assert_eq!(scene.owner.get(&path).await.problem(404), "not_found");
    let left = scene.owner.get("/api/organization/members").await.expect(200);
    assert_eq!(left["total"], 2, "accounts outlive the provider");
}

/// A provider is asked for a sign-in anew where one is needed, and its word is taken for nothing else: it says when.
#[tokio::test]
async fn a_sign_in_anew_counts_only_when_the_provider_says_that_it_was_one() {
    let scene = Scene::open().await;
    let browser = scene.server.owner.anonymous();
    let anew = async |auth_time: Value| {
        let body = json!({"providerId": scene.id, "reauthenticate": true});
        let begun = browser.post("/api/auth/openid/start", body).await;
        let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
        let mut claims = bob();
        claims["auth_time"] = auth_time;
        scene.back(&browser, &kept(&begun), &scene.provider.consent(&url, claims)).await
    };
    let seconds = 1_800_000_000;
    for before in [json!(null), json!(seconds - 61)] {
        let answer = anew(before.clone()).await;
        assert_eq!(location(&answer), "/login?error=openid_failed", "{before}");
        assert_eq!(scene.trail("session.openid_refused").await[0], "not_reauthenticated");
    }
    assert_eq!(location(&anew(json!(seconds)).await), "/");
}

#[tokio::test]
async fn groups_give_roles_and_take_them_back_at_the_next_sign_in() {
    let rules = json!({"joins": true, "domains": ["anywhere.example"], "groupClaim": "groups", "vouchesForEmail": true});
    let scene = Scene::with(rules).await;
    let here = scene.server.workspace;
    let second =
        scene.owner.post("/api/workspaces", json!({"name": "Second"})).await.expect(201)["id"].clone();
    let owner = scene.owner.in_workspace(here);
    let table = json!({"items": [
        {"group": "staff", "workspaceId": here, "role": "viewer"},
        {"group": "builders", "workspaceId": here, "role": "editor"},
        {"group": "builders", "workspaceId": second, "role": "admin"},
    ]});
    assert_eq!(owner.put("/api/organization/group-roles", table.clone()).await.expect(200), table);
    let with = |groups: Value| json!({"sub": "bob", "email": "bob@anywhere.example", "groups": groups});
    assert_eq!(location(&scene.sign_in(with(json!(["others"]))).await), "/login?error=openid_not_allowed");
    let roles = async |groups: Value| {
        let answer = scene.sign_in(with(groups)).await;
        let me = scene.server.owner.with_session(&answer).get("/api/me").await.expect(200);
        let mut roles: Vec<(String, String)> = me["workspaces"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| (place["name"].as_str().unwrap().into(), place["role"].as_str().unwrap().into()))
            .collect();
        roles.sort();
        roles
    };
    let pair = |name: &str, role: &str| (name.to_owned(), role.to_owned());
    assert_eq!(roles(json!(["staff"])).await, [pair("Analytical", "viewer")]);
    assert_eq!(
        roles(json!(["staff", "builders"])).await,
        [pair("Analytical", "editor"), pair("Second", "admin")]
    );
    assert_eq!(roles(json!("staff")).await, [pair("Analytical", "viewer")]);
    // Groups that are kept elsewhere are not no groups: nothing is taken back.
    let elsewhere =
        json!({"sub": "bob", "email": "bob@anywhere.example", "_claim_names": {"groups": "src1"}});
    assert_eq!(location(&scene.sign_in(elsewhere).await), "/login?error=openid_failed");
    assert_eq!(scene.trail("session.openid_refused").await[0], "groups_elsewhere");
    assert_eq!(scene.trail("member.removed").await.len(), 0);
    // What people give is not taken back, and what they have is not changed.
    let invited = owner
        .in_workspace(second.as_str().unwrap())
        .post("/api/invites", json!({"emails": ["bob@anywhere.example"], "role": "viewer"}))
        .await
        .expect(201);
    let token = invited["items"][0]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let session = scene.server.owner.with_session(&scene.sign_in(with(json!(["staff"]))).await);
    assert_eq!(session.post("/api/me/invites", json!({"token": token})).await.status, 204);
    assert_eq!(roles(json!([])).await, [pair("Second", "viewer")]);
    assert_eq!(roles(json!(["builders"])).await, [pair("Analytical", "editor"), pair("Second", "viewer")]);
    assert_eq!(scene.trail("member.removed").await.len(), 1);
}

#[tokio::test]
async fn a_providers_second_factor_counts_where_the_organization_says_so_and_nowhere_else() {
    let scene = Scene::open().await;
    let first = scene.sign_in(bob()).await;
    let browser = scene.server.owner.with_session(&first);
    let _ = browser.get("/api/workflows").await.expect(200);
    // The organization requires a factor of everybody; its owner sets one up first.
    let (owner, _, _) = crate::mfa::enrol(&scene.server, &scene.owner).await;
    let _ = owner.put("/api/organization/policies", json!({"requireMfa": true})).await.expect(200);
    assert_eq!(browser.get("/api/workflows").await.problem(403), "mfa_enrolment_required");
    let with_factor = || {
        let mut claims = bob();
        claims["amr"] = json!(["pwd", "mfa"]);
        claims
    };
    let session = scene.server.owner.with_session(&scene.sign_in(with_factor()).await);
    assert_eq!(session.get("/api/workflows").await.problem(403), "mfa_enrolment_required");
    let rules = json!({"joins": true, "domains": ["example.org"], "trustedAmr": ["mfa"],
        "defaultRole": {"workspaceId": scene.server.workspace, "role": "viewer"}});
    let path = format!("/api/organization/identity-providers/{}", scene.id);
    let _ = owner.patch(&path, json!({"rules": rules})).await.expect(200);
    let session = scene.server.owner.with_session(&scene.sign_in(with_factor()).await);
    let _ = session.get("/api/workflows").await.expect(200);
    let me = session.get("/api/me").await.expect(200);
    assert_eq!(me["mfaEnrolmentRequired"], false);
    // One that proved no factor must set one up, as before.
    let session = scene.server.owner.with_session(&scene.sign_in(bob()).await);
    assert_eq!(session.get("/api/workflows").await.problem(403), "mfa_enrolment_required");
}

/// Whoever has a factor here proves it after the provider, unless the organization takes the provider's for one.
#[tokio::test]
async fn a_factor_of_ones_own_is_asked_for_after_the_provider() {
    let scene = Scene::with(json!({"trustedAcr": ["urn:example:phishing-resistant"]})).await;
    let begun = scene.owner.post("/api/me/identities", json!({"providerId": scene.id})).await;
    let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
    let ada = json!({"sub": "ada", "auth_time": 1_800_000_000});
    let linked = scene.back(&scene.owner, &kept(&begun), &scene.provider.consent(&url, ada.clone())).await;
    assert_eq!(location(&linked), "/settings/security");
    let (_, _, codes) = crate::mfa::enrol(&scene.server, &scene.owner).await;
    let answer = scene.sign_in(ada.clone()).await;
    let place = location(&answer);
    assert!(
        place.starts_with("/login?factors=totp%2Crecovery_code&expiresAt=") && place.ends_with("&next=%2F"),
        "{place}"
    );
    let waiting = scene.server.owner.with_session(&answer);
    assert_eq!(waiting.get("/api/me").await.problem(401), "session_ended");
    let proof = json!({"factor": "recovery_code", "code": codes[0]});
    let proved = waiting.post("/api/auth/mfa", proof).await;
    let session = scene.server.owner.with_session(&proved);
    let _ = session.get("/api/me").await.expect(200);
    let mut trusted = ada;
    trusted["acr"] = json!("urn:example:phishing-resistant");
    let answer = scene.sign_in(trusted).await;
    assert_eq!(location(&answer), "/");
    // The provider says when: just now. So the proof is fresh.
    let session = scene.server.owner.with_session(&answer);
    let items = session.get("/api/me/identities").await.expect(200);
    let path = format!("/api/me/identities/{}", items["items"][0]["id"].as_str().unwrap());
    assert_eq!(session.delete(&path).await.status, 204, "a password is left");
}

#[tokio::test]
async fn a_provider_is_set_up_by_the_owner_with_a_fresh_proof_and_its_secret_is_sealed() {
    let scene = Scene::with(json!({})).await;
    let path = format!("/api/organization/identity-providers/{}", scene.id);
    let shown = scene.owner.get(&path).await;
    assert!(!shown.text().contains(OPENID_SECRET));
    let shown = shown.expect(200);
    assert_eq!((&shown["hasSecret"], &shown["isEnabled"]), (&json!(true), &json!(true)));
    let expected = format!("http://{}/api/auth/openid/{}/callback", scene.server.address(), scene.id);
    assert_eq!(shown["redirectUri"], expected);
    for entry in
        std::fs::read_dir(scene.server.folder()).unwrap().flatten().filter(|one| one.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        let secret = OPENID_SECRET.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{:?}", entry.path());
    }
    let faults = [
        (json!({"clientId": "another"}), "/clientSecret"),
        (json!({"clientAuthMethod": "none"}), "/clientSecret"),
        (json!({"clientAuthMethod": "private_key_jwt", "clientSecret": "x"}), "/clientSecret"),
        (json!({"clientAuthMethod": "tls_client_auth", "clientSecret": "x"}), "/clientAuthMethod"),
        (json!({"name": " "}), "/name"),
        (json!({"rules": {"domains": ["not a domain"]}}), "/rules/domains/0"),
        (json!({"rules": {"scopes": ["a b"]}}), "/rules/scopes/0"),
        (
            json!({"rules": {"defaultRole": {"workspaceId": scene.server.workspace, "role": "owner"}}}),
            "/rules/defaultRole/role",
        ),
        (
            json!({"rules": {"defaultRole": {"workspaceId": "ws_01h455vb4pex5vsknk084sn02q", "role": "viewer"}}}),
            "/rules/defaultRole/workspaceId",
        ),
    ];
    for (patch, pointer) in faults {
        let problem = scene.owner.patch(&path, patch.clone()).await.expect(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{patch}");
    }
    let mut wrong = scene.provider.body(json!({}));
    wrong["issuer"] = json!(format!("{}/", scene.provider.issuer));
    let refused = scene.owner.post("/api/organization/identity-providers", wrong).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/issuer");
    let mut inside = scene.provider.body(json!({}));
    inside["issuer"] = json!("http://169.254.169.254");
    let refused = scene.owner.post("/api/organization/identity-providers", inside).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/issuer");
    let stale = scene
        .owner
        .send(
            "PATCH",
            &path,
            &[("content-type", "application/json"), ("if-match", "\"9\"")],
            json!({"name": "x"}).to_string(),
        )
        .await;
    assert_eq!(stale.problem(412), "changed");
    // A public client, and back.
    let changed = scene.owner.patch(&path, json!({"clientAuthMethod": "none", "clientSecret": null})).await;
    assert_eq!(changed.expect(200)["hasSecret"], false);
    let changed = scene
        .owner
        .patch(&path, json!({"clientAuthMethod": "client_secret_post", "clientSecret": "y"}))
        .await;
    assert_eq!(changed.expect(200)["hasSecret"], true);
    scene.server.clock.advance(300_000);
    assert_eq!(scene.owner.patch(&path, json!({"name": "x"})).await.problem(403), "step_up_required");
}

/// An address is somebody's: a provider makes accounts for those of its domains alone, whatever groups it tells of.
#[tokio::test]
async fn a_group_makes_no_account_for_an_address_of_another_domain() {
    let scene = Scene::with(json!({})).await;
    let path = format!("/api/organization/identity-providers/{}", scene.id);
    let open = json!({"rules": {"joins": true, "groupClaim": "groups", "vouchesForEmail": true}});
    let refused = scene.owner.patch(&path, open).await;
    assert_eq!(refused.problem(422), "invalid_fields");
    assert_eq!(refused.json()["errors"][0]["code"], "identity_provider.domains");
    let table =
        json!({"items": [{"group": "staff", "workspaceId": scene.server.workspace, "role": "viewer"}]});
    let _ = scene.owner.put("/api/organization/group-roles", table).await.expect(200);
    let rules =
        json!({"joins": true, "domains": ["example.org"], "groupClaim": "groups", "vouchesForEmail": true});
    scene.set(rules).await;
    let with = |email: &str| json!({"sub": email, "email": email, "groups": ["staff"]});
    let other = scene.sign_in(with("ceo@example.net")).await;
    assert_eq!(location(&other), "/login?error=openid_not_allowed");
    assert_eq!(scene.trail("session.openid_refused").await, ["domain"]);
    assert_eq!(location(&scene.sign_in(with("bob@example.org")).await), "/");
}

/// The policy of hosts holds for sign-in: no address of a provider is called that it leaves out, whichever it is.
#[tokio::test]
async fn a_provider_is_called_at_hosts_of_the_policy_alone() {
    let scene = Scene::open().await;
    let hosts = async |hosts: Value| {
        scene.owner.put("/api/organization/policies", json!({"allowedEgressHosts": hosts})).await
    };
    let shut = hosts(json!(["api.example.com"])).await;
    assert_eq!(shut.problem(422), "invalid_fields");
    assert_eq!(shut.json()["errors"][0]["code"], "policy.provider");
    let host = scene.provider.issuer.trim_start_matches("http://").to_owned();
    let _ = hosts(json!([host])).await.expect(200);
    assert_eq!(location(&scene.sign_in(bob()).await), "/");
    // A provider that is not in use may be left out; nothing calls it then.
    let path = format!("/api/organization/identity-providers/{}", scene.id);
    let _ = scene.owner.patch(&path, json!({"isEnabled": false})).await.expect(200);
    let _ = hosts(json!(["api.example.com"])).await.expect(200);
    let _ = scene.owner.patch(&path, json!({"isEnabled": true})).await.expect(200);
    let browser = scene.server.owner.anonymous();
    let begun = browser.post("/api/auth/openid/start", json!({"providerId": scene.id})).await;
    assert_eq!(begun.problem(502), "provider_unavailable");
    let reads = scene.provider.key_reads();
    let second =
        scene.owner.post("/api/organization/identity-providers", scene.provider.body(json!({}))).await;
    assert_eq!(second.problem(422), "invalid_fields");
    assert_eq!(scene.provider.key_reads(), reads);
}
