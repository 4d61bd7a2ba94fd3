//! Answers cut anywhere, cut short, and spoilt.

use proptest::{collection::vec, prelude::*};

use super::*;

/// What was read of an answer: whether all of it, and what it said.
#[derive(Debug, PartialEq)]
struct Read {
    complete: bool,
    status: u16,
    keep_alive: bool,
    body: Vec<u8>,
}

/// Reads `bytes` in pieces of these lengths, over and over, and then the end of the connection.
fn read(bytes: &[u8], pieces: &[usize]) -> Result<Read, Malformed> {
    let mut answer = Answer::new();
    answer.expect(true, false);
    let (mut rest, mut lengths, mut complete) = (bytes, pieces.iter().cycle(), false);
    while !rest.is_empty() {
        let space = answer.space();
        let length = lengths.next().copied().unwrap_or(usize::MAX).min(rest.len()).min(space.len());
        space[..length].copy_from_slice(&rest[..length]);
        rest = &rest[length..];
        complete = answer.received(length)?;
    }
    let complete = complete || answer.ends_with_connection();
    Ok(Read { complete, status: answer.status, keep_alive: answer.keep_alive, body: answer.body })
}

/// An answer as bytes, and what should be read of it.
fn answers() -> impl Strategy<Value = (Vec<u8>, Read)> {
    let status = prop::sample::select(vec![200_u16, 404, 503]);
    (status, any::<bool>(), 0..3, vec(any::<u8>(), 0..40_000), 1..9_000_usize).prop_map(
        |(status, interim, framing, body, chunk)| {
            let mut bytes = Vec::new();
            if interim {
                bytes.extend(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            bytes.extend(format!("HTTP/1.1 {status} Such\r\nX-Long: {}\r\n", "x".repeat(chunk)).bytes());
            match framing {
                0 => bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes()),
                1 => bytes.extend(b"\r\n"),
                _ => bytes.extend(b"Transfer-Encoding: gzip, Chunked\r\n\r\n"),
            }
            if framing < 2 {
                bytes.extend(&body);
            } else {
                for part in body.chunks(chunk) {
                    bytes.extend(format!("{:x};why=not\r\n", part.len()).bytes());
                    bytes.extend(part.iter().chain(b"\r\n"));
                }
                bytes.extend(b"0\r\nX-Trailer: 1\r\n\r\n");
            }
            (bytes, Read { complete: true, status, keep_alive: framing != 1, body })
        },
    )
}

/// What answers are made of, also wrongly.
const ELEMENTS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0 204\n",
    "Content-Length: 5\r\n",
    "Content-Length: 18446744073709551615\r\n",
    "Content-Length: 18446744073709551616\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    ": \r\n",
    "\r\n",
    "\n",
    "\r",
    "0\r\n",
    "5\r\nhello\r\n",
    "ffffffffffffffff\r\n",
    "fffffffffffffffff\r\n",
    ";",
    "\0",
    "x",
];

proptest! {
    #[test]
    fn an_answer_reads_the_same_however_it_is_cut(
        (bytes, expected) in answers(),
        pieces in vec(1..3_000_usize, 1..20),
    ) {
        let expected = Ok(expected);
        prop_assert_eq!(&read(&bytes, &[usize::MAX]), &expected);
        prop_assert_eq!(&read(&bytes, &pieces), &expected);
    }

    #[test]
    fn an_answer_that_is_cut_short_is_not_complete(
        (bytes, expected) in answers(),
        cut in any::<prop::sample::Index>(),
    ) {
        let read = read(&bytes[..cut.index(bytes.len())], &[usize::MAX]).expect("no fault yet");
        // Without a length, only the end of the connection ends it.
        prop_assert!(!read.complete || !expected.keep_alive);
    }

    /// Elements of HTTP in any order reach states that few changed bytes do.
    #[test]
    fn no_order_of_elements_is_too_strange(
        elements in vec(prop::sample::select(ELEMENTS), 0..30),
        pieces in vec(1..40_usize, 1..5),
    ) {
        _ = read(elements.concat().as_bytes(), &pieces);
    }

    #[test]
    fn no_bytes_are_too_strange(
        (mut bytes, _) in answers(),
        wrong in vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        for (place, byte) in wrong {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        _ = read(&bytes, &[100]);
    }
}

#[test]
fn a_body_byte_by_byte_reads_as_at_once() {
    let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(read(bytes, &[1]), read(bytes, &[usize::MAX]));
}

#[test]
fn a_head_may_take_16_kib_less_one_byte() {
    let head = |length: usize| {
        let frame = "HTTP/1.1 204 No Content\r\nX: \r\n\r\n";
        frame.replace("X: ", &format!("X: {}", "x".repeat(length - frame.len())))
    };
    assert!(read(head(BUFFER_BYTES - 1).as_bytes(), &[1_000]).is_ok_and(|read| read.complete));
    assert!(read(head(BUFFER_BYTES + 1).as_bytes(), &[1_000]).is_err());
}
