//! From millimetres of a head to pixels of a picture.
//!
//! Head coordinates: x to the right of the image, y down, z towards the camera, of a head
//! that looks into the camera; the origin is in the middle of the face.

use super::View;

/// Height of a face from hairline to chin in millimetres, as face detectors frame it.
pub(super) const FACE_HEIGHT: f32 = 190.0;

/// Where along z the face height is measured: at the cheeks.
pub(super) const FACE_PLANE: f32 = 35.0;

/// Where along z the head turns: a little behind the middle between the ears, over the
/// neck.
pub(super) const PIVOT: f32 = -30.0;

/// Focal length in image widths, as `faceauth_vision` assumes.
const FOCAL_WIDTHS: f32 = 1.2;

/// Rows of a rotation matrix.
pub(super) type Rotation = [[f32; 3]; 3];

/// The rotation of a head that is tilted by `roll`, nods by `pitch`, then turns by `yaw`.
pub(super) fn rotation(yaw: f32, pitch: f32, roll: f32) -> Rotation {
    let ((sy, cy), (sp, cp), (sr, cr)) =
        (yaw.to_radians().sin_cos(), pitch.to_radians().sin_cos(), roll.to_radians().sin_cos());
    // Turn x nod, then x tilt.
    let turned = [[cy, sy * sp, sy * cp], [0.0, cp, -sp], [-sy, cy * sp, cy * cp]];
    turned.map(|[a, b, c]| [a * cr + b * sr, -a * sr + b * cr, c])
}

/// `rotation` applied to a point.
pub(super) fn rotate(rotation: &Rotation, p: [f32; 3]) -> [f32; 3] {
    rotation.map(|row| row[0] * p[0] + row[1] * p[1] + row[2] * p[2])
}

/// One view of the head.
pub(super) struct Camera {
    rotation: Rotation,
    /// Where the head is, in millimetres from the optical axis.
    aside: [f32; 2],
    distance: f32,
    focal: f32,
    centre: [f32; 2],
}

impl Camera {
    pub(super) fn new(view: &View, width: u32, height: u32) -> Self {
        let (w, h) = (width as f32, height as f32);
        let focal = FOCAL_WIDTHS * w.max(h);
        let distance = focal * FACE_HEIGHT / (view.scale * h);
        let mm = distance / focal;
        Self {
            rotation: rotation(view.yaw, view.pitch, view.roll),
            aside: [view.shift.0 * w * mm, view.shift.1 * h * mm],
            distance,
            focal,
            centre: [w / 2.0, h / 2.0],
        }
    }

    /// A point of the head: column, row, and distance from the camera in millimetres.
    pub(super) fn turned(&self, p: [f32; 3]) -> [f32; 3] {
        self.turned_about(PIVOT, p)
    }

    /// A point of a card, which turns about its own middle.
    pub(super) fn flat(&self, p: [f32; 3]) -> [f32; 3] {
        self.turned_about(FACE_PLANE, p)
    }

    fn turned_about(&self, pivot: f32, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let [x, y, z] = rotate(&self.rotation, [x, y, z - pivot]);
        self.still([x, y, z + pivot])
    }

    /// A point of what moves with the head but does not turn.
    pub(super) fn still(&self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let depth = self.distance + FACE_PLANE - z;
        let scale = self.focal / depth;
        [
            (x + self.aside[0]) * scale + self.centre[0],
            (y + self.aside[1]) * scale + self.centre[1],
            depth,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_where_the_pose_convention_says() {
        let look = |yaw, pitch| rotate(&rotation(yaw, pitch, 0.0), [0.0, 0.0, 1.0]);
        assert!(look(30.0, 0.0)[0] > 0.4, "to the right of the image");
        assert!(look(0.0, 30.0)[1] < -0.4, "up");
        let brow = rotate(&rotation(0.0, 0.0, 20.0), [1.0, 0.0, 0.0]);
        assert!(brow[1] > 0.3, "clockwise: what is on the right sinks");
        // Yaw and pitch say where the head looks, independent of its roll.
        let both = rotate(&rotation(20.0, 10.0, 30.0), [0.0, 0.0, 1.0]);
        assert!((both[0].atan2(both[2]).to_degrees() - 20.0).abs() < 1e-3);
        assert!(((-both[1]).asin().to_degrees() - 10.0).abs() < 1e-3);
    }
}
