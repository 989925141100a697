//! Provisioning by SCIM, as directories do it.

use flero_store::PeopleStore as _;
use flero_testing::{Answer, Client, OpenidProvider, PASSWORD, TestServer};
use serde_json::{Value, json};

const USERS: &str = "/api/scim/v2/Users";
const GROUPS: &str = "/api/scim/v2/Groups";

/// A server, its owner, and the directory's client.
struct Scene {
    server: TestServer,
    owner: Client,
    directory: Client,
}

impl Scene {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let owner = server.owner.sign_in("ada@example.com", PASSWORD).await;
        let made =
            owner.post("/api/api-keys", json!({"name": "Directory", "scopes": ["scim:provision"]})).await;
        let directory = server.owner.with_key(made.expect(201)["key"].as_str().unwrap());
        Self { server, owner, directory }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/scim+json")];
        self.directory.send(method, path, &headers, body.to_string()).await
    }

    async fn made(&self, body: Value) -> String {
        self.send("POST", USERS, body).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    async fn role_of(&self, id: &str) -> Option<String> {
        let members = self.owner.get("/api/members?limit=200").await.expect(200);
        let found = members["items"].as_array().unwrap().iter().find(|one| one["userId"] == id).cloned();
        found.map(|one| one["role"].as_str().unwrap().to_owned())
    }
}

/// An error in the form of RFC 7644 section 3.12.
#[track_caller]
fn refused(answer: &Answer, status: u16, scim_type: Option<&str>) {
    let body = answer.expect(status);
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(
        (body["status"].as_str(), body["scimType"].as_str()),
        (Some(status.to_string().as_str()), scim_type)
    );
    assert!(body["detail"].as_str().is_some_and(|text| text.len() > 10), "{body}");
    // Clients that hold to the RFC take no member besides.
    let mut members: Vec<&String> =
        body.as_object().unwrap().keys().filter(|name| *name != "scimType").collect();
    members.sort();
    assert_eq!(members, ["detail", "schemas", "status"]);
    assert!(answer.headers.contains_key("flero-code"));
}

/// The request of RFC 7644 section 3.3.
fn barbara() -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen", "externalId": "bjensen",
        "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara"},
        "emails": [{"value": "bjensen@example.org", "type": "work", "primary": true}]})
}

