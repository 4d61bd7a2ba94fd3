//! Detects that the terminal which started the scenario was closed.

use std::{fs::File, future::pending, time::Duration};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::time::sleep;

/// Waits until the terminal that started us closes; forever without a terminal (in CI, for example).
///
/// We are not in its foreground, so the kernel sends us no SIGHUP; but a file of it, once open, says "hung up".
pub async fn gone() {
    let Ok(terminal) = File::open("/dev/tty") else {
        return pending().await;
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
