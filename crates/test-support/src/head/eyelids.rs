//! Closing the eyes of a portrait.

use image::Rgb;

use super::portrait::{Eye, Portrait};
use super::raster::Texture;

/// How much skin above the eye is drawn down with the lid, in eye widths: up to the brow.
const LID: f32 = 0.22;

/// How far past the corners the lid still moves, in eye widths.
const BEYOND: f32 = 0.06;

/// Lashes hang over the edge of a lowered lid: how thick their line is in eye widths, how
/// much of what is behind they hide, and their colour.
const LASHES: f32 = 0.06;
const LASHES_HIDE: f32 = 0.9;
const LASH_COLOUR: [f32; 3] = [40.0, 28.0, 24.0];

/// The portrait with the upper lids lowered by `closed`, 0 to 1, of the way to the lower
/// ones: the skin between brow and eye is stretched over the eye.
pub(super) fn lowered(portrait: &Texture, places: &Portrait, closed: f32) -> Texture {
    let mut lowered = portrait.clone();
    for eye in &places.eyes {
        Lid::of(eye, closed.clamp(0.0, 1.0)).lower(portrait, &mut lowered);
    }
    lowered
}

/// An eye's own coordinates: along it in eye widths from its left corner, and down across
/// it in portrait pixels.
struct Lid {
    origin: [f32; 2],
    direction: [f32; 2],
    width: f32,
    upper: f32,
    lower: f32,
    closed: f32,
}

impl Lid {
    fn of(eye: &Eye, closed: f32) -> Self {
        let [left, right] = eye.corners;
        let (dx, dy) = (right[0] - left[0], right[1] - left[1]);
        let width = dx.hypot(dy);
        let direction = [dx / width, dy / width];
        let mut lid = Self { origin: left, direction, width, upper: 0.0, lower: 0.0, closed };
        lid.upper = lid.place(eye.upper)[1];
        lid.lower = lid.place(eye.lower)[1];
        lid
    }

    fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [dx, dy] = self.direction;
        let (x, y) = (x - self.origin[0], y - self.origin[1]);
        [(x * dx + y * dy) / self.width, y * dx - x * dy]
    }

    fn lower(&self, portrait: &Texture, lowered: &mut Texture) {
        let reach = self.width * (0.5 + LID) + 2.0;
        let middle: [f32; 2] =
            std::array::from_fn(|i| self.origin[i] + self.direction[i] * self.width / 2.0);
        let range = |at: f32| {
            let end = |at: f32| portrait.pixel_of(at).max(0.0) as u32;
            end(at - reach)..end(at + reach)
        };
        for row in range(middle[1]) {
            for column in range(middle[0]) {
                let at = [column, row].map(|pixel| portrait.place_of(pixel as f32));
                if let Some(pixel) = lowered.pixels.get_pixel_mut_checked(column, row)
                    && let Some(colour) = self.colour(portrait, at)
                {
                    *pixel = Rgb(colour.map(|value| (value + 0.5) as u8));
                }
            }
        }
    }

    /// What the lowered lid shows at this place, if it covers the place.
    fn colour(&self, portrait: &Texture, at: [f32; 2]) -> Option<[f32; 3]> {
        let [along, down] = self.place(at);
        if !(-BEYOND..=1.0 + BEYOND).contains(&along) {
            return None;
        }
        // Lids are bows between the corners.
        let bow = (4.0 * along * (1.0 - along)).max(0.0);
        let open = self.upper * bow;
        let edge = (self.upper + (self.lower - self.upper) * self.closed) * bow;
        let top = open - LID * self.width;
        let from_edge = (down - edge).abs() / (LASHES * self.width);
        let lashes =
            if bow > 0.0 { (1.0 - from_edge).max(0.0) * LASHES_HIDE * self.closed } else { 0.0 };
        let skin = if down > top && down < edge {
            let moved = (top - down) + (down - top) * (open - top) / (edge - top);
            portrait.at(at[0] - moved * self.direction[1], at[1] + moved * self.direction[0])
        } else if lashes > 0.0 {
            portrait.at(at[0], at[1])
        } else {
            return None;
        };
        Some(std::array::from_fn(|i| skin[i] + (LASH_COLOUR[i] - skin[i]) * lashes))
    }
}
