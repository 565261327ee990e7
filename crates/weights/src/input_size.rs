//! Lets a graph take images of any size, not only the size it was exported with.

use anyhow::{Context, Result, bail};

use crate::onnx::{Dimension, ModelProto};

/// Frees the height and width of the one image input (`NCHW`), and with them the second
/// dimension of every output, which counts the cells the image is divided into.
///
/// # Errors
/// When the graph is not of that form.
pub fn free(model: &mut ModelProto) -> Result<()> {
    let graph = model.graph.as_mut().context("the file holds no graph")?;
    let [image] = &mut graph.input[..] else {
        bail!("expected one input, found {}", graph.input.len());
    };
    match image.dims_mut().map(Vec::as_mut_slice) {
        Some([_, _, height, width]) => {
            *height = Dimension::free("height".into());
            *width = Dimension::free("width".into());
        }
        _ => bail!("the input is not a batch of images"),
    }
    for output in &mut graph.output {
        let name = output.name.clone().unwrap_or_default();
        match output.dims_mut().map(Vec::as_mut_slice) {
            Some([_, cells, _]) => *cells = Dimension::free(format!("cells_{name}")),
            _ => bail!("output {name} is not a list of cells"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{GraphProto, ValueInfoProto};

    fn model() -> ModelProto {
        let graph = GraphProto {
            input: vec![ValueInfoProto::floats("image", &[1, 3, 8, 8])],
            output: vec![ValueInfoProto::floats("y", &[1, 64, 2])],
            ..GraphProto::default()
        };
        ModelProto { graph: Some(graph), ..ModelProto::default() }
    }

    #[test]
    fn the_size_of_the_image_is_freed() {
        let mut model = model();
        free(&mut model).unwrap();
        let graph = model.graph.as_mut().unwrap();
        let names = |value: &mut ValueInfoProto| -> Vec<Option<String>> {
            value.dims_mut().unwrap().iter().map(|dim| dim.dim_param.clone()).collect()
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(names(&mut graph.input[0]), [None, None, some("height"), some("width")]);
        assert_eq!(names(&mut graph.output[0]), [None, some("cells_y"), None]);
    }

    #[test]
    fn a_graph_of_something_else_keeps_its_size() {
        let mut model = model();
        model.graph.as_mut().unwrap().input[0] = ValueInfoProto::floats("image", &[1, 3]);
        assert!(free(&mut model).is_err());
    }
}
