//! Compose files: read, with variables filled in and services in order, or refused.
#![no_main]

use compose::{Compose, addresses::Addresses};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(compose) = Compose::parse(text, "compose.yml", |name| (name == "SET").then(|| "1".to_owned())) else {
        return;
    };
    _ = compose.builds();
    _ = compose.start_order();
    for service in compose.services.values() {
        _ = service.cpu_cap();
    }
    if let Ok(addresses) = Addresses::assign(&compose, &[], |port, _| Ok(port)) {
        for value in compose.services.values().flat_map(|service| service.environment.values().flatten()) {
            _ = addresses.name_ports(value).and_then(|value| addresses.rewrite(&value, "app"));
        }
    }
});
