//! The keys at the top of a compose file.

use std::fmt::{self, Formatter};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use crate::Compose;

/// Beside `services`, the project's name, what a container keeps, and the old number of the format may stand here. Natively
/// none of them changes anything.
const KEYS: [&str; 4] = ["services", "name", "volumes", "version"];

impl<'de> Deserialize<'de> for Compose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Compose;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a compose file, with a key `services`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Compose, A::Error> {
        let mut services = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "services" if services.is_some() => return Err(A::Error::duplicate_field("services")),
                "services" => services = Some(map.next_value()?),
                // An extension; services take its keys by an anchor.
                extension if extension.starts_with("x-") => _ = map.next_value::<IgnoredAny>()?,
                ignored if KEYS.contains(&ignored) => _ = map.next_value::<IgnoredAny>()?,
                unknown => return Err(A::Error::unknown_field(unknown, &KEYS)),
            }
        }
        let services = services.ok_or_else(|| A::Error::missing_field("services"))?;
        Ok(Compose { services, seed_sizes: Vec::new() })
    }
}
