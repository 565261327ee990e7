//! The refusals of an endpoint, for its documentation.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::error::{ErrorCode, PROBLEM_JSON};

/// The sets that the refusals of an endpoint are made of, by what is refused.
pub(crate) mod sets {
    use faceauth_domain::quality::QualityReason;
    use faceauth_domain::subject::SubjectError;

    use crate::error::ErrorCode::{self, *};

    /// A body: its type, its size, its form, its time.
    pub(crate) fn body() -> Vec<ErrorCode> {
        vec![MalformedJson, InvalidField, RequestTimeout, PayloadTooLarge, UnsupportedMediaType]
    }

    /// The bytes of a picture.
    pub(crate) fn image() -> Vec<ErrorCode> {
        vec![InvalidBase64, ImageDimensionsTooLarge, ImageFormatMismatch, ImageUndecodable]
    }

    /// What a picture shows: every reason that the domain knows.
    pub(crate) fn face() -> Vec<ErrorCode> {
        let subject = SubjectError::ALL.into_iter().map(ErrorCode::from);
        subject.chain(QualityReason::ALL.into_iter().map(ErrorCode::from)).collect()
    }

    /// The session that a capture answers.
    pub(crate) fn liveness_session() -> Vec<ErrorCode> {
        vec![NotFound, SessionConsumed, SessionExpired]
    }

    /// What shall prove that one living person is shown.
    pub(crate) fn proof() -> Vec<ErrorCode> {
        vec![
            LivenessRequired,
            AttestationRequired,
            LivenessFailed,
            FramesInconsistent,
            ChallengeNotMet,
        ]
    }

    /// The access token of an account holder.
    pub(crate) fn account_holder() -> Vec<ErrorCode> {
        vec![TokenInvalid, TokenExpired]
    }

    /// The analyzer, which may be busy or not ready.
    pub(crate) fn analyzer() -> Vec<ErrorCode> {
        vec![Overloaded, ModelUnavailable]
    }

    /// Any caller of an endpoint with a limit.
    pub(crate) fn caller() -> Vec<ErrorCode> {
        vec![RateLimited, InternalError]
    }
}

/// Documents the refusals of an endpoint: one response a status, naming its codes in the order of
/// their table.
pub(crate) fn responses(codes: BTreeSet<ErrorCode>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    by_status
        .into_iter()
        .map(|(status, codes)| (status.to_string(), RefOr::T(response(status, &codes))))
        .collect()
}

/// Where the document has an example of the problem that says `code`.
pub(crate) fn example_of(code: ErrorCode) -> String {
    format!("#/components/examples/{}", code.as_str())
}

fn response(status: u16, codes: &[ErrorCode]) -> Response {
    let names: Vec<String> =
        codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let examples = codes.iter().map(|code| {
        let example = RefOr::Ref(Ref::new(example_of(*code)));
        (code.as_str(), example)
    });
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
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

/// Declares the refusals of an endpoint for its documentation: the names of [`sets`], then, after
/// a semicolon, the codes of its own.
macro_rules! problems {
    ($name:ident: $($set:ident),* $(; $($code:ident),*)?) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                let mut codes = std::collections::BTreeSet::new();
                $(codes.extend($crate::problems::sets::$set());)*
                $(codes.extend([$($crate::error::ErrorCode::$code,)*]);)?
                $crate::problems::responses(codes)
            }
        }
    };
}
pub(crate) use problems;
