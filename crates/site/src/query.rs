//! What a request asks for beside its path.

use std::collections::BTreeMap;

/// What follows the `?`.
pub type Asked = BTreeMap<String, String>;