#[tokio::test]
async fn a_directory_makes_finds_changes_and_ends_somebody() {
    let scene = Scene::start().await;
    let made = scene.send("POST", USERS, barbara()).await;
    let body = made.expect(201);
    let id = body["id"].as_str().unwrap();
    let place = format!("http://{}/api/scim/v2/Users/{id}", scene.server.address());
    assert_eq!(
        (made.headers["location"].to_str().unwrap(), made.headers["etag"].to_str().unwrap()),
        (place.as_str(), "W/\"1\"")
    );
    assert_eq!((&body["meta"]["location"], &body["meta"]["version"]), (&json!(place), &json!("W/\"1\"")));
    assert_eq!((&body["userName"], &body["active"]), (&json!("bjensen"), &json!(true)));
    assert_eq!(body["name"]["familyName"], "Jensen");
    assert!(body.get("password").is_none());
    refused(&scene.send("POST", USERS, barbara()).await, 409, Some("uniqueness"));
    // Okta and Entra look before they write.
    for filter in
        ["userName eq \"BJENSEN\"", "externalId eq \"bjensen\"", "emails.value eq \"bjensen@example.org\""]
    {
        let query = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
        let found =
            scene.directory.get(&format!("{USERS}?filter={query}&startIndex=1&count=1")).await.expect(200);
        assert_eq!(found["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!(
            (&found["totalResults"], &found["Resources"][0]["id"]),
            (&json!(1), &json!(id)),
            "{filter}"
        );
    }
    let path = format!("{USERS}/{id}");
    let stale = scene
        .directory
        .send(
            "PUT",
            &path,
            &[("content-type", "application/scim+json"), ("if-match", "W/\"9\"")],
            barbara().to_string(),
        )
        .await;
    refused(&stale, 412, None);
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        {"op": "Replace", "path": "name.familyName", "value": "Smith"},
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Tours"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "bsmith@example.org"}]});
    let patched = scene.send("PATCH", &path, patch).await.expect(200);
    assert_eq!(
        (&patched["emails"][0]["value"], &patched["name"]["familyName"]),
        (&json!("bsmith@example.org"), &json!("Smith"))
    );
    assert_eq!(patched["meta"]["version"], "W/\"2\"");
    let narrow = scene.directory.get(&format!("{path}?attributes=userName")).await.expect(200);
    assert_eq!(narrow.as_object().unwrap().len(), 3, "{narrow}");
    assert_eq!(scene.directory.delete(&path).await.status, 204);
    refused(&scene.directory.get(&path).await, 404, None);
    // Whoever comes back has the account of before.
    let mut again = barbara();
    again["emails"][0]["value"] = json!("bsmith@example.org");
    assert_eq!(scene.made(again).await, id);
    let trail = scene.owner.get("/api/audit?action=scim.user_changed").await.expect(200);
    assert_eq!(trail["items"].as_array().unwrap().len(), 4);
    assert_eq!(trail["items"][0]["actor"]["kind"], "apiKey");
}

#[tokio::test]
async fn groups_give_roles_and_whoever_is_deactivated_loses_everything_at_once() {
    let scene = Scene::start().await;
    let table =
        json!({"items": [{"group": "Tour Guides", "workspaceId": scene.server.workspace, "role": "editor"}]});
    let _ = scene.owner.put("/api/organization/group-roles", table).await.expect(200);
    let id = scene.made(barbara()).await;
    assert_eq!(scene.role_of(&id).await, None, "nobody is given a role without a group");
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Tour Guides",
        "members": [{"value": id, "display": "Babs"}]});
    let made = scene.send("POST", GROUPS, group.clone()).await.expect(201);
    assert_eq!(scene.role_of(&id).await.as_deref(), Some("editor"));
    refused(&scene.send("POST", GROUPS, group).await, 409, Some("uniqueness"));
    let person = scene.directory.get(&format!("{USERS}/{id}")).await.expect(200);
    assert_eq!(person["groups"][0]["display"], "Tour Guides");
    let listed = scene
        .directory
        .get(&format!("{GROUPS}?filter=displayName%20eq%20%22Tour%20Guides%22&excludedAttributes=members"))
        .await
        .expect(200);
    assert!(listed["Resources"][0].get("members").is_none() && listed["totalResults"] == 1);

    let deactivate = json!({"Operations": [{"op": "replace", "value": {"active": false}}]});
    let off = scene.send("PATCH", &format!("{USERS}/{id}"), deactivate).await.expect(200);
    assert_eq!(off["active"], false);
    assert_eq!(scene.role_of(&id).await, None);
    let found = scene.directory.get(&format!("{USERS}/{id}")).await.expect(200);
    assert_eq!(found["active"], false, "still seen");
    let activate = json!({"Operations": [{"op": "Replace", "path": "active", "value": "True"}]});
    let _ = scene.send("PATCH", &format!("{USERS}/{id}"), activate).await.expect(200);
    assert_eq!(scene.role_of(&id).await.as_deref(), Some("editor"));
    // Entra removes a member with a list, Okta with a filter.
    let path = format!("{GROUPS}/{}", made["id"].as_str().unwrap());
    let remove = json!({"Operations": [{"op": "Remove", "path": "members", "value": [{"value": id}]}]});
    let _ = scene.send("PATCH", &path, remove).await.expect(200);
    assert_eq!(scene.role_of(&id).await, None);
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]});
    let _ = scene.send("PATCH", &path, add).await.expect(200);
    assert_eq!(scene.role_of(&id).await.as_deref(), Some("editor"));
    let remove = json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]});
    assert_eq!(scene.send("PATCH", &path, remove).await.expect(200)["members"], json!([]));
    // What the group is given changes for whoever is in it, at once.
    let _ = scene
        .send(
            "PATCH",
            &path,
            json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]}),
        )
        .await
        .expect(200);
    let table =
        json!({"items": [{"group": "Tour Guides", "workspaceId": scene.server.workspace, "role": "viewer"}]});
    let _ = scene.owner.put("/api/organization/group-roles", table).await.expect(200);
    assert_eq!(scene.role_of(&id).await.as_deref(), Some("viewer"));
    assert_eq!(scene.directory.delete(&path).await.status, 204);
    assert_eq!(scene.role_of(&id).await, None);
}

