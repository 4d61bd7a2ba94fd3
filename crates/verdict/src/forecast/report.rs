//! A forecast as text.

use std::fmt::{self, Display, Formatter};

use format::counted;
use format::{per_second as rate, precise_ms as ms};
use predict::{Arrivals, Demand, Outcome, Scalability};

use crate::forecast::{Closed, Forecast, Open};

impl Display for Forecast {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Demand { server_s, to_database, database_s, database_wait_s, held_s, .. } = self.model.demand;
        writeln!(
            f,
            "A request needs {} of the program's CPU and {} of PostgreSQL's, and holds a connection for {}.",
            ms(server_s),
            ms(to_database * database_s),
            ms(to_database * (database_s + database_wait_s + held_s))
        )?;
        writeln!(
            f,
            "\nUpper limits by Little's law: the capacity divided by the time for which each request uses it"
        )?;
        for limit in &self.limits {
            writeln!(f, "  {:>9} per second  {}", rate(limit.per_s), limit.why)?;
        }
        let asked = asked(self.model.arrivals);
        if let Some(Closed { per_s, response_s }) = self.closed {
            writeln!(
                f,
                "\nBy formula, {asked}: {} per second, each in {} on average (machine repairman at the first limit)",
                rate(per_s),
                ms(response_s)
            )?;
        }
        if let Some(Open { utilization, waits, response_s }) = self.open {
            let [busy, waits] = [utilization, waits].map(|share| format!("{:.0} %", share * 100.0));
            let response = response_s.map_or_else(
                || "the queue grows without end".to_owned(),
                |s| format!("{} on average", ms(s)),
            );
            writeln!(
                f,
                "\nBy formula, {asked}: the first limit is {busy} busy, {waits} of the requests wait, {response} (M/M/c, Erlang C)"
            )?;
        }
        simulated(f, &self.simulated, &asked, self.model.servers)?;
        if let Some(law) = &self.scalability {
            scalability(f, law, self.model.servers)?;
        }
        writeln!(f, "\nLimits of this prediction")?;
        self.unknown.iter().try_for_each(|unknown| writeln!(f, "  - {unknown}"))
    }
}

fn simulated(f: &mut Formatter<'_>, outcome: &Outcome, asked: &str, servers: usize) -> fmt::Result {
    let Outcome { ok_per_s, success_rate, latency, .. } = outcome;
    let serving = counted(servers as f64, "server");
    writeln!(f, "\nSimulated, request by request, {asked}, {serving}:")?;
    writeln!(f, "  ok             {} per second", rate(*ok_per_s))?;
    writeln!(f, "  success rate   {:.1} %", (success_rate * 1_000.0).floor() / 10.0)?;
    match latency {
        Some(latency) => writeln!(
            f,
            "  latency of ok  mean {}, p50 {}, p99 {}",
            ms(latency.mean),
            ms(latency.p50),
            ms(latency.p99)
        )?,
        None => writeln!(f, "  latency of ok  none succeeded")?,
    }
    writeln!(
        f,
        "  in use         {:.0} % of the busiest server's CPU, {:.0} % of the database machine's, {:.1} connections",
        outcome.server_busy * 100.0,
        outcome.machine_busy * 100.0,
        outcome.connections
    )?;
    if outcome.without_connection > 0 {
        writeln!(f, "  {} of the {servers} servers get no connection at all", outcome.without_connection)?;
    }
    Ok(())
}

fn scalability(f: &mut Formatter<'_>, law: &Scalability, servers: usize) -> fmt::Result {
    writeln!(
        f,
        "\nUniversal Scalability Law, fitted to your runs with {} different numbers of servers:\n  \
        {:.1} % of the work is serial (contention), {:.3} % is lost to each pair of servers (coherency)",
        law.sizes,
        law.contention * 100.0,
        law.coherence * 100.0
    )?;
    // Without a limit the fit is a straight line, which does not extrapolate.
    if law.limit_per_s().is_some() || servers <= law.sizes {
        writeln!(f, "  {}: {} per second", counted(servers as f64, "server"), rate(law.per_s(servers)))?;
    }
    match (law.best(), law.limit_per_s()) {
        (Some(best), Some(limit)) => {
            writeln!(
                f,
                "  most with {}: {} per second; adding servers beyond that lowers throughput",
                counted(best.round(), "server"),
                rate(limit)
            )
        }
        (None, Some(limit)) => {
            writeln!(f, "  at most {} per second, with any number of servers", rate(limit))
        }
        _ => writeln!(f, "  these runs show no upper limit"),
    }
}

fn asked(arrivals: Arrivals) -> String {
    match arrivals {
        Arrivals::Users(users, _) => format!("{} at once", counted(users as f64, "user")),
        Arrivals::Even(per_s) | Arrivals::Random(per_s) => {
            format!("{} per second", counted(per_s, "request"))
        }
    }
}
