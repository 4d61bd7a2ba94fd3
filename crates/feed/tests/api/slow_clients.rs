//! Slow clients hurt nobody: they are sent away, and others are served meanwhile.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use testkit::read_answer;

use crate::{Feed, each_variant};

const LIMIT: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(250);
const CLIENTS_OF_A_KIND: usize = 10;

/// What each kind sends at once, and what it then goes on to send, a byte at a time.
const KINDS: &[(&str, &[u8])] = &[
    ("", b"GET /livez HTTP/1.1\r\nHost: test\r\nX-Padding: "),
    (
        "POST /posts HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
        b"{\"content\": \"",
    ),
    (
        "POST /posts HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"1\r\n{\r\n",
    ),
    // Bodies that nobody reads.
    ("GET /livez HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n", b"x"),
    ("GET /livez HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ("POST /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n", b"x"),
    // The head of a second request.
    ("GET /livez HTTP/1.1\r\nHost: test\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost: test\r\nX-Padding: "),
    // Nothing at all.
    ("", b""),
];

#[test]
fn a_client_that_sends_a_byte_at_a_time_is_sent_away_and_others_are_served() {
    each_variant(|feed| {
        thread::scope(|scope| {
            for kind in KINDS.iter().flat_map(|kind| [kind; CLIENTS_OF_A_KIND]) {
                scope.spawn(move || dawdle(feed, kind));
            }
            let started = Instant::now();
            while started.elapsed() < LIMIT {
                let asked = Instant::now();
                assert_eq!(feed.get("/livez").status, 200);
                assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
            }
        });
    });
}

/// Sends slowly until the connection is closed; panics when that takes too long.
fn dawdle(feed: &Feed, (first, rest): &(&str, &[u8])) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(feed.service.address).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    if first.starts_with("GET") {
        assert_eq!(read_answer(&mut stream, true).unwrap().status, 200);
    }
    stream.set_read_timeout(Some(PAUSE)).unwrap();
    let mut bytes = rest.iter().chain(rest.last().into_iter().cycle());
    loop {
        let closed = match stream.read(&mut [0; 1024]) {
            Ok(count) => count == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        };
        if closed {
            return;
        }
        assert!(
            started.elapsed() < LIMIT,
            "still open: {first:?} and then {:?}",
            String::from_utf8_lossy(rest)
        );
        if let Some(byte) = bytes.next() {
            // Closed: the read says so.
            let _ = stream.write_all(&[*byte]);
        }
    }
}