#[tokio::test]
async fn a_directory_ends_whoever_people_invited_but_not_the_last_owner_and_renames_neither() {
    let scene = Scene::start().await;
    let (guest, id) = crate::matrix::guest(&scene.server, "guest@example.com", "editor").await;
    let path = format!("{USERS}/{id}");
    let seen = scene.directory.get(&path).await.expect(200);
    assert_eq!((&seen["userName"], &seen["active"]), (&json!("guest@example.com"), &json!(true)));
    let mut put = seen.clone();
    put["displayName"] = json!("Somebody else");
    put["emails"] = json!([{"value": "evil@example.org"}]);
    put["userName"] = json!("guest-at-work");
    let changed = scene.send("PUT", &path, put).await.expect(200);
    assert_eq!(changed["userName"], "guest-at-work");
    assert_eq!(
        (&changed["displayName"], &changed["emails"][0]["value"]),
        (&json!("Guest"), &json!("guest@example.com"))
    );
    let _ = guest.get("/api/workflows").await.expect(200);
    assert_eq!(scene.directory.delete(&path).await.status, 204);
    assert_eq!(guest.get("/api/workflows").await.problem(401), "session_ended");
    assert_eq!(scene.role_of(&id).await, None);
    let own = format!("{USERS}/{}", scene.server.user);
    refused(&scene.directory.delete(&own).await, 409, None);
    assert_eq!(scene.role_of(&scene.server.user.to_string()).await.as_deref(), Some("owner"));
    // An account that was there is not taken over by making it once more.
    let taken = json!({"userName": "ada@example.com"});
    refused(&scene.send("POST", USERS, taken).await, 409, Some("uniqueness"));
}

