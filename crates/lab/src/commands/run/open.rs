//! `lab open`: where the lab's page is, and the page in a browser.

use std::{
    env,
    fmt::{self, Display, Formatter},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use project::{Scenario, running, status::Phase, store};
use serde::Serialize;

/// Where it is.
#[derive(Debug, Serialize)]
pub struct Opened {
    /// It contains the token, so it is a secret.
    url: String,
    /// The browser; `None` without a desktop.
    browser: Option<String>,
}

/// Finds the page of `scenario` and opens it, if there is something to open it with.
///
/// # Errors
/// When the scenario does not run, or runs without its page.
pub fn run(scenario: &Scenario) -> anyhow::Result<Opened> {
    let (spec, state) = running(scenario)?;
    let page =
        spec.page().context("this scenario was started without a page; start it again with: lab up")?;
    let service = state.service(&page.name).context("the page is still starting; try again in a second")?;
    if service.phase != Phase::Ready {
        bail!("the page does not answer: {}; see: make logs", service.detail);
    }
    let port = service.port.context("the page has no port")?;
    let url = scenario.page_url(port)?;
    Ok(Opened { browser: open(scenario, &url)?, url })
}

/// Opens `url` in the learner's browser and does not wait for it. `None` without a desktop: a text browser would want this
/// terminal. Where an editor reaches a browser elsewhere, its terminal opens the printed address at a click.
fn open(scenario: &Scenario, url: &str) -> anyhow::Result<Option<String>> {
    if ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| env::var_os(name).is_none()) {
        return Ok(None);
    }
    let named = env::var("BROWSER").ok().filter(|browser| !browser.is_empty());
    let browser = named.unwrap_or_else(|| "xdg-open".to_owned());
    let quiet = Stdio::null;
    let file = forwarding_file(scenario, url)?;
    let started = Command::new(&browser).arg(file).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    Ok(started.ok().map(|_| browser))
}

/// A file that sends the browser on to `url`. Other users can read the arguments of a program, but not this file.
fn forwarding_file(scenario: &Scenario, url: &str) -> anyhow::Result<PathBuf> {
    let path = scenario.dir().join("open.html");
    let page = format!(
        "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={url}\"><title>The lab's page</title>"
    );
    store::write(&path, page.as_bytes())?;
    Ok(path)
}

impl Display for Opened {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.browser {
            Some(browser) => write!(f, "{} is opened with {browser}", self.url),
            None => write!(f, "Open {} in a browser", self.url),
        }
    }
}
