//! A request as it goes over the wire, rendered once.

use anyhow::ensure;
use memchr::memmem::Finder;

use crate::{Endpoint, Outcome, answer::Answer};

/// An [`Endpoint`] made ready to be asked for many times.
pub(crate) struct Request {
    pub bytes: Vec<u8>,
    /// Its answer announces a body that does not come.
    pub head_only: bool,
    contains: Option<Finder<'static>>,
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
            head_only,
            contains: contains.as_ref().map(|text| Finder::new(text).into_owned()),
        })
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
