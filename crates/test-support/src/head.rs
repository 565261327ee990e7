//! Pictures of a head that turns, blinks and comes closer, drawn from a portrait.
//!
//! A portrait is laid over a head-shaped mesh with real depth ([`Head`]), or printed on a flat card
//! ([`Card`]). The same camera sees both in the same room. The pose is known, so pose estimates can
//! be measured. Rules that separate a head from a picture of a head can be tested on both.

mod camera;
mod eyelids;
mod person;
mod portrait;
mod raster;
mod room;
mod shape;
mod spline;
mod torso;

use std::borrow::Cow;

use image::RgbImage;

use crate::photos;
use camera::Camera;
pub use person::Person;
use portrait::Portrait;
use raster::{Canvas, Mesh, Texture, Vertex};

/// Where and how the head or card is seen. Angles are degrees as in
/// `faceauth_domain::geometry::Pose`; the head is tilted (roll), then nods (pitch), then turns
/// (yaw), so that yaw and pitch alone say where it looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Positive looks towards the right of the image.
    pub yaw: f32,
    /// Positive looks up.
    pub pitch: f32,
    /// Positive is clockwise as seen.
    pub roll: f32,
    /// Height of the face from hairline to chin, in image heights.
    pub scale: f32,
    /// Where the centre of the face is when it looks ahead, from the centre of the
    /// picture, in image widths and heights. A turning head swings about its neck a little.
    pub shift: (f32, f32),
    /// 0 as in the portrait, 1 closed. A card does not blink.
    pub eyes_closed: f32,
    /// Seed of the sensor's noise; two frames of one view with different seeds differ the
    /// way two frames of a camera do. 0 is a sensor without noise.
    pub noise_seed: u64,
}

impl Default for View {
    /// Looking into the camera from about 70 cm.
    fn default() -> Self {
        Self {
            yaw: 0.0,
            pitch: 0.0,
            roll: 0.0,
            scale: 0.45,
            shift: (0.0, 0.0),
            eyes_closed: 0.0,
            noise_seed: 0,
        }
    }
}

/// A head with depth.
pub struct Head {
    portrait: &'static Portrait,
    head: Mesh,
    head_texture: Texture,
    torso: Mesh,
    torso_texture: Texture,
}

impl Head {
    /// Builds the head of `person`.
    ///
    /// # Panics
    /// When set-up has not fetched the portrait.
    #[must_use]
    pub fn of(person: Person) -> Self {
        let portrait = person.portrait();
        let photo = photos::pixels(portrait.photo);
        Self {
            head: shape::mesh(portrait),
            head_texture: Texture::enlarged(&photo, portrait.enlarged),
            torso: torso::mesh(portrait, photo.dimensions()),
            torso_texture: torso::texture(portrait, &photo),
            portrait,
        }
    }

    /// What the camera sees.
    ///
    /// # Panics
    /// When `width` or `height` is zero.
    #[must_use]
    pub fn render(&self, view: &View, width: u32, height: u32) -> RgbImage {
        let camera = Camera::new(view, width, height);
        let mut canvas = Canvas::new(width, height);
        let texture = if view.eyes_closed > 0.0 {
            Cow::Owned(eyelids::lowered(&self.head_texture, self.portrait, view.eyes_closed))
        } else {
            Cow::Borrowed(&self.head_texture)
        };
        canvas.draw(&self.torso, &self.torso_texture, |p| camera.still(p));
        canvas.draw(&self.head, &texture, |p| camera.turned(p));
        canvas.finish(room::picture(width, height), view.noise_seed)
    }
}

/// The portrait as a flat print in the same place.
pub struct Card {
    print: Texture,
    mesh: Mesh,
}

/// The part of the portrait on the card, in face heights from the centre of the face.
const CARD_ASIDE: f32 = 0.75;
const CARD_ABOVE: f32 = 0.85;
const CARD_BELOW: f32 = 1.0;

impl Card {
    /// Prints the portrait of `person`.
    ///
    /// # Panics
    /// When set-up has not fetched the portrait.
    #[must_use]
    pub fn of(person: Person) -> Self {
        let portrait = person.portrait();
        let photo = photos::pixels(portrait.photo);
        let fit = portrait.fit();
        let face = camera::FACE_HEIGHT;
        let (width, height) = photo.dimensions();
        let corner = |x: f32, y: f32| {
            let u = (fit.offset[0] + fit.scale * x * face).clamp(0.0, width as f32 - 1.0);
            let v = (fit.offset[1] + fit.scale * y * face).clamp(0.0, height as f32 - 1.0);
            let place = [(u - fit.offset[0]) / fit.scale, (v - fit.offset[1]) / fit.scale];
            Vertex { place: [place[0], place[1], camera::FACE_PLANE], texture: [u, v] }
        };
        let mesh = Mesh {
            vertices: vec![
                corner(-CARD_ASIDE, -CARD_ABOVE),
                corner(CARD_ASIDE, -CARD_ABOVE),
                corner(CARD_ASIDE, CARD_BELOW),
                corner(-CARD_ASIDE, CARD_BELOW),
            ],
            triangles: vec![[0, 1, 2], [0, 2, 3]],
            cut: None,
        };
        Self { print: Texture::new(photo), mesh }
    }

    /// What the camera sees.
    ///
    /// # Panics
    /// When `width` or `height` is zero.
    #[must_use]
    pub fn render(&self, view: &View, width: u32, height: u32) -> RgbImage {
        let camera = Camera::new(view, width, height);
        let mut canvas = Canvas::new(width, height);
        canvas.draw(&self.mesh, &self.print, |p| camera.flat(p));
        canvas.finish(room::picture(width, height), view.noise_seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_drawn_the_same_way_twice_and_noise_differs() {
        let head = Head::of(Person::Collins);
        let still = View { yaw: 12.0, ..View::default() };
        assert_eq!(head.render(&still, 160, 120), head.render(&still, 160, 120));
        let noisy = |noise_seed| head.render(&View { noise_seed, ..still }, 160, 120);
        assert_ne!(noisy(1), noisy(2));
        assert_eq!(noisy(1), noisy(1));
    }

    #[test]
    fn the_room_stands_still() {
        let head = Head::of(Person::Collins);
        let at = |yaw| head.render(&View { yaw, ..View::default() }, 160, 120);
        let (left, right) = (at(-30.0), at(30.0));
        for (x, y) in [(2, 2), (157, 2), (5, 60), (154, 50)] {
            assert_eq!(left.get_pixel(x, y), right.get_pixel(x, y), "{x} {y}");
        }
        assert_ne!(left, right);
    }
}
