//! The people that can be drawn: where the features are in each portrait.
//!
//! All places are columns and rows of the portrait, read off it by hand at a fourfold
//! magnification: landmark models are a few pixels off, and what is drawn here measures
//! them.

use super::camera::{self, Rotation};
use crate::photos;

/// Whose portrait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    /// Barack Obama, looking into the camera, smiling.
    Obama,
    /// Joe Biden, turned a little to the right of the image and tilted.
    Biden,
    /// Eileen Collins in a space suit, smiling; a small face.
    Collins,
}

impl Person {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Obama, Self::Biden, Self::Collins];

    /// The portrait's name among [`photos`].
    #[must_use]
    pub fn photo(self) -> &'static str {
        self.portrait().photo
    }

    pub(super) fn portrait(self) -> &'static Portrait {
        match self {
            Self::Obama => &OBAMA,
            Self::Biden => &BIDEN,
            Self::Collins => &COLLINS,
        }
    }
}

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
    pose: [f32; 3],
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

static OBAMA: Portrait = Portrait {
    photo: photos::OBAMA,
    enlarged: 1,
    pose: [0.0, 2.0, 0.0],
    anchors: [
        [420.0, 219.0],
        [471.0, 221.0],
        [522.0, 219.0],
        [575.0, 217.0],
        [402.0, 208.0],
        [437.0, 197.0],
        [480.0, 197.0],
        [516.0, 196.0],
        [552.0, 196.0],
        [588.0, 206.0],
        [497.0, 214.0],
        [497.0, 271.0],
        [452.0, 270.0],
        [541.0, 268.0],
        [497.0, 291.0],
        [432.0, 317.0],
        [560.0, 316.0],
        [497.0, 309.0],
        [494.0, 359.0],
        [498.0, 430.0],
    ],
    eyes: [
        Eye {
            corners: [[418.0, 219.0], [472.0, 221.0]],
            upper: [445.0, 208.5],
            lower: [445.0, 221.5],
        },
        Eye {
            corners: [[521.0, 219.0], [577.0, 217.5]],
            upper: [551.0, 207.0],
            lower: [551.0, 220.5],
        },
    ],
    outline: &[
        [498.0, 32.0],
        [535.0, 38.0],
        [565.0, 55.0],
        [592.0, 82.0],
        [609.0, 112.0],
        [619.0, 142.0],
        [622.0, 179.0],
        [623.0, 201.0],
        [634.0, 201.0],
        [639.0, 214.0],
        [637.0, 243.0],
        [629.0, 270.0],
        [621.0, 291.0],
        [614.0, 293.0],
        [607.0, 292.0],
        [603.0, 312.0],
        [593.0, 340.0],
        [580.0, 367.0],
        [565.0, 385.0],
        [548.0, 403.0],
        [530.0, 418.0],
        [512.0, 428.0],
        [497.0, 431.0],
        [472.0, 427.0],
        [450.0, 418.0],
        [432.0, 407.0],
        [415.0, 392.0],
        [405.0, 372.0],
        [396.0, 345.0],
        [387.0, 320.0],
        [380.0, 290.0],
        [374.0, 291.0],
        [365.0, 294.0],
        [355.0, 285.0],
        [347.0, 265.0],
        [342.0, 235.0],
        [342.0, 212.0],
        [350.0, 201.0],
        [358.0, 200.0],
        [360.0, 185.0],
        [362.0, 154.0],
        [370.0, 124.0],
        [387.0, 95.0],
        [411.0, 68.0],
        [441.0, 47.0],
        [473.0, 35.0],
    ],
    torso: &[
        [403.0, 300.0],
        [403.0, 426.0],
        [313.0, 476.0],
        [199.0, 528.0],
        [180.0, 547.0],
        [143.0, 644.0],
        [106.0, 749.0],
        [73.0, 853.0],
        [54.0, 948.0],
        [64.0, 1023.0],
        [87.0, 1080.0],
        [194.0, 1104.0],
        [194.0, 1136.0],
        [758.0, 1136.0],
        [753.0, 1070.0],
        [803.0, 957.0],
        [832.0, 805.0],
        [836.0, 701.0],
        [836.0, 568.0],
        [822.0, 523.0],
        [795.0, 499.0],
        [719.0, 471.0],
        [653.0, 433.0],
        [629.0, 428.0],
        [591.0, 382.0],
        [583.0, 372.0],
        [575.0, 300.0],
    ],
    neck: &[
        [410.0, 230.0],
        [578.0, 230.0],
        [578.0, 400.0],
        [560.0, 470.0],
        [430.0, 470.0],
        [410.0, 400.0],
    ],
    skin: [478.0, 443.0],
};

