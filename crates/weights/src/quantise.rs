//! The large matrices in eight bits.
//!
//! Where a layer is just a large matrix, integers are faster and take a quarter of the memory:
//!
//! - a convolution of 1 x 1 becomes `DynamicQuantizeMatMul` with a scale for each output channel. What
//!   comes in is brought to eight bits while the graph runs, by its own range, so that no pictures are
//!   needed to calibrate anything;
//! - a fully connected layer becomes `MatMulNBits` with a scale for each run of 64 weights.
//!
//! Small layers stay float32: bringing them to eight bits and back costs more than it saves.

use anyhow::{Result, ensure};

use crate::onnx::{AttributeProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto};
use crate::rewrite::{Constant, Constants, graph};
use crate::unused::drop_unused;

/// The runtime's own operators.
const CONTRIB: &str = "com.microsoft";

/// Fewest weights of a convolution for which it pays. Measured on the matcher: from 65,536 (256 x
/// 256) it saves time, at 16,384 (128 x 128, on pictures four times as large) it costs time.
const LEAST_WEIGHTS: usize = 60_000;

/// Largest integer of a convolution's weight: seven bits with the sign. Processors without VNNI
/// add two products of eight bits in sixteen, which full eight bits would overflow without a sign of
/// it (ONNX Runtime, "Quantize ONNX models": `reduce_range`).
const CONVOLUTION_RANGE: f32 = 63.0;

/// Largest integer of a fully connected weight; its kernel cannot overflow.
const FULL_RANGE: f32 = 127.0;

/// What is added to a fully connected weight: `MatMulNBits` stores without a sign.
const OFFSET: f32 = 128.0;

/// Neighbouring weights of a fully connected layer that share a scale.
const RUN: usize = 64;

/// `MatMulNBits`: what comes in is brought to eight bits too.
const EIGHT_BIT_INPUT: i64 = 4;

/// Replaces the large matrices of the graph.
///
/// # Errors
/// When weights are no constants.
pub fn quantise(model: &mut ModelProto) -> Result<()> {
    let graph = graph(model)?;
    let mut tensors = Vec::new();
    let mut nodes = Vec::new();
    {
        let constants = Constants::of(graph);
        for node in &graph.node {
            if let Some(weight) = pointwise(node, &constants)? {
                let bias = match node.operand(2) {
                    Ok(name) => constants.list(name)?,
                    Err(_) => vec![0.0; weight.dims[0] as usize],
                };
                convolution(node, &weight, &bias, &mut nodes, &mut tensors)?;
            } else if node.is("Gemm") && node.int("transB") == Some(1) {
                let weight = constants.get(node.operand(1)?)?;
                if weight.values.len() >= LEAST_WEIGHTS {
                    fully_connected(node, &weight, &mut nodes, &mut tensors)?;
                } else {
                    nodes.push(node.clone());
                }
            } else {
                nodes.push(node.clone());
            }
        }
    }
    graph.node = nodes;
    graph.initializer.extend(tensors);
    drop_unused(graph);
    if !model.opset_import.iter().any(|set| set.domain.as_deref() == Some(CONTRIB)) {
        let domain = Some(CONTRIB.to_owned());
        model.opset_import.push(OperatorSetIdProto { domain, version: Some(1) });
    }
    Ok(())
}

/// The weights of a large convolution of 1 x 1 over all channels, at every place.
fn pointwise(node: &NodeProto, constants: &Constants<'_>) -> Result<Option<Constant>> {
    if !node.is("Conv") {
        return Ok(None);
    }
    let weight = constants.get(node.operand(1)?)?;
    let moves = |name: &str| node.list(name).iter().any(|value| *value != 1);
    let pads = node.list("pads").iter().any(|value| *value != 0);
    let fits = matches!(weight.dims[..], [_, inputs, 1, 1] if inputs > 1)
        && node.int("group").unwrap_or(1) == 1
        && !moves("strides")
        && !pads
        && weight.values.len() >= LEAST_WEIGHTS;
    Ok(fits.then_some(weight))
}