/// Somebody whom the directory made signs in with the organization's provider, and is that person.
#[tokio::test]
async fn an_account_that_the_directory_made_is_opened_by_the_organizations_provider() {
    let scene = Scene::start().await;
    let provider = OpenidProvider::start(scene.server.clock.clone()).await;
    let rules = json!({"domains": ["example.org"]});
    let made =
        scene.owner.post("/api/organization/identity-providers", provider.body(rules)).await.expect(201);
    let id = scene.made(barbara()).await;
    let sign_in = async |claims: Value| {
        let browser = scene.server.owner.anonymous();
        let begun = browser.post("/api/auth/openid/start", json!({"providerId": made["id"]})).await;
        let url = begun.expect(200)["authorizationUrl"].as_str().unwrap().to_owned();
        let cookie = begun.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let (name, value) = cookie.split_once('=').unwrap();
        let query = provider.consent(&url, claims);
        let path = format!("/api/auth/openid/{}/callback?{query}", made["id"].as_str().unwrap());
        browser.with_cookie(name, value).get(&path).await
    };
    let claims = |subject: &str, verified: bool| json!({"sub": subject, "email": "bjensen@example.org", "email_verified": verified});
    let refused = "/login?error=openid_not_allowed";
    assert_eq!(sign_in(claims("babs", false)).await.headers["location"], refused);
    // Once it has a proof of its own it is somebody's, who links the identity there.
    let password = async |former: &str, hash: &str| {
        let (user, former, hash) = (id.parse().unwrap(), former.to_owned(), hash.to_owned());
        scene.server.store.set_password(user, former, hash, None, None, Vec::new()).await.unwrap();
    };
    password("", "$argon2id$").await;
    assert_eq!(sign_in(claims("babs", true)).await.headers["location"], refused);
    password("$argon2id$", "").await;
    let answer = sign_in(claims("babs", true)).await;
    assert_eq!(answer.headers["location"], "/");
    let me = scene.server.owner.with_session(&answer).get("/api/me").await.expect(200);
    assert_eq!(me["userId"], id);
    // An address outside of the provider's domains is not its to vouch for.
    scene.made(json!({"userName": "eve@elsewhere.example"})).await;
    let outside = json!({"sub": "eve", "email": "eve@elsewhere.example", "email_verified": true});
    assert_eq!(sign_in(outside).await.headers["location"], refused);
    // From then on it is that subject's alone.
    assert_eq!(sign_in(claims("somebody-else", true)).await.headers["location"], refused);
    let off = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    let _ = scene.send("PATCH", &format!("{USERS}/{id}"), off).await.expect(200);
    assert_eq!(sign_in(claims("babs", true)).await.headers["location"], refused, "a disabled account");
    let words = scene.owner.get("/api/audit?action=session.openid_refused").await.expect(200);
    assert_eq!(words["items"][0]["detail"]["outcome"], "not_a_member");
}

#[tokio::test]
async fn pages_begin_at_one_and_what_is_out_of_range_is_the_nearest() {
    let scene = Scene::start().await;
    for number in 0..5 {
        scene.made(json!({"userName": format!("user{number}@example.org")})).await;
    }
    let page = async |query: &str| scene.directory.get(&format!("{USERS}?{query}")).await.expect(200);
    let all = page("").await;
    assert_eq!(
        (&all["totalResults"], &all["itemsPerPage"], &all["startIndex"]),
        (&json!(6), &json!(6), &json!(1))
    );
    let third = page("startIndex=5&count=2").await;
    assert_eq!(third["Resources"].as_array().unwrap().len(), 2);
    assert_eq!(third["Resources"][0]["id"], all["Resources"][4]["id"]);
    assert_eq!(page("count=0").await["Resources"], json!([]));
    assert_eq!(page("startIndex=-3&count=-1").await["startIndex"], 1);
    assert_eq!(page("startIndex=7").await["Resources"], json!([]));
    refused(&scene.directory.get(&format!("{USERS}?count=x")).await, 400, Some("invalidValue"));
}

