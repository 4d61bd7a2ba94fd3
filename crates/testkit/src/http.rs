//! The least HTTP client there is: bytes out, one answer in.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    /// For example 404.
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// Without its transfer encoding.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body.
    ///
    /// # Panics
    /// When it is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

/// What a reader of the API cares about: no `date`, no ids.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for name in ["allow", "content-type", "retry-after", "x-instance"] {
            if let Some(value) = self.header(name) {
                writeln!(f, "{name}: {value}")?;
            }
        }
        write!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}

/// A request with a JSON body, as it is sent. Each of `headers` ends with CR LF.
pub fn with_body(method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends `request` on a new connection and reads one answer.
///
/// # Errors
/// When there is no whole answer within 10 s.
pub fn exchange(address: SocketAddr, request: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // A server may answer and close before it has read everything.
    let _ = stream.write_all(request);
    read_answer(&mut stream, !request.starts_with(b"HEAD "))
}

/// Reads one answer; `has_body` is false after HEAD.
///
/// # Errors
/// When it ends early, or is none.
pub fn read_answer(stream: &mut impl Read, has_body: bool) -> io::Result<Answer> {
    let mut received = Vec::new();
    let head_length = loop {
        if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        read_some(stream, &mut received)?;
    };
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer");
    let head = String::from_utf8_lossy(&received[..head_length]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(invalid)?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status, headers, body: received.split_off(head_length) };
    let length = match answer.header("content-length").filter(|_| has_body) {
        Some(length) => length.parse().map_err(|_| invalid())?,
        None => 0,
    };
    while answer.body.len() < length {
        read_some(stream, &mut answer.body)?;
    }
    Ok(answer)
}

fn read_some(stream: &mut impl Read, received: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    match stream.read(&mut buffer) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(count) => {
            received.extend_from_slice(&buffer[..count]);
            Ok(())
        }
        // A signal ends a read that has a time limit, whatever SA_RESTART says (signal(7)).
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
        Err(error) => Err(error),
    }
}