fn convolution(
    node: &NodeProto,
    weight: &Constant,
    bias: &[f32],
    nodes: &mut Vec<NodeProto>,
    tensors: &mut Vec<TensorProto>,
) -> Result<()> {
    let (input, result) = (node.operand(0)?, node.result()?);
    let (outputs, inputs) = (weight.dims[0] as usize, weight.dims[1] as usize);
    let rows = weight.values.chunks_exact(inputs);
    let scales: Vec<f32> = rows.clone().map(|row| scale(row, CONVOLUTION_RANGE)).collect();
    // The operator wants a column for each output.
    let mut columns = vec![0_i8; weight.values.len()];
    for (output, row) in rows.enumerate() {
        for (input, value) in row.iter().enumerate() {
            // In range by the choice of the scale.
            columns[input * outputs + output] = (value / scales[output]).round() as i8;
        }
    }
    let named = |what: &str| format!("{result}_{what}");
    let [matrix, factors, zeros, shift] = ["matrix", "scale", "zero", "shift"].map(named);
    let (rows, width) = (inputs as i64, outputs as i64);
    tensors.push(TensorProto::signed_bytes(&matrix, &[rows, width], &columns));
    tensors.push(TensorProto::floats(&factors, &[width], &scales));
    tensors.push(TensorProto::signed_bytes(&zeros, &[width], &vec![0; outputs]));
    tensors.push(TensorProto::floats(&shift, &[width], bias));
    let (rows, product) = (named("rows"), named("product"));
    nodes.push(
        NodeProto::new("Transpose", &[input], &rows)
            .with(AttributeProto::ints("perm", &[0, 2, 3, 1])),
    );
    let inputs = [&rows[..], &matrix, &factors, &zeros, &shift];
    nodes.push(NodeProto::new("DynamicQuantizeMatMul", &inputs, &product).of(CONTRIB));
    nodes.push(
        NodeProto::new("Transpose", &[&product], result)
            .with(AttributeProto::ints("perm", &[0, 3, 1, 2])),
    );
    Ok(())
}

fn fully_connected(
    node: &NodeProto,
    weight: &Constant,
    nodes: &mut Vec<NodeProto>,
    tensors: &mut Vec<TensorProto>,
) -> Result<()> {
    let &[outputs, inputs] = &weight.dims[..] else {
        anyhow::bail!("{:?} is no matrix", weight.dims)
    };
    ensure!((inputs as usize).is_multiple_of(RUN), "{inputs} weights are no runs of {RUN}");
    let result = node.result()?;
    let named = |what: &str| format!("{result}_{what}");
    let runs = weight.values.chunks_exact(RUN);
    let scales: Vec<f32> = runs.clone().map(|run| scale(run, FULL_RANGE)).collect();
    let bytes: Vec<u8> = runs
        .zip(&scales)
        // In range by the choice of the scale.
        .flat_map(|(run, scale)| run.iter().map(move |v| ((v / scale).round() + OFFSET) as u8))
        .collect();
    let dims = [outputs, inputs / RUN as i64, RUN as i64];
    tensors.push(TensorProto::bytes(&named("matrix"), &dims, &bytes));
    tensors.push(TensorProto::floats(&named("scale"), &[scales.len() as i64], &scales));
    let (matrix, factors) = (named("matrix"), named("scale"));
    let bias = node.operand(2).unwrap_or_default();
    let node =
        NodeProto::new("MatMulNBits", &[node.operand(0)?, &matrix, &factors, "", "", bias], result);
    nodes.push(
        node.of(CONTRIB)
            .with(AttributeProto::int("K", inputs))
            .with(AttributeProto::int("N", outputs))
            .with(AttributeProto::int("bits", 8))
            .with(AttributeProto::int("block_size", RUN as i64))
            .with(AttributeProto::int("accuracy_level", EIGHT_BIT_INPUT)),
    );
    Ok(())
}

