//! Walks a graph that must be a chain, and refuses a graph with any other shape.

use std::collections::BTreeMap;
use std::vec::IntoIter;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::tfjs::{Constant, Model, Node, Values};

/// Settings that do not change what is computed, given the ones that are checked.
const NEUTRAL: [&str; 5] = ["T", "Tshape", "epsilon", "num_args", "use_cudnn_on_gpu"];

/// Walks operations of which each takes the result of the one before.
pub struct Chain {
    steps: IntoIter<Node>,
    constants: BTreeMap<String, Constant>,
    /// The name of the latest result.
    latest: String,
}

impl Chain {
    /// Before the first operation.
    pub fn new(model: Model) -> Chain {
        Chain { steps: model.nodes.into_iter(), constants: model.constants, latest: String::new() }
    }

    /// Takes the next operation, which must be `op` on the latest result with exactly
    /// these settings; `inputs` counts that result and the constants.
    pub fn step(&mut self, op: &str, inputs: usize, settings: &[(&str, Value)]) -> Result<Node> {
        let node = self.steps.next().with_context(|| format!("no {op} after {}", self.latest))?;
        if node.op != op {
            bail!("{} is a {}, not a {op}", node.name, node.op);
        }
        if node.input.len() != inputs || node.input.first().is_some_and(|on| *on != self.latest) {
            bail!("{} works on {:?}, not on {}", node.name, node.input, self.latest);
        }
        for (name, value) in settings {
            if node.attr.get(*name) != Some(value) {
                bail!("{}: {name} is {:?}, not {value}", node.name, node.attr.get(*name));
            }
        }
        let is_known = |name: &str| {
            NEUTRAL.contains(&name) || settings.iter().any(|(setting, _)| *setting == name)
        };
        if let Some(name) = node.attr.keys().find(|name| !is_known(name)) {
            bail!("{}: unexpected setting {name}", node.name);
        }
        self.latest.clone_from(&node.name);
        Ok(node)
    }

    /// Takes the step that puts everything in one row of `length`.
    pub fn row_of(&mut self, length: usize) -> Result<()> {
        let step = self.step("Reshape", 2, &[])?;
        match self.constant(&step, 1, &[2])? {
            Values::Integers(shape) if shape[..] == [-1, i32::try_from(length)?] => Ok(()),
            _ => bail!("{} does not make one row of {length}", step.name),
        }
    }

    /// The numbers of a constant input.
    pub fn floats(&mut self, step: &Node, input: usize, shape: &[usize]) -> Result<Vec<f32>> {
        match self.constant(step, input, shape)? {
            Values::Floats(values) => Ok(values),
            Values::Integers(_) => bail!("{}: weights that are integers", step.name),
        }
    }

    fn constant(&mut self, step: &Node, input: usize, shape: &[usize]) -> Result<Values> {
        let name = &step.input[input];
        let constant =
            self.constants.remove(name).with_context(|| format!("no constant {name} is left"))?;
        if constant.shape != shape {
            bail!("{name} is a {:?}, not a {shape:?}", constant.shape);
        }
        Ok(constant.values)
    }

    /// Makes sure that nothing was passed over.
    pub fn finish(mut self) -> Result<()> {
        if let Some(step) = self.steps.next() {
            bail!("{} comes after the last layer", step.name);
        }
        if let Some(name) = self.constants.keys().next() {
            bail!("constant {name} is not used");
        }
        Ok(())
    }
}
