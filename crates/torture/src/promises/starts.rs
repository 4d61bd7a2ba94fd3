//! A scenario is started where something stands in its way.

use std::{
    net::TcpListener,
    os::unix::fs::MetadataExt,
    process::{self, Command},
};

use crate::{
    lab::{Lab, said},
    process::Process,
    promise::{Outcome, Promise, Trial},
};

pub const PORT_IN_USE: Promise = Promise {
    number: 17,
    text: "A port in use: the lab says which program holds it, takes the next free one and prints the address",
    target: "holder named, other port printed and served, in 20 of 20",
    test: take_ports,
};

pub const ROOT: Promise = Promise {
    number: 21,
    text: "PostgreSQL never runs as root; without root, one exact command says what to install",
    target: "no server of root, the lab works for both users, one command",
    test: start_as_both,
};

pub const LONG_PATHS: Promise = Promise {
    number: 22,
    text: "A checkout may have a path that is longer than a socket's (107 bytes)",
    target: "ready with 120, 300 and 800 bytes",
    test: start_far_below,
};

pub const TWO_SCENARIOS: Promise = Promise {
    number: 24,
    text: "Two scenarios start at once, each with its own ports, data and lock",
    target: "both ready, nothing shared, and one serves on when the other stops",
    test: start_two,
};

fn take_ports(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    let compose = lab.read("compose/scenario-1.yml");
    let starts = trial.times(10, 1);
    let mut wrong = Vec::new();
    for _ in 0..starts {
        // Two free ports, which are ours from now on; the lab finds them in the file.
        let taken = ["5441", "3000"]
            .map(|published| (published, TcpListener::bind("127.0.0.1:0").expect("a port is free")));
        let mut edited = compose.clone();
        let mut ports = Vec::new();
        for (published, listener) in &taken {
            let port = listener.local_addr().expect("it listens").port();
            edited = edited.replace(&format!("127.0.0.1:{published}:"), &format!("127.0.0.1:{port}:"));
            ports.push(port);
        }
        lab.write("compose/scenario-1.yml", &edited);
        let output = lab.try_run(&["up", "1", "--no-watch", "--no-dashboard"]);
        let (printed, said) = (String::from_utf8_lossy(&output.stdout).into_owned(), said(&output));
        for (port, name) in ports.into_iter().zip(["db", "feed"]) {
            let next = lab.address(name).port();
            let named =
                format!("port {port} is taken by `torture` (process {}); {name} is on {next}", process::id());
            let is_right =
                next > port && said.contains(&named) && printed.contains(&format!("127.0.0.1:{next}"));
            if !is_right || lab.service(name)["answers"] != true {
                wrong.push(format!("{name} on {next} instead of {port}: {said}"));
            }
        }
        lab.run(&["down"]);
    }
    Outcome {
        done: format!("{starts} starts with both ports of the scenario taken"),
        measured: format!("{} of {} right{}", 2 * starts - wrong.len(), 2 * starts, first(&wrong)),
        held: wrong.is_empty(),
    }
}

/// The first of what went wrong, for the end of a line.
pub fn first(wrong: &[String]) -> String {
    wrong.first().map(|first| format!("; {first}")).unwrap_or_default()
}

fn uid(process: Process) -> u32 {
    process.path("").metadata().expect("it runs").uid()
}

/// An ordinary user, who may write to the folder of the programs all the same: cargo takes a lock there.
const ORDINARY: [&str; 7] = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--",
];

