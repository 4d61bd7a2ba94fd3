//! A service without a dependency, so that it compiles in no time: answers every request with its word.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

const WORD: &str = "one";

fn main() {
    let address = env::var("LISTEN_ADDRESS").unwrap();
    if env::var("APP_ENDS").unwrap() == "yes" {
        eprintln!("app: no, thank you");
        std::process::exit(1);
    }
    for connection in TcpListener::bind(address).unwrap().incoming() {
        thread::spawn(|| serve(connection.unwrap()));
    }
}

fn serve(mut connection: TcpStream) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{WORD}", WORD.len());
            if connection.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}
