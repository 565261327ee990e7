//! What browsers and this service hand each other about passkeys. It is passed on as it is.

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};

/// A credential, as a schema.
pub(crate) struct CredentialJson;

impl utoipa::PartialSchema for CredentialJson {
    fn schema() -> RefOr<Schema> {
        let example = json!({
            "id": "AQIDBAUGBwgJCgsMDQ4PEA",
            "rawId": "AQIDBAUGBwgJCgsMDQ4PEA",
            "type": "public-key",
            "response": { "clientDataJSON": "eyJ0eXBlIjoi...", "authenticatorData": "SZYN5YgO..." },
            "clientExtensionResults": {},
        });
        object("What the browser answered: `toJSON()` of a `PublicKeyCredential`.", example)
    }
}

impl ToSchema for CredentialJson {}

/// Options for a browser, as a schema.
pub(crate) struct OptionsJson;

impl utoipa::PartialSchema for OptionsJson {
    fn schema() -> RefOr<Schema> {
        let example = json!({
            "challenge": "bm90IGEgcmVhbCBjaGFsbGVuZ2Ugb2YgYSBzZXJ2aWNlLg",
            "rpId": "faceauth.example.org",
            "timeout": 120_000,
            "userVerification": "required",
        });
        object(
            "Options of WebAuthn Level 3: `PublicKeyCredentialRequestOptionsJSON` or \
             `PublicKeyCredentialCreationOptionsJSON`.",
            example,
        )
    }
}

impl ToSchema for OptionsJson {}

/// An object whose fields are described elsewhere.
fn object(description: &str, example: Value) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
        .description(Some(description))
        .examples([example])
        .into()
}
