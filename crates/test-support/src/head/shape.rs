//! The surface of a head.
//!
//! The face's depth is that of MediaPipe's `canonical_face_model.obj` (Apache-2.0),
//! an average face in centimetres: with the outer eye corners 89 mm apart, the tip of the
//! nose is 44 mm in front of them, 33 mm in front of the corners of the mouth and 33 mm
//! in front of the edge of the chin. Skull and hair close it behind.
//!
//! The surface is laid out around an axis through the root of the nose: the polar radius
//! `turn` is 0 there, 1 where the portrait's outline is and 2 at the back of the head.

use std::f32::consts::{FRAC_PI_2, TAU};

use super::portrait::{ANCHORS, Fit, Portrait};
use super::raster::{Mesh, Vertex};
use super::spline::Spline;

/// Points of the average face on its mirror plane: y and z.
const MIDLINE: [[f32; 2]; 24] = [
    [-82.6, 44.8],
    [-65.5, 50.3],
    [-48.9, 53.9],
    [-40.2, 52.8],
    [-32.7, 52.4],
    [-24.7, 57.9],
    [-17.3, 63.2],
    [-10.6, 67.7],
    [-3.7, 72.4],
    [4.6, 75.9],
    [11.3, 74.8],
    [15.0, 71.1],
    [17.2, 66.0],
    [20.9, 60.6],
    [25.2, 59.3],
    [34.1, 59.8],
    [39.9, 52.2],
    [45.4, 54.0],
    [53.7, 55.4],
    [61.5, 50.7],
    [69.9, 51.5],
    [79.4, 51.8],
    [87.7, 48.9],
    [94.0, 42.6],
];

/// Points of the average face to the right of it; their mirror images belong too.
const ASIDE: [[f32; 3]; 85] = [
    // Edge: forehead, temple, ear, jaw.
    [18.9, -82.4, 42.7],
    [35.2, -80.1, 37.3],
    [51.3, -74.9, 26.6],
    [62.8, -66.2, 14.3],
    [70.9, -54.3, 1.0],
    [75.6, -41.1, -9.9],
    [77.4, -23.7, -20.1],
    [76.6, -6.7, -24.4],
    [75.4, 10.5, -24.3],
    [72.7, 28.9, -22.5],
    [67.2, 47.9, -17.5],
    [59.4, 62.2, -6.3],
    [50.9, 71.8, 7.1],
    [40.7, 79.9, 19.3],
    [32.1, 85.3, 28.0],
    [23.1, 89.7, 36.1],
    [12.9, 93.0, 40.9],
    // Forehead and brow.
    [16.2, -66.0, 49.2],
    [30.6, -65.7, 45.3],
    [45.4, -63.2, 36.8],
    [56.0, -57.2, 27.2],
    [63.7, -47.9, 15.9],
    [14.0, -50.1, 53.2],
    [27.6, -51.0, 50.2],
    [39.9, -51.1, 44.7],
    [49.9, -48.0, 37.5],
    [57.2, -42.5, 28.3],
    [12.2, -41.4, 51.1],
    [37.3, -45.1, 45.5],
    [52.5, -38.8, 33.6],
    // Eye.
    [44.5, -26.6, 31.7],
    [18.6, -25.9, 37.6],
    [31.8, -29.6, 38.8],
    [31.8, -22.9, 37.8],
    [32.1, -32.2, 41.2],
    // Side of the nose.
    [13.1, -31.0, 42.3],
    [5.6, -23.1, 55.7],
    [9.5, -19.1, 52.0],
    [5.2, -15.8, 61.5],
    [9.0, -12.4, 57.5],
    [12.6, -8.0, 53.1],
    [12.5, -2.3, 56.8],
    [9.2, -0.7, 66.7],
    [13.3, 2.8, 61.0],
    [16.5, 6.1, 55.8],
    [13.1, 6.7, 64.2],
    [5.0, 4.8, 74.4],
    [16.1, 9.4, 58.1],
    [17.9, 9.8, 48.5],
    [7.3, 15.9, 58.3],
    [14.1, 17.1, 52.4],
    // Cheek.
    [23.4, -5.7, 42.9],
    [33.3, -1.0, 41.1],
    [44.3, -7.2, 35.2],
    [52.6, -9.5, 29.7],
    [57.3, -14.1, 24.3],
    [64.7, -9.4, 16.9],
    [72.1, -22.6, 0.7],
    [58.0, -23.5, 22.0],
    [63.4, 5.3, 18.8],
    [47.7, 7.0, 35.3],
    [28.4, 7.2, 44.3],
    [62.3, 19.4, 16.6],
    [52.8, 22.4, 28.6],
    [38.3, 15.4, 41.4],
    [29.6, 22.7, 44.4],
    [43.9, 26.8, 36.4],
    [60.9, 32.1, 14.7],
    [54.4, 40.3, 21.1],
    [34.9, 32.0, 41.3],
    [45.9, 47.3, 29.8],
    [58.4, 52.5, 9.2],
    [50.0, 61.4, 18.9],
    [38.8, 60.4, 33.1],
    [41.4, 70.0, 26.7],
    // Mouth and chin.
    [24.6, 43.4, 42.8],
    [7.1, 33.3, 58.8],
    [14.3, 35.0, 55.0],
    [13.3, 51.1, 52.1],
    [17.8, 26.8, 52.1],
    [21.7, 54.4, 44.6],
    [10.0, 69.3, 49.8],
    [19.4, 66.1, 45.2],
    [22.7, 74.3, 43.9],
    [13.1, 86.4, 47.0],
];

