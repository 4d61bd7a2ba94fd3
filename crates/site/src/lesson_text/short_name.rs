//! Names of what stands in a lesson, made of its text.

use sha2::{Digest, Sha256};

/// A short name for `text`.
pub fn short_name(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..6])
}
