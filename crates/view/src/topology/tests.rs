mod systems;

use std::time::Duration;

use compose::{service_spec::CpuCap, write_nginx_conf};
use project::status::{Ended, Phase};

use super::*;
use crate::topology::layout::{Layout, Rect, narrow, wide};
use crate::topology::tests::systems::{STORES, busy, plan, postgres, program, running, scaled, topology};

fn overlap(one: &Rect, other: &Rect) -> bool {
    one.x < other.right() && other.x < one.right() && one.y < other.bottom() && other.y < one.bottom()
}

fn assert_sound(layout: &Layout) {
    for (place, one) in layout.boxes.iter().enumerate() {
        assert!(one.x >= 0.0 && one.right() <= layout.width, "{one:?} of {}", layout.width);
        assert!(one.y >= 0.0 && one.bottom() <= layout.height, "{one:?} of {}", layout.height);
        for other in &layout.boxes[place + 1..] {
            assert!(!overlap(one, other), "{one:?} and {other:?}");
        }
    }
    // A line of text that stands on an arrow, above it and below it, is hidden by no box.
    for curve in &layout.arrows {
        let text = Rect { x: curve.text.0, y: curve.text.1 - 12.0, width: 58.0, height: 24.0 };
        assert!(layout.boxes.iter().all(|place| !overlap(place, &text)), "{text:?}");
    }
}

#[test]
fn one_to_eight_servers_have_room_in_both_shapes() {
    for servers in 1..=8 {
        let spec = scaled(servers);
        let topology = topology(&spec, Some(&running(&spec)), &busy(&spec));
        assert_sound(&wide(&topology));
        let narrow = narrow(&topology);
        assert_sound(&narrow);
        // A phone is 360 wide, 16 of it on each side is the page's.
        assert!(narrow.width <= 328.0);
    }
}

