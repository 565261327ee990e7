//! How a container says that its pictures are to be shown.

/// The linear part of a display matrix: a point at (x, y), y downwards, is shown at
/// (a x + c y, b x + d y), up to a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matrix {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
}

impl Matrix {
    /// First this, then `next`.
    pub fn then(self, next: Self) -> Self {
        Self {
            a: self.a * next.a + self.b * next.c,
            b: self.a * next.b + self.b * next.d,
            c: self.c * next.a + self.d * next.c,
            d: self.c * next.b + self.d * next.d,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other() {
        let quarter = Matrix { a: 0.0, b: 1.0, c: -1.0, d: 0.0 };
        let mirror = Matrix { a: -1.0, b: 0.0, c: 0.0, d: 1.0 };
        assert_eq!(quarter.then(quarter), Matrix { a: -1.0, b: 0.0, c: 0.0, d: -1.0 });
        // Right goes down, and stays there; down goes left, and is mirrored to the right.
        assert_eq!(quarter.then(mirror), Matrix { a: 0.0, b: 1.0, c: 1.0, d: 0.0 });
    }
}
