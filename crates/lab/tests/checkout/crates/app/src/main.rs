//! A service without a dependency, so that it compiles in no time: answers every request with its word, and counts.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

static ANSWERED: AtomicU64 = AtomicU64::new(0);

const WORD: &str = "one";

/// The answer to users' requests; other requests succeed.
const STATUS: &str = "200 OK";

fn main() {
    let address = env::var("LISTEN_ADDRESS").unwrap();
    if env::var("APP_ENDS").unwrap() == "yes" {
        eprintln!("app: no, thank you");
        std::process::exit(1);
    }
    if env::var("APP_ENDS").unwrap() == "hangs" {
        let connections: Vec<_> = TcpListener::bind(address).unwrap().incoming().collect();
        drop(connections);
        return;
    }
    for connection in TcpListener::bind(address).unwrap().incoming() {
        thread::spawn(|| serve(connection.unwrap()));
    }
}

fn serve(mut connection: TcpStream) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
    let (mut status, mut body) = (STATUS, String::new());
    while let Some(Ok(line)) = lines.next() {
        if line.starts_with("GET /metrics") {
            body = format!("http_requests_total{{}} {}\n", ANSWERED.load(Ordering::Relaxed));
        } else if line.starts_with("GET ") {
            ANSWERED.fetch_add(1, Ordering::Relaxed);
            status = if line.starts_with("GET / ") { STATUS } else { "200 OK" };
            body = WORD.to_owned();
        }
        if line.is_empty() {
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            if connection.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}
