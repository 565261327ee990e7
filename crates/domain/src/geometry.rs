//! Points and boxes in images, and the rotation of a head.

/// A point in image pixels; x grows to the right, y downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Column.
    pub x: f32,
    /// Row.
    pub y: f32,
}

/// An axis-aligned box in image pixels. May reach past the image when a face is cut off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Extent to the right, positive.
    pub width: f32,
    /// Extent downwards, positive.
    pub height: f32,
}

impl BoundingBox {
    /// Area in square pixels.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// The point half way between the edges.
    #[must_use]
    pub fn centre(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    /// Area shared with `other` in square pixels.
    fn intersection(&self, other: &Self) -> f32 {
        let overlap = |a: f32, a_len: f32, b: f32, b_len: f32| {
            ((a + a_len).min(b + b_len) - a.max(b)).max(0.0)
        };
        overlap(self.x, self.width, other.x, other.width)
            * overlap(self.y, self.height, other.y, other.height)
    }

    /// Intersection over union with `other`, 0 to 1.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.intersection(other);
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// Share of the smaller of the two boxes that lies in the other, 0 to 1.
    #[must_use]
    pub fn contained(&self, other: &Self) -> f32 {
        let smaller = self.area().min(other.area());
        if smaller > 0.0 { self.intersection(other) / smaller } else { 0.0 }
    }
}

/// The five landmarks a face is aligned by. Sides are the image's, not the person's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiveLandmarks {
    /// Centre of the eye on the left of the image.
    pub eye_image_left: Point,
    /// Centre of the eye on the right of the image.
    pub eye_image_right: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Corner of the mouth on the left of the image.
    pub mouth_image_left: Point,
    /// Corner of the mouth on the right of the image.
    pub mouth_image_right: Point,
}

impl FiveLandmarks {
    /// The points in the order alignment templates list them.
    #[must_use]
    pub fn to_array(self) -> [Point; 5] {
        [
            self.eye_image_left,
            self.eye_image_right,
            self.nose,
            self.mouth_image_left,
            self.mouth_image_right,
        ]
    }

    /// The inverse of [`Self::to_array`].
    #[must_use]
    pub fn from_array(points: [Point; 5]) -> Self {
        let [eye_image_left, eye_image_right, nose, mouth_image_left, mouth_image_right] = points;
        Self { eye_image_left, eye_image_right, nose, mouth_image_left, mouth_image_right }
    }
}

/// Rotation of the head in degrees; zero looks straight into the camera.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pose {
    /// About the vertical axis: positive towards the right of the image.
    pub yaw: f32,
    /// About the ear-to-ear axis: positive looks up.
    pub pitch: f32,
    /// In the image plane: positive is clockwise as seen.
    pub roll: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iou_of_equal_disjoint_and_half_boxes() {
        let a = BoundingBox { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
        let shifted = |x| BoundingBox { x, ..a };
        assert_eq!(a.iou(&a), 1.0);
        assert_eq!(a.iou(&shifted(20.0)), 0.0);
        assert!((a.iou(&shifted(5.0)) - 1.0 / 3.0).abs() < 1e-6);
        let inner = BoundingBox { x: 2.0, y: 2.0, width: 3.0, height: 3.0 };
        assert_eq!(a.contained(&inner), 1.0);
        assert_eq!(inner.contained(&shifted(20.0)), 0.0);
    }
}
