//! Which codec a WebM says it holds. OpenCV tells four-letter codes only, which VP8 and VP9
//! do not have there.

/// The CodecID element (RFC 9559, 5.1.4.1.24).
const CODEC_ID: u8 = 0x86;

/// The Cluster element, at which headers end and frames begin.
const CLUSTER: [u8; 4] = [0x1F, 0x43, 0xB6, 0x75];

/// Every video codec that the headers name; audio is not looked at. Null bytes at the end of
/// a string mean nothing (RFC 8794, 13); GStreamer writes one.
pub fn video_codecs(webm: &[u8]) -> Vec<&[u8]> {
    let end = find(webm, &CLUSTER).unwrap_or(webm.len());
    let headers = &webm[..end];
    let mut codecs = Vec::new();
    for (at, _) in headers.iter().enumerate().filter(|(_, byte)| **byte == CODEC_ID) {
        // A length below 127 is one byte with the highest bit set.
        let Some(length) = headers.get(at + 1).filter(|byte| **byte & 0x80 != 0) else { continue };
        let start = at + 2;
        let Some(id) = headers.get(start..start + usize::from(length & 0x7F)) else { continue };
        if id.starts_with(b"V_") {
            let end = id.iter().position(|byte| *byte == 0).unwrap_or(id.len());
            codecs.push(&id[..end]);
        }
    }
    codecs
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_codecs_of_the_headers_alone() {
        let webm = b"\x1a\x45\xdf\xa3..\x86\x85V_VP8..\x86\x86A_OPUS\x86\x8fV_MPEG4/ISO/AVC\
            \x1f\x43\xb6\x75\x86\x85V_AV1";
        assert_eq!(video_codecs(webm), [&b"V_VP8"[..], b"V_MPEG4/ISO/AVC"]);
        assert_eq!(video_codecs(b"\x86\x86V_VP8\0"), [b"V_VP8"]);
        assert_eq!(video_codecs(b"\x86"), [&b""[..]; 0]);
        assert_eq!(video_codecs(b"\x86\xffV_"), [&b""[..]; 0]);
    }
}
