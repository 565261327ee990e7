//! Pixels into network inputs.

use ndarray::Array4;
use opencv::prelude::*;

use crate::error::VisionError;
use crate::manifest::{Channels, Input, Layout};

/// Writes `pixels` (8-bit RGB, or grey when the input is grey; continuous rows) into the
/// upper left of `tensor` as `(value - mean) * scale`. The rest keeps its values.
pub(crate) fn fill(
    tensor: &mut Array4<f32>,
    pixels: &impl MatTraitConstManual,
    input: &Input,
) -> Result<(), VisionError> {
    let columns = pixels.cols() as usize;
    let bytes = pixels.data_bytes()?;
    // Source channel of each tensor channel.
    let order: &[usize] = match input.channels {
        Channels::Rgb => &[0, 1, 2],
        Channels::Bgr => &[2, 1, 0],
        Channels::Grey => &[0],
    };
    let depth = order.len();
    let (_, second, third, fourth) = tensor.dim();
    // Elements of one channel of one row, the distance between them and between rows.
    let (plane, row_length, step) = match input.layout {
        Layout::Nchw => (third * fourth, fourth, 1),
        Layout::Nhwc => (1, third * fourth, fourth),
    };
    let fits = match input.layout {
        Layout::Nchw => columns <= fourth && pixels.rows() as usize <= third && depth == second,
        Layout::Nhwc => columns <= third && pixels.rows() as usize <= second && depth == fourth,
    };
    let Some(values) = tensor.as_slice_mut().filter(|_| fits && columns > 0) else {
        return Err(VisionError::WrongShape {
            model: input.name.clone(),
            reason: "the picture is larger than the input".to_owned(),
        });
    };
    for (channel, source) in order.iter().copied().enumerate() {
        let (mean, scale) = (input.mean[channel], input.scale);
        for (row, line) in bytes.chunks_exact(columns * depth).enumerate() {
            let target =
                &mut values[channel * plane + row * row_length..][..step * (columns - 1) + 1];
            let from = line.chunks_exact(depth).map(|pixel| pixel[source]);
            if step == 1 {
                // The hot case: consecutive writes vectorise.
                for (to, from) in target.iter_mut().zip(from) {
                    *to = (f32::from(from) - mean) * scale;
                }
            } else {
                for (to, from) in target.iter_mut().step_by(step).zip(from) {
                    *to = (f32::from(from) - mean) * scale;
                }
            }
        }
    }
    Ok(())
}

/// A zeroed tensor of a fixed-size input.
pub(crate) fn zeros(input: &Input) -> Array4<f32> {
    let side = |axis: usize| usize::try_from(input.shape[axis]).unwrap_or(1);
    Array4::zeros((side(0), side(1), side(2), side(3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use opencv::core::{Mat, Vec3b};

    fn input(layout: Layout, channels: Channels) -> Input {
        let shape = match layout {
            Layout::Nchw => vec![1, 3, 2, 2],
            Layout::Nhwc => vec![1, 2, 2, 3],
        };
        Input {
            name: String::new(),
            shape,
            layout,
            channels,
            mean: vec![10.0, 20.0, 30.0],
            scale: 0.5,
        }
    }

    #[test]
    fn orders_channels_and_layouts() {
        let pixel = Vec3b::from([50, 60, 70]);
        let pixels = Mat::new_rows_cols_with_default(
            2,
            2,
            Vec3b::opencv_type(),
            opencv::core::Scalar::new(50.0, 60.0, 70.0, 0.0),
        )
        .unwrap();
        assert_eq!(*pixels.at_2d::<Vec3b>(1, 1).unwrap(), pixel);
        for layout in [Layout::Nchw, Layout::Nhwc] {
            for (channels, expected) in
                [(Channels::Rgb, [20.0, 20.0, 20.0]), (Channels::Bgr, [30.0, 20.0, 10.0])]
            {
                let input = input(layout, channels);
                let mut tensor = zeros(&input);
                fill(&mut tensor, &pixels, &input).unwrap();
                for (channel, value) in expected.into_iter().enumerate() {
                    let at = match layout {
                        Layout::Nchw => tensor[[0, channel, 1, 1]],
                        Layout::Nhwc => tensor[[0, 1, 1, channel]],
                    };
                    assert_eq!(at, value, "{layout:?} {channels:?}");
                }
            }
        }
    }
}
