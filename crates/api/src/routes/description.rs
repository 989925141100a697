//! The description of the API, and the pages of the problem codes.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use crate::{
    error::{ApiError, codes},
    extract::Path,
};

/// Completes what the handlers' annotations give: title, licence, and that a key is needed unless said otherwise.
pub(crate) fn complete(mut description: OpenApi) -> OpenApi {
    description.info = InfoBuilder::new()
        .title("Flero")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Runs workflows that talk to other people's services, with credentials that nobody can read.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .contact(None::<utoipa::openapi::Contact>)
        .build();
    let components = description.components.get_or_insert_with(Default::default);
    components.add_security_scheme("apiKey", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "__Host-flero-session",
            "Set by signing in; `flero-session` over plain http on loopback. A request that changes something also \
             needs the header X-CSRF-Token and an Origin of this server. The workspace is that of the object in the \
             path, else the header Flero-Workspace or, on a GET, ?workspace=.",
        ))),
    );
    let needs = |name| SecurityRequirement::new(name, Vec::<String>::new());
    description.security = Some(vec![needs("apiKey"), needs("session")]);
    description
}

/// The description as JSON, computed once.
pub(crate) fn bytes(description: &OpenApi) -> Bytes {
    Bytes::from(serde_json::to_vec_pretty(description).unwrap_or_default())
}

/// This description: OpenAPI 3.1.
#[utoipa::path(get, path = "/api/openapi.json", tag = "installation", security(()), responses((status = OK, body = Object)))]
#[allow(dead_code, reason = "the router answers from the finished document; this describes that")]
pub(crate) fn get_description() {}

/// Answers with the description.
pub(crate) fn answer(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response()
}

/// The page of the codes that a step of an execution may fail with; they are written with a dot.
const STEP_CODES: &str = include_str!("../../../../docs/errors/executions.md");

/// The page of a problem code, in Markdown. A step's code (`http.dns`) leads to the page of them all.
pub(crate) async fn get_error_page(Path(name): Path<String>) -> Result<Response, ApiError> {
    let name = name.strip_suffix(".md").unwrap_or(&name);
    let page = match codes::ALL.iter().find(|code| code.code == name) {
        Some(code) => code.page,
        None if name == "executions" || is_step_code(name) => STEP_CODES,
        None => return Err(ApiError::not_found()),
    };
    let kind = HeaderValue::from_static("text/markdown; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], page).into_response())
}

/// Whether a dotted name stands on the page as a code. Only lower-case names with a dot are looked for, so that no
/// other text of the page counts.
fn is_step_code(name: &str) -> bool {
    name.contains('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte))
        && STEP_CODES.contains(&format!("`{name}`"))
}
