//! What a liveness session asks for, and people who do it, rendered.

use std::time::{Duration, Instant};

use faceauth_domain::challenge::Action;
use faceauth_test_support::head::{Head, Person};
use faceauth_test_support::performance::{self, Moment};
use faceauth_test_support::photos;
use image::RgbImage;
use serde_json::{Value, json};

/// Milliseconds between two frames: rendered people are quick, and a capture may not be
/// longer than its session is old.
pub const FRAME_MS: u32 = 160;

/// A challenge, and when it was handed out.
pub struct Challenge {
    pub session: String,
    pub nonce: String,
    pub actions: Vec<Action>,
    pub issued: Instant,
}

impl Challenge {
    /// What an answer hands out; it has the session, too, when it opened one.
    pub fn of(body: &Value, session: Option<&str>) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            session: session.map_or_else(|| text(&body["session_id"]), str::to_owned),
            nonce: text(&body["nonce"]),
            actions: body["steps"]
                .as_array()
                .expect("steps")
                .iter()
                .map(|step| Action::parse(&text(&step["action"])).expect("an action"))
                .collect(),
            issued: Instant::now(),
        }
    }

    /// The views of somebody who does what is asked.
    pub fn performed(&self, seed: u64) -> Vec<Moment> {
        performance::perform(&self.actions, seed)
    }

    /// Frames as JSON, once the time they span has passed.
    pub fn capture(&self, pictures: &[RgbImage]) -> Value {
        let frames: Vec<Value> = pictures
            .iter()
            .zip(0..)
            .map(|(picture, index)| {
                json!({
                    "image": base64(&photos::jpeg(picture, 90)),
                    "t_ms": index * FRAME_MS,
                })
            })
            .collect();
        self.wait(pictures.len());
        json!({"session_id": self.session, "nonce": self.nonce, "frames": frames})
    }

    /// Nothing recorded before the challenge is an answer to it.
    pub fn wait(&self, frames: usize) {
        let span = Duration::from_millis(u64::from(FRAME_MS) * frames as u64);
        std::thread::sleep(span.saturating_sub(self.issued.elapsed()));
    }
}

/// A person as a camera sees them, moment by moment.
pub fn head(person: Person, moments: &[Moment]) -> Vec<RgbImage> {
    let head = Head::of(person);
    moments.iter().map(|moment| head.render(&moment.view, 640, 480)).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    BASE64_STANDARD.encode(bytes)
}