/// The axis that the surface is laid out around.
const CENTRE: [f32; 2] = [0.0, -25.0];

/// Depth of the outline by its angle from straight down, in degrees: under the chin, along
/// the jaw, from the ears up.
const OUTLINE_DEPTH: [[f32; 2]; 6] =
    [[0.0, 32.0], [12.0, 26.0], [28.0, 6.0], [48.0, -16.0], [75.0, -34.0], [180.0, -36.0]];

/// Half the breadth and depth of a skull: a head turned in its portrait shows more of one
/// side, so that its outline lies further back there.
const SKULL: [f32; 2] = [77.0, 95.0];

/// Depth of the back of the head: a head is some 190 mm deep.
const BACK: f32 = -125.0;

/// Rings from the axis to the outline, and on to the back of the head; sectors.
const RINGS: u32 = 90;
const RINGS_BEHIND: u32 = 30;
const SECTORS: u32 = 160;

/// Points of the average face this near to the outline follow it instead.
const INNER: f32 = 0.96;

/// How much of the rim, in `turn`, is mirrored onto all that the portrait does not show.
const RIM: f32 = 0.12;

/// Smoothing of the depth: the anchors of two people never fit one average exactly.
const SMOOTHING: f64 = 1e-4;

/// The head of a portrait, textured with it.
pub(super) fn mesh(portrait: &Portrait) -> Mesh {
    let fit = portrait.fit();
    let surface = Surface::of(portrait, &fit);
    let rings = RINGS + RINGS_BEHIND;
    let mut vertices = Vec::with_capacity(((rings + 1) * SECTORS) as usize);
    for ring in 0..=rings {
        let turn = if ring <= RINGS {
            ring as f32 / RINGS as f32
        } else {
            1.0 + (ring - RINGS) as f32 / RINGS_BEHIND as f32
        };
        for sector in 0..SECTORS {
            let angle = TAU * sector as f32 / SECTORS as f32;
            let shown = if turn <= 1.0 { turn } else { 1.0 - RIM * (turn - 1.0) };
            let texture = fit.project(surface.at(shown, angle));
            vertices.push(Vertex { place: surface.at(turn, angle), texture });
        }
    }
    let mut triangles = Vec::with_capacity((rings * SECTORS * 2) as usize);
    for ring in 0..rings {
        for sector in 0..SECTORS {
            let (a, b) = (ring * SECTORS + sector, ring * SECTORS + (sector + 1) % SECTORS);
            triangles.push([a, b, b + SECTORS]);
            triangles.push([a, b + SECTORS, a + SECTORS]);
        }
    }
    Mesh { vertices, triangles, cut: None }
}

/// A head's surface by `turn` and angle.
struct Surface {
    /// The outline in head coordinates.
    outline: Vec<[f32; 2]>,
    /// Its depth by angle.
    rim: Rim,
    depth: Spline,
}

