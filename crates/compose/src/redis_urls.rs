//! Whether each client of a Redis sends the password that this Redis asks for.

use anyhow::bail;
use regex_lite::Regex;

use crate::service_spec::{Kind, Service};

/// Refuses a URL with which Redis would refuse its client: a service goes on without its cache then, and only its log and
/// its numbers would show that.
///
/// # Errors
/// Names the service, the variable and what to write.
pub fn refuse_without_password(services: &[Service]) -> anyhow::Result<()> {
    for Service { name, port, kind, .. } in services {
        let (Kind::Redis(redis), Some(port)) = (kind, port) else { continue };
        let url = Regex::new(&format!(r"redis://(?:([^@/\s]*)@)?127\.0\.0\.1:{}\b", port.native))?;
        let logins = ["", "default"].map(|user| format!("{user}:{}", redis.password));
        for client in services {
            for (variable, value) in client.program().into_iter().flat_map(|program| &program.environment) {
                let mut given =
                    url.captures_iter(value).map(|url| url.get(1).map_or("", |login| login.as_str()));
                if given.any(|login| !logins.iter().any(|right| right == login)) {
                    bail!(
                        "service {}: environment: {variable}: {name} asks for the password in its REDISCLI_AUTH; \
                        write redis://:${{REDIS_PASSWORD:-redis}}@{name}:{}",
                        client.name,
                        port.inside
                    );
                }
            }
        }
    }
    Ok(())
}
