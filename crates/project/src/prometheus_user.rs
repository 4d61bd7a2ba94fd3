//! Who may use the Prometheus of a scenario: the lab, and those who can read its password.

/// The name.
pub const USER: &str = "lab";

/// Of what the [password](crate::Scenario::password) is.
pub const PASSWORD: &str = "prometheus";