#[tokio::test]
async fn bad_requests_are_answered_in_the_words_of_the_rfc_and_change_nothing() {
    let scene = Scene::start().await;
    let id = scene.made(barbara()).await;
    let path = format!("{USERS}/{id}");
    for (method, at, body, word) in [
        ("POST", USERS, json!({}), "invalidValue"),
        ("POST", USERS, json!({"userName": "no address"}), "invalidValue"),
        ("POST", USERS, json!({"userName": "x@example.org", "active": "maybe"}), "invalidValue"),
        ("POST", USERS, json!([]), "invalidSyntax"),
        ("POST", GROUPS, json!({"displayName": " "}), "invalidValue"),
        (
            "POST",
            GROUPS,
            json!({"displayName": "g", "members": [{"value": "usr_01h455vb4pex5vsknk084sn02q"}]}),
            "invalidValue",
        ),
        ("PATCH", path.as_str(), json!({"Operations": []}), "invalidSyntax"),
        ("PATCH", path.as_str(), json!({"Operations": [{"op": "remove"}]}), "noTarget"),
        (
            "PATCH",
            path.as_str(),
            json!({"Operations": [{"op": "replace", "path": "a b", "value": 1}]}),
            "invalidPath",
        ),
        (
            "PATCH",
            path.as_str(),
            json!({"Operations": [{"op": "replace", "path": "name.familyName", "value": "X"}, {"op": "remove", "path": "userName"}]}),
            "mutability",
        ),
    ] {
        refused(&scene.send(method, at, body).await, 400, Some(word));
    }
    for query in ["filter=userName%20like%20%22x%22", "filter=userName", "filter=active%20gt%20true"] {
        refused(&scene.directory.get(&format!("{USERS}?{query}")).await, 400, Some("invalidFilter"));
    }
    for (query, word) in [("sortBy=a%20b", "invalidPath"), ("sortBy=userName&sortOrder=up", "invalidValue")] {
        refused(&scene.directory.get(&format!("{USERS}?{query}")).await, 400, Some(word));
    }
    let broken = scene.directory.send("POST", USERS, &[("content-type", "application/scim+json")], "{").await;
    refused(&broken, 400, Some("invalidSyntax"));
    let plain = scene.directory.send("POST", USERS, &[("content-type", "text/plain")], "{}").await;
    refused(&plain, 415, None);
    refused(&scene.server.owner.anonymous().get(USERS).await, 401, None);
    refused(&scene.server.owner.get(USERS).await, 403, None);
    let found = scene.directory.get(&path).await.expect(200);
    assert_eq!(
        (&found["name"]["familyName"], &found["meta"]["version"]),
        (&json!("Jensen"), &json!("W/\"1\""))
    );
    for name in ["ServiceProviderConfig", "ResourceTypes", "Schemas"] {
        let answer = scene.directory.get(&format!("/api/scim/v2/{name}")).await;
        let body = answer.expect(200);
        assert_eq!(answer.headers["content-type"], "application/scim+json");
        // Each says where it stands, and stands there.
        for one in body["Resources"].as_array().into_iter().flatten() {
            let place = one["meta"]["location"].as_str().unwrap();
            let at = place.find("/api/").unwrap();
            assert_eq!(scene.directory.get(&place[at..]).await.expect(200), *one);
        }
    }
    refused(&scene.directory.get("/api/scim/v2/Schemas/x").await, 404, None);
}

/// Security test 61: a key for SCIM is made by an owner with a fresh proof, and does nothing else.
#[tokio::test]
async fn a_key_for_scim_is_the_owners_and_for_nothing_else() {
    let scene = Scene::start().await;
    let body = json!({"name": "k", "scopes": ["scim:provision"]});
    assert_eq!(scene.server.owner.post("/api/api-keys", body.clone()).await.problem(403), "session_required");
    let (admin, _) = crate::matrix::guest(&scene.server, "admin@example.com", "admin").await;
    assert_eq!(admin.post("/api/api-keys", body.clone()).await.problem(403), "role_insufficient");
    for path in ["/api/members", "/api/workflows", "/api/organization/identity-providers"] {
        assert_eq!(scene.directory.get(path).await.problem(403), "scope_missing");
    }
    scene.server.clock.advance(300_000);
    assert_eq!(scene.owner.post("/api/api-keys", body).await.problem(403), "step_up_required");
}

