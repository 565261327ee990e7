//! Every route, in one place.

use actix_web::http::Method;
use utoipa::openapi::PathItem;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::endpoints::{
    accounts, attempts, batch, capture, consent, detect, export, faces, health, jwks, liveness, me,
    register, sessions, token, verify,
};

/// The documented endpoints.
pub(crate) fn api(config: &mut ServiceConfig<'_>) {
    config
        .service(register::register)
        .service(batch::register_batch)
        .service(verify::verify)
        .service(liveness::open_session)
        .service(liveness::judge)
        .service(detect::detect)
        .service(capture::capture_limits)
        .service(me::me)
        .service(me::erase_me)
        .service(export::export_me)
        .service(consent::grant_consent)
        .service(consent::withdraw_consent)
        .service(attempts::list_attempts)
        .service(sessions::list_sessions)
        .service(sessions::end_session)
        .service(faces::list_faces)
        .service(faces::add_face)
        .service(faces::remove_face)
        .service(accounts::reset_account)
        .service(token::refresh_token)
        .service(token::revoke_token)
        .service(jwks::jwks)
        .service(health::healthz)
        .service(health::readyz);
}

/// Which methods each path knows, read from the document: the routers themselves answer
/// a known path with another method as if it did not exist.
pub(crate) struct AllowedMethods(Vec<(Vec<Segment>, Vec<Method>)>);

enum Segment {
    Literal(String),
    Parameter,
}

impl AllowedMethods {
    pub(crate) fn new(document: &utoipa::openapi::OpenApi) -> Self {
        let mut paths: Vec<_> = document
            .paths
            .paths
            .iter()
            .map(|(path, item)| (segments(path), methods(item)))
            .collect();
        // Not documented by itself: the document, and the page that shows it.
        paths.push((segments("/openapi.json"), vec![Method::GET]));
        paths.push((segments("/docs"), vec![Method::GET]));
        Self(paths)
    }

    /// The methods `path` knows, as an Allow header has them; `None` for unknown paths.
    pub(crate) fn of(&self, path: &str) -> Option<String> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let fits = |segments: &[Segment]| {
            segments.len() == parts.len()
                && segments.iter().zip(&parts).all(|(segment, part)| match segment {
                    Segment::Literal(text) => text == part,
                    Segment::Parameter => !part.is_empty(),
                })
        };
        let (_, methods) = self.0.iter().find(|(segments, _)| fits(segments))?;
        Some(methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", "))
    }
}

fn segments(path: &str) -> Vec<Segment> {
    path.trim_start_matches('/')
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                Segment::Parameter
            } else {
                Segment::Literal(part.to_owned())
            }
        })
        .collect()
}

fn methods(item: &PathItem) -> Vec<Method> {
    [
        (item.get.is_some(), Method::GET),
        (item.post.is_some(), Method::POST),
        (item.delete.is_some(), Method::DELETE),
    ]
    .into_iter()
    .filter_map(|(known, method)| known.then_some(method))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_methods_of_every_path() {
        let allowed = AllowedMethods::new(&crate::openapi::document());
        assert_eq!(allowed.of("/verify").as_deref(), Some("POST"));
        assert_eq!(allowed.of("/me").as_deref(), Some("GET, DELETE"));
        assert_eq!(allowed.of("/me/faces/0190").as_deref(), Some("DELETE"));
        assert_eq!(allowed.of("/nowhere"), None);
        assert_eq!(allowed.of("/me/faces/"), None);
    }
}
