//! Compose files and configurations of nginx that were damaged: read or refused, soon, and with a place to look at.

use std::{
    collections::BTreeMap,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use compose::{
    Compose,
    addresses::Addresses,
    nginx_problems::with_problems,
    resolve,
    service_spec::{Build, Engine},
    stand_ins::Files,
    write_nginx_conf::{in_a_container, localize, passes_on_to, without},
};
use proptest::prelude::*;
use testkit::damaged::{damaged, promptly};

/// The repository's files in `folder` whose names end with `end`.
fn files(folder: &str, end: &str) -> Vec<String> {
    let folder = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read").path());
    let files = entries.filter(|path| path.to_string_lossy().ends_with(end));
    files.map(|path| fs::read_to_string(path).expect("it is a text")).collect()
}

fn parse(text: &str) -> anyhow::Result<Compose> {
    Compose::parse(text, "compose.yml", |name| (name == "POSTS").then(|| "1000000".to_owned()))
}

/// Reads `text` and asks for all that the engine asks for.
fn read(text: &str) -> anyhow::Result<()> {
    let compose = parse(text)?;
    compose.builds();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = Files { root: &root, stand_ins: BTreeMap::new() };
    let executable = |name: &str, _: &Build| Ok(PathBuf::from(name));
    resolve::services(&compose, &files, Engine::Native, executable, &[], Ipv4Addr::LOCALHOST, |port, _| {
        Ok(port)
    })?;
    Ok(())
}

/// The addresses of scenario 4, whose servers stand behind an nginx.
fn addresses() -> Addresses {
    let compose = parse(&files("docs/scenario-4/solution", ".yml")[0]).expect("it is the lesson's");
    Addresses::assign(&compose, &[], Ipv4Addr::LOCALHOST, |port, _| Ok(port)).expect("every port is free")
}

proptest! {
    #[test]
    fn a_damaged_compose_file_is_read_or_refused_with_a_place(text in damaged(files("compose", ".yml"))) {
        if let Err(error) = promptly(move || read(&text)) {
            let message = format!("{error:#}");
            let names_a_place = ["compose.yml", "service", "line"].iter().any(|place| message.contains(place));
            prop_assert!(names_a_place, "{message}");
        }
    }

    #[test]
    fn a_damaged_nginx_conf_keeps_its_lines_or_is_refused(
        text in damaged([files("compose/nginx", ".conf"), files("docs/scenario-4/solution", ".conf")].concat()),
    ) {
        promptly(move || {
            let addresses = addresses();
            let port = addresses.port("nginx").expect("it has one");
            for config in [localize(&text, &addresses, "nginx", port), in_a_container(&text, &addresses)] {
                let Ok(config) = config else { continue };
                let config = with_problems(&config).expect("it never fails");
                assert_eq!(config.matches('\n').count(), text.matches('\n').count(), "{text}\n->\n{config}");
                for address in passes_on_to(&config) {
                    _ = without(&config, &address);
                }
            }
        });
    }
}

#[test]
fn variables_in_variables_end_somewhere() {
    let nested =
        format!("services: {{ a: {{ image: '{}x{}' }} }}", "${A:-".repeat(10_000), "}".repeat(10_000));
    let error = promptly(move || parse(&nested)).unwrap_err();
    assert!(format!("{error:#}").contains("variables stand in each other more than 20 deep"));
}

#[test]
fn variables_of_nginx_that_multiply_are_refused() {
    let set =
        |name: &str, value: &str| (0..100).map(|n| format!("set ${name} {value}/{n};")).collect::<String>();
    let sets = [set("a", "$b"), set("b", "$c"), set("c", "$d"), set("d", "127.0.0.1")].concat();
    let text = format!(
        "events {{}} http {{ resolver 127.0.0.11; server {{ {sets} location / {{ proxy_pass http://$a; }} }} }}"
    );
    let error = promptly(move || {
        let addresses = addresses();
        localize(&text, &addresses, "nginx", addresses.port("nginx").expect("it has one"))
    });
    assert!(error.unwrap_err().to_string().contains("needs Docker's DNS server"));
}
