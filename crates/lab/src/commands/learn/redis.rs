//! `lab redis`: redis-cli on the scenario's Redis.

use std::{os::unix::process::CommandExt, process::Command};

use anyhow::{Context, Error};
use project::{Scenario, running};

/// Becomes redis-cli; returns only the error when that fails: the scenario does not run or has no Redis, or there is no
/// redis-cli.
pub fn run(scenario: &Scenario, arguments: &[String]) -> Error {
    match redis_cli(scenario) {
        Ok(mut redis_cli) => Error::from(redis_cli.args(arguments).exec()).context("cannot start redis-cli"),
        Err(error) => error,
    }
}

fn redis_cli(scenario: &Scenario) -> anyhow::Result<Command> {
    let (spec, _) = running(scenario)?;
    let found = spec.redis().with_context(|| format!("scenario {} has no Redis", scenario.number))?;
    let (service, redis, port) = found;
    let redis_cli = || {
        let mut redis_cli = Command::new("redis-cli");
        redis_cli.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // Other users can read arguments, but not the environment.
        redis_cli.env("REDISCLI_AUTH", &redis.password);
        redis_cli
    };
    let container = service.container.as_ref();
    Ok(container.map_or_else(redis_cli, |container| container.client(&service.name, "redis-cli")))
}
