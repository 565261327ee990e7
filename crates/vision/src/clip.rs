//! Clips to frames, in a process of their own.
//!
//! Video decoders are hundreds of thousands of lines of C, and strangers choose their input. They
//! run in `faceauth-clip`, which gives up memory, time, files and privileges before it reads the
//! first byte. This module starts it for one clip, reads a bounded answer, and ends it when it
//! takes too long. The service goes on, whatever happens to that process.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use faceauth_clip_wire::answer::{self, Picture};
use faceauth_clip_wire::{CONFINEMENT_FLAG, NOT_CONFINED, PROGRAM, confinement};
use faceauth_domain::capture::ImageSize;
use faceauth_domain::clip::{ClipProblem, EncodedClip};

use faceauth_telemetry::guard;
use faceauth_telemetry::label::{ClipResult, Stage};
use faceauth_telemetry::stage::measured;

use crate::error::VisionError;
use crate::frame::Frame;

/// Longest a clip may take by the clock. The largest one that is allowed takes a second of CPU; this
/// leaves room for a busy machine and keeps a worker from being held up for long.
pub const MAX_TIME: Duration = Duration::from_secs(20);

/// How long a program that has stopped answering may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(1);

/// How often its state is checked meanwhile.
const GONE_TICK: Duration = Duration::from_millis(5);

/// Signals that end a program whose time is over: the soft and the hard limit of CPU. The second
/// is also what the kernel sends when the machine has no memory left.
const OUT_OF_TIME: [i32; 2] = [24, 9];

/// The whole environment of the program. FFmpeg opens only the given file and decodes no picture that
/// no other one is made from (most B-frames of H.264: a third less work). FFmpeg and OpenCV print nothing, and the threads, one a core, share the memory that the program may have.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("OPENCV_FFMPEG_CAPTURE_OPTIONS", "protocol_whitelist;file|avdiscard;nonref"),
    ("OPENCV_LOG_LEVEL", "SILENT"),
    ("OPENCV_FFMPEG_LOGLEVEL", "-8"),
];

/// One frame of a clip.
#[derive(Debug)]
pub struct ClipFrame {
    /// Its time in milliseconds; the first frame is at 0.
    pub t_ms: u32,
    /// Its pixels, at most 640 a side.
    pub frame: Frame,
}

/// Starts the program that decodes clips.
#[derive(Debug, Clone)]
pub struct ClipDecoder {
    program: PathBuf,
    max_time: Duration,
}

impl ClipDecoder {
    /// Uses `program`.
    ///
    /// # Errors
    /// [`VisionError::ClipProgram`] when there is none.
    pub fn new(program: PathBuf) -> Result<Self, VisionError> {
        if program.is_file() {
            Ok(Self { program, max_time: MAX_TIME })
        } else {
            let reason =
                "there is no such program: install it beside the server, or build it with \
                          `cargo build --package faceauth-clip`"
                    .to_owned();
            Err(VisionError::ClipProgram { program, reason })
        }
    }

    /// Uses the program that was installed beside the running one.
    ///
    /// # Errors
    /// [`VisionError::ClipProgram`] when there is none.
    pub fn installed() -> Result<Self, VisionError> {
        let running = std::env::current_exe().map_err(|error| VisionError::ClipProgram {
            program: PROGRAM.into(),
            reason: format!("the running program cannot be found: {error}"),
        })?;
        let folder = running.parent().unwrap_or(Path::new("/"));
        // Cargo puts the programs of tests into a folder below that of the others.
        let folder = match folder.file_name().and_then(OsStr::to_str) {
            Some("deps" | "examples") => folder.parent().unwrap_or(folder),
            _ => folder,
        };
        Self::new(folder.join(PROGRAM))
    }

    /// Ends a clip after `max_time` instead of [`MAX_TIME`].
    #[must_use]
    pub fn within(self, max_time: Duration) -> Self {
        Self { max_time, ..self }
    }

    /// At most `max_frames` frames of `clip`, regularly spaced. Blocks for as long as that
    /// takes; at the most [`MAX_TIME`].
    ///
    /// # Errors
    /// The inner error is the clip's fault. The outer one is ours: no clip can be decoded, or the
    /// time for this one was over ([`VisionError::ClipTimeout`]).
    pub fn decode(
        &self,
        clip: &EncodedClip,
        max_frames: usize,
    ) -> Result<Result<Vec<ClipFrame>, ClipProblem>, VisionError> {
        let running = guard::ClipDecoder::begin();
        let decoded = measured(Stage::DecodeClip, || self.decode_in_process(clip, max_frames))?;
        running.ended(if decoded.is_ok() { ClipResult::Decoded } else { ClipResult::Refused });
        Ok(decoded)
    }

