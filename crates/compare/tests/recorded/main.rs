//! The verdicts, held against real runs.

mod series;

use series::Series;

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
fn by_turns_even_a_machine_that_is_busy_elsewhere_invents_no_difference() {
    for series in Series::all() {
        let verdicts = series.by_turns(1.0);
        assert_eq!(verdicts.told_apart(), 0.0, "{} of {}", series.name, verdicts.count());
    }
}
