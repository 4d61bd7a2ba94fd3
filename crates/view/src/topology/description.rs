//! The diagram as text, for screen readers.

use crate::topology::{Arrow, Flow, Health, Topology, USERS, Weight};

impl Topology {
    /// Every box and every arrow, in sentences.
    pub fn in_words(&self) -> String {
        let boxes = self.boxes.iter().map(|node| {
            let port = node.port.map_or_else(String::new, |port| format!(" on port {port}"));
            let told = [&node.state].into_iter().chain(&node.notes).map(|told| &**told);
            format!("{}{port}: {}.", node.name, told.collect::<Vec<_>>().join(", "))
        });
        let arrows = self.arrows.iter().map(|arrow| self.arrow_in_words(arrow));
        boxes.chain(arrows).collect::<Vec<_>>().join(" ")
    }

    /// What is wrong, in sentences; empty where nothing is.
    pub fn troubles(&self) -> String {
        let troubles: Vec<_> = self.boxes.iter().filter_map(|node| node.trouble.as_deref()).collect();
        troubles.join(" ")
    }

    fn arrow_in_words(&self, arrow: &Arrow) -> String {
        let (from, to) = (&self.boxes[arrow.from], &self.boxes[arrow.to]);
        let verb = if from.name == USERS { "ask" } else { "asks" };
        let asks = format!("{} {verb} {}", from.name, to.name);
        if let Some(absent) = self.ends(arrow).find(|end| !end.health.is_there()) {
            return format!(
                "{asks}: no requests pass, because {} is {}.",
                absent.name,
                absent.health.in_words()
            );
        }
        let Flow { much, well, .. } = arrow.flow.clone().or(to.input.clone()).unwrap_or_default();
        let limit = if self.weight(arrow) == Weight::Overloaded { "overloaded" } else { "" };
        let told: Vec<_> = [&*much, &*well, limit].into_iter().filter(|told| !told.is_empty()).collect();
        if told.is_empty() { format!("{asks}.") } else { format!("{asks}: {}.", told.join(", ")) }
    }
}

impl Health {
    fn in_words(self) -> &'static str {
        match self {
            Self::Good | Self::Back | Self::Failing => "there",
            Self::Waiting => "not ready yet",
            Self::Bad => "down",
            Self::Off => "not running",
        }
    }
}
