//! The promises, in the order of the table.

mod crashes;
mod disks;
mod hostile_input;
mod instances;
mod interrupts;
mod keys;
mod kills;
mod leases;
mod leftovers;
mod optional_redis;
mod outage;
mod overload;
mod secrets;
mod shared_cache;
mod slow_clients;
mod starts;
mod stock;

use crate::promise::Promise;

pub const ALL: &[Promise] = &[
    kills::ACKNOWLEDGED_WRITES,
    keys::SAME_KEY,
    leases::ONE_LEASE,
    leases::CRASHED_WORKER,
    leases::POISON,
    stock::LAST_PIECES,
    shared_cache::OWN_WRITES,
    shared_cache::MISS_STORM,
    optional_redis::REDIS,
    instances::LOST_INSTANCE,
    instances::ROLLING_RESTART,
    outage::DATABASE,
    overload::OVERLOAD,
    hostile_input::HOSTILE_INPUT,
    slow_clients::SLOW_CLIENTS,
    secrets::NO_SECRET_LEAVES,
    starts::PORT_IN_USE,
    crashes::STALE_STATE,
    crashes::NO_ORPHANS,
    interrupts::CTRL_C,
    starts::ROOT,
    starts::LONG_PATHS,
    disks::NO_ROOM,
    starts::TWO_SCENARIOS,
    crashes::KILLED_POSTMASTER,
    leftovers::NOTHING_LEFT,
];

/// Promises that the short form leaves out, and why.
pub const NOT_IN_SHORT: &[(u32, &str)] = &[
    (9, "its latencies need a quiet machine"),
    (13, "how much is answered at the peak needs a quiet machine"),
];

/// Promises that only root can try: it mounts file systems and becomes other users.
pub const NEEDS_ROOT: [u32; 2] = [21, 23];
