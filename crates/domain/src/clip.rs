//! A short video of a face, bounded and sniffed before anyone decodes it.

use std::fmt;

use crate::media_type::may_be_capture;
use crate::wiped::WipedBytes;

/// Most bytes of a clip: ten seconds at 3.3 Mbit/s, where browsers record 2.5. Decoding costs about
/// 0.1 s of a core for each megabyte (`docs/measurements/liveness-cost.md`), and the judgement looks
/// at 640 pixels, so more bytes cost much and show nothing.
pub const MAX_CLIP_BYTES: usize = 4 * 1024 * 1024;

/// Longest clip in milliseconds: three steps at their slowest.
pub const MAX_CLIP_MS: u32 = 20_000;

/// Longest side of a clip's pictures in pixels (720p, upright or lying). They are judged at 640.
pub const MAX_CLIP_SIDE: u32 = 1280;

/// Most pixels of all decoded pictures of a clip together: eight seconds of 720p at 30 a second, and
/// a third of a second more, because clients stop their recorder by a timer. 640x480 at 30 a second
/// may last for the whole of [`MAX_CLIP_MS`]. With [`MAX_CLIP_BYTES`] this keeps every clip below a
/// second of processor time (`docs/performance.md`).
pub const MAX_CLIP_PIXELS: u64 = 250 * 1280 * 720;

/// The accepted containers, recognised by magic bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClipFormat {
    /// WebM, with VP8 or VP9 in it: what browsers record.
    WebM,
    /// MP4, with H.264 in it: what phones record.
    Mp4,
}

impl ClipFormat {
    /// Sniffs the leading bytes; `None` when they belong to no accepted container.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        /// The EBML header, in which the DocType stands, is this short in every WebM.
        const EBML_HEADER_BYTES: usize = 64;
        let head = &bytes[..bytes.len().min(EBML_HEADER_BYTES)];
        let doc_type = doc_type(head);
        if head.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) && doc_type == Some(b"webm") {
            Some(Self::WebM)
        } else if head.get(4..8) == Some(b"ftyp") {
            Some(Self::Mp4)
        } else {
            None
        }
    }

    /// The media type of this container.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::WebM => "video/webm",
            Self::Mp4 => "video/mp4",
        }
    }
}

/// The value of the first DocType element in an EBML header (RFC 8794, 11.2.4), without the
/// null bytes that a string may end with (13); muxers of old Chromium and OpenCV write one.
fn doc_type(header: &[u8]) -> Option<&[u8]> {
    const ID: [u8; 2] = [0x42, 0x82];
    let start = header.windows(ID.len()).position(|window| window == ID)? + ID.len();
    // A length below 127 has one byte, whose highest bit is set.
    let length = *header.get(start)?;
    let end = start + 1 + usize::from(length & 0x7F);
    let value = header.get(start + 1..end).filter(|_| length & 0x80 != 0)?;
    let text = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    Some(&value[..text])
}

/// Why bytes are refused before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClipRejection {
    /// More than [`MAX_CLIP_BYTES`].
    #[error("the clip is larger than {MAX_CLIP_BYTES} bytes")]
    TooManyBytes,
    /// Neither WebM nor MP4.
    #[error("the bytes are no WebM or MP4 clip")]
    UnsupportedFormat,
    /// The declared media type is that of something else than a video.
    #[error("the declared media type is not that of a video")]
    FormatMismatch,
}

/// Why a clip yields no frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClipProblem {
    /// The bytes do not decode, or not within the limits of time and memory.
    #[error("the clip cannot be decoded")]
    Undecodable,
    /// Another codec than VP8, VP9 (WebM) or H.264 (MP4).
    #[error("the clip's codec is not VP8, VP9 or H.264")]
    UnsupportedCodec,
    /// More than [`MAX_CLIP_MS`].
    #[error("the clip is longer than {} seconds", MAX_CLIP_MS / 1000)]
    TooLong,
    /// A side of more than [`MAX_CLIP_SIDE`].
    #[error("the clip's pictures have more than {MAX_CLIP_SIDE} pixels on the longer side")]
    DimensionsTooLarge,
    /// More than [`MAX_CLIP_PIXELS`].
    #[error(
        "the clip has too many pixels in all: record at most 8 seconds of 720p or 20 seconds of \
         640x480, 30 pictures a second"
    )]
    TooManyPixels,
}

