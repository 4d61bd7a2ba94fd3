//! The promises, in the order of the table.

mod hostile_input;
mod instances;
mod keys;
mod kills;
mod leases;
mod slow_clients;
mod stock;

use crate::promise::Promise;

pub const ALL: &[Promise] = &[
    kills::ACKNOWLEDGED_WRITES,
    keys::SAME_KEY,
    leases::ONE_LEASE,
    leases::CRASHED_WORKER,
    leases::POISON,
    stock::LAST_PIECES,
    instances::LOST_INSTANCE,
    instances::ROLLING_RESTART,
    hostile_input::HOSTILE_INPUT,
    slow_clients::SLOW_CLIENTS,
];
