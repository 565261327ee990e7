//! The OpenAPI document: what the endpoints say of themselves, put together.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr, Required};

use crate::error::{ErrorCode, Problem};
use crate::routes;

mod examples;
mod security;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "FaceAuth",
        description = "Self-hosted face sign-in. A person enrols with pictures, later shows their \
                       face, and gets a JWT.\n\nEvery refusal is `application/problem+json` \
                       (RFC 9457); programs look at `code`, a closed list. Decisions are \
                       answered, never scores.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Whoever runs this service; /.well-known/security.txt says how to report a \
                        flaw"),
    ),
    servers((url = "/", description = "The service that answered this document.")),
    tags(
        (name = "sign-in", description = "Enrol and sign in."),
        (name = "liveness", description = "Show that a living person is at the camera, now."),
        (name = "capture", description = "Help people take a usable picture."),
        (name = "account", description = "What a signed-in person can see and do."),
        (name = "tokens", description = "Renew, revoke and verify tokens."),
        (name = "oidc", description = "OpenID Connect: apps sign people in by this service."),
        (name = "services", description = "For services with an API key."),
        (name = "operations", description = "Probes."),
    ),
    components(schemas(Problem, ErrorCode)),
)]
struct Base;

/// The document, built from the routes themselves.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Base::openapi();
    routes::document(&mut document);
    security::declare(&mut document);
    for operation in operations(&mut document) {
        // No endpoint takes a body that may be missing.
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            body.required = Some(Required::True);
        }
    }
    name_choices(&mut document);
    examples::add(&mut document);
    document
}

/// Moves the choices that have a title to where they have a name. utoipa writes those of an enum in
/// place, where generators would count them.
fn name_choices(document: &mut utoipa::openapi::OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut named = Vec::new();
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::OneOf(one)) = schema else { continue };
        for choice in &mut one.items {
            let RefOr::T(Schema::Object(object)) = choice else { continue };
            if let Some(name) = object.title.take() {
                let reference = RefOr::Ref(Ref::from_schema_name(&name));
                named.push((name, std::mem::replace(choice, reference)));
            }
        }
    }
    components.schemas.extend(named);
}

/// Every operation.
fn operations(document: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(|item| {
        let read = [&mut item.get, &mut item.head, &mut item.options, &mut item.trace];
        let write = [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        read.into_iter().chain(write).filter_map(Option::as_mut)
    })
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
