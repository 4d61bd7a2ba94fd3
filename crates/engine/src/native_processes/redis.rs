//! `image: redis:…` is the Redis of this machine, in a directory of its own.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command},
    time::Duration,
};

use anyhow::{Context, ensure};
use compose::service_spec::Redis;
use project::Scenario;

use crate::{
    native_processes::{server_dir::ServerDir, until_it_answers},
    needs,
};

/// The command that serves `redis` on `127.0.0.1:port` in the foreground.
///
/// # Errors
/// When Redis is missing, or its directory cannot be made.
pub fn command(scenario: &Scenario, name: &str, port: u16, redis: &Redis) -> anyhow::Result<Command> {
    let place = ServerDir::prepare(scenario, name)?;
    let mut command = place.command(&needs::REDIS.find()?);
    command.args(&redis.arguments).args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    command.arg("--dir").arg(&place.dir);
    Ok(command)
}

/// Waits until it answers.
///
/// # Errors
/// When it ends before, or is silent for 5 s.
pub async fn ready(child: &mut Child, port: u16) -> anyhow::Result<String> {
    let ask = async || ping(port).context("Redis does not answer");
    until_it_answers(child, Duration::from_secs(5), ask).await?;
    Ok("answers".to_owned())
}

/// Source: Redis documentation, "Redis serialization protocol", "Inline commands".
fn ping(port: u16) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    ensure!(&answer == b"+PONG", "it answers {:?}", String::from_utf8_lossy(&answer));
    Ok(())
}
