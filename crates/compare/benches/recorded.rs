//! How often two runs of the same program are told apart, how often one that is 10 % faster is found, and how much of what
//! is said is right.

#[path = "../tests/recorded/series.rs"]
mod series;

use series::{FACTORS, Series, Verdicts};

fn main() {
    for series in Series::all() {
        println!(
            "{}: the best limit for the difference of two runs finds 10 % more in {:.0} % of the comparisons; here it is \
             {:.1} %",
            series.name,
            100.0 * series.at_best(),
            100.0 * series.margin(),
        );
        tell("two runs (lab compare)", FACTORS.map(|factor| series.run_by_run(factor)));
        tell("in pairs (lab ab)", FACTORS.map(|factor| series.by_turns(factor)));
    }
}

fn tell(how: &str, all: [Verdicts; 3]) {
    println!("  {how}: of the verdicts {:.1} % are right", 100.0 * Verdicts::right_of_said(&all));
    for (what, verdicts) in ["the same twice", "10 % more", "50 % more"].into_iter().zip(all) {
        println!(
            "    {what:<14} {:>5} times, {:>2.0} pairs: no difference {:>5.1} %, better {:>5.1} %, inconclusive {:>5.1} %, \
             wrong {:>4.1} %",
            verdicts.count(),
            verdicts.pairs(),
            100.0 * verdicts.no_difference(),
            100.0 * verdicts.better(),
            100.0 * verdicts.inconclusive(),
            100.0 * verdicts.wrong(),
        );
    }
}
