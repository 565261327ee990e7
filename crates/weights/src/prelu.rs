//! `PRelu` in operations that ONNX Runtime runs in its fast layout.
//!
//! On x86 the runtime keeps pictures in blocks of channels (NCHWc) as long as every operation knows
//! that layout. `PRelu` does not, so that every one of them costs two reorderings on top. With slopes
//! `a`, `PRelu(x) = a x + relu((1 - a) x)` for `a <= 1`; both factors are depthwise convolutions of
//! 1 x 1, which are known, and the sum and the `Relu` are merged into them.

use anyhow::Result;

use crate::onnx::{AttributeProto, ModelProto, NodeProto, TensorProto};
use crate::rewrite::{Constants, graph};
use crate::unused::drop_unused;

/// Replaces every `PRelu`.
///
/// # Errors
/// When slopes are no constants.
pub fn split(model: &mut ModelProto) -> Result<()> {
    let graph = graph(model)?;
    let mut tensors = Vec::new();
    let mut nodes: Vec<NodeProto> = Vec::new();
    {
        let constants = Constants::of(graph);
        for node in &graph.node {
            if !node.is("PRelu") {
                nodes.push(node.clone());
                continue;
            }
            let (input, result) = (node.operand(0)?, node.result()?);
            let slopes = constants.list(node.operand(1)?)?;
            let mut times = |input: &str, what: &str, factors: Vec<f32>| {
                let output = format!("{result}_{what}");
                let (weights, node) = multiplied(input, &output, &factors);
                tensors.push(weights);
                nodes.push(node);
                output
            };
            let positive =
                times(input, "positive", slopes.iter().map(|a| (1.0 - a).abs()).collect());
            let rectified = format!("{result}_rectified");
            // A slope above 1 makes the second term negative, which relu would lose.
            let signs: Vec<f32> =
                slopes.iter().map(|a| if *a > 1.0 { -1.0 } else { 1.0 }).collect();
            let steep = signs.iter().any(|sign| *sign < 0.0);
            let signed = if steep { times(&rectified, "signed", signs) } else { rectified.clone() };
            let scaled = times(input, "scaled", slopes);
            // Each after what it depends on.
            let at = nodes.iter().position(|node| node.output[0] == positive).unwrap_or(0) + 1;
            nodes.insert(at, NodeProto::new("Relu", &[&positive], &rectified));
            nodes.push(NodeProto::new("Add", &[&scaled, &signed], result));
        }
    }
    graph.node = nodes;
    graph.initializer.extend(tensors);
    drop_unused(graph);
    Ok(())
}

/// Every channel of `input` by its own factor: a depthwise convolution of 1 x 1, and its weights.
pub(super) fn multiplied(input: &str, output: &str, factors: &[f32]) -> (TensorProto, NodeProto) {
    let (weights, channels) = (format!("{output}_factor"), factors.len() as i64);
    let node = NodeProto::new("Conv", &[input, &weights], output)
        .with(AttributeProto::int("group", channels))
        .with(AttributeProto::ints("kernel_shape", &[1, 1]));
    (TensorProto::floats(&weights, &[channels, 1, 1, 1], factors), node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{GraphProto, ValueInfoProto};
    use crate::rewrite::floats;

    fn split_with(slopes: &[f32]) -> GraphProto {
        let channels = slopes.len() as i64;
        let graph = GraphProto {
            node: vec![NodeProto::new("PRelu", &["x", "a"], "y")],
            initializer: vec![TensorProto::floats("a", &[channels, 1, 1], slopes)],
            input: vec![ValueInfoProto::floats("x", &[1, channels, 1, 1])],
            output: vec![ValueInfoProto::floats("y", &[1, channels, 1, 1])],
            ..GraphProto::default()
        };
        let mut model = ModelProto { graph: Some(graph), ..ModelProto::default() };
        split(&mut model).unwrap();
        model.graph.unwrap()
    }

    /// Runs the few operations that are written, on one value a channel.
    fn run(graph: &GraphProto, x: &[f32]) -> Vec<f32> {
        let mut values = std::collections::HashMap::from([("x".to_owned(), x.to_vec())]);
        for tensor in &graph.initializer {
            values.insert(tensor.name.clone().unwrap(), floats(tensor).unwrap());
        }
        for node in &graph.node {
            let of = |index: usize| values[&node.input[index]].clone();
            let both = |f: fn(f32, f32) -> f32| {
                of(0).into_iter().zip(of(1)).map(|(a, b)| f(a, b)).collect::<Vec<f32>>()
            };
            let result = match node.op_type.as_deref().unwrap() {
                "Conv" => both(|x, factor| x * factor),
                "Add" => both(|a, b| a + b),
                "Relu" => of(0).into_iter().map(|x| x.max(0.0)).collect(),
                other => panic!("{other}"),
            };
            values.insert(node.output[0].clone(), result);
        }
        values.remove("y").unwrap()
    }

    #[test]
    fn every_slope_gives_what_prelu_gives() {
        let slopes = [0.25, 1.0, 0.0, -0.5, 1.5];
        let graph = split_with(&slopes);
        for x in [-2.0, -0.5, 0.0, 0.5, 3.0] {
            let expected: Vec<f32> =
                slopes.iter().map(|a| if x < 0.0 { a * x } else { x }).collect();
            assert_eq!(run(&graph, &[x; 5]), expected, "{x}");
        }
        // No sign is flipped where all slopes are positive.
        assert_eq!(split_with(&[0.25]).node.len(), 4);
        assert_eq!(graph.node.len(), 5);
    }
}
