//! Textured triangles to pixels.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::room;

/// Samples a pixel has along each side: edges without stairs.
const SAMPLES: u32 = 2;

/// A corner of a triangle.
#[derive(Clone, Copy)]
pub(super) struct Vertex {
    /// Head coordinates.
    pub(super) place: [f32; 3],
    /// Column and row in the portrait.
    pub(super) texture: [f32; 2],
}

/// A surface.
pub(super) struct Mesh {
    pub(super) vertices: Vec<Vertex>,
    pub(super) triangles: Vec<[u32; 3]>,
    /// What of the texture is drawn, if not all of it.
    pub(super) cut: Option<Mask>,
}

/// A set of texture pixels.
pub(super) struct Mask {
    width: u32,
    height: u32,
    inside: Vec<bool>,
}

impl Mask {
    /// The pixels within any of `polygons`.
    pub(super) fn of(polygons: &[&[[f32; 2]]], (width, height): (u32, u32)) -> Self {
        let mut inside = vec![false; (width * height) as usize];
        for polygon in polygons {
            for (y, row) in inside.chunks_exact_mut(width as usize).enumerate() {
                let mut crossings = crossings(polygon, y as f32);
                crossings.sort_by(f32::total_cmp);
                for span in crossings.chunks_exact(2) {
                    let from = span[0].clamp(0.0, width as f32) as usize;
                    let to = span[1].clamp(0.0, width as f32) as usize;
                    row[from..to].fill(true);
                }
            }
        }
        Self { width, height, inside }
    }

    /// Whether the pixel at column `x` and row `y` is in it; nothing outside of it is.
    pub(super) fn holds(&self, x: f32, y: f32) -> bool {
        let (x, y) = (x.round(), y.round());
        x >= 0.0
            && y >= 0.0
            && (x as u32) < self.width
            && (y as u32) < self.height
            && self.inside[(y as u32 * self.width + x as u32) as usize]
    }
}

/// Columns where the outline of `polygon` crosses row `y`.
fn crossings(polygon: &[[f32; 2]], y: f32) -> Vec<f32> {
    let next = polygon.iter().cycle().skip(1);
    polygon
        .iter()
        .zip(next)
        .filter(|(a, b)| (a[1] <= y) != (b[1] <= y))
        .map(|(a, b)| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
        .collect()
}

/// A picture to lay over a surface.
#[derive(Clone)]
pub(super) struct Texture {
    pub(super) pixels: RgbImage,
    /// Pixels along each side of a pixel of the portrait.
    enlarged: f32,
}

impl Texture {
    /// The portrait as it is.
    pub(super) fn new(pixels: RgbImage) -> Self {
        Self { pixels, enlarged: 1.0 }
    }

    /// The portrait with finer pixels.
    pub(super) fn enlarged(portrait: &RgbImage, by: u32) -> Self {
        let (width, height) = portrait.dimensions();
        let pixels = imageops::resize(portrait, width * by, height * by, FilterType::CatmullRom);
        Self { pixels, enlarged: by as f32 }
    }

    /// The colour at a place of the portrait.
    pub(super) fn at(&self, x: f32, y: f32) -> [f32; 3] {
        sample(&self.pixels, self.pixel_of(x), self.pixel_of(y))
    }

    /// The column or row of this texture at one of the portrait: pixels meet at their
    /// edges, not at their centres.
    pub(super) fn pixel_of(&self, at: f32) -> f32 {
        (at + 0.5) * self.enlarged - 0.5
    }

    /// The inverse of [`Self::own`].
    pub(super) fn place_of(&self, at: f32) -> f32 {
        (at + 0.5) / self.enlarged - 0.5
    }
}

/// The colour of `texture` between its pixels, its edge outside.
fn sample(texture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (width, height) = texture.dimensions();
    let x = x.clamp(0.0, width as f32 - 1.001);
    let y = y.clamp(0.0, height as f32 - 1.001);
    let (left, top) = (x as usize, y as usize);
    let (fx, fy) = (x - left as f32, y - top as f32);
    let pixels = texture.as_raw();
    let here = (top * width as usize + left) * 3;
    let below = here + width as usize * 3;
    std::array::from_fn(|c| {
        let upper = f32::from(pixels[here + c]) * (1.0 - fx) + f32::from(pixels[here + 3 + c]) * fx;
        let lower =
            f32::from(pixels[below + c]) * (1.0 - fx) + f32::from(pixels[below + 3 + c]) * fx;
        upper * (1.0 - fy) + lower * fy
    })
}

/// A picture being drawn, nearest surface first.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    /// Inverse distance of what was drawn at each sample, 0 where nothing was.
    nearness: Vec<f32>,
    colour: Vec<[u8; 3]>,
}

