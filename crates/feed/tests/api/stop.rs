//! SIGTERM: nothing that was asked is lost, and the end comes soon.

use std::{
    io::Write,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use testkit::{eventually, read_answer};

use crate::{Feed, STARTER, VARIANTS};

fn in_flight(feed: &Feed) -> usize {
    let metrics = String::from_utf8(feed.get("/metrics").body).unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix("http_requests_in_flight ")).unwrap();
    line.parse().unwrap()
}

#[test]
fn what_is_being_worked_on_is_answered() {
    // Its /feed takes half a second.
    let mut feed = Feed::start(STARTER);
    thread::scope(|scope| {
        let requests: Vec<_> = (0..3).map(|_| scope.spawn(|| feed.get("/feed").status)).collect();
        eventually(Duration::from_millis(500), "all are under way, and this one", || {
            in_flight(&feed) == 3 + 1
        });
        feed.service.terminate();
        let statuses: Vec<_> = requests.into_iter().map(|request| request.join().unwrap()).collect();
        assert_eq!(statuses, [200; 3]);
    });
    assert!(feed.service.wait().success());
}

#[test]
fn idle_connections_do_not_hold_it_up() {
    for variant in VARIANTS {
        let mut feed = Feed::start(variant);
        let mut idle = TcpStream::connect(feed.service.address).unwrap();
        idle.write_all(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        read_answer(&mut idle, true).unwrap();
        let asked = Instant::now();
        feed.service.terminate();
        assert!(feed.service.wait().success());
        assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    }
}

#[test]
fn while_it_drains_it_answers_and_asks_its_clients_to_go() {
    for variant in VARIANTS {
        let mut feed = Feed::start_with(variant, &[("DRAIN_MS", "500")]);
        thread::scope(|scope| {
            // Each keeps its connection for as long as it may; no request of theirs may fail.
            let users: Vec<_> = (0..4).map(|_| scope.spawn(|| ask_until_told_to_go(&feed))).collect();
            feed.service.terminate();
            for user in users {
                assert!(user.join().unwrap() > 0);
            }
            assert_eq!(feed.get("/livez").header("connection"), Some("close"));
        });
        assert!(feed.service.wait().success());
    }
}

fn ask_until_told_to_go(feed: &Feed) -> usize {
    let mut stream = TcpStream::connect(feed.service.address).unwrap();
    for answered in 1.. {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        let answer = read_answer(&mut stream, true).unwrap();
        assert_eq!(answer.status, 200);
        if answer.header("connection") == Some("close") {
            return answered;
        }
    }
    unreachable!("the loop has no end")
}
