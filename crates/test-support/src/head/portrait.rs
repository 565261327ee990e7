//! What must be known of a portrait to give it depth, and how the average head fits it.

use super::camera::{self, Rotation};

/// An eye's opening.
pub(super) struct Eye {
    /// The corners, left and right in the image.
    pub(super) corners: [[f32; 2]; 2],
    /// The middle of the upper lid's edge.
    pub(super) upper: [f32; 2],
    /// The middle of the lower lid's edge.
    pub(super) lower: [f32; 2],
}

/// What must be known of a portrait to give it depth.
pub(super) struct Portrait {
    pub(super) photo: &'static str,
    /// How much finer the pixels of a small portrait must be to close its eyes neatly.
    pub(super) enlarged: u32,
    /// Yaw, pitch and roll of the head in the portrait.
    pub(super) pose: [f32; 3],
    /// Where the points of [`ANCHORS`] are.
    pub(super) anchors: [[f32; 2]; ANCHORS.len()],
    pub(super) eyes: [Eye; 2],
    /// Around hair, ears and jaw.
    pub(super) outline: &'static [[f32; 2]],
    /// Around shoulders and collar. What the head covers does not matter.
    pub(super) torso: &'static [[f32; 2]],
    /// Around the neck, up to where the head always covers it.
    pub(super) neck: &'static [[f32; 2]],
    /// A place on the bare neck.
    pub(super) skin: [f32; 2],
}

/// Points of the average face that are found again in a portrait, in head coordinates:
/// outer and inner corners of the eyes from left to right in the image; lower edge of the
/// brows likewise (outer, middle, inner; inner, middle, outer); root and tip of the nose, its
/// wings and base; corners of the mouth, upper edge of the upper lip, lower edge of the
/// lower lip; chin. From `canonical_face_model.obj` of MediaPipe (Apache-2.0), vertices 33,
/// 133, 362, 263; 46, 52, 55, 285, 282, 276; 168, between 1 and 4, 129, 358, 2; 61, 291, 0,
/// 17; 152.
pub(super) const ANCHORS: [[f32; 3]; 20] = [
    [-44.5, -26.6, 31.7],
    [-18.6, -25.9, 37.6],
    [18.6, -25.9, 37.6],
    [44.5, -26.6, 31.7],
    [-52.5, -38.8, 33.6],
    [-37.3, -45.1, 45.5],
    [-12.2, -41.4, 51.1],
    [12.2, -41.4, 51.1],
    [37.3, -45.1, 45.5],
    [52.5, -38.8, 33.6],
    [0.0, -32.7, 52.4],
    [0.0, 6.0, 75.6],
    [-17.9, 9.8, 48.5],
    [17.9, 9.8, 48.5],
    [0.0, 20.9, 60.6],
    [-24.6, 43.4, 42.8],
    [24.6, 43.4, 42.8],
    [0.0, 34.1, 59.8],
    [0.0, 53.7, 55.4],
    [0.0, 94.0, 42.6],
];

/// How the average head must be held and scaled to look like the portrait, seen from far
/// away.
pub(super) struct Fit {
    pub(super) rotation: Rotation,
    /// Portrait pixels a millimetre.
    pub(super) scale: f32,
    /// Where the origin of head coordinates is.
    pub(super) offset: [f32; 2],
}

impl Fit {
    /// Where a point of the head is in the portrait.
    pub(super) fn project(&self, p: [f32; 3]) -> [f32; 2] {
        let [x, y, _] = camera::rotate(&self.rotation, p);
        [self.offset[0] + self.scale * x, self.offset[1] + self.scale * y]
    }

    /// The x and y of the point of the head at this place of the portrait whose z is known.
    pub(super) fn unproject(&self, place: [f32; 2], z: f32) -> [f32; 2] {
        let [[a, b, c], [d, e, f], _] = self.rotation;
        let x = (place[0] - self.offset[0]) / self.scale - c * z;
        let y = (place[1] - self.offset[1]) / self.scale - f * z;
        let determinant = a * e - b * d;
        [(x * e - b * y) / determinant, (a * y - x * d) / determinant]
    }
}

impl Portrait {
    /// Least squares over the anchors at the portrait's known pose.
    pub(super) fn fit(&self) -> Fit {
        let [yaw, pitch, roll] = self.pose;
        let rotation = camera::rotation(yaw, pitch, roll);
        let n = ANCHORS.len() as f32;
        let model = ANCHORS.map(|p| camera::rotate(&rotation, p));
        let mean = |axis: usize| {
            let model: f32 = model.iter().map(|p| p[axis]).sum();
            let seen: f32 = self.anchors.iter().map(|p| p[axis]).sum();
            (model / n, seen / n)
        };
        let means = [mean(0), mean(1)];
        let (mut joint, mut own) = (0.0, 0.0);
        for (model, seen) in model.iter().zip(&self.anchors) {
            for axis in 0..2 {
                let (m, s) = means[axis];
                joint += (model[axis] - m) * (seen[axis] - s);
                own += (model[axis] - m).powi(2);
            }
        }
        let scale = joint / own;
        Fit { rotation, scale, offset: means.map(|(model, seen)| seen - scale * model) }
    }

    /// How the head is turned in the portrait, degrees to the right of the image.
    pub(super) fn yaw(&self) -> f32 {
        self.pose[0]
    }

    /// The outermost columns of the neck.
    pub(super) fn neck_sides(&self) -> (f32, f32) {
        let columns = self.neck.iter().map(|p| p[0]);
        (columns.clone().fold(f32::MAX, f32::min), columns.fold(f32::MIN, f32::max))
    }
}
