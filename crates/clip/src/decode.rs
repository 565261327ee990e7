//! A clip to a few pictures, through OpenCV's FFmpeg backend.

use std::fs::File;
use std::os::fd::AsRawFd;

use faceauth_clip_wire::MAX_FRAME_SIDE;
use faceauth_clip_wire::answer::{Answer, Picture};
use faceauth_domain::clip::{
    ClipFormat, ClipProblem, EncodedClip, MAX_CLIP_MS, MAX_CLIP_PIXELS, MAX_CLIP_SIDE,
};
use opencv::core::{self, Mat, Size};
use opencv::imgproc;
use opencv::prelude::*;
use opencv::videoio::{
    CAP_FFMPEG, CAP_PROP_FOURCC, CAP_PROP_FPS, CAP_PROP_FRAME_COUNT, CAP_PROP_FRAME_HEIGHT,
    CAP_PROP_FRAME_WIDTH, CAP_PROP_ORIENTATION_AUTO, CAP_PROP_POS_MSEC, VideoCapture,
};

use crate::matroska;
use crate::orientation::Orientation;
use crate::sampling::Sampler;

/// Most frames that are decoded: 20 seconds at 120 a second. [`MAX_CLIP_PIXELS`] does not bound tiny
/// frames, and the CPU limit would end a clip of many of them as if that were the service's fault.
const MAX_DECODED: usize = 2_400;

/// What a duration may exceed the limit by, in milliseconds: a frame or two, because clients
/// stop their recorder by a timer.
const DURATION_SLACK_MS: u32 = 250;

/// At most `max_frames` pictures of `clip`, which stands in `file` as well.
///
/// # Errors
/// When OpenCV cannot even be asked; what is wrong with the clip is in the answer.
pub fn frames(clip: &EncodedClip, file: &File, max_frames: usize) -> anyhow::Result<Answer> {
    core::set_num_threads(1)?;
    if clip.format() == ClipFormat::WebM {
        let codecs = matroska::video_codecs(clip.bytes());
        let known = |codec: &&[u8]| [&b"V_VP8"[..], b"V_VP9"].contains(codec);
        if codecs.iter().any(|codec| !known(codec)) {
            return Ok(Err(ClipProblem::UnsupportedCodec));
        }
    }
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let mut capture = VideoCapture::default()?;
    // A clip that FFmpeg cannot open raises an exception or answers false.
    if !capture.open_file(&path, CAP_FFMPEG).unwrap_or(false) {
        return Ok(Err(ClipProblem::Undecodable));
    }
    // A version without this property turns nothing.
    let _ = capture.set(CAP_PROP_ORIENTATION_AUTO, 0.0);
    if clip.format() == ClipFormat::Mp4 && !is_h264(capture.get(CAP_PROP_FOURCC)?) {
        return Ok(Err(ClipProblem::UnsupportedCodec));
    }
    let (width, height) = (capture.get(CAP_PROP_FRAME_WIDTH)?, capture.get(CAP_PROP_FRAME_HEIGHT)?);
    if !small_enough(width, height) {
        return Ok(Err(ClipProblem::DimensionsTooLarge));
    }
    let size = (width as u64) * (height as u64);
    Ok(walk(&mut capture, size, Orientation::of(clip), max_frames))
}

