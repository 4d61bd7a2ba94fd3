//! The promises, in the order of the table.

mod kills;

use crate::promise::Promise;

pub const ALL: &[Promise] = &[kills::ACKNOWLEDGED_WRITES];
