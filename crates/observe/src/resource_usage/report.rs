//! Where the time went, as text.

use std::fmt::{self, Display, Formatter};

use format::{cores, ms};

use crate::resource_usage::{Evidence, ResourceUsage};

impl Display for ResourceUsage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.evidence)?;
        match &self.bottleneck {
            Some(bottleneck) => writeln!(f, "  The bottleneck: {bottleneck}"),
            None => writeln!(f, "  No bottleneck is named: this run is invalid."),
        }
    }
}

impl Display for Evidence {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let average = ms(self.latency_ms);
        writeln!(f, "\n  Where the time went: on average {average} for each request, errors included")?;
        for part in self.parts().into_iter().flatten() {
            let share = (100.0 * part.ms / self.latency_ms.max(f64::MIN_POSITIVE)).min(100.0);
            writeln!(f, "    {share:>3.0} %  {:>8}  {}", ms(part.ms), part.name)?;
        }
        let limit = self.program.as_ref().filter(|program| program.is_capped);
        let limit = limit.map(|program| format!(" (of {} that it may use)", cores(program.cpu_limit_cores)));
        let used = self.cpu().into_iter().map(|(name, used)| {
            let limit = limit.as_deref().filter(|_| name == "the program").unwrap_or_default();
            format!("{name} {}{limit}", cores(used))
        });
        let all = self.machine.map_or_else(String::new, |machine| format!(", of {}", machine.cores));
        writeln!(f, "  CPU, in cores{all}: {}", used.collect::<Vec<_>>().join(", "))?;
        if let Some(database) = &self.database {
            let waits = database
                .waits
                .iter()
                .filter(|(_, count)| *count >= 0.05)
                .take(3)
                .map(|(event, count)| format!("{count:.1} {event}"));
            let waits: Vec<_> = waits.collect();
            if !waits.is_empty() {
                writeln!(f, "  Connections that waited in PostgreSQL, on average: {}", waits.join(", "))?;
            }
            let statements = database.statements.iter().take(3).filter(|statement| statement.share >= 0.01);
            if statements.clone().next().is_some() {
                writeln!(f, "  PostgreSQL's time, by statement:")?;
            }
            for statement in statements {
                let share = 100.0 * statement.share;
                writeln!(
                    f,
                    "    {share:>3.0} %  {:>8}  {} x {}",
                    ms(statement.mean_ms),
                    statement.calls,
                    statement.short()
                )?;
            }
        }
        Ok(())
    }
}
