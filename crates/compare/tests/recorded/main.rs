//! The verdicts, held against real runs.

mod series;

use series::{FACTORS, Series, Verdicts};

#[test]
fn the_same_program_twice_shows_no_difference_in_95_of_100_comparisons() {
    let verdicts = Series::all()[0].run_by_run(1.0);
    assert!(verdicts.count() >= 100);
    assert!(verdicts.no_difference() >= 0.95, "{}", verdicts.no_difference());
}

#[test]
fn ten_percent_more_is_found_in_95_of_100_comparisons() {
    let verdicts = Series::all()[0].run_by_run(1.1);
    assert!(verdicts.better() >= 0.95, "{}", verdicts.better());
}

#[test]
fn by_turns_both_are_found_on_a_machine_that_is_busy_elsewhere() {
    for series in Series::all().iter().filter(|series| series.name != "crowded") {
        let (equal, faster) = (series.by_turns(1.0), series.by_turns(1.1));
        assert!(equal.no_difference() >= 0.95, "{}: {}", series.name, equal.no_difference());
        assert!(faster.better() >= 0.95, "{}: {}", series.name, faster.better());
    }
}

#[test]
fn what_is_said_is_right_in_95_of_100_cases_however_busy_the_machine() {
    for series in Series::all() {
        let two = FACTORS.map(|factor| series.run_by_run(factor));
        let turns = FACTORS.map(|factor| series.by_turns(factor));
        for all in [two, turns] {
            assert!(Verdicts::right_of_said(&all) >= 0.95, "{}", series.name);
            for verdicts in all {
                assert!(verdicts.pairs() <= 32.0 && verdicts.wrong() <= 0.05, "{}", series.name);
            }
        }
    }
}

#[test]
fn two_runs_on_a_busy_machine_cannot_find_ten_percent_by_any_limit() {
    assert_eq!(Series::all()[0].at_best(), 1.0);
    for series in &Series::all()[1..] {
        assert!(series.at_best() < 0.6, "{}: {}", series.name, series.at_best());
    }
}