/// Goes through the clip once, of which a picture has `size` pixels. It decodes what other pictures
/// are made from, converts what may be wanted, and stops at [`MAX_CLIP_PIXELS`].
fn walk(
    capture: &mut VideoCapture,
    mut size: u64,
    orientation: Orientation,
    max_frames: usize,
) -> Answer {
    let mut sampler = Sampler::new(max_frames).expecting(length_ms(capture));
    let mut pixels = 0;
    let mut first = None;
    let mut latest = 0;
    let mut picture = Mat::default();
    for decoded in 0.. {
        // The end of the clip and a broken frame look the same. The frames before it count.
        if !capture.grab().unwrap_or(false) {
            break;
        }
        if decoded >= MAX_DECODED {
            return Err(ClipProblem::Undecodable);
        }
        pixels += size;
        if pixels > MAX_CLIP_PIXELS {
            return Err(ClipProblem::TooManyPixels);
        }
        let position = capture.get(CAP_PROP_POS_MSEC).unwrap_or(0.0);
        // Saturating: wild times become the largest or 0.
        let position = position.round() as u32;
        let start = *first.get_or_insert(position);
        let t_ms = position.saturating_sub(start);
        if t_ms > MAX_CLIP_MS + DURATION_SLACK_MS {
            return Err(ClipProblem::TooLong);
        }
        // Frames that go back in time are passed over.
        if decoded > 0 && t_ms <= latest {
            continue;
        }
        latest = t_ms;
        if !sampler.wants(t_ms) {
            continue;
        }
        let retrieved = capture.retrieve(&mut picture, 0).unwrap_or(false);
        if !retrieved || picture.empty() {
            continue;
        }
        if !small_enough(f64::from(picture.cols()), f64::from(picture.rows())) {
            return Err(ClipProblem::DimensionsTooLarge);
        }
        // A stream may change its size on the way.
        size = picture.total() as u64;
        match shrink(&picture, orientation, t_ms) {
            Some(picture) => sampler.keep(t_ms, picture),
            None => return Err(ClipProblem::Undecodable),
        }
    }
    let pictures: Vec<Picture> = sampler.into_kept().into_iter().map(|(_, p)| p).collect();
    if pictures.is_empty() { Err(ClipProblem::Undecodable) } else { Ok(pictures) }
}

/// How long the container says that the clip is, in milliseconds; 0 when it does not say, or says what
/// no clip may be.
fn length_ms(capture: &VideoCapture) -> u32 {
    let property = |property| capture.get(property).unwrap_or(0.0);
    let length = 1_000.0 * property(CAP_PROP_FRAME_COUNT) / property(CAP_PROP_FPS);
    if (0.0..=f64::from(MAX_CLIP_MS)).contains(&length) { length as u32 } else { 0 }
}

/// Whether sides are within the limits, upright or lying.
fn small_enough(width: f64, height: f64) -> bool {
    let (long, short) = (width.max(height), width.min(height));
    short >= 1.0 && long <= f64::from(MAX_CLIP_SIDE)
}

/// The four-letter codes of H.264 (ISO/IEC 14496-15, and FFmpeg's own).
fn is_h264(code: f64) -> bool {
    let letters = (code as u32).to_le_bytes().map(|letter| letter.to_ascii_lowercase());
    [b"avc1", b"avc3", b"h264", b"x264"].contains(&&letters)
}

/// The picture at no more than [`MAX_FRAME_SIDE`], the right way up, as RGB.
fn shrink(picture: &Mat, orientation: Orientation, t_ms: u32) -> Option<Picture> {
    let (columns, rows) = (picture.cols(), picture.rows());
    let scale = (f64::from(MAX_FRAME_SIDE) / f64::from(columns.max(rows))).min(1.0);
    let side = |pixels: i32| ((f64::from(pixels) * scale).round() as i32).max(1);
    let (width, height) = (side(columns), side(rows));
    let mut small = Mat::default();
    let target = Size::new(width, height);
    imgproc::resize(picture, &mut small, target, 0.0, 0.0, imgproc::INTER_AREA).ok()?;
    let mut colour = Mat::default();
    imgproc::cvt_color_def(&small, &mut colour, imgproc::COLOR_BGR2RGB).ok()?;
    let shown = orientation.apply(colour).ok()?;
    Some(Picture {
        t_ms,
        width: u32::try_from(shown.cols()).ok()?,
        height: u32::try_from(shown.rows()).ok()?,
        pixels: shown.data_bytes().ok()?.to_vec(),
    })
}
