//! Forms as clients send them (RFC 7578).

use crate::app::{Answer, App};

pub const BOUNDARY: &str = "b0undary";

pub fn form(fields: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, media_type, content) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").bytes(),
        );
        if let Some(media_type) = media_type {
            body.extend(format!("; filename=\"face.jpg\"\r\nContent-Type: {media_type}").bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

pub fn send_form(app: &App, path: &str, fields: &[(&str, Option<&str>, &[u8])]) -> Answer {
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    app.send("POST", path, &[("content-type", &media_type)], &form(fields))
}
