//! The sole place that builds ONNX Runtime sessions.

use std::path::Path;
use std::sync::Mutex;

use ndarray::{Array4, ArrayViewD};
use ort::AsPointer;
use ort::environment::Environment;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::{Outlet, TensorRef};

use crate::error::VisionError;
use crate::manifest::Weights;
use crate::processor;

/// ONNX Runtime, loaded. A process has one; clones share it.
#[derive(Clone)]
pub struct Runtime(Environment);

/// The runtime allows a single environment in a process. The first caller makes it.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Loads the shared library at `path`, or answers the one already loaded.
    ///
    /// # Errors
    /// [`VisionError::Runtime`] when it cannot be loaded.
    pub fn load(path: &Path) -> Result<Self, VisionError> {
        let failed = |reason: String| VisionError::Runtime { path: path.to_owned(), reason };
        // A poisoned lock means a panic while loading; the value is still whole.
        let mut loaded = LOADED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return Ok(runtime.clone());
        }
        if let Some(flaw) = processor::flaw() {
            return Err(failed(flaw.to_owned()));
        }
        // A worker a core: OpenCV's own threads would only take each other's.
        opencv::core::set_num_threads(1).map_err(|e| failed(e.to_string()))?;
        let builder = ort::init_from(path).map_err(|e| failed(e.to_string()))?;
        let environment = builder.build().map_err(|e| failed(e.to_string()))?;
        share_arena(&environment).map_err(|e| failed(e.to_string()))?;
        let runtime = Self(environment);
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }
}

/// Makes one arena for the tensors of every session, instead of one for each: a session keeps what
/// its largest layer needed, and no two of a worker run at the same time. A fifth of the memory.
///
/// `ort` has no safe function for it; ONNX Runtime documents it as "Share allocator(s) between
/// sessions". Sessions themselves stay with their thread.
#[expect(unsafe_code, reason = "ort wraps neither the arena's settings nor its registration")]
fn share_arena(environment: &Environment) -> ort::Result<()> {
    // ONNX Runtime's own defaults: no limit, and its own sizes of chunks. Growing only by the
    // requested size (strategy 1) kept more memory.
    const NO_LIMIT: usize = 0;
    const DEFAULT: i32 = -1;
    let info =
        MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Arena, MemoryType::Default)?;
    let api = ort::api();
    let mut settings = std::ptr::null_mut();
    // SAFETY: the functions are called as the C API documents: environment and memory info are
    // alive, the arena's settings are released once, after their last use.
    unsafe {
        let made = (api.CreateArenaCfg)(NO_LIMIT, DEFAULT, DEFAULT, DEFAULT, &mut settings);
        ort::Error::result_from_status(made)?;
        let environment = environment.ptr().cast_mut();
        let registered = (api.CreateAndRegisterAllocator)(environment, info.ptr(), settings);
        (api.ReleaseArenaCfg)(settings);
        ort::Error::result_from_status(registered)
    }
}

/// One graph with one input, ready to run on the thread that owns it.
pub(crate) struct Graph {
    id: String,
    session: Session,
    input: String,
    outputs: Vec<String>,
}

impl Graph {
    /// Builds a session of `bytes`, the content of the weight file, and compares its
    /// inputs and outputs with the manifest.
    pub(crate) fn new(
        runtime: &Runtime,
        weights: &Weights,
        bytes: &[u8],
        threads: usize,
    ) -> Result<Self, VisionError> {
        let session = Session::builder(&runtime.0)?
            .with_optimization_level(GraphOptimizationLevel::Level3)
            .map_err(ort::Error::from)?
            .with_intra_threads(threads)
            .map_err(ort::Error::from)?
            .with_inter_threads(1)
            .map_err(ort::Error::from)?
            // Patterns are kept for every input shape ever seen; the detector sees many.
            .with_memory_pattern(false)
            .map_err(ort::Error::from)?
            .with_env_allocators()
            .map_err(ort::Error::from)?
            .commit_from_memory(bytes)?;
        let wrong = |reason| VisionError::WrongShape { model: weights.id.clone(), reason };
        let [input] = session.inputs() else {
            return Err(wrong(format!("{} inputs instead of one", session.inputs().len())));
        };
        check(input, &weights.input.name, &weights.input.shape).map_err(wrong)?;
        for expected in &weights.outputs {
            let outlet = session.outputs().iter().find(|o| o.name() == expected.name);
            let outlet =
                outlet.ok_or_else(|| wrong(format!("there is no output {}", expected.name)))?;
            check(outlet, &expected.name, &expected.shape).map_err(wrong)?;
        }
        Ok(Self {
            id: weights.id.clone(),
            input: weights.input.name.clone(),
            outputs: weights.outputs.iter().map(|o| o.name.clone()).collect(),
            session,
        })
    }

    /// Id in the manifest.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Runs the graph and hands the outputs, in manifest order, to `read`.
    pub(crate) fn run<T>(
        &mut self,
        input: &Array4<f32>,
        read: impl FnOnce(&[ArrayViewD<'_, f32>]) -> T,
    ) -> Result<T, VisionError> {
        let tensor = TensorRef::from_array_view(input.view())?;
        let values = self.session.run(ort::inputs![self.input.as_str() => tensor])?;
        let views = self
            .outputs
            .iter()
            .map(|name| values[name.as_str()].try_extract_array::<f32>())
            .collect::<Result<Vec<_>, _>>()?;
        Ok(read(&views))
    }
}

/// Whether an input or output of the graph is what the manifest says. -1 is free on
/// the manifest's side and unknown on the graph's.
fn check(outlet: &Outlet, name: &str, expected: &[i64]) -> Result<(), String> {
    if outlet.name() != name {
        return Err(format!("the input is {}, the manifest says {name}", outlet.name()));
    }
    let Some(shape) = outlet.dtype().tensor_shape() else {
        return Err(format!("{name} is no tensor"));
    };
    let fits = shape.len() == expected.len()
        && shape.iter().zip(expected).all(|(a, b)| a == b || *a < 0 || *b < 0);
    if fits { Ok(()) } else { Err(format!("{name} is {shape:?}, the manifest says {expected:?}")) }
}
