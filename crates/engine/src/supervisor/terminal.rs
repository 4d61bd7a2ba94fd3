//! Detects that the terminal which started the scenario was closed.

use std::{fs::File, future::pending, io, time::Duration};

use project::container;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::time::sleep;

/// Whether this process has a terminal that closes when the learner is done.
pub fn is_there() -> bool {
    open().is_ok()
}

fn open() -> io::Result<File> {
    // Docker makes a terminal for each command, which closes at the end of `make scenario-N`.
    if container::is_here() {
        return Err(io::ErrorKind::NotFound.into());
    }
    File::open("/dev/tty")
}

/// Waits until the terminal that started us closes; forever without one (in CI, for example).
///
/// We are not in its foreground, so the kernel sends us no SIGHUP; but a file of it, once open, says "hung up". One that was
/// there when we were started (`had_terminal`) and cannot be opened any more closed in between.
pub async fn gone(had_terminal: bool) {
    let terminal = match open() {
        Ok(terminal) => terminal,
        Err(_) if had_terminal => return,
        Err(_) => return pending().await,
    };
    let hung_up = || {
        let mut question = [PollFd::new(&terminal, PollFlags::empty())];
        poll(&mut question, Some(&Timespec::default())).is_ok()
            && question[0].revents().contains(PollFlags::HUP)
    };
    while !hung_up() {
        sleep(Duration::from_secs(1)).await;
    }
}
