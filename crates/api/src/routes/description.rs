//! The description of the API, and the pages of the problem codes.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi,
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
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
    description.security = Some(vec![SecurityRequirement::new("apiKey", Vec::<String>::new())]);
    description
}

/// The description as JSON, computed once.
pub(crate) fn bytes(description: &OpenApi) -> Bytes {
    Bytes::from(serde_json::to_vec_pretty(description).unwrap_or_default())
}

/// Answers with the description.
pub(crate) fn answer(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response()
}

/// The page of a problem code, in Markdown.
pub(crate) async fn get_error_page(Path(name): Path<String>) -> Result<Response, ApiError> {
    let name = name.strip_suffix(".md").unwrap_or(&name);
    let code = codes::ALL.iter().find(|code| code.code == name).ok_or_else(ApiError::not_found)?;
    let kind = HeaderValue::from_static("text/markdown; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], code.page).into_response())
}
