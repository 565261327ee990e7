//! One operation of TensorFlow.js after the other, as ONNX.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{COLOURS, SIDE};
use crate::onnx::{AttributeProto, NodeProto, TensorProto};
use crate::tfjs::{Constant, Node, Values};

/// Base64 of `VALID`: no padding.
const VALID: &str = "VkFMSUQ=";
/// Base64 of `SAME`: as much padding as keeps the size, the larger half behind.
const SAME: &str = "U0FNRQ==";
/// Base64 of `NHWC`: channels last.
const CHANNELS_LAST: &str = "TkhXQw==";
/// Base64 of `BiasAdd`.
const BIAS_ADD: &str = "Qmlhc0FkZA==";
/// Base64 of `Prelu`.
const PRELU: &str = "UHJlbHU=";

/// Settings that do not change what is computed, given those that are checked.
const NEUTRAL: [&str; 6] = ["T", "Tpaddings", "epsilon", "num_args", "use_cudnn_on_gpu", "dtype"];

/// A result: a square of values, channels first.
#[derive(Clone)]
pub struct Planes {
    /// The name of the ONNX value.
    pub name: String,
    /// Height and width.
    pub side: usize,
    /// How many planes.
    pub channels: usize,
}

/// The operations so far.
pub struct Layers {
    constants: BTreeMap<String, Constant>,
    /// Results by the name of the operation that gave them.
    results: BTreeMap<String, Planes>,
    /// The operations in ONNX.
    pub nodes: Vec<NodeProto>,
    /// Their weights.
    pub initializers: Vec<TensorProto>,
}

/// How a window moves over its input.
struct Window {
    size: usize,
    step: usize,
    /// Rows and columns of padding in front and behind.
    padding: [usize; 2],
    /// Height and width of the result.
    side: usize,
}

impl Layers {
    /// Before the first operation.
    pub fn new(constants: BTreeMap<String, Constant>) -> Layers {
        Layers { constants, results: BTreeMap::new(), nodes: Vec::new(), initializers: Vec::new() }
    }

    /// The result of an operation.
    ///
    /// # Errors
    /// When there is none yet.
    pub fn result(&self, of: &str) -> Result<Planes> {
        self.results.get(of).cloned().with_context(|| format!("{of} comes before its result"))
    }

    /// Adds `node`.
    ///
    /// # Errors
    /// When it is not an operation that this knows, or has other settings.
    pub fn take(&mut self, node: &Node) -> Result<()> {
        let name = format!("layer_{}", self.results.len());
        let result = match &node.op[..] {
            "Placeholder" => self.image(node)?,
            "_FusedConv2D" => self.convolution(node, name)?,
            "DepthwiseConv2dNative" => self.depthwise(node, name)?,
            "AddV2" => self.sum(node, name)?,
            "Prelu" => self.prelu(node, name)?,
            "MaxPool" => self.pool(node, name)?,
            "Pad" => self.more_channels(node, name)?,
            op => bail!("unknown operation {op}"),
        };
        self.results.insert(node.name.clone(), result);
        Ok(())
    }

    /// ONNX computes with channels first.
    fn image(&mut self, node: &Node) -> Result<Planes> {
        let size = |size: usize| json!({ "size": size.to_string() });
        let dims = json!([{ "size": "-1" }, size(SIDE), size(SIDE), size(COLOURS)]);
        check(node, &[("shape", json!({ "shape": { "dim": dims } }))])?;
        self.nodes.push(
            NodeProto::new("Transpose", &["input"], "planes")
                .with(AttributeProto::ints("perm", &[0, 3, 1, 2])),
        );
        Ok(Planes { name: "planes".to_owned(), side: SIDE, channels: COLOURS })
    }

    /// A convolution with its bias, and `PReLU` where the file has fused it.
    fn convolution(&mut self, node: &Node, name: String) -> Result<Planes> {
        let (fused, inputs) = if node.input.len() == 4 {
            (json!([BIAS_ADD, PRELU]), 4)
        } else {
            (json!([BIAS_ADD]), 3)
        };
        let input = self.operand(node, inputs)?;
        let (shape, kernel) = self.floats(node, 1)?;
        let [size, width, from, to] = shape[..] else { bail!("weights of shape {shape:?}") };
        if size != width || from != input.channels {
            bail!("weights of shape {shape:?} for {} channels", input.channels);
        }
        let window = window(node, input.side, size)?;
        let fused = ("fused_ops", json!({ "list": { "s": fused } }));
        check(node, &[&windowed(node)?[..], &[fused, once("dilations")][..]].concat())?;
        let kernel = reorder(
            &kernel,
            size,
            |place, output, input| (place * from + input) * to + output,
            [to, from],
        );
        let biases = self.floats_of(node, 2, &[to])?;
        let conv = if inputs == 4 { format!("{name}_linear") } else { name.clone() };
        self.conv(
            &input.name,
            &conv,
            &window,
            1,
            (&[to, from, size, size], &kernel),
            Some(&biases),
        )?;
        if inputs == 4 {
            let slopes = self.floats_of(node, 3, &[1, 1, to])?;
            self.slopes(&conv, &name, &slopes)?;
        }
        Ok(Planes { name, side: window.side, channels: to })
    }

