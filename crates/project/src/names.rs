//! Names that are made of something else.

use sha2::{Digest, Sha256};

use crate::Scenario;

/// Names `scenario`, of this checkout, in places that all checkouts of a machine share.
pub fn machine_wide(scenario: &Scenario) -> String {
    hex::encode(&Sha256::digest(scenario.dir().as_os_str().as_encoded_bytes())[..6])
}
