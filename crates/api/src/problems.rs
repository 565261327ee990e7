//! The refusals of an endpoint, for its documentation.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Content, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::error::{ErrorCode, PROBLEM_JSON};

/// Documents the refusals of an endpoint: one response a status, naming its codes.
pub(crate) fn responses(codes: &[ErrorCode]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    by_status
        .into_iter()
        .map(|(status, codes)| (status.to_string(), RefOr::T(response(status, &codes))))
        .collect()
}

fn response(status: u16, codes: &[ErrorCode]) -> Response {
    let names: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let mut builder =
        ResponseBuilder::new().description(names.join("; ")).content(PROBLEM_JSON, problem);
    if matches!(status, 429 | 503) {
        let seconds = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer));
        let mut header = Header::new(seconds);
        header.description = Some("Seconds to wait.".to_owned());
        builder = builder.header("Retry-After", header);
    }
    builder.build()
}

/// Declares the refusals of an endpoint for its documentation.
macro_rules! problems {
    ($name:ident: $($code:ident),* $(,)?) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                $crate::problems::responses(&[$($crate::error::ErrorCode::$code,)*])
            }
        }
    };
}
pub(crate) use problems;
