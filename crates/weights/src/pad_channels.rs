//! Channels in whole blocks.
//!
//! ONNX Runtime's fast layout (NCHWc) holds channels in blocks of 16 on AVX-512 and 8 on AVX2, and takes
//! no convolution with another number. Networks that were pruned have 13, 77 or 231 of them. Channels
//! with weights of zero fill the blocks: they compute zeros, which the next layer multiplies with
//! zeros, so that nothing changes but the speed.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};

use crate::onnx::{GraphProto, ModelProto, NodeProto, TensorProto};
use crate::rewrite::{Constants, graph};
use crate::unused::drop_unused;

/// Channels of a block on AVX-512; a multiple of every other.
const BLOCK: usize = 16;

/// Operations that treat each channel separately, so that channels of zero do not affect the
/// others.
const BY_CHANNEL: [&str; 6] = ["PRelu", "Relu", "Sigmoid", "GlobalAveragePool", "Add", "Mul"];

/// Fills the blocks of every value that only convolutions and operations by channel read.
///
/// # Errors
/// When weights are no constants.
pub fn pad(model: &mut ModelProto) -> Result<()> {
    let graph = graph(model)?;
    let mut tensors = Vec::new();
    let mut nodes = graph.node.clone();
    {
        let constants = Constants::of(graph);
        let channels = channels(graph, &constants)?;
        let padded = padded(graph, &channels);
        for node in &mut nodes {
            let result = node.result()?.to_owned();
            let wide = |name: &str| -> Option<usize> {
                let count = *channels.get(name)?;
                Some(if padded.contains(name) { count.next_multiple_of(BLOCK) } else { count })
            };
            let changed = node.input.iter().chain([&result]).any(|name| padded.contains(name));
            if !changed {
                continue;
            }
            if node.is("Conv") {
                tensors.extend(widen_convolution(node, &constants, wide)?);
            } else if node.is("PRelu") {
                tensors.push(widen_slopes(node, &constants, wide)?);
            }
        }
    }
    graph.node = nodes;
    graph.initializer.extend(tensors);
    graph.value_info.clear();
    drop_unused(graph);
    Ok(())
}

/// Gives a convolution the weights of its wide channels, which stand in the tensors returned.
/// `wide` says how many channels a value has then.
fn widen_convolution(
    node: &mut NodeProto,
    constants: &Constants<'_>,
    wide: impl Fn(&str) -> Option<usize>,
) -> Result<Vec<TensorProto>> {
    let result = node.result()?.to_owned();
    let weight = constants.get(node.operand(1)?)?;
    let [outputs, inputs, rest @ ..] = &weight.dims[..] else { return Ok(Vec::new()) };
    let (outputs, inputs) = (*outputs as usize, *inputs as usize);
    let wide_outputs = wide(&result).context("a convolution of unknown width")?;
    let each = rest.iter().product::<i64>() as usize;
    let wide_inputs = if depthwise(node, outputs) {
        set_group(node, wide_outputs as i64);
        inputs
    } else {
        wide(node.operand(0)?).unwrap_or(inputs)
    };
    let mut values = vec![0.0; wide_outputs * wide_inputs * each];
    for output in 0..outputs {
        let from = output * inputs * each;
        let to = output * wide_inputs * each;
        values[to..to + inputs * each].copy_from_slice(&weight.values[from..from + inputs * each]);
    }
    let dims: Vec<i64> =
        [wide_outputs as i64, wide_inputs as i64].iter().chain(rest).copied().collect();
    let name = format!("{result}_wide_weight");
    let mut tensors = vec![TensorProto::floats(&name, &dims, &values)];
    if let Ok(bias) = node.operand(2) {
        let mut values = constants.list(bias)?;
        values.resize(wide_outputs, 0.0);
        let name = format!("{result}_wide_bias");
        tensors.push(TensorProto::floats(&name, &[wide_outputs as i64], &values));
        node.input[2] = name;
    }
    node.input[1] = name;
    Ok(tensors)
}

/// Gives a `PRelu` the slopes of its wide channels, which stand in the tensor returned.
fn widen_slopes(
    node: &mut NodeProto,
    constants: &Constants<'_>,
    wide: impl Fn(&str) -> Option<usize>,
) -> Result<TensorProto> {
    let result = node.result()?.to_owned();
    let mut slopes = constants.list(node.operand(1)?)?;
    let width = wide(&result).context("slopes of unknown width")?;
    slopes.resize(width, 0.0);
    let name = format!("{result}_wide_slope");
    let tensor = TensorProto::floats(&name, &[width as i64, 1, 1], &slopes);
    node.input[1] = name;
    Ok(tensor)
}

/// Whether each output channel of a convolution sees the input channel of the same number alone.
fn depthwise(node: &NodeProto, outputs: usize) -> bool {
    node.int("group").is_some_and(|group| group > 1 && group as usize == outputs)
}

fn set_group(node: &mut NodeProto, group: i64) {
    let attribute = node.attribute.iter_mut().find(|a| a.name.as_deref() == Some("group"));
    if let Some(attribute) = attribute {
        attribute.i = Some(group);
    }
}

