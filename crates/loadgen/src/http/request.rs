//! A request as it is sent: rendered once, except for the random numbers in it.

use std::io::Write;

use anyhow::{Context, ensure};
use memchr::memmem::Finder;

use crate::{
    Endpoint, Outcome,
    http::{answer::Answer, template::Template},
};

/// An [`Endpoint`], prepared to be sent many times.
pub(crate) struct Request {
    /// The whole request; if the body changes, the part before the body's length.
    start: Template,
    changing_body: Option<Template>,
    /// The method is HEAD: the answer announces a body that does not follow.
    pub head_only: bool,
    /// Whether the request has the same effect when it arrives twice (idempotent).
    pub may_repeat: bool,
    contains: Option<Finder<'static>>,
}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub outcome: Outcome,
    /// The body of the answer, or the system's error where there was no answer.
    pub sample: String,
}

/// How much of a body is kept as a sample.
const SAMPLE_BYTES: usize = 500;

impl Request {
    /// # Errors
    /// A method, path or header with characters that would change the request.
    pub fn render(endpoint: &Endpoint, target: &str) -> anyhow::Result<Self> {
        let Endpoint { name, method, path, headers, body, contains, .. } = endpoint;
        let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        ensure!(word(method), "{name}: {method:?} is not a method");
        ensure!(word(path) && path.starts_with('/'), "{name}: {path:?} is not a path");
        let braces = Template::parse(path).with_context(|| format!("{name}: {path:?}"))?;
        ensure!(
            !braces.texts().any(|text| text.contains(['{', '}'])),
            "{name}: {path:?} has a brace that belongs to no {{1..9}}"
        );
        let head_only = method == "HEAD";
        ensure!(!head_only || contains.is_none(), "{name}: the answer to HEAD has no body to check");

        let mut text = format!("{method} {path} HTTP/1.1\r\n");
        let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        if !has("host") {
            text += &format!("Host: {target}\r\n");
        }
        for (key, value) in headers {
            let unbroken = !value.bytes().any(|b| b.is_ascii_control());
            ensure!(word(key) && unbroken, "{name}: {key:?}: {value:?} is not a header");
            text += &format!("{key}: {value}\r\n");
        }
        let body = Template::parse(body).with_context(|| format!("{name}: its body"))?;
        match body.fixed() {
            Some("") => text += "\r\n",
            Some(body) if has("content-length") => text += &format!("\r\n{body}"),
            Some(body) => text += &format!("Content-Length: {}\r\n\r\n{body}", body.len()),
            None => ensure!(!has("content-length"), "{name}: the length of its body changes"),
        }
        Ok(Self {
            start: Template::parse(&text).with_context(|| format!("{name}: {path:?} and its headers"))?,
            changing_body: Some(body).filter(|body| body.fixed().is_none()),
            head_only,
            // Source: RFC 9110, 9.2.2; the header promises that a second request does no harm.
            may_repeat: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(&&**method)
                || has("idempotency-key"),
            contains: contains.as_ref().map(|text| Finder::new(text).into_owned()),
        })
    }

    /// Puts the request into `buffer`, with numbers of `random`'s choice where it has blanks.
    pub fn write(&self, random: &mut fastrand::Rng, buffer: &mut Vec<u8>) {
        buffer.clear();
        self.start.write(random, buffer);
        if let Some(template) = &self.changing_body {
            let mut body = Vec::new();
            template.write(random, &mut body);
            // A Vec takes all that is written to it.
            _ = write!(buffer, "Content-Length: {}\r\n\r\n", body.len());
            buffer.append(&mut body);
        }
    }

    /// Whether the body of a good answer is checked.
    pub fn reads_body(&self) -> bool {
        self.contains.is_some()
    }

    /// Whether a complete answer is a success.
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

    fn written(endpoint: serde_json::Value) -> String {
        let request = Request::render(&serde_json::from_value(endpoint).unwrap(), "127.0.0.1:3000").unwrap();
        let mut buffer = Vec::new();
        request.write(&mut fastrand::Rng::with_seed(1), &mut buffer);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn path_headers_and_body_may_have_blanks() {
        let order = serde_json::json!({
            "name": "order", "method": "POST", "path": "/orders/{7..7}/items?page={8..8}",
            "headers": [["Idempotency-Key", "key-{9..9}"]], "body": r#"{"product":{1000..1000},"of":{}}"#,
        });
        assert_eq!(
            written(order),
            "POST /orders/7/items?page=8 HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nIdempotency-Key: key-9\r\n\
             Content-Length: 24\r\n\r\n{\"product\":1000,\"of\":{}}"
        );
    }

    #[test]
    fn a_blank_that_cannot_be_filled_in_is_an_error() {
        for path in ["/{", "/{}", "/{1}", "/{1..}", "/{9..1}", "/{-1..1}", "/}"] {
            assert!(render("GET", path).is_err(), "{path}");
        }
        assert!(render("GET", "/{1..2}/{1..2}").is_ok());
    }
}
