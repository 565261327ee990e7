//! `faceauth bench seed`: a database of any size to measure with.

use std::f32::consts::TAU;
use std::path::Path;

use anyhow::ensure;
use faceauth_domain::clock::Clock;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_store::seed::{History, SEEDED_PREFIX};
use faceauth_vision::manifest::Manifest;
use fastrand::Rng;
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::SystemClock;
use crate::commands::database::with_store;
use crate::config::{Config, Mode};
use crate::settings;

/// People of one transaction: some 10,000 rows, a fraction of a second.
const GROUP: u64 = 500;

/// Draws the faces together with the number of the person: the same people each time.
const SEED: u64 = 7;

/// The arguments of the command line.
#[derive(clap::Args)]
pub struct Arguments {
    /// How many people there shall be. Those that an earlier run has made count, so a run that was
    /// stopped is finished by the same command.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    people: u64,
    /// Templates of each person: random unit vectors, sealed as real ones.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=10))]
    templates: u8,
    /// Fill also the database of a production deployment, or one that holds real people. Nobody
    /// can take the made-up people out again but one by one.
    #[arg(long)]
    anyway: bool,
}

/// Fills the configured database, and shows how far it is.
///
/// # Errors
/// When the database holds real people or serves production and `--anyway` is not given, or when
/// configuration, keys or database are not usable.
pub fn run(path: Option<&Path>, arguments: &Arguments) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    ensure!(
        arguments.anyway || config.mode != Mode::Production,
        "mode is \"production\": --anyway fills its database all the same"
    );
    let manifest = Manifest::load(&settings::models(&config)?.manifest)?;
    let (model, dimension) = (manifest.embedding.id(), manifest.embedding.dimension);
    let Arguments { people, templates, anyway } = *arguments;
    with_store(path, async |store| {
        let there = store.inhabitants().await?;
        ensure!(
            anyway || !there.real,
            "the database holds people whose names do not begin with {SEEDED_PREFIX}: --anyway \
             fills it all the same"
        );
        let style =
            ProgressStyle::with_template("{bar:30} {pos} of {len} people, {per_sec}, {eta} left")?;
        let bar = ProgressBar::new(people).with_style(style).with_position(there.seeded);
        bar.reset_eta();
        let mut made = there.seeded;
        while made < people {
            let count = GROUP.min(people - made);
            let faces = |number| faces(&model, dimension, number, templates);
            let group: Vec<_> = (made + 1..=made + count).map(faces).collect::<Result<_, _>>()?;
            store.seed(made + 1, &group, &History::MONTHLY, SystemClock.now()).await?;
            made += count;
            bar.set_position(made);
        }
        let (added, time) = (made - there.seeded, bar.elapsed().as_secs_f64());
        bar.finish_and_clear();
        println!(
            "{made} people are there, {added} of them new, {:.0} a second. Their names are \
             {SEEDED_PREFIX}0000000001 and so on. Let Postgres count them before you measure: \
             VACUUM ANALYZE",
            added as f64 / time.max(f64::EPSILON)
        );
        Ok(())
    })
}

/// The templates of one person.
fn faces(
    model: &ModelId,
    dimension: usize,
    number: u64,
    templates: u8,
) -> anyhow::Result<Vec<Embedding>> {
    let mut draw = Rng::with_seed(SEED ^ number.rotate_left(32));
    let one = |_| Ok(Embedding::normalised(model.clone(), direction(&mut draw, dimension))?);
    (0..templates).map(one).collect()
}

/// A vector whose direction is as likely as any other: normal values, by Box and Muller.
fn direction(draw: &mut Rng, dimension: usize) -> Vec<f32> {
    let normal = |_| {
        let radius = (-2.0 * (1.0 - draw.f32()).ln()).sqrt();
        radius * (TAU * draw.f32()).cos()
    };
    (0..dimension).map(normal).collect()
}
