//! nginx.conf: rewritten for this machine line by line, or refused.
#![no_main]

use std::{net::Ipv4Addr, sync::LazyLock};

use compose::{
    Compose, addresses::Addresses, nginx_problems::with_problems, service_spec::Port, write_nginx_conf::{in_a_container, localize, passes_on_to, without},
};
use libfuzzer_sys::fuzz_target;

/// Those of the scenario with nginx in front.
static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| {
    let text = include_str!("../../../docs/scenario-4/solution/scenario-4.yml");
    let compose = Compose::parse(text, "scenario-4.yml", |_| None).expect("the lesson's own file");
    Addresses::assign(&compose, &[], Ipv4Addr::LOCALHOST, |port, _| Ok(port)).expect("its ports are free")
});

fuzz_target!(|text: &str| {
    let port = ADDRESSES.port("nginx").unwrap_or(Port { native: 8080, published: 8080, inside: 8080 });
    for config in [localize(text, &ADDRESSES, "nginx", port), in_a_container(text, &ADDRESSES)].into_iter().flatten() {
        let config = with_problems(&config).expect("never fails");
        let lines = |text: &str| text.matches('\n').count();
        assert_eq!(lines(&config), lines(text), "nginx names lines of the learner's file");
        for address in passes_on_to(&config) {
            _ = without(&config, &address);
        }
    }
});