impl Surface {
    fn of(portrait: &Portrait, fit: &Fit) -> Self {
        let rim = Rim::of(portrait);
        let outline: Vec<[f32; 2]> = portrait
            .outline
            .iter()
            .map(|place| {
                // The depth depends on the angle, which depends a little on the depth.
                let near = fit.unproject(*place, OUTLINE_DEPTH[5][1]);
                fit.unproject(*place, rim.depth(angle_of(near)))
            })
            .collect();
        let moved = Moved::of(portrait, fit);
        let mut centres = Vec::new();
        let mut depths = Vec::new();
        let mut add = |[x, y, z]: [f32; 3]| {
            let place = moved.at([x, y]);
            let angle = angle_of(place);
            let radius = (place[0] - CENTRE[0]).hypot(place[1] - CENTRE[1]);
            let part = radius / reach(&outline, angle);
            if part < INNER {
                centres.push(plane(part.asin() / FRAC_PI_2, angle));
                depths.push(f64::from(z));
            }
        };
        MIDLINE.iter().for_each(|[y, z]| add([0.0, *y, *z]));
        for [x, y, z] in ASIDE {
            add([x, y, z]);
            add([-x, y, z]);
        }
        for step in 0..36 {
            let angle = TAU * step as f32 / 36.0;
            centres.push(plane(1.0, angle));
            depths.push(f64::from(rim.depth(angle)));
        }
        let depth = Spline::fit(&centres, &depths, SMOOTHING);
        Self { outline, rim, depth }
    }

    /// The point at `turn` 0 to 2.
    fn at(&self, turn: f32, angle: f32) -> [f32; 3] {
        let radius = reach(&self.outline, angle) * (turn * FRAC_PI_2).sin();
        let z = if turn <= 1.0 {
            self.depth.at(plane(turn, angle)) as f32
        } else {
            let rim = self.rim.depth(angle);
            rim + (BACK - rim) * ((turn - 1.0) * FRAC_PI_2).sin()
        };
        [CENTRE[0] + radius * angle.cos(), CENTRE[1] + radius * angle.sin(), z]
    }
}

fn plane(turn: f32, angle: f32) -> [f64; 2] {
    [f64::from(turn * angle.cos()), f64::from(turn * angle.sin())]
}

fn angle_of(place: [f32; 2]) -> f32 {
    (place[1] - CENTRE[1]).atan2(place[0] - CENTRE[0])
}

/// How far `outline` is from the axis in this direction.
fn reach(outline: &[[f32; 2]], angle: f32) -> f32 {
    let (dy, dx) = angle.sin_cos();
    let next = outline.iter().cycle().skip(1);
    outline
        .iter()
        .zip(next)
        .filter_map(|(a, b)| {
            let [ax, ay] = [a[0] - CENTRE[0], a[1] - CENTRE[1]];
            let [ex, ey] = [b[0] - a[0], b[1] - a[1]];
            // Where axis + t * direction meets a + s * edge.
            let across = dx * ey - dy * ex;
            let t = (ax * ey - ay * ex) / across;
            let s = (ax * dy - ay * dx) / across;
            (t > 0.0 && (-1e-4..=1.0001).contains(&s)).then_some(t)
        })
        .fold(1.0, f32::max)
}

/// The depth of the outline.
struct Rim {
    /// How much further in front it is to the right.
    lean: f32,
}

impl Rim {
    fn of(portrait: &Portrait) -> Self {
        let [breadth, depth] = SKULL;
        Self { lean: depth * (depth / breadth * portrait.yaw().to_radians().tan()).atan().sin() }
    }

    fn depth(&self, angle: f32) -> f32 {
        let from_down = (angle.sin().acos()).to_degrees();
        let mut depth = OUTLINE_DEPTH[0][1];
        for pair in OUTLINE_DEPTH.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            if from_down >= from[0] {
                let part = ((from_down - from[0]) / (to[0] - from[0])).min(1.0);
                depth = from[1] + (to[1] - from[1]) * part;
            }
        }
        depth + self.lean * angle.cos()
    }
}

/// Where the points of the average face are in a person's.
struct Moved {
    x: Spline,
    y: Spline,
}

impl Moved {
    fn of(portrait: &Portrait, fit: &Fit) -> Self {
        let centres = ANCHORS.map(|[x, y, _]| [f64::from(x), f64::from(y)]);
        let own: Vec<[f32; 2]> = ANCHORS
            .iter()
            .zip(portrait.anchors)
            .map(|(average, place)| fit.unproject(place, average[2]))
            .collect();
        let along = |axis: usize| own.iter().map(|p| f64::from(p[axis])).collect::<Vec<_>>();
        // Units of the kernel are square millimetres here.
        let smoothing = 100.0;
        Self {
            x: Spline::fit(&centres, &along(0), smoothing),
            y: Spline::fit(&centres, &along(1), smoothing),
        }
    }

    fn at(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let p = [f64::from(x), f64::from(y)];
        [self.x.at(p) as f32, self.y.at(p) as f32]
    }
}