    /// A convolution of each plane alone, without a bias.
    fn depthwise(&mut self, node: &Node, name: String) -> Result<Planes> {
        let input = self.operand(node, 2)?;
        let (shape, kernel) = self.floats(node, 1)?;
        let [size, width, channels, 1] = shape[..] else { bail!("weights of shape {shape:?}") };
        if size != width || channels != input.channels {
            bail!("weights of shape {shape:?} for {} channels", input.channels);
        }
        let window = window(node, input.side, size)?;
        check(node, &[&windowed(node)?[..], &[once("dilations")][..]].concat())?;
        let kernel =
            reorder(&kernel, size, |place, output, _| place * channels + output, [channels, 1]);
        let shape = [channels, 1, size, size];
        self.conv(&input.name, &name, &window, channels, (&shape, &kernel), None)?;
        Ok(Planes { name, side: window.side, channels })
    }

    fn sum(&mut self, node: &Node, name: String) -> Result<Planes> {
        check(node, &[])?;
        let first = self.operand(node, 2)?;
        let second = self.result(&node.input[1])?;
        if (first.side, first.channels) != (second.side, second.channels) {
            bail!("two results of different sizes");
        }
        self.nodes.push(NodeProto::new("Add", &[&first.name, &second.name], &name));
        Ok(Planes { name, ..first })
    }

    fn prelu(&mut self, node: &Node, name: String) -> Result<Planes> {
        check(node, &[])?;
        let input = self.operand(node, 2)?;
        let slopes = self.floats_of(node, 1, &[1, 1, input.channels])?;
        self.slopes(&input.name, &name, &slopes)?;
        Ok(Planes { name, ..input })
    }

    fn pool(&mut self, node: &Node, name: String) -> Result<Planes> {
        let input = self.operand(node, 1)?;
        let step = step(node)?.to_string();
        let windows = json!({ "list": { "i": ["1", step, step, "1"] } });
        check(node, &[&windowed(node)?[..], &[("ksize", windows)][..]].concat())?;
        let window = window(node, input.side, step.parse()?)?;
        let pool = NodeProto::new("MaxPool", &[&input.name], &name);
        self.nodes.push(window.write(pool)?);
        Ok(Planes { name, side: window.side, ..input })
    }

    /// Planes of zeros behind the others.
    fn more_channels(&mut self, node: &Node, name: String) -> Result<Planes> {
        check(node, &[])?;
        let input = self.operand(node, 2)?;
        let constant = self.constants.get(&node.input[1]).context("no paddings")?;
        let added = match &constant.values {
            Values::Integers(values) => match values[..] {
                [0, 0, 0, 0, 0, 0, 0, added] => usize::try_from(added)?,
                _ => bail!("paddings {values:?}"),
            },
            Values::Floats(_) => bail!("paddings that are no integers"),
        };
        let zeros = format!("{name}_zeros");
        let shape = sizes(&[1, added, input.side, input.side])?;
        let values = vec![0.0; added * input.side * input.side];
        self.initializers.push(TensorProto::floats(&zeros, &shape, &values));
        self.nodes.push(
            NodeProto::new("Concat", &[&input.name, &zeros], &name)
                .with(AttributeProto::int("axis", 1)),
        );
        Ok(Planes { name, side: input.side, channels: input.channels + added })
    }

