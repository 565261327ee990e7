//! The limits of a liveness decision, in one place.
//!
//! `docs/measurements/liveness.md` has the data that they were measured on, and what passes them.
//! `faceauth eval pad` makes the table there.

/// Limits of [`super::judge::judge`]. Angles are degrees, relative to how the person holds
/// the head at the start unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LivenessPolicy {
    /// Least mean passive PAD score over all frames, 0 to 1.
    pub min_mean_pad: f32,
    /// Yaw from which a turn counts.
    pub turn_yaw: f32,
    /// Pitch from which looking up counts.
    pub look_up_pitch: f32,
    /// Share of the two above below which a motion has ended.
    pub release: f32,
    /// Face height from which coming closer counts, in face heights of the start.
    pub closer_ratio: f32,
    /// Opening of the lids down to which eyes count as closed, as a share of that of the start.
    pub closed_eyes_ratio: f32,
    /// Largest absolute yaw and pitch at the start. Beyond it, a turn cannot be seen.
    pub max_start_yaw: f32,
    /// The same for pitch, wider because cameras stand on tables and hang on walls.
    pub max_start_pitch: f32,
    /// Least [`super::evidence::Relief::depth`] at the peak of a turn.
    pub min_depth: f32,
    /// Least [`super::evidence::Relief::turn`] that shows a face from another side.
    pub min_tilt: f32,
    /// Most [`super::evidence::Relief::depth`] of something flat that was tilted, as a share of
    /// its turn.
    pub max_flat_depth: f32,
    /// Least length of the face's flow between two frames to compare with what is behind it,
    /// in face heights.
    pub min_flow: f32,
    /// Flow of the face against that of the background, as a share of the face's: below, both
    /// move as one.
    pub max_joint_flow: f32,
    /// Least number of transitions in which both move as one.
    pub joint_transitions: usize,
    /// Most [`super::evidence::Transition::change`] of a frame that is its neighbour again.
    pub frozen_change: f32,
    /// Most transitions that may be frozen.
    pub max_frozen: usize,
    /// Most frames that may look like earlier ones by the same measure.
    pub max_recurring: usize,
    /// Least comparison score between the person and each frame that is near frontal.
    pub min_identity_frontal: f32,
    /// The same for frames in which the head is turned or raised.
    pub min_identity_turned: f32,
    /// What a score of the matcher's first stage alone must reach above the two.
    pub first_stage_margin: f32,
    /// Yaw up to which a frame is near frontal.
    pub frontal_yaw: f32,
    /// Pitch up to which a frame is near frontal.
    pub frontal_pitch: f32,
    /// Most [`super::evidence::Transition::background_change`].
    pub max_background_change: f32,
    /// Most frames, as a share, in which no subject may be found.
    pub max_missed: f32,
}

impl LivenessPolicy {
    /// The shipped limits.
    pub const DEFAULT: Self = Self {
        min_mean_pad: 0.3,
        turn_yaw: 18.0,
        look_up_pitch: 12.0,
        release: 0.6,
        closer_ratio: 1.25,
        closed_eyes_ratio: 0.6,
        max_start_yaw: 25.0,
        max_start_pitch: 35.0,
        min_depth: 0.05,
        min_tilt: 0.03,
        max_flat_depth: 0.5,
        min_flow: 0.05,
        max_joint_flow: 0.25,
        joint_transitions: 3,
        frozen_change: 0.5,
        max_frozen: 2,
        max_recurring: 2,
        min_identity_frontal: 0.338,
        min_identity_turned: 0.2,
        first_stage_margin: 0.1,
        frontal_yaw: 15.0,
        frontal_pitch: 10.0,
        max_background_change: 0.6,
        max_missed: 0.15,
    };
}
