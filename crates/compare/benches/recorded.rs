//! How often two runs of the same program are told apart, and how often one that is 10 % faster is found.

#[path = "../tests/recorded/series.rs"]
mod series;

use series::{Series, Verdicts};

fn main() {
    for series in Series::all() {
        println!(
            "{}: two runs that differ by less than {:.1} % are equal",
            series.name,
            100.0 * series.margin()
        );
        tell("two runs (lab compare)", &series.run_by_run(1.0), &series.run_by_run(1.1));
        tell("twelve by turns (lab ab)", &series.by_turns(1.0), &series.by_turns(1.1));
    }
}

fn tell(how: &str, equal: &Verdicts, faster: &Verdicts) {
    println!(
        "  {how:<25} {:>3} comparisons; the same twice: no difference {:>5.1} %, told apart {:>4.1} %; \
         10 % more: found {:>5.1} %",
        equal.count(),
        100.0 * equal.no_difference(),
        100.0 * equal.told_apart(),
        100.0 * faster.better()
    );
}
