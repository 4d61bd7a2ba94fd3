//! A real HTTP server whose every answer is written by the test.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// Answers until it is dropped. Each connection has a thread.
pub struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    pub seen: Arc<Seen>,
}

/// What the server itself has counted.
#[derive(Default)]
pub struct Seen {
    /// Connections on which something was asked.
    pub connections: AtomicU64,
    /// Requests that the script has answered to its end.
    pub answered: AtomicU64,
    /// Everything that was asked, in order, head and body.
    pub requests: Mutex<Vec<String>>,
}

impl Server {
    /// Answers each request as `script` does: it gets the connection and the request's head. An error ends
    /// the connection.
    pub fn start(script: impl Fn(&mut TcpStream, &str) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self::listen(move |stream, seen| _ = serve(stream, &script, seen))
    }

    /// Answers every request with `answer`.
    pub fn saying(answer: &'static str) -> Self {
        Self::start(move |stream, _| stream.write_all(answer.as_bytes()))
    }

    /// Resets each connection when something is asked on it.
    pub fn resetting() -> Self {
        Self::listen(|stream, _| {
            // A socket that is closed with unread bytes in it resets its connection.
            _ = stream.peek(&mut [0]);
        })
    }

    pub fn target(&self) -> String {
        self.address.to_string()
    }

    /// Gives each connection a thread and to `serve`.
    fn listen(serve: impl Fn(&mut TcpStream, &Seen) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (stopping, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Seen::default()));
        let (serve, stop, counts) = (Arc::new(serve), stopping.clone(), seen.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (mut stream, serve, counts) =
                    (stream.expect("a connection"), serve.clone(), counts.clone());
                thread::spawn(move || serve(&mut stream, &counts));
            }
        });
        Self { address, stopping, seen }
    }

    /// Refuses connections from now on; those that exist go on.
    pub fn refuse(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it should stop.
        _ = TcpStream::connect(self.address);
    }

    pub fn answered(&self) -> u64 {
        self.seen.answered.load(Ordering::Relaxed)
    }

    pub fn connections(&self) -> u64 {
        self.seen.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.refuse();
    }
}

fn serve(
    stream: &mut TcpStream,
    script: impl Fn(&mut TcpStream, &str) -> io::Result<()>,
    seen: &Seen,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    for nth in 0.. {
        // The generator sends each request with one write, and these are small.
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        if nth == 0 {
            seen.connections.fetch_add(1, Ordering::Relaxed);
        }
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        seen.requests.lock().expect("no script panicked").push(request.clone());
        // Before it is: whoever has the answer may look at the counter at once.
        seen.answered.fetch_add(1, Ordering::Relaxed);
        script(stream, &request).inspect_err(|_| _ = seen.answered.fetch_sub(1, Ordering::Relaxed))?;
    }
    Ok(())
}
