//! What needs both the engine and measurements: load tests, checks, and the proof that lessons hold. Each is started by a
//! command of `lab`.

pub mod readiness;
pub mod load;
pub mod find_max;
pub mod check;
pub mod apply_fix;
pub mod parallel_checkout;
pub mod sandbox;
pub mod smoke;
pub mod validate;
pub mod interleaved;
