//! Names that are made of something else.

use sha2::{Digest, Sha256};

use crate::project::Scenario;

/// Names `scenario`, of this checkout, in places that all checkouts of a machine share.
pub fn machine_wide(scenario: &Scenario) -> String {
    hex(&Sha256::digest(scenario.dir().as_os_str().as_encoded_bytes())[..6])
}

/// Two digits per byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
