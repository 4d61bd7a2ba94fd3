//! Passwords: only their hashes are kept.

use std::sync::LazyLock;

use actix_web::web;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use shared::problem::Problem;
use tokio::sync::Semaphore;

/// Memory in KiB, passes and lanes: one of the settings that OWASP holds to be equally strong, and the one that takes
/// the least memory. About 20 ms of one core.
///
/// Source: OWASP, Password Storage Cheat Sheet, "Argon2id".
const COST: (u32, u32, u32) = (7 * 1024, 5, 1);

/// Hashes made at the same time. A hundred would take 700 MB, and none of them would be ready any sooner.
static TURNS: Semaphore = Semaphore::const_new(2);

static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("these are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
});

/// The Argon2id hash of `password`, with a salt of its own, in the PHC string format. Made on a thread of its own: this
/// one has others to serve.
///
/// # Errors
/// 500 when the system gives no random salt.
pub async fn hash(password: String) -> Result<String, Problem> {
    let _turn = TURNS.acquire().await;
    let hashing = web::block(move || ARGON2.hash_password(password.as_bytes()).map(|hash| hash.to_string()));
    let hash = hashing.await.map_err(|error| internal(&error))?;
    hash.map_err(|error| internal(&error))
}

fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!("a password was not hashed: {error}");
    Problem::internal("its cause is in the log")
}
