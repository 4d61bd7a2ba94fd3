//! `cargo xtask matrix` and `images`: the lists over which CI and scripts loop.

use anyhow::Context;

use crate::scenarios::{self, Scenario};

/// Prints `scenarios=[1,2]` and `images=[{"package":"feed","bin":"feed"}]`: lines for `$GITHUB_OUTPUT`, which a job reads
/// with `fromJSON`.
///
/// # Errors
/// When the scenarios cannot be read.
pub fn run() -> anyhow::Result<bool> {
    let numbers: Vec<_> = scenarios::all()?.into_iter().map(|Scenario(n)| n).collect();
    println!("scenarios={}", serde_json::to_string(&numbers)?);
    let images = serde_json::to_string(&scenarios::images()?).context("images are plain data")?;
    println!("images={images}");
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
