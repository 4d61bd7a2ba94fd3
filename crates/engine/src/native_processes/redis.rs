//! `image: redis:…` is the Redis of this machine, in a directory of its own. It asks for a password.

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
    command.arg(place.write("redis.conf", configuration(redis))?);
    command.args(&redis.arguments).args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    command.arg("--dir").arg(&place.dir);
    Ok(command)
}

/// The configuration file: what other users must not see among the arguments.
pub fn configuration(redis: &Redis) -> String {
    format!("requirepass {}\n", redis.password)
}

/// Waits until it answers who has the `password`.
///
/// # Errors
/// When it ends before, or is silent for 5 s.
pub async fn ready(child: &mut Child, port: u16, password: &str) -> anyhow::Result<String> {
    let ask = async || ping(port, password).context("Redis does not answer");
    until_it_answers(child, Duration::from_secs(5), ask).await?;
    Ok("answers".to_owned())
}

/// Source: Redis documentation, "Redis serialization protocol", "Inline commands".
fn ping(port: u16, password: &str) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(format!("AUTH {password}\r\nPING\r\n").as_bytes())?;
    let mut answer = [0; 10];
    stream.read_exact(&mut answer)?;
    ensure!(&answer == b"+OK\r\n+PONG", "it answers {:?}", String::from_utf8_lossy(&answer));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
    };

    use super::*;

    /// Once it runs, Redis shows other arguments than it was given.
    #[test]
    fn the_password_is_in_the_file_and_not_in_the_arguments() {
        // If we are root, Redis runs as another user, who must be able to get here.
        let open = Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().permissions(open).tempdir().unwrap();
        let scenario = Scenario { number: 2, root: dir.path().into(), lab_dir: dir.path().into() };
        fs::create_dir_all(scenario.dir()).unwrap();
        let redis = Redis { arguments: vec!["--save".into(), "".into()], password: "abc123".into() };
        let command = command(&scenario, "redis", 6382, &redis).unwrap();
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        let position = arguments.iter().position(|argument| argument.ends_with("/redis.conf"));
        let position = position.unwrap_or_else(|| panic!("{arguments:?}"));
        assert_eq!(arguments[position + 1..position + 3], ["--save", ""]);
        assert!(!arguments.iter().any(|argument| argument.contains("abc123")), "{arguments:?}");
        assert_eq!(fs::read_to_string(&*arguments[position]).unwrap(), "requirepass abc123\n");
    }
}
