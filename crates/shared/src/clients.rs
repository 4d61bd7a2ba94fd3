//! The connections clients hold: counted, and closed when nothing comes of them.

use std::{
    any::Any,
    cell::Cell,
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use actix_web::{dev::Extensions, rt};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::time::sleep;

use crate::metrics::HTTP_CONNECTIONS;

/// How long a client may stay without sending the whole head of a request.
///
/// actix-web has such a limit for the first request of a connection only. A client that sends one request and
/// then the head of a second, a byte per second, would stay for good.
const IDLE_LIMIT: Duration = Duration::from_millis(5_500);

/// How long an unwelcome client has to read its answer. Closed at once, the connection would be reset, and the answer
/// could be lost on its way.
const LINGER: Duration = Duration::from_secs(1);

static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Connections that are open now.
pub(crate) fn open() -> usize {
    OPEN.load(Ordering::Relaxed)
}

/// One client's connection. A clone is another handle to the same.
#[derive(Clone)]
pub(crate) struct Client(Rc<State>);

struct State {
    socket: TcpStream,
    /// `None` while a request is being worked on.
    idle_since: Cell<Option<Instant>>,
}

impl Client {
    pub fn is_served(&self) {
        self.0.idle_since.set(None);
    }

    pub fn is_idle(&self) {
        self.0.idle_since.set(Some(Instant::now()));
    }

    /// Closes the connection a little later, when the answer has surely been read. For a client that is still
    /// sending a body that was refused.
    pub fn close_soon(&self) {
        let state = self.0.clone();
        rt::spawn(async move {
            sleep(LINGER).await;
            state.close();
        });
    }
}

impl State {
    fn close(&self) {
        // It may be closed already.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Drop for State {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Lets this process have as many files and sockets as the system allows: each client takes two, and the 1,024 that
/// Linux gives at first would be 500 clients.
pub(crate) fn allow_many() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Refused in some containers: then the first limit holds.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// To be called for each new connection, on the thread that serves it.
pub(crate) fn watch(connection: &dyn Any, data: &mut Extensions) {
    HTTP_CONNECTIONS.increment(1);
    // A second handle to the socket, since actix-web keeps the first. Without one the client is served unwatched.
    let Some(connection) = connection.downcast_ref::<rt::net::TcpStream>() else {
        return;
    };
    let Ok(socket) = connection.as_fd().try_clone_to_owned() else {
        return;
    };
    OPEN.fetch_add(1, Ordering::Relaxed);
    let state = Rc::new(State { socket: socket.into(), idle_since: Cell::new(Some(Instant::now())) });
    let weak = Rc::downgrade(&state);
    data.insert(Client(state));
    rt::spawn(async move {
        while let Some(state) = weak.upgrade() {
            let idle = state.idle_since.get().map_or(Duration::ZERO, |since| since.elapsed());
            if idle >= IDLE_LIMIT {
                return state.close();
            }
            drop(state);
            sleep(IDLE_LIMIT - idle).await;
        }
    });
}
