//! Images that are not ours.

use std::io;

use anyhow::ensure;
use compose::{
    container::Docker,
    spec::{Kind, Service},
};

/// Fetches the images of `services` that are not here; takes out the one that only looks on, when it cannot be had.
///
/// # Errors
/// When one of the others cannot be had.
pub fn images(docker: &Docker, services: &mut Vec<Service>) -> anyhow::Result<()> {
    let pull = |name: &str| {
        let mut pull =
            docker.command(&["pull", "--ignore-buildable", "--policy", "missing", "--quiet", name]);
        anyhow::Ok(pull.stdout(io::stderr()).status()?.success())
    };
    let mut missing = None;
    for service in services.iter().filter(|service| !matches!(service.kind, Kind::Page(_))) {
        if !pull(&service.name)? {
            ensure!(service.looks_on(), "an image could not be fetched (see above)");
            missing = Some(service.name.clone());
        }
    }
    if let Some(missing) = missing {
        eprintln!("monitoring is off, everything else works: the image of {missing} could not be fetched");
        services.retain(|service| service.name != missing);
    }
    Ok(())
}
