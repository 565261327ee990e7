//! The security schemes, and the scopes that operations ask for.

use std::collections::BTreeMap;

use faceauth_domain::scope::Scope;
use serde_json::Value;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{OpenApi, path::Operation};

use super::operations;

/// Names the scheme of user tokens.
const ACCESS_TOKEN: &str = "access_token";
/// Names the scheme of access tokens of clients.
const CLIENT_ACCESS_TOKEN: &str = "client_access_token";
/// Names the scheme of secrets of clients.
const CLIENT_SECRET: &str = "client_secret";
/// Names the scheme of API keys.
const API_KEY: &str = "api_key";
/// Scopes of API keys: all of them in the scheme, and in an operation the ones it asks for. In the
/// place for scopes a document may name only those of OAuth.
const SCOPES: &str = "x-scopes";

/// Declares the schemes, and moves the scopes of keys where the document may name them.
pub(super) fn declare(document: &mut OpenApi) {
    for operation in operations(document) {
        name_scopes(operation);
    }
    let components = document.components.get_or_insert_default();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("Access token (RFC 9068) of `/register`, `/verify` or `/token/refresh`."))
        .build();
    components.add_security_scheme(ACCESS_TOKEN, SecurityScheme::Http(scheme));
    let of_client = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("Access token of an app (RFC 9068), of `/token`."))
        .build();
    components.add_security_scheme(CLIENT_ACCESS_TOKEN, SecurityScheme::Http(of_client));
    let secret = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("Id and secret of an app (`client_secret_basic`)."))
        .build();
    components.add_security_scheme(CLIENT_SECRET, SecurityScheme::Http(secret));
    let mut key = ApiKeyValue::with_description(
        "X-Api-Key",
        "Key of a service (`faceauth keys api create`), with scopes. Never in a browser.",
    );
    key.extensions = Some(extension(Scope::ALL.map(Scope::as_str).to_vec()));
    components.add_security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)));
}

fn name_scopes(operation: &mut Operation) {
    let mut scopes = Vec::new();
    for requirement in operation.security.iter_mut().flatten() {
        for scope in take_scopes(requirement) {
            let known = Scope::ALL.into_iter().find(|known| known.as_str() == scope);
            let known = known.unwrap_or_else(|| unreachable!("{scope} is no scope"));
            scopes.push(known.as_str());
        }
    }
    if !scopes.is_empty() {
        operation.extensions.get_or_insert_default().merge(extension(scopes));
    }
}

/// The scopes of keys in `requirement`, which has none of them afterwards.
fn take_scopes(requirement: &mut SecurityRequirement) -> Vec<String> {
    let named = serde_json::to_value(&*requirement).and_then(serde_json::from_value);
    let named: BTreeMap<String, Vec<String>> = named.unwrap_or_default();
    match named.get(API_KEY) {
        Some(scopes) if named.len() == 1 => {
            *requirement = SecurityRequirement::new(API_KEY, [] as [&str; 0]);
            scopes.clone()
        }
        _ => Vec::new(),
    }
}

fn extension(scopes: Vec<&'static str>) -> Extensions {
    [(SCOPES, Value::from(scopes))].into_iter().collect()
}
