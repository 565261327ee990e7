//! What a sender says its bytes are.

/// Whether bytes with the label `declared` (a media type, possibly with parameters) may be a
/// picture or a video.
///
/// Labels are often wrong and seldom an attack. Browsers, cameras and HTTP libraries guess them
/// from a file's name, or write the same one for everything. The bytes decide what is decoded. A
/// label that names something quite different, such as a text, is a mistake that the sender should
/// learn about.
#[must_use]
pub fn may_be_capture(declared: &str) -> bool {
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split_once('/') {
        // No type at all: a file name's extension, or nothing.
        None => true,
        Some(("image" | "video" | "*", _)) => true,
        // Bytes of any kind, and what forms are labelled with as a whole.
        Some(("application" | "binary", "octet-stream")) | Some(("multipart", "form-data")) => true,
        Some(("application", "mp4")) => true,
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_other_things_are_no_captures() {
        for label in [
            "",
            " ",
            "jpeg",
            "image/jpeg",
            "IMAGE/JPG",
            "image/pjpeg",
            "image/*",
            "image/heic",
            "image/png; name=\"a.png\"",
            "video/quicktime",
            "video/mp4;codecs=avc1",
            "application/octet-stream",
            "binary/octet-stream",
            "application/mp4",
            "multipart/form-data",
            "*/*",
        ] {
            assert!(may_be_capture(label), "{label}");
        }
        for label in ["text/html", "text/plain", "application/json", "application/pdf", "audio/mp4"]
        {
            assert!(!may_be_capture(label), "{label}");
        }
    }
}