/// A projected corner: sample column and row, inverse distance, texture over distance.
#[derive(Clone, Copy)]
struct Corner {
    x: f32,
    y: f32,
    near: f32,
    u: f32,
    v: f32,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let samples = (width * SAMPLES * height * SAMPLES) as usize;
        Self { width, height, nearness: vec![0.0; samples], colour: vec![[0; 3]; samples] }
    }

    /// Draws `mesh`, whose points `project` puts at a column, a row and a distance.
    pub(super) fn draw(
        &mut self,
        mesh: &Mesh,
        texture: &Texture,
        project: impl Fn([f32; 3]) -> [f32; 3],
    ) {
        let corners: Vec<Corner> = mesh
            .vertices
            .iter()
            .map(|vertex| {
                let [x, y, distance] = project(vertex.place);
                let near = if distance > 1.0 { 1.0 / distance } else { 0.0 };
                let [u, v] = vertex.texture;
                let (x, y) = (x * SAMPLES as f32, y * SAMPLES as f32);
                Corner { x, y, near, u: u * near, v: v * near }
            })
            .collect();
        for triangle in &mesh.triangles {
            let [a, b, c] = triangle.map(|i| corners[i as usize]);
            if a.near > 0.0 && b.near > 0.0 && c.near > 0.0 {
                self.triangle([a, b, c], texture, mesh.cut.as_ref());
            }
        }
    }

    fn triangle(&mut self, [a, b, c]: [Corner; 3], texture: &Texture, cut: Option<&Mask>) {
        let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if area.abs() < 1e-6 {
            return;
        }
        let (columns, rows) = (self.width * SAMPLES, self.height * SAMPLES);
        let range = |p: f32, q: f32, r: f32, end: u32| {
            let low = (p.min(q).min(r) - 0.5).ceil().clamp(0.0, end as f32) as u32;
            let high = (p.max(q).max(r) - 0.5).floor().clamp(-1.0, end as f32 - 1.0) + 1.0;
            low..high as u32
        };
        for row in range(a.y, b.y, c.y, rows) {
            for column in range(a.x, b.x, c.x, columns) {
                let (x, y) = (column as f32 + 0.5, row as f32 + 0.5);
                let wb = ((x - a.x) * (c.y - a.y) - (y - a.y) * (c.x - a.x)) / area;
                let wc = ((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)) / area;
                let wa = 1.0 - wb - wc;
                if wa < 0.0 || wb < 0.0 || wc < 0.0 {
                    continue;
                }
                let near = wa * a.near + wb * b.near + wc * c.near;
                let at = (row * columns + column) as usize;
                if near <= self.nearness[at] {
                    continue;
                }
                let u = (wa * a.u + wb * b.u + wc * c.u) / near;
                let v = (wa * a.v + wb * b.v + wc * c.v) / near;
                if cut.is_some_and(|mask| !mask.holds(u, v)) {
                    continue;
                }
                self.nearness[at] = near;
                self.colour[at] = texture.at(u, v).map(|value| (value + 0.5) as u8);
            }
        }
    }

    /// What was drawn, in front of `behind`, with sensor noise unless the seed is 0.
    pub(super) fn finish(self, mut behind: RgbImage, noise_seed: u64) -> RgbImage {
        let columns = (self.width * SAMPLES) as usize;
        for (x, y, pixel) in behind.enumerate_pixels_mut() {
            let first = y as usize * SAMPLES as usize * columns + x as usize * SAMPLES as usize;
            let mut sum = [0u32; 3];
            let mut drawn = 0;
            for at in [first, first + 1, first + columns, first + columns + 1] {
                if self.nearness[at] > 0.0 {
                    drawn += 1;
                    for (total, value) in sum.iter_mut().zip(self.colour[at]) {
                        *total += u32::from(value);
                    }
                }
            }
            let rest = SAMPLES * SAMPLES - drawn;
            for (total, value) in sum.iter_mut().zip(pixel.0) {
                *total += u32::from(value) * rest;
            }
            *pixel = Rgb(sum.map(|total| (total / (SAMPLES * SAMPLES)) as u8));
        }
        if noise_seed != 0 {
            room::add_noise(&mut behind, noise_seed);
        }
        behind
    }
}
