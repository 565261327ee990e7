//! Every route, in one table: its limit, and what answers it.
//!
//! A route's method and path stand in its documentation. The router, the limits, `Allow`, the
//! methods of other origins' browsers and the OpenAPI document follow from this table, so a
//! route without a limit cannot be written down.

use actix_web::http::Method;
use actix_web::web;
use utoipa::openapi::{HttpMethod, OpenApi};
use utoipa_actix_web::OpenApiFactory;

use crate::endpoints::{self, docs, login_page, page_look, security_txt};
use crate::limit::Limit;

/// Which pages of other origins a browser lets read an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origins {
    /// Those that the operator listed.
    Listed,
    /// All of them. No cookie counts there, so a page gets nothing that it could not get without a
    /// browser.
    Any,
}

/// What every client of the OpenID Connect provider needs, browser apps among them.
const OPEN_TO_ALL_ORIGINS: &[&str] = &[
    "/.well-known/jwks.json",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/token",
    "/oauth/revoke",
    "/userinfo",
];

/// One method of one path.
pub(crate) struct Route {
    /// As actix writes it, with `{parameters}`.
    pub path: String,
    pub method: Method,
    /// What its requests count against.
    pub limit: Limit,
    /// What answers it.
    pub handler: fn() -> actix_web::Route,
    /// Which pages of other origins may read its answers.
    pub origins: Origins,
    documentation: Option<Box<dyn OpenApiFactory>>,
}

impl Route {
    /// A route that the OpenAPI document describes.
    fn documented<D: utoipa::Path + OpenApiFactory + 'static>(
        limit: Limit,
        handler: fn() -> actix_web::Route,
        documentation: D,
    ) -> Self {
        // The attribute of a handler names one method.
        let method = D::methods().first().map_or(Method::GET, method);
        let documentation = Some(Box::new(documentation) as _);
        Self::new(D::path(), method, limit, handler, documentation)
    }

    /// A read that belongs to the address itself: no part of the API.
    fn beside(limit: Limit, path: &str, handler: fn() -> actix_web::Route) -> Self {
        Self::new(path.to_owned(), Method::GET, limit, handler, None)
    }

    fn new(
        path: String,
        method: Method,
        limit: Limit,
        handler: fn() -> actix_web::Route,
        documentation: Option<Box<dyn OpenApiFactory>>,
    ) -> Self {
        let open = OPEN_TO_ALL_ORIGINS.contains(&path.as_str());
        let origins = if open { Origins::Any } else { Origins::Listed };
        Self { path, method, limit, handler, origins, documentation }
    }

    /// The methods it answers: what can be read can be asked for without its body, too
    /// (RFC 9110, 9.1).
    pub(crate) fn methods(&self) -> Vec<Method> {
        match self.method {
            Method::GET => vec![Method::GET, Method::HEAD],
            ref other => vec![other.clone()],
        }
    }
}

/// Pairs each handler with the documentation that its attribute has made. An endpoint's module
/// and handler have the name of its operation.
macro_rules! documented {
    ($($limit:ident: $endpoint:ident;)*) => {
        pastey::paste! {
            vec![$(Route::documented(
                Limit::$limit,
                || web::to(endpoints::$endpoint::$endpoint),
                endpoints::$endpoint::[<__path_ $endpoint>],
            ),)*]
        }
    };
}

/// The table.
pub(crate) fn table() -> Vec<Route> {
    let mut routes = documented! {
        SignInOrService: register;
        SignInOrService: register_batch;
        SignInOrService: verify;
        SignIn: register_passkey;
        SignIn: challenge_passkey;
        SignIn: verify_passkey;
        SignIn: verify_recovery_code;
        SignIn: open_liveness_session;
        SignIn: judge_liveness;
        Detect: detect;
        Other: capture_limits;
        Other: page_look;
        Account: me;
        Account: erase_me;
        Account: export_me;
        Account: grant_consent;
        Account: withdraw_consent;
        Account: list_attempts;
        Account: list_sessions;
        Account: end_session;
        Account: list_clients;
        Account: disconnect_client;
        Account: list_faces;
        Account: add_face;
        Account: remove_face;
        Account: list_passkeys;
        Account: challenge_new_passkey;
        Account: add_passkey;
        Account: remove_passkey;
        Account: make_recovery_codes;
        Service: invite;
        Account: read_invitation;
        Service: reset_account;
        Account: refresh_token;
        Account: revoke_token;
        Other: jwks;
        Other: openid_configuration;
        Other: oauth_server_metadata;
        Other: authorize;
        Other: authorize_by_form;
        Account: push_authorization;
        Account: read_login;
        Account: accept_login;
        Account: refuse_login;
        Account: issue_tokens;
        Account: revoke_client_token;
        Service: introspect_token;
        Account: userinfo;
        Account: userinfo_by_form;
        Other: log_out;
        Other: log_out_by_form;
        Account: confirm_logout;
        Probe: healthz;
        Probe: readyz;
    };
    routes.extend([
        Route::beside(Limit::Other, docs::DOCUMENT_PATH, || web::to(docs::openapi_json)),
        Route::beside(Limit::Other, "/docs", || web::to(docs::without_slash)),
        Route::beside(Limit::Other, "/docs/{file:.*}", || web::to(docs::file)),
        Route::beside(Limit::Other, login_page::PATH, || web::to(login_page::login_page)),
        Route::beside(Limit::Other, page_look::LOGO_PATH, || web::to(page_look::logo)),
        Route::beside(Limit::Other, security_txt::PATH, || web::to(security_txt::security_txt)),
    ]);
    routes
}

/// Adds every documented route to `document`.
pub(crate) fn document(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    for documentation in table().into_iter().filter_map(|route| route.documentation) {
        document.paths.merge(documentation.paths());
        let mut schemas = Vec::new();
        documentation.schemas(&mut schemas);
        components.schemas.extend(schemas);
    }
}

fn method(documented: &HttpMethod) -> Method {
    match documented {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn what_is_open_to_all_origins_is_a_route() {
        let table = table();
        for path in OPEN_TO_ALL_ORIGINS {
            assert!(table.iter().any(|route| route.path == *path), "{path}");
        }
    }

    #[test]
    fn no_method_of_a_path_stands_twice() {
        let mut seen = HashSet::new();
        for route in table() {
            assert!(seen.insert((route.path.clone(), route.method.clone())), "{}", route.path);
        }
    }

    #[test]
    fn only_probes_are_free() {
        let free: Vec<_> =
            table().into_iter().filter(|r| r.limit == Limit::Probe).map(|r| r.path).collect();
        assert_eq!(free, ["/healthz", "/readyz"]);
    }
}