    fn decode_in_process(
        &self,
        clip: &EncodedClip,
        max_frames: usize,
    ) -> Result<Result<Vec<ClipFrame>, ClipProblem>, VisionError> {
        let mut running = Running::start(&mut self.command(max_frames))
            .map_err(|error| self.failed(&error.to_string()))?;
        let (Some(input), Some(output)) = (running.0.stdin.take(), running.0.stdout.take()) else {
            return Err(self.failed("its standard streams are missing"));
        };
        let (answer, in_time) = std::thread::scope(|scope| {
            scope.spawn(|| feed(input, clip.bytes()));
            let (done, is_done) = mpsc::channel();
            let reader = scope.spawn(move || {
                let answer = read(output, max_frames);
                // When the time is over, nobody waits for the answer.
                let _ = done.send(answer.is_some());
                answer
            });
            let in_time = match is_done.recv_timeout(self.max_time) {
                Ok(true) => Ok(()),
                // It has crashed, was stopped by a limit or wrote nonsense.
                Ok(false) => {
                    running.gone().and_then(|status| self.excuse(status)).map_or(Ok(()), Err)
                }
                Err(_) => Err(VisionError::ClipTimeout),
            };
            // Ended in any case: feeder and reader then see closed pipes.
            running.end();
            (reader.join(), in_time)
        });
        in_time?;
        // A program that crashed or wrote nonsense met a clip that is no clip.
        Ok(answer.ok().flatten().unwrap_or(Err(ClipProblem::Undecodable)))
    }

    /// The command for one clip, with only what the program needs.
    #[must_use]
    pub fn command(&self, max_frames: usize) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(max_frames.to_string())
            .env_clear()
            .envs(ENVIRONMENT)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a decoder says of a stranger's clip is in no log.
            .stderr(Stdio::null());
        command
    }

    /// Why an end without an answer was not the clip's fault, if it was not.
    fn excuse(&self, status: ExitStatus) -> Option<VisionError> {
        if status.signal().is_some_and(|signal| OUT_OF_TIME.contains(&signal)) {
            Some(VisionError::ClipTimeout)
        } else if status.code() == Some(NOT_CONFINED.into()) {
            Some(self.failed("it could not lower its limits"))
        } else {
            None
        }
    }

    /// What the program can still do on this kernel once it has given up all that it can: for
    /// each of `files`, `network`, `programs`, `signals` and `system-calls` whether it is closed.
    /// Blocks until the program has tried each.
    ///
    /// # Errors
    /// [`VisionError::ClipProgram`] when it does not say.
    pub fn confinement(&self) -> Result<Vec<(String, bool)>, VisionError> {
        let output = Command::new(&self.program)
            .arg(CONFINEMENT_FLAG)
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|error| self.failed(&error.to_string()))?;
        let said = confinement::read(&String::from_utf8_lossy(&output.stdout));
        if output.status.success() && !said.is_empty() {
            Ok(said)
        } else {
            Err(self.failed("it does not say what it can give up"))
        }
    }

    fn failed(&self, reason: &str) -> VisionError {
        VisionError::ClipProgram { program: self.program.clone(), reason: reason.to_owned() }
    }
}

/// A process that is always ended and waited for.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// How it ended, when it has. It has closed its output.
    fn gone(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + GONE_WITHIN;
        loop {
            match self.0.try_wait() {
                Ok(None) if Instant::now() < until => std::thread::sleep(GONE_TICK),
                Ok(status) => return status,
                Err(_) => return None,
            }
        }
    }

    fn end(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Writes the clip and closes the pipe. A program that has ended early breaks it.
fn feed(mut input: ChildStdin, bytes: &[u8]) {
    let _ = input.write_all(bytes);
}

/// Reads the answer; `None` when it is not valid.
fn read(mut output: ChildStdout, max_frames: usize) -> Option<Result<Vec<ClipFrame>, ClipProblem>> {
    answer::read(&mut output, max_frames, |Picture { t_ms, width, height, pixels }| {
        Some(ClipFrame { t_ms, frame: Frame::new(pixels, ImageSize { width, height })? })
    })
}
