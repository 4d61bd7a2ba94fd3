//! `cargo xtask matrix` and `images`: the lists over which CI and scripts loop.

use anyhow::Context;

use crate::{
    commands::fuzz,
    scenarios::{self, Scenario},
};

/// Prints `scenarios=[1,2]` and `images=[{"package":"feed","bin":"feed"}]`: lines for `$GITHUB_OUTPUT`, which a job reads
/// with `fromJSON`. The targets of `cargo xtask fuzz` are a third line.
///
/// # Errors
/// When the scenarios cannot be read, or git cannot be run.
pub fn run() -> anyhow::Result<bool> {
    let numbers: Vec<_> = scenarios::all()?.into_iter().map(|Scenario(n)| n).collect();
    println!("scenarios={}", serde_json::to_string(&numbers)?);
    let images = serde_json::to_string(&scenarios::images()?).context("images are plain data")?;
    println!("images={images}");
    println!("fuzz_targets={}", serde_json::to_string(&fuzz::targets()?)?);
    Ok(true)
}

/// Prints `feed:feed`, a line per image.
///
/// # Errors
/// When the scenarios cannot be read.
pub fn images() -> anyhow::Result<bool> {
    scenarios::images()?.iter().for_each(|image| println!("{image}"));
    Ok(true)
}
