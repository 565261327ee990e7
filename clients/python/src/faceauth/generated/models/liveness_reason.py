from enum import StrEnum


class LivenessReason(StrEnum):
    FACE_CUT_OFF = "face_cut_off"
    FACE_TOO_SMALL = "face_too_small"
    FLAT_MOTION = "flat_motion"
    FROZEN_FRAMES = "frozen_frames"
    IDENTITY_CHANGED = "identity_changed"
    LOOPED_FRAMES = "looped_frames"
    MOVES_WITH_BACKGROUND = "moves_with_background"
    MULTIPLE_FACES = "multiple_faces"
    NOT_NATURAL = "not_natural"
    NOT_STRAIGHT_AT_START = "not_straight_at_start"
    NOT_UPRIGHT = "not_upright"
    NO_FACE = "no_face"
    NO_FRONTAL_FRAME = "no_frontal_frame"
    OCCLUDED = "occluded"
    PRESENTATION_ATTACK = "presentation_attack"
    RECORDED_BEFORE_SESSION = "recorded_before_session"
    REPLAYED_FRAMES = "replayed_frames"
    SCENE_CUT = "scene_cut"
    STEPS_OUT_OF_ORDER = "steps_out_of_order"
    STEP_NOT_MET = "step_not_met"
    STEP_TOO_LATE = "step_too_late"
    TOO_BRIGHT = "too_bright"
    TOO_DARK = "too_dark"
    UNEXPECTED_MOTION = "unexpected_motion"

    def __str__(self) -> str:
        return str(self.value)
