//! The OpenAPI document: what the endpoints say of themselves, put together.

use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::error::{ErrorCode, Problem};
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "FaceAuth",
        description = "Self-hosted face sign-in. A person enrols with pictures, later shows their \
                       face, and gets a JWT.\n\nEvery refusal is `application/problem+json` \
                       (RFC 9457); programs look at `code`, a closed list. Decisions are \
                       answered, never scores.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "sign-in", description = "Enrol and sign in."),
        (name = "liveness", description = "Show that a living person is at the camera, now."),
        (name = "capture", description = "Help people take a usable picture."),
        (name = "account", description = "What a signed-in person can see and do."),
        (name = "tokens", description = "Renew, revoke and verify tokens."),
        (name = "services", description = "For services with an API key."),
        (name = "operations", description = "Probes."),
    ),
    components(schemas(Problem, ErrorCode)),
    modifiers(&AccessToken),
)]
struct Base;

/// The security schemes: user tokens and API keys.
struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "Access token (RFC 9068) of `/register`, `/verify` or `/token/refresh`.",
            ))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("access_token", SecurityScheme::Http(scheme));
        let key = ApiKeyValue::with_description(
            "X-Api-Key",
            "Key of a service (`faceauth keys api create`), with scopes. Never in a browser.",
        );
        let key = SecurityScheme::ApiKey(utoipa::openapi::security::ApiKey::Header(key));
        components.add_security_scheme("api_key", key);
    }
}

/// The document, built from the routes themselves.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Base::openapi();
    routes::document(&mut document);
    document
}

/// The document as it is served and committed: pretty JSON in a stable order, with a
/// newline at the end.
///
/// # Panics
/// Never: the document is made of strings and maps with string keys.
#[must_use]
pub fn openapi_json() -> String {
    let Ok(json) = document().to_pretty_json() else { unreachable!("the document serialises") };
    json + "\n"
}

#[cfg(test)]
mod tests;
