//! How a Prometheus is started that monitors a scenario: its options, and the names of the files that it reads.

use std::path::Path;

use crate::service_spec::Prometheus;

/// Its configuration, in its directory.
pub const CONFIG: &str = "prometheus.yml";

/// The servers that it scrapes, in its directory: it reads this file again whenever it changes.
pub const TARGETS: &str = "targets.json";

/// Who may use it, in its directory.
pub const USERS: &str = "users.yml";

/// Its command line: what the compose file says, and where it reads, writes and listens. The lab sends it values, so it
/// accepts them, and asks for a password.
pub fn options(dir: &Path, data: &Path, port: u16, prometheus: &Prometheus) -> Vec<String> {
    let mut options = prometheus.arguments.clone();
    options.push(format!("--config.file={}", dir.join(CONFIG).display()));
    options.push(format!("--web.config.file={}", dir.join(USERS).display()));
    options.push("--web.enable-remote-write-receiver".to_owned());
    options.push(format!("--storage.tsdb.path={}", data.display()));
    options.push(format!("--web.listen-address=127.0.0.1:{port}"));
    options
}