static BIDEN: Portrait = Portrait {
    photo: photos::BIDEN,
    enlarged: 1,
    pose: [16.0, 2.0, 11.0],
    anchors: [
        [504.0, 321.0],
        [564.0, 333.0],
        [619.0, 344.0],
        [681.0, 361.0],
        [497.0, 298.0],
        [525.0, 296.0],
        [568.0, 300.0],
        [617.0, 322.0],
        [655.0, 326.0],
        [692.0, 330.0],
        [594.0, 330.0],
        [605.0, 402.0],
        [548.0, 408.0],
        [624.0, 410.0],
        [590.0, 430.0],
        [517.0, 459.0],
        [628.0, 478.0],
        [576.0, 456.0],
        [570.0, 490.0],
        [556.0, 564.0],
    ],
    eyes: [
        Eye {
            corners: [[502.0, 321.0], [565.0, 334.0]],
            upper: [536.0, 316.0],
            lower: [533.0, 334.0],
        },
        Eye {
            corners: [[618.0, 344.0], [682.0, 362.0]],
            upper: [652.0, 337.0],
            lower: [649.0, 358.0],
        },
    ],
    outline: &[
        [601.0, 102.0],
        [638.0, 107.0],
        [670.0, 116.0],
        [701.0, 134.0],
        [726.0, 166.0],
        [741.0, 197.0],
        [749.0, 237.0],
        [751.0, 270.0],
        [750.0, 302.0],
        [740.0, 345.0],
        [724.0, 372.0],
        [716.0, 385.0],
        [713.0, 420.0],
        [705.0, 450.0],
        [694.0, 462.0],
        [684.0, 484.0],
        [666.0, 512.0],
        [648.0, 532.0],
        [628.0, 548.0],
        [600.0, 561.0],
        [575.0, 566.0],
        [550.0, 567.0],
        [520.0, 558.0],
        [490.0, 543.0],
        [462.0, 520.0],
        [440.0, 495.0],
        [428.0, 470.0],
        [424.0, 445.0],
        [420.0, 411.0],
        [408.0, 408.0],
        [397.0, 384.0],
        [392.0, 343.0],
        [394.0, 302.0],
        [398.0, 282.0],
        [400.0, 253.0],
        [407.0, 219.0],
        [422.0, 183.0],
        [453.0, 154.0],
        [493.0, 126.0],
        [541.0, 107.0],
    ],
    torso: &[
        [424.0, 440.0],
        [424.0, 512.0],
        [403.0, 513.0],
        [399.0, 538.0],
        [315.0, 580.0],
        [198.0, 610.0],
        [84.0, 638.0],
        [49.0, 700.0],
        [43.0, 793.0],
        [39.0, 910.0],
        [54.0, 1120.0],
        [101.0, 1260.0],
        [90.0, 1400.0],
        [852.0, 1400.0],
        [834.0, 1237.0],
        [968.0, 1213.0],
        [968.0, 910.0],
        [931.0, 817.0],
        [908.0, 747.0],
        [850.0, 702.0],
        [757.0, 668.0],
        [699.0, 656.0],
        [652.0, 621.0],
        [634.0, 579.0],
        [634.0, 440.0],
    ],
    neck: &[
        [428.0, 350.0],
        [632.0, 350.0],
        [632.0, 600.0],
        [560.0, 620.0],
        [440.0, 560.0],
        [428.0, 520.0],
    ],
    skin: [475.0, 548.0],
};

static COLLINS: Portrait = Portrait {
    photo: photos::ASTRONAUT,
    enlarged: 4,
    pose: [-2.0, -6.0, 3.0],
    anchors: [
        [192.5, 100.5],
        [214.0, 105.0],
        [236.0, 105.5],
        [258.5, 105.0],
        [190.5, 91.0],
        [202.0, 89.8],
        [214.0, 93.0],
        [238.0, 94.5],
        [250.0, 93.0],
        [263.0, 96.5],
        [226.0, 103.0],
        [223.5, 126.5],
        [211.0, 129.0],
        [236.5, 130.0],
        [223.5, 135.0],
        [201.0, 139.5],
        [246.5, 139.5],
        [223.5, 140.0],
        [222.0, 156.0],
        [224.0, 178.0],
    ],
    eyes: [
        Eye {
            corners: [[192.0, 101.0], [214.0, 105.0]],
            upper: [203.5, 97.0],
            lower: [203.0, 105.3],
        },
        Eye {
            corners: [[235.5, 105.5], [259.0, 105.0]],
            upper: [247.0, 99.3],
            lower: [247.0, 107.2],
        },
    ],
    outline: &[
        [232.0, 18.0],
        [245.0, 19.0],
        [259.0, 24.0],
        [277.0, 36.0],
        [289.0, 48.0],
        [295.0, 62.0],
        [298.0, 76.0],
        [299.0, 85.0],
        [295.0, 102.0],
        [283.0, 121.0],
        [275.0, 129.5],
        [270.0, 134.0],
        [264.0, 138.0],
        [260.5, 149.5],
        [254.0, 159.5],
        [245.0, 168.0],
        [237.0, 174.5],
        [228.0, 178.0],
        [220.0, 178.0],
        [209.0, 174.5],
        [199.0, 166.5],
        [192.0, 158.5],
        [186.5, 149.5],
        [184.0, 140.0],
        [183.5, 131.0],
        [176.5, 127.0],
        [173.5, 116.0],
        [159.0, 97.5],
        [156.5, 68.5],
        [160.5, 60.0],
        [173.0, 47.0],
        [191.0, 37.0],
        [195.0, 32.0],
        [211.0, 23.0],
    ],
    torso: &[
        [185.0, 150.0],
        [161.0, 149.0],
        [141.0, 154.0],
        [130.0, 165.0],
        [125.0, 179.0],
        [117.0, 189.0],
        [115.0, 203.0],
        [94.0, 217.0],
        [60.0, 257.0],
        [45.0, 272.0],
        [37.0, 310.0],
        [23.0, 400.0],
        [31.0, 430.0],
        [80.0, 480.0],
        [100.0, 511.0],
        [500.0, 511.0],
        [507.0, 460.0],
        [479.0, 401.0],
        [430.0, 352.0],
        [395.0, 347.0],
        [364.0, 357.0],
        [351.0, 330.0],
        [344.0, 300.0],
        [334.0, 271.0],
        [314.0, 251.0],
        [302.0, 239.0],
        [303.0, 226.0],
        [295.0, 206.0],
        [282.0, 189.0],
        [262.0, 178.0],
        [254.0, 175.0],
        [254.0, 150.0],
    ],
    neck: &[
        [187.0, 110.0],
        [254.0, 110.0],
        [254.0, 184.0],
        [230.0, 189.0],
        [195.0, 185.0],
        [187.0, 178.0],
    ],
    skin: [194.0, 175.0],
};
