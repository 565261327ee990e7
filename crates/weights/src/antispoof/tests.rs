//! The published chain is rewritten, and every other chain is refused.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::tfjs::{Node, Values};

/// The chain as published, with small weights.
fn published() -> Model {
    let mut nodes = Vec::new();
    let mut constants = BTreeMap::new();
    let mut add = |op: &str, shapes: &[&[usize]], attr: Value| {
        let name = format!("{op}_{}", nodes.len());
        let latest = nodes.last().map(|node: &Node| node.name.clone());
        let mut input: Vec<String> = latest.into_iter().collect();
        for (index, shape) in shapes.iter().enumerate() {
            let constant = format!("{name}/{index}");
            let values = match op {
                "Reshape" => Values::Integers(vec![-1, 14 * 14 * 16]),
                _ => Values::Floats(vec![0.25; shape.iter().product()]),
            };
            constants.insert(constant.clone(), tfjs::Constant { shape: shape.to_vec(), values });
            input.push(constant);
        }
        let attr = serde_json::from_value(attr).unwrap();
        nodes.push(Node { name, op: op.into(), input, attr });
    };
    let image = json!({ "dim": [
        { "size": "-1" }, { "size": "128" }, { "size": "128" }, { "size": "3" }] });
    add(
        "Placeholder",
        &[],
        json!({
        "dtype": { "type": "DT_FLOAT" }, "shape": { "shape": image } }),
    );
    for (from, to) in [(3, 64), (64, 32), (32, 16)] {
        add(
            "_FusedConv2D",
            &[&[3, 3, from, to], &[to]],
            json!({
            "padding": { "s": VALID }, "data_format": { "s": CHANNELS_LAST },
            "explicit_paddings": { "list": {} }, "T": { "type": "DT_FLOAT" },
            "strides": { "list": { "i": ["1", "1", "1", "1"] } },
            "dilations": { "list": { "i": ["1", "1", "1", "1"] } },
            "fused_ops": { "list": { "s": [BIAS_ADD] } } }),
        );
        add(
            "MaxPool",
            &[],
            json!({
            "padding": { "s": VALID }, "data_format": { "s": CHANNELS_LAST },
            "explicit_paddings": { "list": {} },
            "ksize": { "list": { "i": ["1", "2", "2", "1"] } },
            "strides": { "list": { "i": ["1", "2", "2", "1"] } } }),
        );
        add("Relu", &[], json!({}));
    }
    add("Reshape", &[&[2]], json!({ "Tshape": { "type": "DT_INT32" } }));
    for (from, to, fused) in [(14 * 14 * 16, 128, vec![BIAS_ADD, RELU]), (128, 1, vec![BIAS_ADD])] {
        add(
            "_FusedMatMul",
            &[&[from, to], &[to]],
            json!({
            "transpose_a": { "b": false }, "transpose_b": { "b": false },
            "fused_ops": { "list": { "s": fused } } }),
        );
    }
    add("Sigmoid", &[], json!({}));
    add("Identity", &[], json!({}));
    Model { nodes, constants }
}

fn refusal(change: impl FnOnce(&mut Model)) -> String {
    let mut model = published();
    change(&mut model);
    rewrite(model).unwrap_err().to_string()
}

#[test]
fn the_published_chain_is_rewritten() {
    let graph = rewrite(published()).unwrap().graph.unwrap();
    let operators: Vec<&str> =
        graph.node.iter().filter_map(|node| node.op_type.as_deref()).collect();
    let layer = ["Conv", "MaxPool", "Relu"];
    let expected = [
        &["Transpose"][..],
        &layer,
        &layer,
        &layer,
        &["Transpose", "Flatten"],
        &["Gemm", "Relu", "Gemm", "Sigmoid"],
    ];
    assert_eq!(operators, expected.concat());
    assert_eq!(graph.initializer.len(), 10);
    assert_eq!(graph.output[0].name.as_deref(), Some("output"));
}

#[test]
fn kernels_are_turned_over() {
    // Each value names its place: height and width, then input, then output.
    let kernel: Vec<f32> = (0..KERNEL * KERNEL * 2 * 3).map(|index| index as f32).collect();
    let moved = output_channels_first(&kernel, [2, 3]);
    assert_eq!(moved[..3], [0.0, 6.0, 12.0]);
    assert_eq!(moved[9], 3.0);
    assert_eq!(moved[18], 1.0);
    assert_eq!(moved[53], 53.0);
}

#[test]
fn another_operator_is_refused() {
    let error = refusal(|model| model.nodes[3].op = "Elu".into());
    assert!(error.contains("is a Elu, not a Relu"), "{error}");
}

#[test]
fn another_padding_is_refused() {
    let same = json!({ "s": "U0FNRQ==" });
    let error = refusal(|model| *model.nodes[1].attr.get_mut("padding").unwrap() = same);
    assert!(error.contains("padding is"), "{error}");
}

#[test]
fn an_activation_inside_a_convolution_is_refused() {
    let fused = json!({ "list": { "s": [BIAS_ADD, RELU] } });
    let error = refusal(|model| *model.nodes[1].attr.get_mut("fused_ops").unwrap() = fused);
    assert!(error.contains("fused_ops is"), "{error}");
}

#[test]
fn a_setting_nobody_knows_is_refused() {
    let error = refusal(|model| {
        model.nodes[2].attr.insert("leakyrelu_alpha".into(), json!({ "f": 0.1 }));
    });
    assert!(error.contains("unexpected setting leakyrelu_alpha"), "{error}");
}

#[test]
fn a_branch_is_refused() {
    let error = refusal(|model| model.nodes[4].input[0] = model.nodes[1].name.clone());
    assert!(error.contains("works on"), "{error}");
}

#[test]
fn weights_of_another_shape_are_refused() {
    let error = refusal(|model| {
        let name = model.nodes[1].input[1].clone();
        model.constants.get_mut(&name).unwrap().shape = vec![3, 3, 64, 3];
    });
    assert!(error.contains("is a [3, 3, 64, 3]"), "{error}");
}

#[test]
fn a_row_of_another_length_is_refused() {
    let error = refusal(|model| {
        let name = model.nodes[10].input[1].clone();
        model.constants.get_mut(&name).unwrap().values = Values::Integers(vec![-1, 7]);
    });
    assert!(error.contains("one row of 3136"), "{error}");
}

#[test]
fn one_layer_more_or_less_is_refused() {
    let error = refusal(|model| drop(model.nodes.pop()));
    assert!(error.contains("no Identity"), "{error}");
    let error = refusal(|model| {
        let more = Node { name: "more".into(), ..model.nodes[13].clone() };
        model.nodes.push(more);
    });
    assert!(error.contains("after the last layer"), "{error}");
}