/// One encoded clip whose size and container have been checked.
///
/// Holds the bytes as they came; they are overwritten on drop and never printed.
#[derive(Clone)]
pub struct EncodedClip {
    bytes: WipedBytes,
    format: ClipFormat,
}

impl EncodedClip {
    /// Checks the byte count, sniffs the container and sees whether `declared` (a media type, if
    /// the sender gave one) may be that of a video.
    ///
    /// # Errors
    /// The first [`ClipRejection`] that applies.
    pub fn parse(bytes: Vec<u8>, declared: Option<&str>) -> Result<Self, ClipRejection> {
        let bytes = WipedBytes::from(bytes);
        if bytes.len() > MAX_CLIP_BYTES {
            return Err(ClipRejection::TooManyBytes);
        }
        let format = ClipFormat::sniff(&bytes).ok_or(ClipRejection::UnsupportedFormat)?;
        match declared {
            Some(declared) if !may_be_capture(declared) => Err(ClipRejection::FormatMismatch),
            _ => Ok(Self { bytes, format }),
        }
    }

    /// The encoded bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The container the bytes have.
    #[must_use]
    pub fn format(&self) -> ClipFormat {
        self.format
    }
}

impl fmt::Debug for EncodedClip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedClip({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a WebM as Chromium's MediaRecorder writes it.
    const WEBM: &[u8] = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\
        \x42\xf3\x81\x08\x42\x82\x84webm\x42\x87\x81\x04";
    const MP4: &[u8] = b"\0\0\0\x20ftypisom\0\0\x02\0";

    #[test]
    fn tells_containers_by_magic_bytes() {
        assert_eq!(ClipFormat::sniff(WEBM), Some(ClipFormat::WebM));
        assert_eq!(ClipFormat::sniff(MP4), Some(ClipFormat::Mp4));
        let matroska = b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska";
        for other in [&b""[..], b"ftyp", matroska, b"RIFF\0\0\0\0AVI ", b"#EXTM3U", &WEBM[..20]] {
            assert_eq!(ClipFormat::sniff(other), None);
        }
    }

    #[test]
    fn a_document_type_may_end_with_a_null() {
        let padded = b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x10\x42\x82\x85webm\0\x42\x87\x81\x02";
        assert_eq!(ClipFormat::sniff(padded), Some(ClipFormat::WebM));
        let longer = b"\x1a\x45\xdf\xa3\x8f\x42\x82\x85webmx";
        assert_eq!(ClipFormat::sniff(longer), None);
        // An invalid length, and a length that goes past the end.
        for length in [0x04, 0xFF] {
            let mut broken = WEBM.to_vec();
            broken[26] = length;
            assert_eq!(ClipFormat::sniff(&broken), None);
        }
    }

    #[test]
    fn refuses_each_bad_input_with_its_own_reason() {
        let reject = |bytes: Vec<u8>, declared| EncodedClip::parse(bytes, declared).unwrap_err();
        let mut big = MP4.to_vec();
        big.resize(MAX_CLIP_BYTES + 1, 0);
        assert_eq!(reject(big, None), ClipRejection::TooManyBytes);
        assert_eq!(reject(b"text".to_vec(), None), ClipRejection::UnsupportedFormat);
        assert_eq!(reject(MP4.to_vec(), Some("text/html")), ClipRejection::FormatMismatch);
        for other in ["video/quicktime", "video/webm", "application/octet-stream"] {
            let clip = EncodedClip::parse(MP4.to_vec(), Some(other)).unwrap();
            assert_eq!(clip.format(), ClipFormat::Mp4, "{other}");
        }
        assert!(EncodedClip::parse(WEBM.to_vec(), Some("video/WebM;codecs=vp8")).is_ok());
    }

    #[test]
    fn debug_shows_format_and_size_only() {
        let clip = EncodedClip::parse(MP4.to_vec(), None).unwrap();
        assert_eq!(format!("{clip:?}"), "EncodedClip(Mp4, 16 bytes)");
    }
}