#[tokio::test]
async fn lists_are_filtered_and_sorted_as_the_rfc_says() {
    let scene = Scene::start().await;
    for (name, family, active) in [("cy", "Young", true), ("al", "adams", false), ("bo", "Brown", true)] {
        scene
            .made(json!({"userName": format!("{name}@example.org"), "active": active, "name": {"familyName": family}}))
            .await;
    }
    let names = async |query: &[(&str, &str)]| -> Vec<String> {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let found = scene.directory.get(&format!("{USERS}?{query}")).await.expect(200);
        assert_eq!(
            found["itemsPerPage"].as_u64().unwrap() as usize,
            found["Resources"].as_array().unwrap().len()
        );
        let name = |one: &Value| one["userName"].as_str().unwrap().split('@').next().unwrap().to_owned();
        found["Resources"].as_array().unwrap().iter().map(name).collect()
    };
    let ours = ("filter", "userName ew \"@EXAMPLE.org\"");
    assert_eq!(names(&[ours, ("sortBy", "userName")]).await, ["al", "bo", "cy"]);
    assert_eq!(
        names(&[ours, ("sortBy", "name.familyName"), ("sortOrder", "Descending")]).await,
        ["cy", "bo", "al"]
    );
    let page = [ours, ("sortBy", "userName"), ("startIndex", "2"), ("count", "1")];
    assert_eq!(names(&page).await, ["bo"]);
    // Whoever has no value comes last, and first where the order is descending.
    assert_eq!(names(&[("sortBy", "name.familyName")]).await, ["al", "bo", "cy", "ada"]);
    assert_eq!(
        names(&[("sortBy", "name.familyName"), ("sortOrder", "descending")]).await,
        ["ada", "cy", "bo", "al"]
    );
    assert_eq!(names(&[("filter", "active eq false")]).await, ["al"]);
    let both = "name.familyName sw \"b\" and active eq true";
    assert_eq!(names(&[("filter", both)]).await, ["bo"]);
    assert!(
        names(&[("filter", "title eq \"x\"")]).await.is_empty(),
        "an attribute that is not kept has no value"
    );
    for name in ["Tour Guides", "tour guides", "Staff"] {
        let _ = scene.send("POST", GROUPS, json!({"displayName": name})).await.expect(201);
    }
    let groups = async |query: &str| {
        let found = scene.directory.get(&format!("{GROUPS}?{query}")).await.expect(200);
        let all = found["Resources"].as_array().unwrap();
        all.iter().map(|one| one["displayName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The name of a group is exact, however it is asked for.
    assert_eq!(groups("filter=displayName%20eq%20%22tour%20guides%22").await, ["tour guides"]);
    assert_eq!(
        groups("filter=displayName%20eq%20%22tour%20guides%22%20and%20id%20pr").await,
        ["tour guides"]
    );
    assert_eq!(groups("sortBy=displayName").await, ["Staff", "Tour Guides", "tour guides"]);
}

#[tokio::test]
async fn versions_are_held_to() {
    let scene = Scene::start().await;
    let id = scene.made(barbara()).await;
    let path = format!("{USERS}/{id}");
    let ask = async |method: &str, path: &str, header: (&str, &str)| {
        scene.directory.send(method, path, &[header, ("content-type", "application/scim+json")], "").await
    };
    let known = ask("GET", &path, ("if-none-match", "W/\"0\", W/\"1\"")).await;
    assert_eq!((known.status.as_u16(), known.text()), (304, String::new()));
    assert_eq!(known.headers["etag"], "W/\"1\"");
    assert_eq!(ask("GET", &path, ("if-none-match", "W/\"2\"")).await.status, 200);
    refused(&ask("DELETE", &path, ("if-match", "W/\"9\"")).await, 412, None);
    let group = scene.send("POST", GROUPS, json!({"displayName": "g"})).await.expect(201);
    let group = format!("{GROUPS}/{}", group["id"].as_str().unwrap());
    refused(&ask("DELETE", &group, ("if-match", "W/\"9\"")).await, 412, None);
    assert_eq!(ask("DELETE", &group, ("if-match", "W/\"1\"")).await.status, 204);
    assert_eq!(ask("DELETE", &path, ("if-match", "W/\"1\"")).await.status, 204);
    let told = scene.directory.get("/api/scim/v2/ServiceProviderConfig").await.expect(200);
    let supported = |name: &str| told[name]["supported"] == true;
    assert!(supported("patch") && supported("filter") && supported("sort") && supported("etag"));
    assert!(!supported("bulk") && !supported("changePassword"));
    assert!(told["documentationUri"].as_str().unwrap().starts_with("http"));
}
