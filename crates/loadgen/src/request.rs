//! A request as it goes over the wire, rendered once but for a number in its path.

use std::{io::Write, ops::RangeInclusive};

use anyhow::{Context, ensure};
use memchr::memmem::Finder;

use crate::{Endpoint, Outcome, answer::Answer};

/// An [`Endpoint`] made ready to be asked for many times.
pub(crate) struct Request {
    /// Without the number of `blank`.
    bytes: Vec<u8>,
    blank: Option<Blank>,
    /// Its answer announces a body that does not come.
    pub head_only: bool,
    /// Whether it does the same when it arrives twice.
    pub may_repeat: bool,
    contains: Option<Finder<'static>>,
}

/// A number that is drawn anew for each request: `{1..5000}` in a path.
struct Blank {
    /// Where in the request it goes.
    at: usize,
    range: RangeInclusive<u64>,
}

/// A request that went wrong.
#[derive(Debug)]
pub(crate) struct Failure {
    pub outcome: Outcome,
    /// The body of the answer or, where none came, what the system said.
    pub sample: String,
}

/// Of a body that is kept as a sample.
const SAMPLE_BYTES: usize = 500;

impl Blank {
    /// The path without its blank, and that: `/posts/` and 1 to 9, after 7 bytes, of `/posts/{1..9}`.
    fn cut_out(path: &str) -> anyhow::Result<(String, Option<Self>)> {
        let Some((before, rest)) = path.split_once('{') else { return Ok((path.to_owned(), None)) };
        let (range, after) = rest.split_once('}').context("a { without its }")?;
        ensure!(!after.contains('{'), "only one {{from..to}} is filled in");
        let (from, to) = range.split_once("..").context("between { and } belongs a range like 1..9")?;
        let (from, to) = (from.parse()?, to.parse()?);
        ensure!(from <= to, "{from} is more than {to}");
        Ok((format!("{before}{after}"), Some(Self { at: before.len(), range: from..=to })))
    }
}

impl Request {
    /// # Errors
    /// A method, path or header that would break the request apart.
    pub fn render(endpoint: &Endpoint, target: &str) -> anyhow::Result<Self> {
        let Endpoint { name, method, path, headers, body, contains, .. } = endpoint;
        let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        ensure!(word(method), "{name}: {method:?} is not a method");
        ensure!(word(path) && path.starts_with('/'), "{name}: {path:?} is not a path");
        let head_only = method == "HEAD";
        ensure!(!head_only || contains.is_none(), "{name}: the answer to HEAD has no body to check");

        let (path, blank) = Blank::cut_out(path).with_context(|| format!("{name}: {path:?}"))?;
        let blank = blank.map(|Blank { at, range }| Blank { at: method.len() + " ".len() + at, range });
        let mut text = format!("{method} {path} HTTP/1.1\r\n");
        let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        if !has("host") {
            text += &format!("Host: {target}\r\n");
        }
        if !body.is_empty() && !has("content-length") {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        for (key, value) in headers {
            let unbroken = !value.bytes().any(|b| b.is_ascii_control());
            ensure!(word(key) && unbroken, "{name}: {key:?}: {value:?} is not a header");
            text += &format!("{key}: {value}\r\n");
        }
        Ok(Self {
            bytes: (text + "\r\n" + body).into_bytes(),
            blank,
            head_only,
            // Source: RFC 9110, 9.2.2; the header is the client's word that a second one does no harm.
            may_repeat: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(&&**method)
                || has("idempotency-key"),
            contains: contains.as_ref().map(|text| Finder::new(text).into_owned()),
        })
    }

    /// Puts the request into `buffer`, with a number of `random`'s choice where it has a blank.
    pub fn write(&self, random: &mut fastrand::Rng, buffer: &mut Vec<u8>) {
        buffer.clear();
        let Some(Blank { at, range }) = &self.blank else {
            return buffer.extend_from_slice(&self.bytes);
        };
        let (before, after) = self.bytes.split_at(*at);
        buffer.extend_from_slice(before);
        // A Vec takes all that is written to it.
        _ = write!(buffer, "{}", random.u64(range.clone()));
        buffer.extend_from_slice(after);
    }

    /// Whether the body of a good answer is looked at.
    pub fn reads_body(&self) -> bool {
        self.contains.is_some()
    }

    /// What a complete answer is worth.
    ///
    /// # Errors
    /// An error status, or a body that lacks what the endpoint demands.
    pub fn judge(&self, answer: &Answer) -> Result<(), Failure> {
        let outcome = match answer.status {
            500.. => Outcome::Status5xx,
            400.. => Outcome::Status4xx,
            _ if self.contains.as_ref().is_some_and(|text| text.find(&answer.body).is_none()) => {
                Outcome::Check
            }
            _ => return Ok(()),
        };
        let start = &answer.body[..answer.body.len().min(SAMPLE_BYTES)];
        let sample = match String::from_utf8_lossy(start) {
            text if text.is_empty() => format!("status {} without a body", answer.status),
            text => text.into_owned(),
        };
        Err(Failure { outcome, sample })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(method: &str, path: &str) -> anyhow::Result<Request> {
        let endpoint = serde_json::json!({ "name": "x", "method": method, "path": path });
        Request::render(&serde_json::from_value(endpoint).unwrap(), "127.0.0.1:3000")
    }

    #[test]
    fn a_blank_is_filled_in_anew_each_time_and_the_same_for_the_same_seed() {
        let request = render("GET", "/posts/{7..9}/likes").unwrap();
        let lines = |seed| {
            let mut random = fastrand::Rng::with_seed(seed);
            let line = |_| {
                let mut buffer = Vec::new();
                request.write(&mut random, &mut buffer);
                String::from_utf8(buffer).unwrap().lines().next().unwrap().to_owned()
            };
            (0..100).map(line).collect::<Vec<_>>()
        };
        let mut different = lines(1);
        assert_eq!(different, lines(1));
        different.sort();
        different.dedup();
        let expected = [7, 8, 9].map(|n| format!("GET /posts/{n}/likes HTTP/1.1"));
        assert_eq!(different, expected);
    }

    #[test]
    fn a_blank_that_cannot_be_filled_in_is_an_error() {
        for path in ["/{", "/{}", "/{1}", "/{1..}", "/{9..1}", "/{-1..1}", "/{1..2}/{1..2}"] {
            assert!(render("GET", path).is_err(), "{path}");
        }
    }
}
