//! Looking values up in a graph, and putting others in their place.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};

use crate::onnx::{GraphProto, ModelProto, NodeProto, TensorProto, data_type};

/// The graph of a file.
///
/// # Errors
/// When it holds none.
pub fn graph(model: &mut ModelProto) -> Result<&mut GraphProto> {
    model.graph.as_mut().context("the file holds no graph")
}

/// A float32 constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its shape.
    pub dims: Vec<i64>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

/// The constants of a graph by name: initializers, and those of another shape that `Reshape` makes
/// of them.
pub struct Constants<'a> {
    tensors: HashMap<&'a str, &'a TensorProto>,
    reshapes: HashMap<&'a str, &'a NodeProto>,
}

impl<'a> Constants<'a> {
    /// Of `graph`.
    pub fn of(graph: &'a GraphProto) -> Self {
        let tensors = graph.initializer.iter().filter_map(|t| Some((t.name.as_deref()?, t)));
        let reshapes = graph
            .node
            .iter()
            .filter(|node| node.is("Reshape"))
            .filter_map(|node| Some((node.output.first()?.as_str(), node)));
        Self { tensors: tensors.collect(), reshapes: reshapes.collect() }
    }

    /// The values of `name` as a flat list.
    ///
    /// # Errors
    /// When it is no constant of float32.
    pub fn list(&self, name: &str) -> Result<Vec<f32>> {
        Ok(self.get(name)?.values)
    }

    /// The constant `name`.
    ///
    /// # Errors
    /// When it is no constant of float32.
    pub fn get(&self, name: &str) -> Result<Constant> {
        if let Some(tensor) = self.tensors.get(name) {
            return Ok(Constant { dims: tensor.dims.clone(), values: floats(tensor)? });
        }
        let reshape = self.reshapes.get(name).with_context(|| format!("{name} is no constant"))?;
        let before = self.tensors.get(reshape.operand(0)?);
        let before = before.with_context(|| format!("{name} is made of no constant"))?;
        let dims = self.tensors.get(reshape.operand(1)?).context("a shape that is no constant")?;
        let (dims, values) = (integers(dims)?, floats(before)?);
        if dims.iter().any(|size| *size < 1) || dims.iter().product::<i64>() != values.len() as i64
        {
            bail!("{name}: {} values do not fill {dims:?}", values.len());
        }
        Ok(Constant { dims, values })
    }
}

/// The values of an int64 tensor.
fn integers(tensor: &TensorProto) -> Result<Vec<i64>> {
    let Some(raw) = tensor.raw_data.as_deref() else { return Ok(tensor.int64_data.clone()) };
    let (values, rest) = raw.as_chunks::<8>();
    if !rest.is_empty() {
        bail!("an integer that is cut short");
    }
    Ok(values.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
}

/// The values of a float32 tensor.
///
/// # Errors
/// When it is of another type or cut off.
pub fn floats(tensor: &TensorProto) -> Result<Vec<f32>> {
    if tensor.data_type != Some(data_type::FLOAT) {
        bail!("values of type {:?} where float32 is due", tensor.data_type);
    }
    let values = match tensor.raw_data.as_deref() {
        None => tensor.float_data.clone(),
        Some(raw) => {
            let (values, rest) = raw.as_chunks::<4>();
            if !rest.is_empty() {
                bail!("a float that is cut short");
            }
            values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
        }
    };
    // What a file says of its sizes is not to be multiplied unlooked at.
    let multiply =
        |count: i64, size: &i64| count.checked_mul(*size).context("a size beyond memory");
    let count = tensor.dims.iter().try_fold(1, multiply)?;
    if values.len() as i64 != count {
        bail!("{} values where {count} are due", values.len());
    }
    Ok(values)
}

/// How many nodes read each value; outputs of the graph count as read.
pub fn readers(graph: &GraphProto) -> HashMap<String, usize> {
    let mut readers = HashMap::new();
    let outputs = graph.output.iter().filter_map(|output| output.name.as_ref());
    for name in graph.node.iter().flat_map(|node| &node.input).chain(outputs) {
        *readers.entry(name.clone()).or_insert(0) += 1;
    }
    readers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_found_behind_a_reshape() {
        let mut shape = TensorProto::floats("shape", &[2], &[]);
        (shape.raw_data, shape.int64_data) = (None, vec![3, 2]);
        let weights = TensorProto::floats("flat", &[6], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let graph = GraphProto {
            node: vec![NodeProto::new("Reshape", &["flat", "shape"], "w")],
            initializer: vec![weights, shape],
            ..GraphProto::default()
        };
        let found = Constants::of(&graph).get("w").unwrap();
        assert_eq!((found.dims, found.values[5]), (vec![3, 2], 5.0));
        assert!(Constants::of(&graph).get("other").is_err());
    }

    #[test]
    fn values_must_fill_their_shape() {
        assert!(floats(&TensorProto::floats("w", &[3], &[1.0])).is_err());
        assert!(floats(&TensorProto::floats("w", &[i64::MAX, 4], &[1.0])).is_err());
    }
}
