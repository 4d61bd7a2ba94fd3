//! Images that are not ours.

use std::io;

use anyhow::ensure;
use compose::{
    docker_service::Docker,
    service_spec::{Kind, Service},
};

/// Pulls the missing images of `services`; removes Prometheus from `services` when its image cannot be pulled.
///
/// # Errors
/// When any other image cannot be pulled.
pub fn images(docker: &Docker, services: &mut Vec<Service>) -> anyhow::Result<()> {
    let pull = |name: &str| {
        let mut pull =
            docker.command(&["pull", "--ignore-buildable", "--policy", "missing", "--quiet", name]);
        anyhow::Ok(pull.stdout(io::stderr()).status()?.success())
    };
    let mut missing = None;
    for service in services.iter().filter(|service| !matches!(service.kind, Kind::Page(_))) {
        if !pull(&service.name)? {
            ensure!(service.looks_on(), "cannot pull an image (see above)");
            missing = Some(service.name.clone());
        }
    }
    if let Some(missing) = missing {
        eprintln!("monitoring is off, everything else works: cannot pull the image of {missing}");
        services.retain(|service| service.name != missing);
    }
    Ok(())
}