/// The scale that brings the largest of `values` to `range`.
fn scale(values: &[f32], range: f32) -> f32 {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    if largest > 0.0 { largest / range } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{GraphProto, ValueInfoProto};

    fn quantised(node: NodeProto, weight: TensorProto) -> ModelProto {
        let graph = GraphProto {
            node: vec![node],
            initializer: vec![weight],
            input: vec![ValueInfoProto::floats("x", &[1, 1])],
            output: vec![ValueInfoProto::floats("y", &[1, 1])],
            ..GraphProto::default()
        };
        let mut model = ModelProto { graph: Some(graph), ..ModelProto::default() };
        quantise(&mut model).unwrap();
        model
    }

    fn ops(model: &ModelProto) -> Vec<&str> {
        let nodes = &model.graph.as_ref().unwrap().node;
        nodes.iter().map(|node| node.op_type.as_deref().unwrap()).collect()
    }

    fn raw<'a>(model: &'a ModelProto, name: &str) -> &'a [u8] {
        let tensors = &model.graph.as_ref().unwrap().initializer;
        let tensor = tensors.iter().find(|tensor| tensor.name.as_deref() == Some(name));
        tensor.unwrap().raw_data.as_deref().unwrap()
    }

    #[test]
    fn a_large_convolution_becomes_columns_of_seven_bits() {
        let mut values = vec![0.0; 256 * 256];
        // Output 1 sees input 0 with 0.5 and input 2 with -0.3.
        values[256] = 0.5;
        values[258] = -0.3;
        let weight = TensorProto::floats("w", &[256, 256, 1, 1], &values);
        let model = quantised(NodeProto::new("Conv", &["x", "w"], "y"), weight);
        assert_eq!(ops(&model), ["Transpose", "DynamicQuantizeMatMul", "Transpose"]);
        let matrix = raw(&model, "y_matrix");
        assert_eq!(matrix[1], 63);
        assert_eq!(matrix[2 * 256 + 1].cast_signed(), -38);
        assert_eq!(matrix.iter().filter(|byte| **byte != 0).count(), 2);
        assert_eq!(model.opset_import[0].domain.as_deref(), Some(CONTRIB));
    }

    #[test]
    fn a_large_matrix_becomes_runs_of_eight_bits() {
        let mut values = vec![0.0; 64 * 1024];
        (values[0], values[1], values[64]) = (1.0, -1.0, 4.0);
        let weight = TensorProto::floats("w", &[64, 1024], &values);
        let gemm = NodeProto::new("Gemm", &["x", "w"], "y").with(AttributeProto::int("transB", 1));
        let model = quantised(gemm, weight);
        assert_eq!(ops(&model), ["MatMulNBits"]);
        let matrix = raw(&model, "y_matrix");
        assert_eq!((matrix[0], matrix[1], matrix[2], matrix[64]), (255, 1, 128, 255));
        assert_eq!(
            raw(&model, "y_scale")[..8],
            [(1.0_f32 / 127.0).to_le_bytes(), (4.0_f32 / 127.0).to_le_bytes()].concat()
        );
    }

    #[test]
    fn small_strided_and_wide_convolutions_stay() {
        let small = TensorProto::floats("w", &[8, 8, 1, 1], &[0.1; 64]);
        assert_eq!(ops(&quantised(NodeProto::new("Conv", &["x", "w"], "y"), small)), ["Conv"]);
        let large = TensorProto::floats("w", &[256, 256, 1, 1], &vec![0.1; 65_536]);
        let strided =
            NodeProto::new("Conv", &["x", "w"], "y").with(AttributeProto::ints("strides", &[2, 2]));
        assert_eq!(ops(&quantised(strided, large)), ["Conv"]);
        let wide = TensorProto::floats("w", &[128, 64, 3, 3], &vec![0.1; 73_728]);
        assert_eq!(ops(&quantised(NodeProto::new("Conv", &["x", "w"], "y"), wide)), ["Conv"]);
    }
}
