//! What a client sent and what it knows of it, held against what is stored afterwards.
//!
//! A client whose connection breaks does not know whether its write happened. So each operation has an id of its own, and
//! one of three ends: it was acknowledged, it was refused, or nothing is known of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What a client knows of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Acknowledged,
    Refused,
    Unknown,
}

/// The operations of all clients of one run. Threads share it.
#[derive(Debug, Default)]
pub struct Ledger {
    ends: Mutex<BTreeMap<String, End>>,
}

impl Ledger {
    /// An operation is about to be sent. Until more is known of it, it may have happened.
    pub fn invoked(&self, id: &str) {
        self.note(id, End::Unknown);
    }

    /// The service said that it happened.
    pub fn ok(&self, id: &str) {
        self.note(id, End::Acknowledged);
    }

    /// The service said that it did not happen, and will not.
    pub fn failed(&self, id: &str) {
        self.note(id, End::Refused);
    }

    fn note(&self, id: &str, end: End) {
        self.ends().insert(id.to_owned(), end);
    }

    /// Each holder of the lock makes one change at most, so the map is whole also after a panic.
    fn ends(&self) -> MutexGuard<'_, BTreeMap<String, End>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many operations were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.ends().values().filter(|end| **end == End::Acknowledged).count()
    }

    /// Compares with the ids that are stored, each as often as it is.
    pub fn balance(&self, stored: impl IntoIterator<Item = String>) -> Balance {
        let ends = self.ends();
        let count = |end| ends.values().filter(|other| **other == end).count();
        let mut balance = Balance {
            invoked: ends.len(),
            ok: count(End::Acknowledged),
            failed: count(End::Refused),
            unknown: count(End::Unknown),
            ..Balance::default()
        };
        let mut found = BTreeSet::new();
        for id in stored {
            if !ends.get(&id).is_some_and(|end| *end != End::Refused) {
                balance.unexpected.push(id);
            } else if !found.insert(id.clone()) {
                balance.doubled.push(id);
            }
        }
        let acknowledged = ends.iter().filter(|(_, end)| **end == End::Acknowledged).map(|(id, _)| id);
        balance.lost = acknowledged.filter(|id| !found.contains(*id)).cloned().collect();
        balance
    }
}

/// What the clients know, against what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Operations that were sent.
    pub invoked: usize,
    /// Those that were acknowledged.
    pub ok: usize,
    /// Those that were refused.
    pub failed: usize,
    /// Those of which the client knows nothing.
    pub unknown: usize,
    /// Acknowledged, and not stored.
    pub lost: Vec<String>,
    /// Stored, and never sent or refused.
    pub unexpected: Vec<String>,
    /// Stored once more than once: an id for each time after the first.
    pub doubled: Vec<String>,
}

impl Balance {
    /// Whether nothing is lost, unexpected or doubled.
    pub fn holds(&self) -> bool {
        self.lost.is_empty() && self.unexpected.is_empty() && self.doubled.is_empty()
    }
}

/// "0 lost, 0 unexpected, 0 doubled of 5120 (4990 acknowledged, 130 unknown)", with the first ids of each that is not 0.
impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ids, what) in
            [(&self.lost, "lost, "), (&self.unexpected, "unexpected, "), (&self.doubled, "doubled")]
        {
            write!(f, "{} ", ids.len())?;
            if !ids.is_empty() {
                write!(f, "({}) ", ids.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", "))?;
            }
            f.write_str(what)?;
        }
        write!(f, " of {} ({} acknowledged, {} unknown)", self.invoked, self.ok, self.unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn what_is_unknown_may_be_stored_or_not() {
        let ledger = Ledger::default();
        ledger.invoked("a");
        assert!(ledger.balance(stored(&["a"])).holds());
        assert!(ledger.balance(stored(&[])).holds());
    }

    #[test]
    fn lost_unexpected_and_doubled_are_told_apart() {
        let ledger = Ledger::default();
        for id in ["a", "b", "c", "d"] {
            ledger.invoked(id);
        }
        ledger.ok("a");
        ledger.ok("b");
        ledger.failed("c");
        assert_eq!(ledger.acknowledged(), 2);
        let balance = ledger.balance(stored(&["b", "b", "b", "c", "x", "d"]));
        assert_eq!((balance.invoked, balance.ok, balance.failed, balance.unknown), (4, 2, 1, 1));
        assert_eq!(balance.lost, ["a"]);
        assert_eq!(balance.unexpected, ["c", "x"]);
        assert_eq!(balance.doubled, ["b", "b"]);
        assert!(!balance.holds());
        assert_eq!(
            balance.to_string(),
            "1 (a) lost, 2 (c, x) unexpected, 2 (b, b) doubled of 4 (2 acknowledged, 1 unknown)"
        );
    }
}
