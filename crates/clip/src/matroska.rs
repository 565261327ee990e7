//! What the headers of a WebM say: its codecs, and its rotation. OpenCV reports only four-letter
//! codes, which VP8 and VP9 do not have there.

use crate::matrix::Matrix;

/// The CodecID element (RFC 9559, 5.1.4.1.24).
const CODEC_ID: u8 = 0x86;

/// The Cluster element, at which headers end and frames begin.
const CLUSTER: [u8; 4] = [0x1F, 0x43, 0xB6, 0x75];

/// Every video codec that the headers name; audio is ignored. Null bytes at the end of a string
/// mean nothing (RFC 8794, 13); GStreamer writes one.
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

/// Identifiers of the elements on the way to the projection (RFC 9559, 5.1.4.1.28).
mod id {
    pub const SEGMENT: u32 = 0x1853_8067;
    pub const TRACKS: u32 = 0x1654_AE6B;
    pub const TRACK_ENTRY: u32 = 0xAE;
    pub const VIDEO: u32 = 0xE0;
    pub const PROJECTION: u32 = 0x7670;
    pub const PROJECTION_TYPE: u32 = 0x7671;
    pub const POSE_YAW: u32 = 0x7673;
    pub const POSE_PITCH: u32 = 0x7674;
    pub const POSE_ROLL: u32 = 0x7675;
}

/// How the first video track is shown, by the pose of its rectangular projection: a yaw of 180
/// degrees mirrors, then the roll turns counter-clockwise. `None` when nothing of the kind is
/// said, or a view into a sphere.
pub fn display_matrix(webm: &[u8]) -> Option<Matrix> {
    let tracks = child(child(webm, id::SEGMENT)?, id::TRACKS)?;
    let entries = elements(tracks).filter(|(id, _)| *id == id::TRACK_ENTRY);
    let video = entries.filter_map(|(_, entry)| child(entry, id::VIDEO)).next()?;
    let projection = child(video, id::PROJECTION)?;
    let rectangular =
        child(projection, id::PROJECTION_TYPE).is_none_or(|kind| kind.iter().all(|b| *b == 0));
    let degrees = |id| child(projection, id).map_or(Some(0.0), float);
    let (yaw, pitch) = (degrees(id::POSE_YAW)?, degrees(id::POSE_PITCH)?);
    let roll = degrees(id::POSE_ROLL)?;
    let mirrored = yaw.abs() == 180.0;
    if !rectangular || pitch != 0.0 || !(yaw == 0.0 || mirrored) || !roll.is_finite() {
        return None;
    }
    let (sin, cos) = roll.to_radians().sin_cos();
    let mirror = Matrix { a: if mirrored { -1.0 } else { 1.0 }, b: 0.0, c: 0.0, d: 1.0 };
    Some(mirror.then(Matrix { a: cos, b: -sin, c: sin, d: cos }))
}

/// A float of 0, 4 or 8 bytes (RFC 8794, 7.3).
fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        0 => Some(0.0),
        4 => Some(f64::from(f32::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// The first element with this identifier.
fn child(bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    elements(bytes).find(|(id, _)| *id == wanted).map(|(_, body)| body)
}

/// The elements that follow each other in `bytes`, up to the first that is broken: each is at least
/// two bytes long, so there is an end.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let id_length = bytes.first()?.leading_zeros() as usize + 1;
        if id_length > 4 {
            return None;
        }
        let id = big_endian(bytes.get(..id_length)?);
        let rest = &bytes[id_length..];
        let size_length = rest.first()?.leading_zeros() as usize + 1;
        let coded = big_endian(rest.get(..size_length)?);
        let rest = &rest[size_length..];
        // The marker is the highest bit. When all others are set, the size is not known, as in a
        // stream: the element goes on to the end.
        let size = coded & !(1 << (7 * size_length));
        let unknown = size == (1 << (7 * size_length)) - 1;
        let size = if unknown { rest.len() } else { usize::try_from(size).ok()? };
        let body = rest.get(..size);
        // The last element may be cut off; the existing part counts.
        let body = body.unwrap_or(rest);
        bytes = &rest[body.len()..];
        Some((u32::try_from(id).ok()?, body))
    })
}

/// A number of at most eight bytes.
fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
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

    fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
        [id, &[0x40 | (body.len() >> 8) as u8, body.len() as u8], body].concat()
    }

    fn webm(projection: &[u8]) -> Vec<u8> {
        let sound = element(&[0xAE], &element(&[0xE1], b"."));
        let video = element(&[0xE0], &element(&[0x76, 0x70], projection));
        let picture = element(&[0xAE], &[element(&[0xD7], &[1]), video].concat());
        let tracks = element(&[0x16, 0x54, 0xAE, 0x6B], &[sound, picture].concat());
        // A segment of unknown size, as browsers stream it.
        [&b"\x1a\x45\xdf\xa3\x81.\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"[..], &tracks]
            .concat()
    }

    fn degrees(id: u8, value: f32) -> Vec<u8> {
        element(&[0x76, id], &value.to_be_bytes())
    }

    fn rounded(webm: &[u8]) -> Option<[i32; 4]> {
        display_matrix(webm).map(|m| [m.a, m.b, m.c, m.d].map(|number| number.round() as i32))
    }

    #[test]
    fn a_roll_turns_counter_clockwise_after_mirroring() {
        assert_eq!(rounded(&webm(&degrees(0x75, 0.0))), Some([1, 0, 0, 1]));
        assert_eq!(rounded(&webm(&degrees(0x75, 90.0))), Some([0, -1, 1, 0]));
        assert_eq!(rounded(&webm(&degrees(0x75, -90.0))), Some([0, 1, -1, 0]));
        assert_eq!(rounded(&webm(&degrees(0x75, 180.0))), Some([-1, 0, 0, -1]));
        let both = [degrees(0x73, 180.0), degrees(0x75, 90.0)].concat();
        assert_eq!(rounded(&webm(&both)), Some([0, 1, 1, 0]));
        let long = element(&[0x76, 0x75], &90f64.to_be_bytes());
        assert_eq!(rounded(&webm(&long)), Some([0, -1, 1, 0]));
    }

    #[test]
    fn what_is_no_flat_projection_turns_nothing() {
        let sphere = [element(&[0x76, 0x71], &[1]), degrees(0x75, 90.0)].concat();
        let tilted = [degrees(0x74, 10.0), degrees(0x75, 90.0)].concat();
        let half = degrees(0x73, 90.0);
        let odd = element(&[0x76, 0x75], b"123");
        let endless = degrees(0x75, f32::INFINITY);
        for projection in [sphere, tilted, half, odd, endless] {
            assert_eq!(rounded(&webm(&projection)), None);
        }
        let whole = webm(&degrees(0x75, 90.0));
        for end in 0..whole.len() {
            // Wherever the file is cut off, parsing ends.
            let _ = rounded(&whole[..end]);
        }
        for broken in [&b""[..], &[0], &[0x18, 0x53, 0x80, 0x67], &[0xff; 64], &[0; 64]] {
            assert_eq!(rounded(broken), None);
        }
    }
}
