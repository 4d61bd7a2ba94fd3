//! The signals of `lab kill`.

use clap::ValueEnum;
use rustix::process;
use serde::Serialize;

/// A signal that a service can get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "UPPERCASE")]
#[value(rename_all = "UPPER")]
pub enum Signal {
    /// Kill the process at once.
    Kill,
    /// Ask it to stop.
    Term,
    /// Freeze until CONT.
    Stop,
    /// Continue after STOP.
    Cont,
}

impl From<Signal> for process::Signal {
    fn from(signal: Signal) -> Self {
        match signal {
            Signal::Kill => Self::KILL,
            Signal::Term => Self::TERM,
            Signal::Stop => Self::STOP,
            Signal::Cont => Self::CONT,
        }
    }
}