    fn conv(
        &mut self,
        input: &str,
        name: &str,
        window: &Window,
        groups: usize,
        (shape, kernel): (&[usize], &[f32]),
        biases: Option<&[f32]>,
    ) -> Result<()> {
        let weight = format!("{name}_weight");
        self.initializers.push(TensorProto::floats(&weight, &sizes(shape)?, kernel));
        let mut inputs = vec![input.to_owned(), weight];
        if let Some(values) = biases {
            let bias = format!("{name}_bias");
            self.initializers.push(TensorProto::floats(&bias, &sizes(&[values.len()])?, values));
            inputs.push(bias);
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let node = NodeProto::new("Conv", &inputs, name)
            .with(AttributeProto::int("group", i64::try_from(groups)?));
        self.nodes.push(window.write(node)?);
        Ok(())
    }

    fn slopes(&mut self, input: &str, name: &str, slopes: &[f32]) -> Result<()> {
        let slope = format!("{name}_slope");
        let shape = sizes(&[slopes.len(), 1, 1])?;
        self.initializers.push(TensorProto::floats(&slope, &shape, slopes));
        self.nodes.push(NodeProto::new("PRelu", &[input, &slope], name));
        Ok(())
    }

    /// The first of `inputs` inputs, a result.
    fn operand(&self, node: &Node, inputs: usize) -> Result<Planes> {
        if node.input.len() != inputs {
            bail!("{} inputs, not {inputs}", node.input.len());
        }
        self.result(&node.input[0])
    }

    /// Shape and numbers of a constant input.
    fn floats(&mut self, node: &Node, input: usize) -> Result<(Vec<usize>, Vec<f32>)> {
        let name = &node.input[input];
        let constant = self.constants.remove(name).with_context(|| format!("no {name} is left"))?;
        match constant.values {
            Values::Floats(values) => Ok((constant.shape, values)),
            Values::Integers(_) => bail!("{name}: weights that are integers"),
        }
    }

    /// The numbers of a constant input of this shape.
    fn floats_of(&mut self, node: &Node, input: usize, wanted: &[usize]) -> Result<Vec<f32>> {
        let (shape, values) = self.floats(node, input)?;
        if shape != wanted {
            bail!("{} is a {shape:?}, not a {wanted:?}", node.input[input]);
        }
        Ok(values)
    }
}

impl Window {
    fn write(&self, node: NodeProto) -> Result<NodeProto> {
        let [front, behind] = self.padding;
        Ok(node
            .with(AttributeProto::ints("kernel_shape", &sizes(&[self.size; 2])?))
            .with(AttributeProto::ints("strides", &sizes(&[self.step; 2])?))
            .with(AttributeProto::ints("pads", &sizes(&[front, front, behind, behind])?)))
    }
}

/// Places a window of `size` on a square of `side`, by the padding and the step of `node`.
fn window(node: &Node, side: usize, size: usize) -> Result<Window> {
    let step = step(node)?;
    let (after, padding) = if node.attr.get("padding") == Some(&json!({ "s": SAME })) {
        let after = side.div_ceil(step);
        (after, ((after - 1) * step + size).saturating_sub(side))
    } else {
        (side.checked_sub(size).context("a window larger than its input")? / step + 1, 0)
    };
    Ok(Window { size, step, padding: [padding / 2, padding - padding / 2], side: after })
}

/// How far a window moves, the same down and across.
fn step(node: &Node) -> Result<usize> {
    let step = node.attr.get("strides").and_then(|value| value.pointer("/list/i/1"));
    let step: usize = step.and_then(Value::as_str).context("no strides")?.parse()?;
    if step == 0 { bail!("strides of 0") } else { Ok(step) }
}

/// The settings of an operation with windows.
fn windowed(node: &Node) -> Result<Vec<(&'static str, Value)>> {
    let step = step(node)?.to_string();
    let same = node.attr.get("padding") == Some(&json!({ "s": SAME }));
    Ok(vec![
        ("padding", json!({ "s": if same { SAME } else { VALID } })),
        ("explicit_paddings", json!({ "list": {} })),
        ("data_format", json!({ "s": CHANNELS_LAST })),
        ("strides", json!({ "list": { "i": ["1", step, step, "1"] } })),
    ])
}

/// A setting that is 1 in each direction.
fn once(setting: &'static str) -> (&'static str, Value) {
    (setting, json!({ "list": { "i": ["1", "1", "1", "1"] } }))
}

/// Makes sure that `node` has exactly these settings, and others that change nothing.
fn check(node: &Node, settings: &[(&str, Value)]) -> Result<()> {
    for (name, value) in settings {
        if node.attr.get(*name) != Some(value) {
            bail!("{name} is {:?}, not {value}", node.attr.get(*name));
        }
    }
    let known =
        |name: &str| NEUTRAL.contains(&name) || settings.iter().any(|(known, _)| *known == name);
    match node.attr.keys().find(|name| !known(name)) {
        Some(name) => bail!("unexpected setting {name}"),
        None => Ok(()),
    }
}

/// A kernel with its output channels first. `from` says where the value of a place, an output and an
/// input channel lies in `kernel`.
fn reorder(
    kernel: &[f32],
    size: usize,
    from: impl Fn(usize, usize, usize) -> usize,
    [outputs, inputs]: [usize; 2],
) -> Vec<f32> {
    let mut moved = Vec::with_capacity(kernel.len());
    for output in 0..outputs {
        for input in 0..inputs {
            for place in 0..size * size {
                moved.push(kernel[from(place, output, input)]);
            }
        }
    }
    moved
}

fn sizes(sizes: &[usize]) -> Result<Vec<i64>> {
    sizes.iter().map(|&size| i64::try_from(size).context("a size beyond the format")).collect()
}
