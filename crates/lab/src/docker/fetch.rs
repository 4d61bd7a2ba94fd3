//! Images that are not ours.

use std::io;

use anyhow::ensure;

use super::Docker;
use crate::plan::{Kind, Service};

impl Docker {
    /// Fetches the images of `services` that are not here; takes out the one that only looks on, when it cannot be had.
    ///
    /// # Errors
    /// When one of the others cannot be had.
    pub(super) fn fetch(&self, services: &mut Vec<Service>) -> anyhow::Result<()> {
        let pull = |name: &str| {
            let mut pull =
                self.command(&["pull", "--ignore-buildable", "--policy", "missing", "--quiet", name]);
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
            eprintln!(
                "nobody will watch, and everything else works: the image of {missing} could not be fetched"
            );
            services.retain(|service| service.name != missing);
        }
        Ok(())
    }
}
