//! Rewrites the anti-spoofing graph of the `human` project, published for
//! TensorFlow.js, as ONNX.
//!
//! Not a general converter: it knows one chain of layers, takes names, order and
//! weights from the file, and refuses anything that differs, so that a graph is never
//! quietly computed in another way than its author meant:
//!
//! 1. three times a 3 x 3 convolution without padding (to 64, 32 and 16 channels), a
//!    bias, 2 x 2 max pooling and `ReLU`;
//! 2. the remaining 14 x 14 x 16 values in one row, channels last;
//! 3. a dense layer of 128 with `ReLU`, a dense layer of 1, and a sigmoid.
//!
//! The result takes `input`, `[1, 128, 128, 3]`, and gives `output`, `[1, 1]`.

#[cfg(test)]
mod tests;

use anyhow::{Context, Result};
use serde_json::json;

use crate::chain::Chain;
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};
use crate::tfjs::{self, Model};

/// Height and width of the image.
const SIDE: usize = 128;
/// Red, green and blue.
const COLOURS: usize = 3;
/// Height and width of every convolution.
const KERNEL: usize = 3;
/// How many channels each convolution gives.
const CHANNELS: [usize; 3] = [64, 32, 16];
/// The width and step of every pooling.
const POOL: usize = 2;
/// The size of the first dense layer.
const HIDDEN: usize = 128;

/// Operators used below have had this form since version 13, which every runtime of the
/// last years reads; the version of the file format is the one that came with it.
const OPERATOR_SET: i64 = 13;
const FILE_FORMAT: i64 = 7;

/// Base64 of `VALID`: no padding.
const VALID: &str = "VkFMSUQ=";
/// Base64 of `NHWC`: channels last.
const CHANNELS_LAST: &str = "TkhXQw==";
/// Base64 of `BiasAdd`.
const BIAS_ADD: &str = "Qmlhc0FkZA==";
/// Base64 of `Relu`.
const RELU: &str = "UmVsdQ==";

/// Rewrites the graph and its tensors as ONNX.
///
/// # Errors
/// When it is not exactly the chain of layers described above.
pub fn convert(graph: &[u8], data: &[u8]) -> Result<ModelProto> {
    rewrite(tfjs::read(graph, data)?)
}

fn rewrite(model: Model) -> Result<ModelProto> {
    let mut chain = Chain::new(model);
    let size = |size: usize| json!({ "size": size.to_string() });
    let dims = json!([{ "size": "-1" }, size(SIDE), size(SIDE), size(COLOURS)]);
    let image =
        [("dtype", json!({ "type": "DT_FLOAT" })), ("shape", json!({ "shape": { "dim": dims } }))];
    chain.step("Placeholder", 0, &image)?;

    let mut graph = GraphProto {
        name: Some("antispoof".into()),
        input: vec![ValueInfoProto::floats("input", &sizes(&[1, SIDE, SIDE, COLOURS])?)],
        output: vec![ValueInfoProto::floats("output", &[1, 1])],
        ..GraphProto::default()
    };

    // ONNX computes with channels first.
    graph.node.push(transpose("input", "planes", &[0, 3, 1, 2]));
    let mut latest = "planes".to_owned();
    let mut side = SIDE;
    let mut channels = COLOURS;
    for (index, wanted) in CHANNELS.into_iter().enumerate() {
        let layer = format!("conv_{index}");
        latest = convolution(&mut chain, &mut graph, &latest, &layer, [channels, wanted])?;
        channels = wanted;
        side = (side - KERNEL + 1) / POOL;
    }

    let features = side * side * channels;
    chain.row_of(features)?;
    // Back to channels last: the order of the dense layer's weights.
    graph.node.push(transpose(&latest, "pixels", &[0, 2, 3, 1]));
    graph.node.push(NodeProto::new("Flatten", &["pixels"], "features"));

    dense(&mut chain, &mut graph, ["features", "hidden"], [features, HIDDEN], &[BIAS_ADD, RELU])?;
    graph.node.push(NodeProto::new("Relu", &["hidden"], "hidden_relu"));
    dense(&mut chain, &mut graph, ["hidden_relu", "score"], [HIDDEN, 1], &[BIAS_ADD])?;

    chain.step("Sigmoid", 1, &[])?;
    graph.node.push(NodeProto::new("Sigmoid", &["score"], "output"));
    chain.step("Identity", 1, &[])?;
    chain.finish()?;

    let operators = OperatorSetIdProto { domain: None, version: Some(OPERATOR_SET) };
    Ok(ModelProto {
        ir_version: Some(FILE_FORMAT),
        graph: Some(graph),
        opset_import: vec![operators],
        ..ModelProto::default()
    })
}

