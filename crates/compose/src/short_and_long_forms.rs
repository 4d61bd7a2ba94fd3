//! Keys that Compose lets people write in several forms; each becomes one form here.
//!
//! Source: the Compose Specification, "services top-level elements".

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error, de::IgnoredAny};

use crate::depends_on::{Condition, DependsOn};

/// A value that is text for us, and for YAML perhaps a number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a number")]
enum Scalar {
    Text(String),
    Whole(i64),
    Number(f64),
    Flag(bool),
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// `[redis-server, --save, ""]`, or `redis-server --save ""` with a shell's quotes.
pub fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a command: a text, or a list of texts")]
    enum CommandLine {
        Line(String),
        List(Vec<Scalar>),
    }
    match CommandLine::deserialize(deserializer)? {
        CommandLine::List(words) => Ok(words.into_iter().map(Scalar::text).collect()),
        CommandLine::Line(line) => shlex::split(&line)
            .ok_or_else(|| D::Error::custom(format!("the command `{line}` has a quote that does not end"))),
    }
}

/// `NAME: value`, or `- NAME=value`. A name alone has the value that it has in the shell.
pub fn environment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Option<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected variables: `NAME: value`, or a list of `NAME=value`")]
    enum Environment {
        Map(BTreeMap<String, Option<Scalar>>),
        List(Vec<String>),
    }
    let pair = |line: String| match line.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (line, None),
    };
    Ok(match Environment::deserialize(deserializer)? {
        Environment::Map(map) => {
            map.into_iter().map(|(name, value)| (name, value.map(Scalar::text))).collect()
        }
        Environment::List(list) => list.into_iter().map(pair).collect(),
    })
}

/// `db: { condition: service_healthy }`, or `[db]`, which waits until it is started.
pub fn dependencies<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, DependsOn>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "expected services: `db: { condition: service_healthy }` or `service_started`, or a list like [db]"
    )]
    enum Dependencies {
        Map(BTreeMap<String, DependsOn>),
        List(Vec<String>),
    }
    let started = |name| (name, DependsOn { condition: Condition::ServiceStarted });
    Ok(match Dependencies::deserialize(deserializer)? {
        Dependencies::Map(map) => map,
        Dependencies::List(names) => names.into_iter().map(started).collect(),
    })
}

/// `127.0.0.1:3000:80`, or the same in words: `{ host_ip: 127.0.0.1, published: 3000, target: 80 }`.
pub fn ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "expected ports like \"127.0.0.1:3000:3000\", or { host_ip: 127.0.0.1, published: 3000, target: 3000 }"
    )]
    enum Port {
        Long(Long),
        Short(Scalar),
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Long {
        host_ip: Option<String>,
        published: Option<Scalar>,
        target: Scalar,
        protocol: Option<String>,
        #[serde(rename = "mode")]
        _mode: Option<IgnoredAny>,
        #[serde(rename = "name")]
        _name: Option<IgnoredAny>,
        #[serde(rename = "app_protocol")]
        _app_protocol: Option<IgnoredAny>,
    }
    let short = |port| match port {
        Port::Short(port) => port.text(),
        Port::Long(long) => {
            let before = [long.host_ip, long.published.map(Scalar::text)];
            let address: Vec<_> = before.into_iter().flatten().chain([long.target.text()]).collect();
            let protocol = long.protocol.filter(|protocol| protocol != "tcp");
            address.join(":") + &protocol.map_or_else(String::new, |protocol| format!("/{protocol}"))
        }
    };
    Ok(Vec::<Port>::deserialize(deserializer)?.into_iter().map(short).collect())
}
