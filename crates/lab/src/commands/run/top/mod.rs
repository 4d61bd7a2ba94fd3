//! `lab top`: the panels of the dashboard in the terminal, for those without a browser.

mod screen;

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use anyhow::{Context, bail};
use observe::dashboard::{Dashboard, Prometheus, Range, read};
use project::{Scenario, running};
use tokio::{signal::ctrl_c, task::spawn_blocking, time::timeout};
use view::{panel_text::PanelText, panels, terminal};

use self::screen::Screen;

/// What a frame looks back on: a column of a line's course is a second.
const LENGTH: Duration = Duration::from_secs(30);

/// Between two frames. Servers are asked every second.
const EVERY: Duration = Duration::from_secs(1);

/// How things are now.
///
/// # Errors
/// When the scenario is not up, or Prometheus is unavailable; the message says what to do.
pub async fn look(scenario: &Scenario) -> anyhow::Result<PanelText> {
    let (spec, _) = running(scenario)?;
    let Some(prometheus) = Prometheus::of(scenario, &spec)? else {
        bail!("{}", panels::no_prometheus(scenario));
    };
    let scenario = scenario.clone();
    let look = move || {
        let (dashboard, range) = (Dashboard::read(&scenario)?, Range::last(LENGTH));
        match read(&dashboard, &prometheus, range) {
            Ok(readings) => Ok(PanelText::of(&scenario, range, &readings)),
            Err(error) => bail!("{}", panels::prometheus_fails(&error)),
        }
    };
    spawn_blocking(look).await.context("a query panicked; this is a bug in the lab")?
}

/// Whether a terminal can show it and read `q`.
pub fn is_live() -> bool {
    io::stdout().is_terminal() && io::stdin().is_terminal()
}

/// Redraws the panels each second, until `q` or Ctrl-C.
///
/// # Errors
/// When the terminal goes.
pub async fn live(scenario: &Scenario) -> anyhow::Result<()> {
    let screen = Screen::open().context("cannot take over the terminal")?;
    loop {
        let size = terminal::size();
        let text = match look(scenario).await {
            Ok(frame) => frame.fit(size),
            Err(error) => format!("{error:#}\n\nq quits"),
        };
        screen.show(&text)?;
        tokio::select! {
            result = ctrl_c() => return Ok(result?),
            pressed = timeout(EVERY, screen.quits()) => if let Ok(pressed) = pressed { return pressed },
        }
    }
}