/// The channels of every picture that convolutions make, and of what operations by channel make of
/// those.
fn channels(graph: &GraphProto, constants: &Constants<'_>) -> Result<HashMap<String, usize>> {
    let mut channels: HashMap<String, usize> = HashMap::new();
    for node in &graph.node {
        let count = if node.is("Conv") {
            constants.get(node.operand(1)?)?.dims.first().map(|count| *count as usize)
        } else if BY_CHANNEL.iter().any(|op| node.is(op)) {
            let operands = if node.is("PRelu") { &node.input[..1] } else { &node.input[..] };
            let counts: Vec<Option<usize>> =
                operands.iter().map(|name| channels.get(name).copied()).collect();
            counts
                .first()
                .copied()
                .flatten()
                .filter(|first| counts.iter().all(|c| *c == Some(*first)))
        } else {
            None
        };
        if let Some(count) = count {
            channels.insert(node.result()?.to_owned(), count);
        }
    }
    Ok(channels)
}

/// What may be padded: everything it meets must be padded with it.
fn padded(graph: &GraphProto, channels: &HashMap<String, usize>) -> HashSet<String> {
    let knows = |node: &NodeProto| node.is("Conv") || BY_CHANNEL.iter().any(|op| node.is(op));
    let mut padded: HashSet<String> = channels.keys().cloned().collect();
    for node in graph.node.iter().filter(|node| !knows(node)) {
        for name in &node.input {
            padded.remove(name);
        }
    }
    for name in graph.output.iter().filter_map(|output| output.name.as_ref()) {
        padded.remove(name);
    }
    loop {
        let before = padded.len();
        for node in &graph.node {
            let Some(result) = node.output.first() else { continue };
            let together: Vec<&String> = if BY_CHANNEL.iter().any(|op| node.is(op)) {
                let operands = if node.is("PRelu") { &node.input[..1] } else { &node.input[..] };
                operands.iter().chain([result]).collect()
            } else if channels.get(result).is_some_and(|count| depthwise(node, *count)) {
                node.input[..1].iter().chain([result]).collect()
            } else {
                continue;
            };
            if together.iter().any(|name| !padded.contains(*name)) {
                for name in together {
                    padded.remove(name);
                }
            }
        }
        if padded.len() == before {
            return padded;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{AttributeProto, ValueInfoProto};

    /// Three convolutions, the middle one depthwise, and a matrix after them.
    fn padded_graph() -> GraphProto {
        let floats = |name: &str, dims: &[i64]| {
            let count = dims.iter().product::<i64>() as usize;
            TensorProto::floats(name, dims, &vec![1.0; count])
        };
        let graph = GraphProto {
            node: vec![
                NodeProto::new("Conv", &["x", "w1", "b1"], "a"),
                NodeProto::new("PRelu", &["a", "s"], "p"),
                NodeProto::new("Conv", &["p", "w2"], "d").with(AttributeProto::int("group", 13)),
                NodeProto::new("Add", &["d", "p"], "e"),
                NodeProto::new("Conv", &["e", "w3"], "c"),
                NodeProto::new("Flatten", &["c"], "y"),
            ],
            initializer: vec![
                floats("w1", &[13, 3, 1, 1]),
                floats("b1", &[13]),
                floats("s", &[13, 1, 1]),
                floats("w2", &[13, 1, 3, 3]),
                floats("w3", &[5, 13, 1, 1]),
            ],
            input: vec![ValueInfoProto::floats("x", &[1, 3, 8, 8])],
            output: vec![ValueInfoProto::floats("y", &[1, 320])],
            ..GraphProto::default()
        };
        let mut model = ModelProto { graph: Some(graph), ..ModelProto::default() };
        pad(&mut model).unwrap();
        model.graph.unwrap()
    }

    #[test]
    fn blocks_are_filled_with_zeros_where_nobody_else_looks() {
        let graph = padded_graph();
        let constants = Constants::of(&graph);
        let of = |node: usize, input: usize| constants.get(&graph.node[node].input[input]).unwrap();
        let first = of(0, 1);
        assert_eq!(first.dims, [16, 3, 1, 1]);
        assert_eq!(first.values.iter().sum::<f32>(), 39.0);
        assert_eq!(first.values[39..], [0.0; 9]);
        assert_eq!(of(0, 2).values[13..], [0.0; 3]);
        assert_eq!(of(1, 1).dims, [16, 1, 1]);
        assert_eq!(of(2, 1).dims, [16, 1, 3, 3]);
        assert_eq!(graph.node[2].int("group"), Some(16));
        // What a matrix reads keeps its width; what it is made of is wider.
        let last = of(4, 1);
        assert_eq!(last.dims, [5, 16, 1, 1]);
        assert_eq!(last.values[..16], [[1.0; 13].as_slice(), &[0.0; 3]].concat());
        assert_eq!(graph.initializer.len(), 5);
    }
}
