//! The head of an answer, reduced to what reading on depends on. Source: RFC 9112, sections 6 and 9.3.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

/// Headers in one head, at most.
const HEADERS: usize = 64;

/// What is wrong with an answer, in words.
pub(crate) type Malformed = String;

/// Status line and headers, parsed.
#[derive(Debug, PartialEq)]
pub(crate) struct Head {
    /// Bytes it took, the empty line included.
    pub length: usize,
    /// 200 and so on.
    pub status: u16,
    /// Whether the server will take another request on this connection.
    pub keep_alive: bool,
    /// What follows, unless the status or the request's method forbids a body.
    pub body: Body,
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Body {
    /// After as many bytes.
    Length(u64),
    /// After a chunk of length 0.
    Chunked,
    /// With the connection.
    UntilClose,
}

impl Head {
    /// `None` as long as the empty line is missing.
    ///
    /// # Errors
    /// These bytes cannot become an answer.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut headers = [const { MaybeUninit::uninit() }; HEADERS];
        let mut head = httparse::Response::new(&mut []);
        match ParserConfig::default().parse_response_with_uninit_headers(&mut head, bytes, &mut headers) {
            Ok(Status::Complete(length)) => {
                let status = head.code.unwrap_or_default();
                let persistent = head.version == Some(1);
                Self::understand(length, status, persistent, head.headers).map(Some)
            }
            Ok(Status::Partial) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn understand(
        length: usize,
        status: u16,
        persistent: bool,
        headers: &[Header],
    ) -> Result<Self, Malformed> {
        let (mut keep_alive, mut announced, mut chunked) = (persistent, None, None);
        for Header { name, value } in headers {
            if name.eq_ignore_ascii_case("content-length") {
                let bytes = content_length(value).ok_or("invalid Content-Length")?;
                if announced.replace(bytes).is_some_and(|earlier| earlier != bytes) {
                    return Err("two different Content-Lengths".into());
                }
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked =
                    Some(tokens(value).next_back().is_some_and(|last| last.eq_ignore_ascii_case(b"chunked")));
            } else if name.eq_ignore_ascii_case("connection") {
                let has = |word: &[u8]| tokens(value).any(|token| token.eq_ignore_ascii_case(word));
                keep_alive = !has(b"close") && (keep_alive || has(b"keep-alive"));
            }
        }
        let body = match (chunked, announced) {
            (Some(true), _) => Body::Chunked,
            (None, Some(bytes)) => Body::Length(bytes),
            (Some(false), _) | (None, None) => Body::UntilClose,
        };
        Ok(Self { length, status, keep_alive, body })
    }
}

fn content_length(value: &[u8]) -> Option<u64> {
    // `parse` alone would take `+5`.
    let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok()
}

fn tokens(value: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    value.split(|&b| b == b',').map(<[u8]>::trim_ascii)
}
