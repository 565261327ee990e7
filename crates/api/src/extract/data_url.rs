//! Bytes in base64, bare or in a data URL, as clients write them.

use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurposeConfig};

/// Longest beginning of a data URL, in bytes: a media type and its parameters.
const MAX_HEAD_BYTES: usize = 1024;

/// Encoders differ in padding.
const fn engine(alphabet: &Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new();
    GeneralPurpose::new(alphabet, config.with_decode_padding_mode(DecodePaddingMode::Indifferent))
}

const BASE64: GeneralPurpose = engine(&STANDARD);
const BASE64_URL: GeneralPurpose = engine(&URL_SAFE);

/// Decodes base64 (RFC 4648, either alphabet), bare or in a data URL (RFC 2397). Returns the bytes
/// and the declared media type; `None` when the text has neither form.
pub(super) fn decode(text: &str) -> Option<(Vec<u8>, Option<String>)> {
    let text = text.trim_ascii();
    let (data, declared) = match strip_scheme(text) {
        None => (text, None),
        Some(url) => {
            let (declared, data) = split(url)?;
            (data.trim_ascii(), Some(declared.to_owned()))
        }
    };
    Some((decode_base64(data)?, declared))
}

/// What follows `data:`, in any letter case.
fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked("data:".len())?;
    scheme.eq_ignore_ascii_case("data:").then_some(rest)
}

/// The media type and the data of a URL that is base64. Parameters may stand between, and a comma
/// within one of them: a file's name.
fn split(url: &str) -> Option<(&str, &str)> {
    let head = &url.as_bytes()[..url.len().min(MAX_HEAD_BYTES)];
    let commas = head.iter().enumerate().filter(|(_, byte)| **byte == b',');
    commas.map(|(at, _)| (&url[..at], &url[at + 1..])).find_map(|(head, data)| {
        let (declared, parameters) = head.split_once(';')?;
        let base64 = |parameter: &str| parameter.trim().eq_ignore_ascii_case("base64");
        parameters.split(';').any(base64).then_some((declared.trim(), data))
    })
}

/// Line ends, with blanks around them, are common (`base64` without -w0, MIME, indented text).
/// Blanks within a line are a plus sign that a form has decoded.
fn decode_base64(data: &str) -> Option<Vec<u8>> {
    let url_safe = data.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if url_safe { BASE64_URL } else { BASE64 };
    if data.contains(['\n', '\r']) {
        let joined: String = data.split(['\n', '\r']).map(str::trim_ascii).collect();
        return engine.decode(joined).ok();
    }
    engine.decode(data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_every_common_dress() {
        let bytes = [0x68, 0xFB, 0xFF];
        for (text, declared) in [
            ("aPv/", None),
            (" aPv/\r\n", None),
            ("aP\r\nv/\n", None),
            ("aP\n\t  v/", None),
            ("aPv_", None),
            ("data:image/PNG;base64,aPv/", Some("image/PNG")),
            ("DATA:IMAGE/JPEG;BASE64,aPv/", Some("IMAGE/JPEG")),
            ("data:image/jpeg;charset=utf-8;base64,aPv/", Some("image/jpeg")),
            ("data:image/jpeg;name=a,b.jpg;base64,aPv/", Some("image/jpeg")),
            ("data:image/jpeg;base64;name=x.jpg,aPv/", Some("image/jpeg")),
            ("data:application/octet-stream;base64,aPv_", Some("application/octet-stream")),
            ("data:;base64,aPv/", Some("")),
            ("\n data: image/png; base64, aPv/ ", Some("image/png")),
        ] {
            let (found, named) = decode(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.as_slice(), named.as_deref()), (&bytes[..], declared), "{text}");
        }
        for text in ["aGk=", "aGk"] {
            assert_eq!(decode(text).unwrap().0, b"hi");
        }
    }

    #[test]
    fn what_is_no_base64() {
        let long = format!("data:image/png;{};base64,aGk=", "x".repeat(MAX_HEAD_BYTES));
        for text in [
            "a",
            "a b=",
            "aP-/",
            "data:image/png,aGk=",
            "data:",
            "data:;",
            "data:base64,aGk=",
            "http://host/face.jpg",
            "aGk==",
            "é,;base64,aGk=",
            &long,
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode(""), Some((Vec::new(), None)));
    }
}
