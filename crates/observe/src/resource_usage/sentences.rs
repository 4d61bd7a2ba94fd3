//! A sentence for each bottleneck, with the evidence in it.

use format::{cores, counted, ms, whole_percent as percent};

use crate::resource_usage::{Database, Evidence, Program};

/// From this share of requests that fail for want of a connection, connections are the bottleneck.
pub(super) const MANY: f64 = 0.05;

/// A part of the latency from which on it is worth the word "mostly".
pub(super) const MOSTLY: f64 = 0.4;

/// From this share of the periods on, a CPU cap is what a program waits for: with a load of half of its cap, chance
/// alone uses it up in far fewer.
pub(super) const THROTTLED: f64 = 0.5;

pub fn connections(program: &Program, database: &Database) -> String {
    let Database { slots, open, different, busy, open_mean, .. } = database;
    let own = program
        .pool
        .is_none()
        .then(|| format!("each request opens one of its own ({different} were seen), and "));
    let held = if *busy < 0.5 * open_mean {
        format!(
            "{open} were open at once; on average {open_mean:.1} were open and {busy:.1} ran a query, the rest sat idle"
        )
    } else {
        format!("{open} were open at once, and on average {busy:.1} ran a query")
    };
    format!(
        "Connections ran out: {}PostgreSQL allows {slots}; {held}. {} of the requests got none.",
        own.unwrap_or_default(),
        percent(program.timeouts)
    )
}

pub fn computing(seen: &Evidence, program: &Program) -> String {
    let (used, limit) = (cores(program.cpu_cores), cores(program.cpu_limit_cores));
    let may = match (program.servers, program.is_capped) {
        (1, true) => format!("it used {used} of the {limit} cores that it may use"),
        (1, false) => format!("it used {used} cores, and has threads for {limit}"),
        (servers, true) => {
            format!("its {servers} servers used {used} of the {limit} cores that they may use together")
        }
        (servers, false) => format!("its {servers} servers used {used} cores, and have threads for {limit}"),
    };
    let stopped = if program.throttled >= THROTTLED {
        let share = percent(program.throttled);
        format!("; its CPU cap (cgroup) stopped it in {share} of the periods in which it ran")
    } else {
        String::new()
    };
    let way = seen.latency_ms - program.in_program_ms;
    let queue = if way >= MOSTLY * seen.latency_ms {
        format!(
            ", and a request waits {} of its {} before the program takes it",
            ms(way),
            ms(seen.latency_ms)
        )
    } else if program.waiting_ms >= MOSTLY * seen.latency_ms {
        ", and requests wait for connections because their holders wait for that CPU".to_owned()
    } else {
        String::new()
    };
    format!("The program's CPU: {may}{stopped}{queue}.")
}

pub fn database_cpu(seen: &Evidence, database: &Database) -> String {
    let used = cores(database.cpu_cores.unwrap_or_default());
    let of = seen.machine.map_or_else(String::new, |machine| format!(" of the machine's {}", machine.cores));
    let read = database.scan.as_ref().filter(|scan| scan.scan.reads_all());
    let top = database.statements.first();
    let why = match (read, top) {
        (Some(scan), _) => format!(
            "; the lesson's query reads the whole table {}, {}, each time ({})",
            scan.table,
            counted(scan.scan.rows as f64, "row"),
            scan.scan.node
        ),
        (None, Some(top)) => format!(
            "; {} of its time went into: {} ({} each)",
            percent(top.share),
            top.short(),
            ms(top.mean_ms)
        ),
        (None, None) => String::new(),
    };
    let others = others(seen).map_or_else(String::new, |others| format!(" (other programs used {others})"));
    format!("PostgreSQL's CPU: it used {used}{of} cores{others}{why}.")
}

pub fn locks(database: &Database) -> String {
    format!(
        "Locks: of {:.1} active connections, {:.1} waited for a lock.",
        database.busy,
        waiting(database, |event| event.starts_with("Lock "))
    )
}

pub fn pool(seen: &Evidence, program: &Program, database: &Database) -> String {
    let waits = if program.timeouts >= MANY {
        format!("{} of the requests gave up waiting", percent(program.timeouts))
    } else {
        format!("a request waits {} of its {}", ms(program.waiting_ms), ms(seen.latency_ms))
    };
    let all = program.pool.map_or_else(
        || "a connection".to_owned(),
        |pool| format!("one of {}", counted(pool as f64, "connection")),
    );
    let Database { busy, open_mean, .. } = database;
    let computed = database
        .cpu_cores
        .map_or_else(String::new, |cpu| format!(", while PostgreSQL computed for {} cores", cores(cpu)));
    let held = if *busy >= 0.5 * open_mean {
        let wait = database
            .waits
            .first()
            .map_or_else(String::new, |(event, _)| format!(", most for {}", words(event)));
        format!("{busy:.1} of them were waiting in the database{wait}{computed}")
    } else {
        format!("only {busy:.1} of them ran a query, and the rest sat idle")
    };
    format!("The pool of connections: {waits} for {all}, and {held}.")
}

/// What PostgreSQL's wait events mean.
///
/// Source: PostgreSQL manual, "Wait Events".
fn words(event: &str) -> String {
    match event {
        "LWLock WALWrite" | "IO WALSync" | "IO WALWrite" | "Timeout CommitDelay" | "IPC CommitDelay" => {
            "the disk, at commit".to_owned()
        }
        "Client ClientRead" => "the program's next command".to_owned(),
        _ if event.starts_with("IO ") => format!("the disk ({event})"),
        _ => event.to_owned(),
    }
}

/// CPU of other programs, if it is much.
fn others(seen: &Evidence) -> Option<String> {
    let machine = seen.machine?;
    let others = seen.cpu().last().map(|(_, used)| *used)?;
    (others > 0.25 * machine.cores).then(|| cores(others))
}

pub fn machine(seen: &Evidence) -> String {
    let machine = seen.machine.unwrap_or_default();
    let users: Vec<_> =
        seen.cpu().into_iter().map(|(name, used)| format!("{name} {}", cores(used))).collect();
    let (used, all) = (cores(machine.busy_cores), machine.cores);
    format!("The machine's CPU: {used} of its {all} cores were busy: {}.", users.join(", "))
}

pub fn nothing(seen: &Evidence) -> String {
    let parts = seen.parts().into_iter().flatten();
    let largest = parts.max_by(|one, other| one.ms.total_cmp(&other.ms));
    let most = largest.map_or_else(String::new, |part| {
        format!(
            " A request takes as long as its work does, {}; most of it {} ({}).",
            ms(seen.latency_ms),
            part.name,
            ms(part.ms)
        )
    });
    format!("Nothing was at its limit.{most}")
}

/// What may have held locks meanwhile; empty without a transaction that was open for long.
pub fn old_transactions(seen: &Evidence) -> String {
    let transactions = seen.database.iter().flat_map(|database| &database.old_transactions);
    let named = transactions.map(|transaction| {
        format!(" During the load there was {transaction}. Others wait for the locks that it holds.")
    });
    named.collect()
}

/// How many connections waited on average, for `what` they did.
pub(super) fn waiting(database: &Database, what: impl Fn(&str) -> bool) -> f64 {
    database.waits.iter().filter(|(event, _)| what(event)).map(|(_, count)| count).sum()
}
