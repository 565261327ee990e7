//! Reads TensorFlow.js graph models: a JSON file of operations and a manifest that says
//! how their constants lie in the binary file beside it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

/// A graph with the values of its constants.
pub struct Model {
    /// The operations other than constants, in the order they run.
    pub nodes: Vec<Node>,
    /// The constants, by name.
    pub constants: BTreeMap<String, Constant>,
}

/// One operation.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Node {
    /// Its name; other operations call its result by it.
    pub name: String,
    /// The operator.
    pub op: String,
    /// The names of what goes in.
    #[serde(default)]
    pub input: Vec<String>,
    /// Its settings, each wrapped in an object that names its type; text is in Base64.
    #[serde(default)]
    pub attr: BTreeMap<String, Value>,
}

/// A constant's shape and values.
pub struct Constant {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Values,
}

/// The values of a constant.
#[derive(Debug, PartialEq)]
pub enum Values {
    /// Numbers.
    Floats(Vec<f32>),
    /// Integers, such as shapes.
    Integers(Vec<i32>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModelFile {
    format: String,
    model_topology: Topology,
    weights_manifest: Vec<WeightGroup>,
}

#[derive(Deserialize)]
struct Topology {
    node: Vec<Node>,
}

#[derive(Deserialize)]
struct WeightGroup {
    paths: Vec<String>,
    weights: Vec<WeightEntry>,
}

#[derive(Deserialize)]
struct WeightEntry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
}

/// Reads a graph and its one binary file.
///
/// # Errors
/// When it is not a graph model, is spread over several binary files, or a constant is
/// missing, of another type, or not finite.
pub fn read(graph: &[u8], data: &[u8]) -> Result<Model> {
    let file: ModelFile =
        serde_json::from_slice(graph).context("this is not a TensorFlow.js model")?;
    if file.format != "graph-model" {
        bail!("a TensorFlow.js model in the form `{}`", file.format);
    }
    let [group] = &file.weights_manifest[..] else {
        bail!("the tensors are in {} groups, not one", file.weights_manifest.len());
    };
    if group.paths.len() != 1 {
        bail!("the tensors are in {} files, not one", group.paths.len());
    }

    let mut rest = data;
    let mut constants = BTreeMap::new();
    for entry in &group.weights {
        let constant =
            take(entry, &mut rest).with_context(|| format!("cannot read tensor {}", entry.name))?;
        if constants.insert(entry.name.clone(), constant).is_some() {
            bail!("tensor {} is there twice", entry.name);
        }
    }
    if !rest.is_empty() {
        bail!("{} bytes after the last tensor", rest.len());
    }

    let (stated, nodes): (Vec<Node>, Vec<Node>) =
        file.model_topology.node.into_iter().partition(|node| node.op == "Const");
    if let Some(node) = stated.iter().find(|node| !constants.contains_key(&node.name)) {
        bail!("constant {} has no tensor", node.name);
    }
    Ok(Model { nodes, constants })
}

/// Takes the next tensor off the binary file.
fn take(entry: &WeightEntry, rest: &mut &[u8]) -> Result<Constant> {
    let mut count: usize = 1;
    for &size in &entry.shape {
        count = count.checked_mul(size).context("a size beyond memory")?;
    }
    let stored = entry.quantization.as_ref().map_or(&entry.dtype[..], |stored| &stored.dtype[..]);
    let values = match (&entry.dtype[..], stored) {
        ("float32", "float16") => Values::Floats(numbers(rest, count, half_to_float)?),
        ("float32", "float32") => Values::Floats(numbers(rest, count, f32::from_le_bytes)?),
        ("int32", "int32") => Values::Integers(numbers(rest, count, i32::from_le_bytes)?),
        (dtype, stored) => bail!("{dtype} stored as {stored}"),
    };
    if let Values::Floats(values) = &values
        && !values.iter().all(|value| value.is_finite())
    {
        bail!("a weight that is not a number");
    }
    Ok(Constant { shape: entry.shape.clone(), values })
}

fn numbers<const SIZE: usize, T>(
    rest: &mut &[u8],
    count: usize,
    read: impl Fn([u8; SIZE]) -> T,
) -> Result<Vec<T>> {
    let (numbers, _) = rest.as_chunks::<SIZE>();
    let numbers = numbers.get(..count).context("the binary file ends early")?;
    *rest = &rest[count * SIZE..];
    Ok(numbers.iter().map(|&bytes| read(bytes)).collect())
}

/// Widens an IEEE 754 half, which a float32 holds exactly.
fn half_to_float(bytes: [u8; 2]) -> f32 {
    const FRACTION_BITS: i32 = 10;
    const LARGEST_EXPONENT: i32 = 31;
    const BIAS: i32 = 15;

    let bits = i32::from(u16::from_le_bytes(bytes));
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = bits >> FRACTION_BITS & LARGEST_EXPONENT;
    let (fraction, exponent) = match exponent {
        LARGEST_EXPONENT if fraction == 0 => return f32::INFINITY,
        LARGEST_EXPONENT => return f32::NAN,
        // Subnormal: no leading one, and the exponent of the smallest normal numbers.
        0 => (fraction, 1),
        _ => (fraction | 1 << FRACTION_BITS, exponent),
    };
    // Eleven bits and a power of two: every step is exact.
    let magnitude = fraction as f32 * 2_f32.powi(exponent - BIAS - FRACTION_BITS);
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(weights: &str) -> String {
        format!(
            r#"{{"format": "graph-model",
                "modelTopology": {{"node": [
                    {{"name": "a", "op": "Const"}},
                    {{"name": "b", "op": "Relu", "input": ["a"]}}]}},
                "weightsManifest": [{{"paths": ["a.bin"], "weights": [{weights}]}}]}}"#
        )
    }

    const HALVES: &str = r#"{"name": "a", "shape": [2, 1], "dtype": "float32",
        "quantization": {"dtype": "float16", "original_dtype": "float32"}}"#;

    #[test]
    fn halves_become_floats() {
        let cases: [(u16, f32); 8] = [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x0400, 6.103_515_6e-5),
        ];
        for (half, float) in cases {
            let widened = half_to_float(half.to_le_bytes());
            assert_eq!(widened.to_bits(), float.to_bits(), "{half:#x} gave {widened}");
        }
        assert!(!half_to_float(0x7c00_u16.to_le_bytes()).is_finite());
        assert!(half_to_float(0x7e00_u16.to_le_bytes()).is_nan());
    }

    #[test]
    fn constants_are_told_from_operations() {
        let model = read(file(HALVES).as_bytes(), &[0, 0x3c, 0, 0xc0]).unwrap();
        let [node] = &model.nodes[..] else { panic!("{:?}", model.nodes) };
        assert_eq!(node.op, "Relu");
        assert_eq!(model.constants["a"].shape, [2, 1]);
        assert_eq!(model.constants["a"].values, Values::Floats(vec![1.0, -2.0]));
    }

    #[test]
    fn a_binary_file_of_another_length_is_refused() {
        for length in [3, 5] {
            assert!(read(file(HALVES).as_bytes(), &vec![0; length]).is_err());
        }
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        assert!(read(file(HALVES).as_bytes(), &[0, 0x7c, 0, 0]).is_err());
    }

    #[test]
    fn a_constant_without_a_tensor_is_refused() {
        assert!(read(file("").as_bytes(), &[]).is_err());
    }
}
