//! CPU of the other parts of the system: nginx and Redis, which count none
//! themselves.

use std::{collections::BTreeMap, fs};

use compose::{docker_service::Container, service_spec::Kind};
use process::{Identity, identity::from_the_third};
use project::Session;

/// CPU time so far by service, in seconds, without services that could not be read.
pub fn cpu_s(session: &Session) -> BTreeMap<String, f64> {
    let Session { spec, status, .. } = session;
    let beside =
        spec.services.iter().filter(|service| matches!(service.kind, Kind::Nginx(_) | Kind::Redis(_)));
    let cpu = beside.filter_map(|service| {
        let stats = match &service.container {
            // It reads its own `/proc`, which may be on another machine.
            Some(container) => stats_in(container, &service.name)?,
            None => of_family(status.service(&service.name)?.process.as_ref()?),
        };
        Some((service.name.clone(), stats.lines().filter_map(ticks).sum::<u64>() as f64 / 100.0))
    });
    cpu.collect()
}

/// `/proc/pid/stat` of all that runs in the container of `service`; `None` where Docker does not tell.
fn stats_in(container: &Container, service: &str) -> Option<String> {
    let output = container.shell(service, "cat /proc/[0-9]*/stat").output().ok()?;
    // The process that reads may have ended before its own file is read.
    String::from_utf8(output.stdout).ok()
}

/// `/proc/pid/stat` of a process and of those that it started.
fn of_family(parent: &Identity) -> String {
    let read = |process: &Identity| fs::read_to_string(format!("/proc/{}/stat", process.pid)).ok();
    let children = parent.children();
    children.iter().chain([parent]).filter_map(read).collect()
}

/// CPU time of a process and of the children that it has outlived, in hundredths of a second.
///
/// Source: proc(5), `/proc/pid/stat`: fields 14 to 17 (utime, stime, cutime, cstime), here counted from the third.
fn ticks(stat: &str) -> Option<u64> {
    let fields: Vec<_> = from_the_third(stat)?.collect();
    fields.get(11..15)?.iter().map(|field| field.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn time_is_that_of_the_process_and_of_the_children_that_are_gone() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 900 0 0 0 30 12 5 3 20 0 1 0 100 0 0";
        assert_eq!(ticks(stat), Some(50));
        assert_eq!(ticks("7 (cut sho"), None);
        assert_eq!(ticks("7 (x) S 1 7"), None);
    }

    #[test]
    fn this_process_has_used_some() {
        let own = Identity::of(std::process::id()).unwrap();
        let started = Instant::now();
        while of_family(&own).lines().filter_map(ticks).sum::<u64>() == 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", of_family(&own));
        }
    }
}