fn start_as_both(_: &mut Trial) -> Outcome {
    let as_root = Lab::new();
    as_root.up("1");
    let db = as_root.process("1", "db");
    let owner = uid(db);
    let as_postgres = db.family().into_iter().all(|process| uid(process) != 0);
    drop(as_root);

    let ordinary = Lab::new();
    let given = Command::new("chown").args(["-R", "65534:65534"]).arg(ordinary.path("")).status();
    assert!(given.is_ok_and(|status| status.success()), "cannot give the copy to another user");
    let run = |before: &[&str], arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.arg("--mount").arg("sh").args(["-c", &format!("{} exec \"$@\"", before.join(" ")), "sh"]);
        command.args(ORDINARY).arg(crate::program::built("lab")).args(arguments);
        ordinary.in_copy(&mut command);
        command.output().expect("unshare starts")
    };
    let started = run(&[], &["up", "1", "--no-watch", "--no-dashboard"]);
    let theirs = started.status.success().then(|| uid(ordinary.process("1", "db")));
    run(&[], &["down"]);
    // A machine without PostgreSQL.
    let hide = "mount -t tmpfs none /usr/lib/postgresql;";
    let missing = run(&[hide], &["up", "1", "--no-watch", "--no-dashboard"]);
    let said = said(&missing);
    let commands = said.matches("sudo apt-get install --yes postgresql").count();
    Outcome {
        done: "a start as root, one as an ordinary user, and one as this user without PostgreSQL".to_owned(),
        measured: format!(
            "PostgreSQL ran as user {owner}, then as {theirs:?}; without it exit {:?} and {commands} command: {}",
            missing.status.code(),
            said.lines().last().unwrap_or_default(),
        ),
        held: as_postgres && theirs == Some(65_534) && missing.status.code() == Some(2) && commands == 1,
    }
}

fn start_far_below(trial: &mut Trial) -> Outcome {
    let lengths = [120, 300, 800];
    let lengths = &lengths[..trial.times(3, 1)];
    let mut ready = Vec::new();
    for length in lengths {
        // Each name of a path has at most 255 bytes.
        let name = vec!["x".repeat(100); length / 100].join("/");
        let lab = Lab::below(&name);
        lab.up("1");
        let answers = ["db", "feed"].iter().all(|name| lab.service(name)["answers"] == true);
        if answers && lab.sql("SELECT count(*) FROM posts") == "500" {
            ready.push(lab.path("").as_os_str().len());
        }
    }
    Outcome {
        done: format!("{} starts in a checkout with a long path", lengths.len()),
        measured: format!("ready with {ready:?} bytes"),
        held: ready.len() == lengths.len() && ready.iter().all(|length| *length > 107),
    }
}

fn start_two(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    let times = trial.times(10, 1);
    let mut wrong = Vec::new();
    for _ in 0..times {
        let starts = ["1", "2"].map(|number| {
            let mut up = lab.command(&["up", number, "--no-watch", "--no-dashboard"]);
            up.stdout(process::Stdio::null()).stderr(process::Stdio::null()).spawn().expect("the lab starts")
        });
        let ready = starts.map(|mut up| up.wait().is_ok_and(|status| status.success()));
        let of = |number: &str, arguments: &[&str]| {
            let output = lab.command(arguments).env("LAB_SCENARIO", number).output();
            String::from_utf8_lossy(&output.expect("the lab starts").stdout).into_owned()
        };
        let all_answer = |number| {
            let status: serde_json::Value =
                serde_json::from_str(&of(number, &["status", "--json"])).unwrap_or_default();
            let services = status["services"].as_array().cloned().unwrap_or_default();
            let urls: Vec<_> = services.iter().map(|service| service["url"].to_string()).collect();
            (services.len() > 1 && services.iter().all(|service| service["answers"] == true), urls)
        };
        let ((first, first_urls), (second, second_urls)) = (all_answer("1"), all_answer("2"));
        let is_shared = first_urls.iter().any(|url| second_urls.contains(url));
        let supervisors = ["1", "2"].map(|number| lab.process(number, "supervisor"));
        let databases = ["1", "2"].map(|number| lab.process(number, "db").path("cwd").read_link().ok());
        lab.run(&["down", "1"]);
        let serves_on = all_answer("2").0;
        lab.run(&["down", "2"]);
        let is_apart = !is_shared && supervisors[0] != supervisors[1] && databases[0] != databases[1];
        if !(ready == [true, true] && first && second && is_apart && serves_on) {
            wrong.push(format!(
                "{ready:?} {first} {second} {first_urls:?} {second_urls:?} {databases:?} {serves_on}"
            ));
        }
    }
    Outcome {
        done: format!("{times} times two scenarios started at the same moment, and one stopped"),
        measured: format!("{} of {times} so{}", times - wrong.len(), first(&wrong)),
        held: wrong.is_empty(),
    }
}
