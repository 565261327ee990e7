//! Batch normalisation becomes part of the convolution before it.
//!
//! ONNX Runtime does so too, when it loads a graph. Done beforehand, the steps that come after see
//! the weights that really run.

use std::collections::HashSet;

use anyhow::Result;

use crate::onnx::{ModelProto, NodeProto, TensorProto};
use crate::rewrite::{Constants, graph, readers};
use crate::unused::drop_unused;

/// `BatchNormalization` adds this to the variance when it names nothing else (ONNX operators).
const DEFAULT_EPSILON: f32 = 1e-5;

/// Folds every `BatchNormalization` that alone reads the result of a `Conv` into its weights:
/// scale / sqrt(variance + epsilon) on each output channel.
///
/// # Errors
/// When what a normalisation needs is no constant.
pub fn fold(model: &mut ModelProto) -> Result<()> {
    let graph = graph(model)?;
    let readers = readers(graph);
    let mut tensors = Vec::new();
    let mut folded = HashSet::new();
    let mut nodes: Vec<NodeProto> = Vec::new();
    {
        let constants = Constants::of(graph);
        for node in &graph.node {
            let result = node.result()?;
            if folded.contains(result) {
                continue;
            }
            let next = graph.node.iter().find(|next| {
                next.is("BatchNormalization")
                    && next.input.first().is_some_and(|input| input == result)
            });
            let (true, Some(1), Some(next)) = (node.is("Conv"), readers.get(result).copied(), next)
            else {
                nodes.push(node.clone());
                continue;
            };
            let weight = constants.get(node.operand(1)?)?;
            let list = |index| constants.list(next.operand(index)?);
            let (scale, shift, mean, variance) = (list(1)?, list(2)?, list(3)?, list(4)?);
            let bias = match node.operand(2) {
                Ok(name) => constants.list(name)?,
                Err(_) => vec![0.0; scale.len()],
            };
            let epsilon = next.float("epsilon").unwrap_or(DEFAULT_EPSILON);
            let factors: Vec<f32> =
                scale.iter().zip(&variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
            let each = weight.values.len() / factors.len().max(1);
            let weights: Vec<f32> =
                weight.values.iter().enumerate().map(|(i, w)| w * factors[i / each]).collect();
            let biases: Vec<f32> =
                (0..factors.len()).map(|c| (bias[c] - mean[c]) * factors[c] + shift[c]).collect();
            let named = |what: &str| format!("{result}_{what}");
            tensors.push(TensorProto::floats(&named("weight"), &weight.dims, &weights));
            tensors.push(TensorProto::floats(&named("bias"), &[biases.len() as i64], &biases));
            let mut conv = node.clone();
            conv.input = vec![node.operand(0)?.to_owned(), named("weight"), named("bias")];
            conv.output = vec![next.result()?.to_owned()];
            folded.insert(next.result()?.to_owned());
            nodes.push(conv);
        }
    }
    graph.node = nodes;
    graph.initializer.extend(tensors);
    drop_unused(graph);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{GraphProto, ValueInfoProto};
    use crate::rewrite::floats;

    #[test]
    fn the_convolution_takes_over_scale_and_shift() {
        let names = ["scale", "shift", "mean", "variance"];
        let values = [[2.0, 3.0], [0.5, 0.0], [1.0, 0.0], [3.999_99, 0.999_99]];
        let mut initializer: Vec<TensorProto> =
            names.iter().zip(values).map(|(n, v)| TensorProto::floats(n, &[2], &v)).collect();
        initializer.push(TensorProto::floats("w", &[2, 1, 1, 1], &[4.0, 5.0]));
        let graph = GraphProto {
            node: vec![
                NodeProto::new("Conv", &["x", "w"], "c"),
                NodeProto::new(
                    "BatchNormalization",
                    &["c", "scale", "shift", "mean", "variance"],
                    "y",
                ),
            ],
            initializer,
            input: vec![ValueInfoProto::floats("x", &[1, 1, 1, 1])],
            output: vec![ValueInfoProto::floats("y", &[1, 2, 1, 1])],
            ..GraphProto::default()
        };
        let mut model = ModelProto { graph: Some(graph), ..ModelProto::default() };
        fold(&mut model).unwrap();
        let graph = model.graph.unwrap();
        assert_eq!(graph.node.len(), 1);
        assert_eq!(graph.node[0].result().unwrap(), "y");
        let of = |name: &str| {
            let tensor = graph.initializer.iter().find(|t| t.name.as_deref() == Some(name));
            floats(tensor.unwrap()).unwrap()
        };
        // 2 / sqrt(4) = 1 and 3 / sqrt(1) = 3; (0 - 1) * 1 + 0.5.
        assert_eq!(of("c_weight"), [4.0, 15.0]);
        assert_eq!(of("c_bias"), [-0.5, 0.0]);
        assert_eq!(graph.initializer.len(), 2);
    }
}
