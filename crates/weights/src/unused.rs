//! Drops what no node of a graph reads.

use std::collections::HashSet;

use crate::onnx::GraphProto;
use crate::rewrite::readers;

/// Drops constants and inputs that no node reads, and nodes that only made them another shape.
pub fn drop_unused(graph: &mut GraphProto) {
    let read = readers(graph);
    graph.node.retain(|node| {
        !node.is("Reshape") || node.output.iter().any(|name| read.contains_key(name))
    });
    let outputs = graph.output.iter().filter_map(|output| output.name.clone());
    let used: HashSet<String> =
        graph.node.iter().flat_map(|node| node.input.iter().cloned()).chain(outputs).collect();
    let is_used = |name: &Option<String>| name.as_ref().is_some_and(|name| used.contains(name));

    graph.initializer.retain(|tensor| is_used(&tensor.name));
    let constants: HashSet<&Option<String>> =
        graph.initializer.iter().map(|tensor| &tensor.name).collect();
    graph.input.retain(|input| is_used(&input.name) && !constants.contains(&input.name));
}