/// A convolution with its bias, pooling and `ReLU`; returns the name of the result.
fn convolution(
    chain: &mut Chain,
    graph: &mut GraphProto,
    input: &str,
    layer: &str,
    [from, to]: [usize; 2],
) -> Result<String> {
    let step = chain.step(
        "_FusedConv2D",
        3,
        &[
            ("padding", json!({ "s": VALID })),
            ("explicit_paddings", json!({ "list": {} })),
            ("data_format", json!({ "s": CHANNELS_LAST })),
            ("strides", json!({ "list": { "i": ["1", "1", "1", "1"] } })),
            ("dilations", json!({ "list": { "i": ["1", "1", "1", "1"] } })),
            ("fused_ops", json!({ "list": { "s": [BIAS_ADD] } })),
        ],
    )?;
    let kernel = chain.floats(&step, 1, &[KERNEL, KERNEL, from, to])?;
    let kernel = output_channels_first(&kernel, [from, to]);
    let bias = chain.floats(&step, 2, &[to])?;
    let pool = POOL.to_string();
    let windows = json!({ "list": { "i": ["1", pool, pool, "1"] } });
    chain.step(
        "MaxPool",
        1,
        &[
            ("padding", json!({ "s": VALID })),
            ("explicit_paddings", json!({ "list": {} })),
            ("data_format", json!({ "s": CHANNELS_LAST })),
            ("ksize", windows.clone()),
            ("strides", windows),
        ],
    )?;
    chain.step("Relu", 1, &[])?;

    let [weights, biases] = [format!("{layer}_weight"), format!("{layer}_bias")];
    let [pooled, positive] = [format!("{layer}_pool"), format!("{layer}_relu")];
    let kernel_size = sizes(&[to, from, KERNEL, KERNEL])?;
    graph.initializer.push(TensorProto::floats(&weights, &kernel_size, &kernel));
    graph.initializer.push(TensorProto::floats(&biases, &sizes(&[to])?, &bias));
    let window = sizes(&[POOL, POOL])?;
    graph.node.extend([
        NodeProto::new("Conv", &[input, &weights, &biases], layer)
            .with(AttributeProto::ints("kernel_shape", &sizes(&[KERNEL, KERNEL])?)),
        NodeProto::new("MaxPool", &[layer], &pooled)
            .with(AttributeProto::ints("kernel_shape", &window))
            .with(AttributeProto::ints("strides", &window)),
        NodeProto::new("Relu", &[&pooled], &positive),
    ]);
    Ok(positive)
}

/// A dense layer with its bias. `fused` is what the file says happens inside the
/// operation; an activation among it is left to the caller.
fn dense(
    chain: &mut Chain,
    graph: &mut GraphProto,
    [input, layer]: [&str; 2],
    [from, to]: [usize; 2],
    fused: &[&str],
) -> Result<()> {
    let step = chain.step(
        "_FusedMatMul",
        3,
        &[
            ("transpose_a", json!({ "b": false })),
            ("transpose_b", json!({ "b": false })),
            ("fused_ops", json!({ "list": { "s": fused } })),
        ],
    )?;
    let matrix = chain.floats(&step, 1, &[from, to])?;
    let bias = chain.floats(&step, 2, &[to])?;
    let [weights, biases] = [format!("{layer}_weight"), format!("{layer}_bias")];
    graph.initializer.push(TensorProto::floats(&weights, &sizes(&[from, to])?, &matrix));
    graph.initializer.push(TensorProto::floats(&biases, &sizes(&[to])?, &bias));
    graph.node.push(NodeProto::new("Gemm", &[input, &weights, &biases], layer));
    Ok(())
}

fn transpose(input: &str, output: &str, order: &[i64]) -> NodeProto {
    NodeProto::new("Transpose", &[input], output).with(AttributeProto::ints("perm", order))
}

/// From height, width, input, output channels to output, input channels, height, width.
fn output_channels_first(kernel: &[f32], [from, to]: [usize; 2]) -> Vec<f32> {
    let mut moved = Vec::with_capacity(kernel.len());
    for output in 0..to {
        for input in 0..from {
            for place in 0..KERNEL * KERNEL {
                moved.push(kernel[(place * from + input) * to + output]);
            }
        }
    }
    moved
}

fn sizes(sizes: &[usize]) -> Result<Vec<i64>> {
    sizes.iter().map(|&size| i64::try_from(size).context("a size beyond the format")).collect()
}
