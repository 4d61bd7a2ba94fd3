//! Ten thousand users at once: each has a connection of its own, and not one request fails.
//!
//! The server is this program in a process of its own: a process may often not open as many files as all
//! connections have ends. It says what it has counted when its standard input closes.

use std::{
    env,
    io::{self, BufRead, BufReader, Read},
    net::TcpListener,
    process::{self, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use loadgen::{Endpoint, Plan};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use testkit::require::missing;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
};

const USERS: usize = 10_000;

/// An end of each connection, and some.
const FILES: u64 = USERS as u64 + 200;

/// What the server has counted: connections on which something was asked, and requests.
static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
static REQUESTS: AtomicU64 = AtomicU64::new(0);

fn main() -> io::Result<()> {
    if env::args().any(|argument| argument == "--serve") {
        return serve();
    }
    if getrlimit(Resource::Nofile).maximum.is_some_and(|maximum| maximum < FILES) {
        missing("open files", &format!("a process may not open {FILES} of them (`ulimit -Hn`)"));
        return Ok(());
    }
    let mut server = Command::new(env::current_exe()?)
        .arg("--serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut said = BufReader::new(server.stdout.take().expect("it is piped")).lines();
    let mut line = || said.next().expect("it says something");
    let plan = Plan {
        target: line()?,
        endpoints: vec![Endpoint::get("/")],
        users: USERS,
        rate_per_s: None,
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(5),
        timeout: Duration::from_secs(60),
        blocks: 5,
        threads: 1,
        seed: 1,
    };
    let run = loadgen::run(&plan, &AtomicBool::new(false), |_| ());
    drop(server.stdin.take());
    let counted = line()?;
    server.wait()?;
    let total = run.expect("the plan can be run").summary().total;
    assert_eq!(total.ok, total.requests, "{total:?}");
    assert_eq!(counted, format!("{USERS} connections, {} requests", total.ok));
    println!("ten_thousand_users: {counted}, all answered");
    Ok(())
}

fn serve() -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(FILES), maximum })?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    thread::spawn(|| {
        _ = io::stdin().read_to_end(&mut Vec::new());
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        println!("{} connections, {} requests", count(&CONNECTIONS), count(&REQUESTS));
        process::exit(0);
    });
    listener.set_nonblocking(true)?;
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            tokio::spawn(answer(listener.accept().await?.0));
        }
    })
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 512];
    // The first connection of a run only asks whether anybody listens.
    let mut asked = false;
    while stream.read(&mut request).await? > 0 {
        CONNECTIONS.fetch_add(u64::from(!asked), Ordering::Relaxed);
        asked = true;
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await?;
    }
    Ok(())
}
