//! Ends the clients of a test.

use std::sync::atomic::{AtomicBool, Ordering};

/// Sets its flag at the end of a scope. It does so also when a fault could not be made: a scope waits for its threads.
pub struct EndOnDrop<'a>(pub &'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
