//! The router, built from the table of routes: every door has its limit in front of it.
//!
//! actix decodes a path before it looks for its route. A limit is therefore wrapped around the
//! route that was found, and nothing here reads the path as it was sent.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, ResponseError, guard, web};

use crate::cross_origin::CrossOrigin;
use crate::error::{ApiError, ErrorCode};
use crate::limit::{Limit, Limits};
use crate::routes::{Origins, Route};
use crate::telemetry::MatchedRoute;

/// Registers every route, and answers its path's other methods.
pub(crate) fn register(
    config: &mut web::ServiceConfig,
    table: &[Route],
    limits: &Limits,
    cross_origin: &CrossOrigin,
) {
    let mut paths: Vec<&str> = Vec::new();
    for route in table {
        if !paths.contains(&route.path.as_str()) {
            paths.push(&route.path);
        }
    }
    for path in paths {
        let routes: Vec<&Route> = table.iter().filter(|route| route.path == path).collect();
        let mut resource = web::resource(path);
        for route in &routes {
            let any = route
                .methods()
                .into_iter()
                .fold(guard::Any(guard::fn_guard(|_| false)), |any, method| {
                    any.or(guard::Method(method))
                });
            let handler = (route.handler)().guard(any);
            let matched = MatchedRoute::registered(&route.method, path);
            resource = resource.route(limits.around(route.limit, Some(matched), handler));
        }
        let allow = allow(&routes);
        let other = web::to(move |request: HttpRequest| {
            let answer = other_method(&request, &allow);
            async move { answer }
        });
        let matched = MatchedRoute::other_methods(path);
        let other = limits.around(Limit::Other, Some(matched), other);
        // A path is read by the same origins whatever the method.
        let origins = routes.first().map_or(Origins::Listed, |route| route.origins);
        config.service(resource.default_service(other).wrap(cross_origin.rules(origins)));
    }
}

/// Answers what no route knows.
pub(crate) async fn unknown() -> HttpResponse {
    ApiError::new(ErrorCode::NotFound).error_response()
}

/// Every method of any route, for browsers of other origins.
pub(crate) fn methods(table: &[Route]) -> Vec<Method> {
    let mut methods: Vec<Method> = Vec::new();
    for method in table.iter().flat_map(Route::methods) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    methods
}

/// The `Allow` of a path.
fn allow(routes: &[&Route]) -> HeaderValue {
    let methods: Vec<Method> =
        routes.iter().flat_map(|route| route.methods()).chain([Method::OPTIONS]).collect();
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    // Names of methods are visible ASCII.
    HeaderValue::from_str(&names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Says which methods a path has: as an answer to `OPTIONS`, as a refusal to the others.
fn other_method(request: &HttpRequest, allow: &HeaderValue) -> HttpResponse {
    let mut answer = if request.method() == Method::OPTIONS {
        HttpResponse::new(StatusCode::NO_CONTENT)
    } else {
        ApiError::new(ErrorCode::MethodNotAllowed).error_response()
    };
    answer.headers_mut().insert(header::ALLOW, allow.clone());
    answer
}
