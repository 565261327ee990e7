//! Clips, rendered by the `ffmpeg` command that set-up installs.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use image::RgbImage;

/// What a clip is encoded with, in the container that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// VP8 in WebM: what browsers record.
    Vp8,
    /// VP9 in WebM.
    Vp9,
    /// H.264 in MP4, quickly made.
    H264,
    /// H.264 in MP4 with arithmetic coding, B-frames and a loop filter: what phones record. It takes
    /// longer to make and to decode.
    H264OfPhones,
    /// AV1 in WebM, which is not accepted.
    Av1,
    /// MPEG-4 part 2 in MP4, which is not accepted.
    Mpeg4,
}

impl Codec {
    /// ffmpeg's words for it, tuned for speed.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Vp8 => {
                &["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm"]
            }
            Self::Vp9 => {
                &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm"]
            }
            Self::H264 => &[
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-pix_fmt",
                "yuv420p",
                "-movflags",
                "frag_keyframe+empty_moov",
                "-f",
                "mp4",
            ],
            Self::H264OfPhones => &[
                "-c:v",
                "libx264",
                "-preset",
                "medium",
                "-pix_fmt",
                "yuv420p",
                "-movflags",
                "frag_keyframe+empty_moov",
                "-f",
                "mp4",
            ],
            Self::Av1 => &["-c:v", "libsvtav1", "-f", "webm"],
            Self::Mpeg4 => &["-c:v", "mpeg4", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
        }
    }
}

/// The frames as a clip of `fps` frames a second and about `kbits` kilobits a second.
///
/// # Panics
/// When there is no `ffmpeg`, or the frames differ in size.
#[must_use]
pub fn encode(frames: &[RgbImage], fps: u32, kbits: u32, codec: Codec) -> Vec<u8> {
    let (width, height) = frames.first().expect("a frame").dimensions();
    let input = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        &format!("{width}x{height}"),
        "-r",
        &fps.to_string(),
        "-i",
        "-",
    ]
    .map(str::to_owned);
    let pixels = frames.iter().map(|frame| {
        assert_eq!(frame.dimensions(), (width, height), "one size");
        frame.as_raw().as_slice()
    });
    ffmpeg(&input, pixels, kbits, codec)
}

/// ffmpeg's moving test picture of this size, rate and length in seconds.
///
/// # Panics
/// When there is no `ffmpeg`.
#[must_use]
pub fn test_picture(
    (width, height): (u32, u32),
    fps: u32,
    seconds: f32,
    kbits: u32,
    codec: Codec,
) -> Vec<u8> {
    let source = format!("testsrc2=size={width}x{height}:rate={fps}:duration={seconds}");
    generated(&source, kbits, codec)
}

/// The same with noise, as of a camera in the dark: nothing in it can be foreseen, so it takes as
/// many bits as it may.
///
/// # Panics
/// When there is no `ffmpeg`.
#[must_use]
pub fn noisy_picture(
    (width, height): (u32, u32),
    fps: u32,
    seconds: f32,
    kbits: u32,
    codec: Codec,
) -> Vec<u8> {
    let source = format!(
        "testsrc2=size={width}x{height}:rate={fps}:duration={seconds},noise=alls=30:allf=t"
    );
    generated(&source, kbits, codec)
}

fn generated(source: &str, kbits: u32, codec: Codec) -> Vec<u8> {
    let input = ["-f", "lavfi", "-i", source].map(str::to_owned);
    ffmpeg(&input, std::iter::empty(), kbits, codec)
}

fn ffmpeg<'a>(
    input: &[String],
    pixels: impl Iterator<Item = &'a [u8]> + Send,
    kbits: u32,
    codec: Codec,
) -> Vec<u8> {
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin"])
        .args(input)
        .args(["-b:v", &format!("{kbits}k"), "-an"])
        .args(codec.words())
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Some encoders print a greeting.
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("ffmpeg: {error}; run `./dev setup` first"));
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    let clip = std::thread::scope(|scope| {
        scope.spawn(move || {
            for frame in pixels {
                // ffmpeg says itself what it does not like.
                if stdin.write_all(frame).is_err() {
                    return;
                }
            }
        });
        let mut clip = Vec::new();
        stdout.read_to_end(&mut clip).expect("read from ffmpeg");
        clip
    });
    assert!(child.wait().expect("ffmpeg ends").success(), "ffmpeg could not encode");
    clip
}

/// `mp4` with this display matrix on its video track: (a, b, c, d), each -1, 0 or 1. A point at
/// (x, y), y downwards, is shown at (a x + c y, b x + d y).
///
/// # Panics
/// When it is no MP4 with one track.
#[must_use]
pub fn with_display_matrix(mut mp4: Vec<u8>, [a, b, c, d]: [i32; 4]) -> Vec<u8> {
    let header = mp4.windows(4).position(|w| w == b"tkhd").expect("a track header") + 4;
    assert_eq!(mp4[header], 0, "version 0");
    for (index, number) in [(0, a), (1, b), (3, c), (4, d)] {
        let at = header + 40 + 4 * index;
        mp4[at..at + 4].copy_from_slice(&(number << 16).to_be_bytes());
    }
    mp4
}

/// `webm` with this yaw and roll of a rectangular projection on its video track, in degrees.
///
/// # Panics
/// When it is no WebM with one track.
#[must_use]
pub fn with_projection(webm: &[u8], yaw: f32, roll: f32) -> Vec<u8> {
    let pose = |id: u8, degrees: f32| [&[0x76, id, 0x84][..], &degrees.to_be_bytes()].concat();
    let pose = [pose(0x73, yaw), pose(0x75, roll)].concat();
    let projection = [&[0x76, 0x70, 0x80 | pose.len() as u8][..], &pose].concat();
    insert(
        webm,
        &[&[0x18, 0x53, 0x80, 0x67], &[0x16, 0x54, 0xAE, 0x6B], &[0xAE], &[0xE0]],
        &projection,
    )
}

/// Puts `child` at the end of the element that these identifiers lead to, from parent to child.
fn insert(bytes: &[u8], path: &[&[u8]], child: &[u8]) -> Vec<u8> {
    let Some((id, rest)) = path.split_first() else { return [bytes, child].concat() };
    // Identifiers and sizes say by their leading zeros how long they are.
    let length = |at: usize| bytes[at].leading_zeros() as usize + 1;
    let mut start = 0;
    loop {
        let at = start + length(start);
        let body = at + length(at);
        let coded = bytes[at..body].iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let most = (1 << (7 * (body - at))) - 1;
        let unknown = coded & most == most;
        let end = if unknown { bytes.len() } else { body + (coded & most) as usize };
        if bytes[start..at] != **id {
            start = end;
            continue;
        }
        let inner = insert(&bytes[body..end], rest, child);
        let mut out = bytes[..at].to_vec();
        if unknown {
            out.extend(&bytes[at..body]);
        } else {
            // Eight bytes hold any size.
            out.extend((1 << 56 | inner.len() as u64).to_be_bytes());
        }
        return [&out[..], &inner, &bytes[end..]].concat();
    }
}
