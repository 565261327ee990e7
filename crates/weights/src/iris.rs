//! Rewrites the eye graph of the `human` project (`MediaPipe` Iris), published for TensorFlow.js, as
//! ONNX.
//!
//! The graph places 71 points about an eye and, in a branch of its own, five points of the iris. The
//! service asks where the lids are, so only the 71 points are kept: the other branch would cost a
//! third of the time for nothing.
//!
//! Not a general converter: it knows seven operations, takes their order and weights from the file,
//! and refuses settings that it does not know. So a graph is never quietly computed in another way
//! than its author meant.
//!
//! The result takes `input`, `[1, 64, 64, 3]`, and gives `output`, `[1, 213]`: x, y and z of each
//! point, x and y in pixels of the input.

mod layers;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, ValueInfoProto,
};
use crate::tfjs::{self, Model, Node};

use layers::Layers;

/// Height and width of the image.
const SIDE: usize = 64;
/// Red, green and blue.
const COLOURS: usize = 3;
/// The points about an eye: 15 on the lids, the others around them and on the brow.
const POINTS: usize = 71;
/// x, y and z.
const COORDINATES: usize = 3;
/// The operation that gives the points.
const CONTOUR: &str = "StatefulPartitionedCall/model/conv_eyes_contours_and_brows/BiasAdd";

/// The operators have had this form since version 13, which every runtime of the last years reads.
/// The version of the file format is the one that came with it.
const OPERATOR_SET: i64 = 13;
const FILE_FORMAT: i64 = 7;

/// Rewrites the graph and its tensors as ONNX.
///
/// # Errors
/// When the graph has operations or settings other than those described above, or does not give 71
/// points.
pub fn convert(graph: &[u8], data: &[u8]) -> Result<ModelProto> {
    let Model { nodes, constants } = tfjs::read(graph, data)?;
    let needed = needed(&nodes)?;
    let mut layers = Layers::new(constants);
    for node in nodes.iter().filter(|node| needed.contains(node.name.as_str())) {
        layers.take(node).with_context(|| node.name.clone())?;
    }
    let points = layers.result(CONTOUR)?;
    if (points.side, points.channels) != (1, POINTS * COORDINATES) {
        bail!("the graph does not give {POINTS} points");
    }
    let row =
        NodeProto::new("Flatten", &[&points.name], "output").with(AttributeProto::int("axis", 1));
    layers.nodes.push(row);
    let shape = [1, SIDE, SIDE, COLOURS].map(|size| i64::try_from(size).unwrap_or_default());
    let width = i64::try_from(POINTS * COORDINATES)?;
    let graph = GraphProto {
        name: Some("eye".into()),
        node: layers.nodes,
        initializer: layers.initializers,
        input: vec![ValueInfoProto::floats("input", &shape)],
        output: vec![ValueInfoProto::floats("output", &[1, width])],
        ..GraphProto::default()
    };
    Ok(ModelProto {
        ir_version: Some(FILE_FORMAT),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: None, version: Some(OPERATOR_SET) }],
        ..ModelProto::default()
    })
}

/// The operations that the points depend on, by name.
fn needed(nodes: &[Node]) -> Result<BTreeSet<&str>> {
    let mut needed = BTreeSet::from([CONTOUR]);
    // The file lists an operation after those that it depends on.
    for node in nodes.iter().rev() {
        if needed.contains(node.name.as_str()) {
            needed.extend(node.input.iter().map(String::as_str));
        }
    }
    if nodes.iter().all(|node| node.name != CONTOUR) {
        bail!("the graph has no operation {CONTOUR}");
    }
    Ok(needed)
}