#[test]
fn what_would_stick_out_of_its_box_is_drawn_closer_together() {
    let mut spec = scaled(1);
    let app = spec.services.iter_mut().find(|service| service.name == "app1").unwrap();
    app.cpu_cap = Some(CpuCap { quota: Duration::from_millis(5), period: Duration::from_millis(100) });
    let mut rates = busy(&spec);
    rates.servers.get_mut("app1").unwrap().cpu_cores = Some(0.05);
    let page = topology(&spec, Some(&running(&spec)), &rates).draw().into_string();
    for room in [136, 116] {
        let fitted =
            format!(r#"textLength="{room}" lengthAdjust="spacingAndGlyphs">CPU 100 % of 0.05 cores</text>"#);
        assert!(page.contains(&fitted), "{page}");
    }
}

#[test]
fn who_asks_whom_is_read_off_the_plan() {
    let spec = scaled(2);
    let topology = topology(&spec, None, &Rates::default());
    let name = |place: usize| &*topology.boxes[place].name;
    let asks: Vec<_> =
        topology.arrows.iter().map(|arrow| format!("{} -> {}", name(arrow.from), name(arrow.to))).collect();
    assert_eq!(
        asks,
        [
            "Users -> nginx",
            "app1 -> db",
            "app1 -> redis",
            "app2 -> db",
            "app2 -> redis",
            "nginx -> app1",
            "nginx -> app2"
        ]
    );
}

#[test]
fn a_worker_stands_beside_the_users_and_a_longer_port_is_another_port() {
    let worker = program("worker", 0, &[("JOBS_URL", "http://127.0.0.1:3000")]);
    let other = program("other", 0, &[("JOBS_URL", "http://127.0.0.1:30001")]);
    let spec = plan(vec![postgres(), program("app1", 3000, &STORES[..1]), worker, other]);
    let topology = topology(&spec, None, &Rates::default());
    let column = |name: &str| topology.boxes.iter().find(|node| node.name == name).unwrap().column;
    assert_eq!(column("worker"), Column::Callers);
    assert_eq!(column("other"), Column::Servers);
    assert_sound(&wide(&topology));
    assert_sound(&narrow(&topology));
    assert_eq!(topology.arrows.len(), 3);
}

#[test]
fn the_words_say_what_the_picture_says() {
    let spec = scaled(1);
    let topology = topology(&spec, Some(&running(&spec)), &busy(&spec));
    insta::assert_snapshot!(topology.in_words().replace(". ", ".\n"), @"
    Users: measuring.
    db on port 5444: ready, 9 of 20 connections.
    redis on port 6382: ready.
    app1 on port 3000: ready, CPU 98 % of 0.1 cores, 25 % from its cache.
    nginx on port 8080: ready.
    prometheus on port 9090: ready.
    Users ask nginx: 402/s.
    app1 asks db: 640 queries/s, 3 of 3 in use, overloaded.
    app1 asks redis: 512 calls/s.
    nginx asks app1: 402/s, overloaded.
    ");
}

#[test]
fn a_killed_server_is_red_says_so_and_nothing_passes() {
    let spec = scaled(2);
    let mut state = running(&spec);
    let killed = state.services.iter_mut().find(|service| service.name == "app2").unwrap();
    killed.phase = Phase::Crashed;
    killed.detail = "it was killed (signal: 9 (SIGKILL)); restarting it. Its last lines:\nbye".to_owned();
    killed.ended = Some(Ended::now(process::child::Exit::Killed { signal: 9 }));
    let drawn = topology(&spec, Some(&state), &busy(&spec));
    let page = drawn.draw().into_string();
    assert_eq!(page.matches("class=\"node bad\"").count(), 2, "{page}");
    assert!(page.contains("app2 is down: it was killed (signal: 9 (SIGKILL)); restarting it."), "{page}");
    assert!(page.contains("nginx asks app2: no requests pass, because app2 is down."), "{page}");
    // Three arrows in each of the two shapes.
    assert_eq!(page.matches("class=\"arrow broken\"").count(), 6, "{page}");
    state.services.iter_mut().for_each(|service| service.phase = Phase::Ready);
    let page = topology(&spec, Some(&state), &busy(&spec)).draw().into_string();
    assert!(page.contains("app2 was down 0 s ago") && !page.contains("arrow broken"), "{page}");
}

#[test]
fn a_server_that_hangs_is_red_though_its_process_runs() {
    let spec = scaled(2);
    let mut rates = busy(&spec);
    rates.servers.get_mut("app1").unwrap().answers = Some(false);
    let page = topology(&spec, Some(&running(&spec)), &rates).draw().into_string();
    assert!(page.contains("app1 runs but does not answer."), "{page}");
}

#[test]
fn a_server_marked_as_down_gets_no_arrow() {
    let mut spec = scaled(2);
    let nginx = spec.services.iter_mut().find(|service| service.name == "nginx").unwrap();
    if let Kind::Nginx(nginx) = &mut nginx.kind {
        nginx.config = write_nginx_conf::without(&nginx.config, "127.0.0.1:3001").unwrap();
    }
    let topology = topology(&spec, None, &Rates::default());
    let app2 = topology.boxes.iter().position(|node| node.name == "app2").unwrap();
    assert!(topology.arrows.iter().all(|arrow| arrow.to != app2));
}

#[test]
fn what_is_at_its_limit_is_heavy() {
    let spec = scaled(1);
    let weights = |change: fn(&mut ServerRates)| {
        let mut rates = busy(&spec);
        let calm = ServerRates { in_use: Some(2.0), cpu_cores: Some(0.08), ..rates.servers["app1"] };
        rates.servers.insert("app1".to_owned(), calm);
        rates.servers.values_mut().for_each(change);
        let topology = topology(&spec, Some(&running(&spec)), &rates);
        let heavy = topology.arrows.iter().filter(|arrow| topology.weight(arrow) == Weight::Overloaded);
        let names = heavy.map(|arrow| topology.boxes[arrow.to].name.clone());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(weights(|_| ()), "");
    assert_eq!(weights(|rates| rates.cpu_cores = Some(0.089)), "");
    assert_eq!(weights(|rates| rates.cpu_cores = Some(0.0901)), "app1");
    assert_eq!(weights(|rates| rates.in_use = Some(3.0)), "db");
    assert_eq!(weights(|rates| rates.gave_up_per_s = Some(1.0)), "db");
    assert_eq!(weights(|rates| rates.redis_failures_per_s = Some(1.0)), "redis");
    assert_eq!(weights(|rates| rates.errors_per_s = Some(1.0)), "nginx app1");
}

#[test]
fn names_are_escaped_and_cut() {
    let mut spec = scaled(1);
    spec.services[2].name = "<script>alert(1)</script>".to_owned();
    let page = topology(&spec, None, &Rates::default()).draw().into_string();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;ale…"), "{page}");
}

#[test]
fn each_series_goes_where_its_figure_belongs() {
    let question = rates::question();
    let mut rates = Rates::default();
    for figure in 0..question.matches("label_replace(").count() {
        assert!(question.contains(&format!(r#""figure", "{figure}""#)), "{question}");
        rates.note("app1", &figure.to_string(), 0.5);
    }
    let all = ServerRates {
        answers: Some(true),
        requests_per_s: Some(0.5),
        errors_per_s: Some(0.5),
        queries_per_s: Some(0.5),
        in_use: Some(0.5),
        at_most: Some(0.5),
        gave_up_per_s: Some(0.5),
        found: Some(0.5),
        redis_calls_per_s: Some(0.5),
        redis_failures_per_s: Some(0.5),
        cpu_cores: Some(0.5),
    };
    assert_eq!(rates.servers["app1"], all);
    assert_eq!(rates.connections, Some(0.5));
}
