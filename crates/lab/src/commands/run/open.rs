//! `lab open`: where the lab's page is, and the page in a browser.

use std::{
    env,
    fmt::{self, Display, Formatter},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use project::{Scenario, running, status::Phase};
use serde::Serialize;

/// Where it is.
#[derive(Debug, Serialize)]
pub struct Opened {
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
    let url = format!("http://127.0.0.1:{port}/");
    Ok(Opened { browser: open(&url), url })
}

/// Hands `url` to the learner's browser and does not wait for it. A text browser would want this terminal, so without a
/// desktop only `$BROWSER` is asked: editors set it to reach a browser elsewhere.
fn open(url: &str) -> Option<String> {
    let is_desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some());
    let named = env::var("BROWSER").ok().filter(|browser| !browser.is_empty());
    let browser = named.or_else(|| is_desktop.then(|| "xdg-open".to_owned()))?;
    let quiet = Stdio::null;
    let started = Command::new(&browser).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    started.ok().map(|_| browser)
}

impl Display for Opened {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.browser {
            Some(browser) => write!(f, "{} is opened with {browser}", self.url),
            None => write!(f, "Open {} in a browser", self.url),
        }
    }
}
