//! A smooth surface through scattered values.

/// A thin-plate spline over the plane (Bookstein, "Principal Warps", 1989).
pub(super) struct Spline {
    centres: Vec<[f64; 2]>,
    /// One for each centre, then those of 1, x and y.
    weights: Vec<f64>,
}

fn kernel(a: [f64; 2], b: [f64; 2]) -> f64 {
    let square = (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
    if square > 0.0 { square * square.ln() } else { 0.0 }
}

impl Spline {
    /// The spline of least bending near `values` at `centres`; `smoothing` 0 meets them
    /// all.
    pub(super) fn fit(centres: &[[f64; 2]], values: &[f64], smoothing: f64) -> Self {
        let n = centres.len();
        let size = n + 3;
        let mut rows = vec![vec![0.0; size + 1]; size];
        for i in 0..n {
            for j in 0..n {
                rows[i][j] = kernel(centres[i], centres[j]);
            }
            rows[i][i] += smoothing;
            for (k, term) in [1.0, centres[i][0], centres[i][1]].into_iter().enumerate() {
                rows[i][n + k] = term;
                rows[n + k][i] = term;
            }
            rows[i][size] = values[i];
        }
        Self { centres: centres.to_vec(), weights: solve(rows) }
    }

    pub(super) fn at(&self, p: [f64; 2]) -> f64 {
        let n = self.centres.len();
        let bent: f64 =
            self.centres.iter().zip(&self.weights).map(|(c, w)| w * kernel(*c, p)).sum();
        bent + self.weights[n] + self.weights[n + 1] * p[0] + self.weights[n + 2] * p[1]
    }
}

/// Gaussian elimination with row exchange; the last column is the right side.
fn solve(mut rows: Vec<Vec<f64>>) -> Vec<f64> {
    let size = rows.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))
            .unwrap_or(column);
        rows.swap(column, pivot);
        let (above, below) = rows.split_at_mut(column + 1);
        let top = &above[column];
        for row in below {
            let factor = row[column] / top[column];
            for (value, from) in row.iter_mut().zip(top).skip(column) {
                *value -= factor * from;
            }
        }
    }
    let mut solution = vec![0.0; size];
    for column in (0..size).rev() {
        let known: f64 = (column + 1..size).map(|k| rows[column][k] * solution[k]).sum();
        solution[column] = (rows[column][size] - known) / rows[column][column];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meets_its_values() {
        let centres = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.4, 0.6]];
        let values = [1.0, 2.0, 3.0, 5.0, -2.0];
        let spline = Spline::fit(&centres, &values, 0.0);
        for (centre, value) in centres.into_iter().zip(values) {
            assert!((spline.at(centre) - value).abs() < 1e-9);
        }
    }
}
