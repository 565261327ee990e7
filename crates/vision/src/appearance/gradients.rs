//! Histograms of oriented gradients of a face crop.

use std::f32::consts::TAU;

/// Side of the crop in pixels.
pub(super) const SIDE: usize = 112;
/// Side of a cell in pixels: a fourth of the distance between the eyes.
const CELL: usize = 8;
/// Cells a side.
const CELLS: usize = SIDE / CELL;
/// Directions, a full turn: a negative has every edge the other way round.
const DIRECTIONS: usize = 8;
/// How many numbers describe a crop.
pub(super) const FEATURES: usize = DIRECTIONS * CELLS * CELLS;

/// Added to the length of a gradient and to what a cell is divided by: nothing is divided by 0.
const TINY: f32 = 1e-3;
/// Share of the mean energy of all cells that is added to a cell's surroundings, so that what is
/// smooth stays faint.
const FLOOR: f32 = 0.1;

/// One number for each direction and cell, directions first: how much the square root of the
/// brightness changes there, over how much it changes around there.
pub(super) fn features(grey: &[u8]) -> Vec<f32> {
    let energies = energies(grey);
    let total: [f32; CELLS * CELLS] = std::array::from_fn(|cell| {
        energies[cell].iter().map(|energy| energy * energy).sum::<f32>().sqrt()
    });
    let floor = FLOOR * total.iter().sum::<f32>() / total.len() as f32 + TINY;
    let mut features = vec![0.0; FEATURES];
    for (cell, energy) in energies.iter().enumerate() {
        let around = around(&total, cell) + floor;
        for (direction, energy) in energy.iter().enumerate() {
            features[direction * CELLS * CELLS + cell] = energy / around;
        }
    }
    features
}

/// The gradients of each cell by direction. A gradient counts for a direction by the square of its
/// cosine with it, and not at all for the half turn away from it.
fn energies(grey: &[u8]) -> [[f32; DIRECTIONS]; CELLS * CELLS] {
    let roots = roots(grey);
    let mut energies = [[0.0; DIRECTIONS]; CELLS * CELLS];
    for (row, cells) in energies.as_chunks_mut::<CELLS>().0.iter_mut().enumerate() {
        let mut columns = [[0.0; SIDE]; DIRECTIONS];
        for y in row * CELL..(row + 1) * CELL {
            let (up, down) = (y.saturating_sub(1), (y + 1).min(SIDE - 1));
            add_row(&mut columns, &roots[up], &roots[y], &roots[down]);
        }
        for (direction, column) in columns.iter().enumerate() {
            for (cell, energies) in cells.iter_mut().zip(column.as_chunks::<CELL>().0) {
                cell[direction] = energies.iter().sum();
            }
        }
    }
    energies
}

/// The square root of each grey value; what is missing is black.
fn roots(grey: &[u8]) -> Vec<[f32; SIDE]> {
    let of: [f32; 256] = std::array::from_fn(|value| (value as f32).sqrt());
    let mut roots = vec![[0.0; SIDE]; SIDE];
    for (root, value) in roots.as_flattened_mut().iter_mut().zip(grey) {
        *root = of[usize::from(*value)];
    }
    roots
}

/// Adds the gradients of one row of pixels to each column by direction. Plain loops over whole rows
/// are what the compiler makes vector instructions of.
fn add_row(
    columns: &mut [[f32; SIDE]; DIRECTIONS],
    up: &[f32; SIDE],
    row: &[f32; SIDE],
    down: &[f32; SIDE],
) {
    let (mut dx, mut dy, mut share) = ([0.0; SIDE], [0.0; SIDE], [0.0; SIDE]);
    dx[0] = row[1] - row[0];
    for (dx, row) in dx[1..].iter_mut().zip(row.windows(3)) {
        *dx = row[2] - row[0];
    }
    dx[SIDE - 1] = row[SIDE - 1] - row[SIDE - 2];
    for x in 0..SIDE {
        dy[x] = down[x] - up[x];
        share[x] = 1.0 / ((dx[x] * dx[x] + dy[x] * dy[x]).sqrt() + TINY);
    }
    // Half of the directions, each with its opposite.
    let (ahead, behind) = columns.split_at_mut(DIRECTIONS / 2);
    for (direction, (ahead, behind)) in ahead.iter_mut().zip(behind).enumerate() {
        let (sin, cos) = (direction as f32 * TAU / DIRECTIONS as f32).sin_cos();
        for x in 0..SIDE {
            let along = dx[x] * cos + dy[x] * sin;
            let energy = along * along * share[x];
            ahead[x] += if along > 0.0 { energy } else { 0.0 };
            behind[x] += if along < 0.0 { energy } else { 0.0 };
        }
    }
}

/// Mean energy of a cell and those around it.
fn around(total: &[f32; CELLS * CELLS], cell: usize) -> f32 {
    let near = |at: usize| at.saturating_sub(1)..=(at + 1).min(CELLS - 1);
    let (mut sum, mut count) = (0.0, 0.0);
    for row in near(cell / CELLS) {
        for column in near(cell % CELLS) {
            sum += total[row * CELLS + column];
            count += 1.0;
        }
    }
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(value: impl Fn(usize, usize) -> u8) -> Vec<f32> {
        let grey: Vec<u8> =
            (0..SIDE * SIDE).map(|pixel| value(pixel % SIDE, pixel / SIDE)).collect();
        features(&grey)
    }

    /// Sum over the cells by direction.
    fn by_direction(features: &[f32]) -> Vec<f32> {
        features.chunks_exact(CELLS * CELLS).map(|cells| cells.iter().sum()).collect()
    }

    #[test]
    fn a_ramp_points_where_it_rises_and_its_negative_the_other_way() {
        let strongest = |features: &[f32]| {
            let sums = by_direction(features);
            (0..DIRECTIONS).max_by(|a, b| sums[*a].total_cmp(&sums[*b]))
        };
        assert_eq!(strongest(&drawn(|x, _| 2 * x as u8)), Some(0));
        assert_eq!(strongest(&drawn(|x, _| 255 - 2 * x as u8)), Some(4));
        assert_eq!(strongest(&drawn(|_, y| 2 * y as u8)), Some(2));
    }

    #[test]
    fn what_is_flat_has_no_gradients_and_what_is_short_no_panic() {
        assert!(drawn(|_, _| 77).iter().all(|feature| *feature == 0.0));
        assert_eq!(features(&[]).len(), FEATURES);
    }

    #[test]
    fn brightness_counts_little() {
        let bright = drawn(|x, y| 40 + ((x * 7 + y * 13) % 90) as u8);
        let dark = drawn(|x, y| (40 + ((x * 7 + y * 13) % 90) as u8) / 2);
        let difference = bright.iter().zip(&dark).map(|(a, b)| (a - b).abs()).sum::<f32>();
        assert!(difference / (FEATURES as f32) < 0.02, "{difference}");
    }
}
