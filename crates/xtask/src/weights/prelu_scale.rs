//! `PRelu` whose scale the next convolution carries.
//!
//! With slopes `a` and `d = 1 - a`, `PRelu(x) = d (relu(x) + (a / d) x)`. A convolution behind it
//! multiplies its weights by `d`, input channel by input channel, and what stays is a `Relu` and one
//! depthwise convolution of 1 x 1 where [`super::prelu`] needs two.

use anyhow::Result;

use super::onnx::{AttributeProto, ModelProto, NodeProto, TensorProto};
use super::rewrite::{Constants, graph, readers};

/// Least `|1 - a|`: nearer to 1, `a / d` would lose digits of float32.
const LEAST_SCALE: f32 = 0.05;

/// Replaces every `PRelu` that only convolutions with weights of their own read; others stay.
///
/// # Errors
/// When slopes or weights are no constants.
pub fn scale(model: &mut ModelProto) -> Result<()> {
    let graph = graph(model)?;
    let readers = readers(graph);
    let mut nodes = Vec::new();
    let mut tensors = Vec::new();
    for node in &graph.node {
        let slopes = match node.is("PRelu") {
            true => Constants::of(graph).list(node.operand(1)?)?,
            false => Vec::new(),
        };
        let result = node.result()?;
        let behind: Vec<&NodeProto> =
            graph.node.iter().filter(|next| next.input.iter().any(|i| i == result)).collect();
        let carried = behind.iter().all(|next| {
            let own = next.input.get(1).is_some_and(|weights| readers.get(weights) == Some(&1));
            next.is("Conv") && next.input[0] == result && own
        });
        let read = readers.get(result).copied().unwrap_or(0);
        let far = slopes.iter().all(|a| (1.0 - a).abs() >= LEAST_SCALE);
        if slopes.is_empty() || !carried || behind.len() != read || !far {
            nodes.push(node.clone());
            continue;
        }
        let scales: Vec<f32> = slopes.iter().map(|a| 1.0 - a).collect();
        for next in behind {
            let weights = next.operand(1)?;
            let mut found = Constants::of(graph).get(weights)?;
            let groups = usize::try_from(next.int("group").unwrap_or(1))?.max(1);
            multiply(&mut found.values, &found.dims, groups, &scales);
            tensors.push(TensorProto::floats(weights, &found.dims, &found.values));
        }
        let factors: Vec<f32> = slopes.iter().zip(&scales).map(|(a, d)| a / d).collect();
        let (factor, scaled, rectified) =
            (format!("{result}_factor"), format!("{result}_scaled"), format!("{result}_rectified"));
        let (input, channels) = (node.operand(0)?, factors.len() as i64);
        tensors.push(TensorProto::floats(&factor, &[channels, 1, 1, 1], &factors));
        nodes.push(NodeProto::new("Relu", &[input], &rectified));
        nodes.push(
            NodeProto::new("Conv", &[input, &factor], &scaled)
                .with(AttributeProto::int("group", channels))
                .with(AttributeProto::ints("kernel_shape", &[1, 1])),
        );
        nodes.push(NodeProto::new("Add", &[&scaled, &rectified], result));
    }
    graph.node = nodes;
    for tensor in tensors {
        graph.initializer.retain(|other| other.name != tensor.name);
        graph.initializer.push(tensor);
    }
    super::dequantize::drop_unused(graph);
    Ok(())
}

/// Multiplies weights of outputs x inputs of a group x ... by the scale of their input channel.
fn multiply(weights: &mut [f32], dims: &[i64], groups: usize, scales: &[f32]) {
    let size = |axis: usize| dims.get(axis).map_or(1, |size| *size as usize).max(1);
    let (outputs, inputs) = (size(0), size(1));
    let (each, outputs_of_group) = (weights.len() / outputs / inputs, outputs.div_ceil(groups));
    if each == 0 {
        return;
    }
    for (at, channel) in weights.chunks_mut(each).enumerate() {
        let group = at / inputs / outputs_of_group;
        let scale = scales.get(group * inputs + at % inputs).copied().unwrap_or(1.0);
        channel.iter_mut().for_each(|weight| *weight *= scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::onnx::{GraphProto, ValueInfoProto};
    use crate::weights::rewrite::floats;

    /// `PRelu` of three channels, read by `next` with weights `w` of `dims`.
    fn behind(next: &str, dims: &[i64], group: i64, slopes: &[f32]) -> GraphProto {
        let count: i64 = dims.iter().product();
        let weights: Vec<f32> = (1..=count).map(|n| n as f32).collect();
        let graph = GraphProto {
            node: vec![
                NodeProto::new("PRelu", &["x", "a"], "y"),
                NodeProto::new(next, &["y", "w"], "z").with(AttributeProto::int("group", group)),
            ],
            initializer: vec![
                TensorProto::floats("a", &[3, 1, 1], slopes),
                TensorProto::floats("w", dims, &weights),
            ],
            input: vec![ValueInfoProto::floats("x", &[1, 3, 1, 1])],
            output: vec![ValueInfoProto::floats("z", &[1, dims[0], 1, 1])],
            ..GraphProto::default()
        };
        let mut model = ModelProto { graph: Some(graph), ..ModelProto::default() };
        scale(&mut model).unwrap();
        model.graph.unwrap()
    }

    fn values(graph: &GraphProto, name: &str) -> Vec<f32> {
        floats(graph.initializer.iter().find(|t| t.name.as_deref() == Some(name)).unwrap()).unwrap()
    }

    #[test]
    fn relu_and_one_factor_give_what_prelu_gives_times_its_scale() {
        let slopes = [0.25, -0.5, 1.5];
        let scales = [0.75, 1.5, -0.5];
        let graph = behind("Conv", &[2, 3, 1, 1], 1, &slopes);
        let kinds: Vec<_> = graph.node.iter().map(|n| n.op_type.clone().unwrap()).collect();
        assert_eq!(kinds, ["Relu", "Conv", "Add", "Conv"]);
        let factors = values(&graph, "y_factor");
        for x in [-2.0f32, 0.0, 3.0] {
            for (channel, slope) in slopes.iter().enumerate() {
                let prelu = if x < 0.0 { slope * x } else { x };
                let carried = scales[channel] * (x.max(0.0) + factors[channel] * x);
                assert!((carried - prelu).abs() < 1e-6, "{x} {slope}");
            }
        }
        let expected = [0.75, 3.0, -1.5, 3.0, 7.5, -3.0];
        assert_eq!(values(&graph, "w"), expected);
    }

    #[test]
    fn depthwise_weights_take_the_scale_of_their_channel() {
        let graph = behind("Conv", &[3, 1, 1, 2], 3, &[0.5, 0.0, -1.0]);
        assert_eq!(values(&graph, "w"), [0.5, 1.0, 3.0, 4.0, 10.0, 12.0]);
    }

    #[test]
    fn what_nobody_can_carry_stays() {
        for graph in [
            behind("Mul", &[3, 1, 1, 1], 1, &[0.25; 3]),
            // Too near to the identity.
            behind("Conv", &[2, 3, 1, 1], 1, &[0.25, 0.99, 0.25]),
        ] {
            assert!(graph.node[0].is("PRelu"));
            assert_eq!(values(&graph, "w")[0], 1.0);
        }
    }
}
