//! JSON to request types, with a pointer to what is wrong.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::error::{ApiError, ApiResult, ErrorCode};

/// How serde words an absent field; the name stands between back quotes.
const MISSING: &str = "missing field `";

/// The byte order mark of UTF-8, which some editors and libraries write and RFC 8259 (8.1) lets
/// readers ignore.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Parses a body. Unknown fields are ignored, so that newer clients can talk to older
/// servers.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> ApiResult<T> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| problem(&error.path().clone(), error.inner()))?;
    deserializer.end().map_err(|_| ApiError::new(ErrorCode::MalformedJson))?;
    Ok(value)
}

/// Reads a request type from the fields of a form.
pub(super) fn from_value<T: DeserializeOwned>(value: Value) -> ApiResult<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| problem(&error.path().clone(), error.inner()))
}

fn problem(path: &Path, error: &serde_json::Error) -> ApiError {
    if !error.is_data() {
        return ApiError::new(ErrorCode::MalformedJson);
    }
    let text = error.to_string();
    let missing = text.strip_prefix(MISSING).and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) => ApiError::at(ErrorCode::MissingField, format!("{}/{field}", pointer(path))),
        None => ApiError::at(ErrorCode::InvalidField, pointer(path)),
    }
}

/// The path as a JSON pointer.
fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        pointer
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only its parsing matters")]
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only its parsing matters")]
        list: Vec<u8>,
    }

    #[test]
    fn a_byte_order_mark_says_nothing() {
        let parsed = parse::<Outer>(b"\xEF\xBB\xBF{\"inner\":{\"list\":[1]}}");
        assert!(parsed.is_ok());
        let twice = parse::<Outer>(b"\xEF\xBB\xBF\xEF\xBB\xBF{}").unwrap_err();
        assert_eq!(twice.code(), ErrorCode::MalformedJson);
    }

    #[test]
    fn problems_have_a_code_and_a_pointer() {
        let cases = [
            ("{", ErrorCode::MalformedJson, None),
            ("", ErrorCode::MalformedJson, None),
            ("{\"inner\":{\"list\":[]}} trailing", ErrorCode::MalformedJson, None),
            ("{}", ErrorCode::MissingField, Some("/inner")),
            ("{\"inner\":{}}", ErrorCode::MissingField, Some("/inner/list")),
            ("{\"inner\":{\"list\":[1,\"x\"]}}", ErrorCode::InvalidField, Some("/inner/list/1")),
        ];
        for (body, code, pointer) in cases {
            let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code(), code, "{body}");
            let errors = problem.problem(String::new()).errors;
            assert_eq!(errors.first().map(|e| e.pointer.as_str()), pointer, "{body}");
        }
    }
}
