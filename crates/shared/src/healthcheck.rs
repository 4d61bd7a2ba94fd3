//! `service --healthcheck`: asks the service that runs beside it, with the same environment, whether it lives. An image
//! that holds nothing but the service has no other program for that.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, ensure};

use crate::config::required;

/// A service that lives answers `/livez` at once.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks `/livez` where `LISTEN_ADDRESS` says that the service listens. Not `/readyz`: that one takes a connection of the
/// database, and those are what the lessons are about.
///
/// # Errors
/// When it does not answer, or not with 200.
pub fn ask(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
    let mut address: SocketAddr = required(&get, "LISTEN_ADDRESS")?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let status = status(address).with_context(|| format!("{address} does not answer"))?;
    ensure!(status == "HTTP/1.1 200", "/livez answers {status}");
    Ok(())
}

fn status(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut status = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut status)?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    /// Somebody who answers one request with `answer`, and where.
    fn answering(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1_024]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        format!("0.0.0.0:{}", address.port())
    }

    #[test]
    fn only_a_service_that_says_so_lives() {
        let asked = |address: String| ask(|_| Some(address.clone()));
        assert!(asked(answering("HTTP/1.1 200 OK\r\n\r\n")).is_ok());
        assert_eq!(
            asked(answering("HTTP/1.1 503 Service Unavailable\r\n\r\n")).unwrap_err().to_string(),
            "/livez answers HTTP/1.1 503"
        );
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(asked(closed.to_string()).is_err());
    }
}
