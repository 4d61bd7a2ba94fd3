//! One module per command: what it does, and the report that it prints.

pub mod up;
pub mod settle;
pub mod down;
pub mod restart;
pub mod kill;
pub mod status;
pub mod open;
pub mod logs;
pub mod top;
pub mod frame;
pub mod screen;
pub mod ready;
pub mod load;
pub mod find_max;
pub mod measure;
pub mod live;
pub mod remarks;
pub mod probe;
pub mod freshness;
pub mod browse;
pub mod counters;
pub mod sessions;
pub mod subject;
pub mod code;
pub mod runs;
pub mod noise;
pub mod changes;
pub mod compare;
pub mod report;
pub mod predict;
pub mod aside;
pub mod ab;
pub mod again;
pub mod results;
pub mod explain;
pub mod fix;
pub mod sql;
pub mod reset;
pub mod solution;
pub mod doctor;
pub mod tidy;
mod turns;
pub mod numbers;
pub mod smoke;
pub mod check;
pub mod hint;
pub mod watch;
pub mod progress;
pub mod scratch;
pub mod validate;

use anyhow::{Context, bail};

use crate::{
    plan::Desired,
    project::{Scenario, read_json},
    state::State,
};

/// What shall run and what does, of a scenario that is up.
///
/// # Errors
/// When it is not; the message says how to start it.
pub fn running(scenario: &Scenario) -> anyhow::Result<(Desired, State)> {
    if !scenario.is_up()? {
        bail!("scenario {0} is not running; start it with: make scenario-{0}", scenario.number);
    }
    let state = State::read(scenario).context("it only just starts; try again in a second")?;
    let desired = read_json(&scenario.dir().join("desired.json"));
    Ok((desired.context("desired.json is gone; put it back with: make down, then the same again")?, state))
}
