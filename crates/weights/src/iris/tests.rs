//! A graph of the published kind is rewritten, and every other one is refused.

use serde_json::{Value, json};

use super::*;

/// A part of the graph as published with small weights, and the branch that is left out. `change`
/// alters the JSON before it is read.
fn converted(change: impl FnOnce(&mut Value)) -> Result<ModelProto> {
    let mut weights: Vec<(&str, Vec<usize>)> = vec![
        ("first", vec![3, 3, 3, 64]),
        ("first_bias", vec![64]),
        ("first_slope", vec![1, 1, 64]),
        ("each", vec![3, 3, 64, 1]),
        ("slope", vec![1, 1, 64]),
        ("last", vec![2, 2, 128, 213]),
        ("last_bias", vec![213]),
        ("iris", vec![2, 2, 128, 15]),
        ("iris_bias", vec![15]),
    ];
    let mut data = Vec::new();
    let mut entries = Vec::new();
    for (name, shape) in &weights {
        let count: usize = shape.iter().product();
        data.extend((0..count).flat_map(|_| 0.25_f32.to_le_bytes()));
        entries.push(json!({ "name": name, "shape": shape, "dtype": "float32" }));
    }
    weights.push(("paddings", vec![4, 2]));
    data.extend([0, 0, 0, 0, 0, 0, 0, 64].into_iter().flat_map(i32::to_le_bytes));
    entries.push(json!({ "name": "paddings", "shape": [4, 2], "dtype": "int32" }));

    let windows = |padding: &str, step: &str| {
        json!({
            "padding": { "s": padding }, "data_format": { "s": "TkhXQw==" },
            "explicit_paddings": { "list": {} }, "T": { "type": "DT_FLOAT" },
            "strides": { "list": { "i": ["1", step, step, "1"] } },
            "dilations": { "list": { "i": ["1", "1", "1", "1"] } },
        })
    };
    let with = |mut settings: Value, name: &str, value: Value| {
        settings[name] = value;
        settings
    };
    let without = |mut settings: Value, name: &str| {
        settings.as_object_mut().unwrap().remove(name);
        settings
    };
    let (valid, same) = ("VkFMSUQ=", "U0FNRQ==");
    let fused = |operations: &[&str]| json!({ "list": { "s": operations } });
    let pool = json!({ "list": { "i": ["1", "16", "16", "1"] } });
    let image = json!({ "dim": [
        { "size": "-1" }, { "size": "64" }, { "size": "64" }, { "size": "3" }] });
    let bias = fused(&["Qmlhc0FkZA=="]);
    let mut file = json!({
        "format": "graph-model",
        "modelTopology": { "node": [
            { "name": "image", "op": "Placeholder",
              "attr": { "dtype": { "type": "DT_FLOAT" }, "shape": { "shape": image } } },
            { "name": "a", "op": "_FusedConv2D",
              "input": ["image", "first", "first_bias", "first_slope"],
              "attr": with(windows(same, "2"), "fused_ops", fused(&["Qmlhc0FkZA==", "UHJlbHU="])) },
            { "name": "b", "op": "DepthwiseConv2dNative", "input": ["a", "each"],
              "attr": windows(same, "1") },
            { "name": "c", "op": "AddV2", "input": ["a", "b"], "attr": {} },
            { "name": "d", "op": "Prelu", "input": ["c", "slope"], "attr": {} },
            { "name": "e", "op": "MaxPool", "input": ["d"],
              "attr": with(without(windows(valid, "16"), "dilations"), "ksize", pool) },
            { "name": "f", "op": "Pad", "input": ["e", "paddings"], "attr": {} },
            { "name": CONTOUR, "op": "_FusedConv2D", "input": ["f", "last", "last_bias"],
              "attr": with(windows(valid, "1"), "fused_ops", bias.clone()) },
            { "name": "iris_points", "op": "_FusedConv2D", "input": ["f", "iris", "iris_bias"],
              "attr": with(windows(valid, "1"), "fused_ops", bias) },
        ] },
        "weightsManifest": [{ "paths": ["iris.bin"], "weights": entries }],
    });
    change(&mut file);
    convert(&serde_json::to_vec(&file)?, &data)
}

fn refusal(pointer: &str, value: Value) -> String {
    let error = converted(|file| *file.pointer_mut(pointer).unwrap() = value).unwrap_err();
    format!("{error:#}")
}

#[test]
fn a_graph_of_the_published_kind_is_rewritten() {
    let graph = converted(|_| {}).unwrap().graph.unwrap();
    let operators: Vec<&str> =
        graph.node.iter().filter_map(|node| node.op_type.as_deref()).collect();
    let expected = [
        "Transpose",
        "Conv",
        "PRelu",
        "Conv",
        "Add",
        "PRelu",
        "MaxPool",
        "Concat",
        "Conv",
        "Flatten",
    ];
    // The branch of the iris is not among them.
    assert_eq!(operators, expected);
    assert_eq!(graph.output[0].name.as_deref(), Some("output"));
}

#[test]
fn padding_lies_behind_where_it_is_odd() {
    let graph = converted(|_| {}).unwrap().graph.unwrap();
    // 64 values in steps of two under a window of three: one more is needed, at the end.
    assert_eq!(graph.node[1].list("pads"), [0, 0, 1, 1]);
    assert_eq!(graph.node[3].list("pads"), [1, 1, 1, 1]);
    assert_eq!(graph.node[3].int("group"), Some(64));
}

#[test]
fn what_is_not_known_is_refused() {
    let node = |index: usize, rest: &str| format!("/modelTopology/node/{index}/{rest}");
    let cases = [
        (node(4, "op"), json!("Elu"), "unknown operation Elu"),
        (node(1, "attr/dilations/list/i/1"), json!("2"), "dilations"),
        (node(1, "attr/fused_ops/list/s/1"), json!("UmVsdQ=="), "fused_ops"),
        (node(1, "attr/strides/list/i/1"), json!("0"), "strides of 0"),
        (node(1, "attr/strides/list/i/2"), json!("1"), "strides"),
        (node(5, "attr/ksize/list/i/1"), json!("3"), "ksize"),
        (node(3, "attr"), json!({ "scale": { "f": 2 } }), "unexpected setting scale"),
        (node(3, "input/1"), json!("image"), "different sizes"),
        (node(4, "input/0"), json!("f"), "comes before its result"),
        (node(7, "name"), json!("elsewhere"), "no operation"),
        ("/weightsManifest/0/weights/4/shape".to_owned(), json!([1, 64, 1]), "not a [1, 1, 64]"),
    ];
    for (pointer, value, reason) in cases {
        let error = refusal(&pointer, value);
        assert!(error.contains(reason), "{pointer}: {error}");
    }
}

#[test]
fn another_number_of_points_is_refused() {
    let error = converted(|file| {
        for (weight, size) in [(5, json!([2, 2, 128, 212])), (6, json!([212]))] {
            file["weightsManifest"][0]["weights"][weight]["shape"] = size;
        }
        // The tensors behind it must still fit.
        file["weightsManifest"][0]["weights"][7]["shape"] = json!([2 * 2 * 128 * 16 + 1]);
    })
    .unwrap_err();
    assert!(error.to_string().contains("does not give 71 points"), "{error}");
}
