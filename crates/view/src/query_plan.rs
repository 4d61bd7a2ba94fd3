//! The plan of a query as boxes in boxes: each step encloses those that it takes its rows from.

use format::{counted, number, query_time};
use maud::{Markup, html};
use observe::query_plan::{Explained, Step};

/// The plan, with its explanation.
pub fn plan(explained: &Explained) -> Markup {
    let matters = explained.root.that_reads(&explained.table);
    html! {
        p { (explained.finding()) }
        p.soft {
            "The query took " (query_time(explained.took_ms)) ". Read from the inside out: each step takes its rows from \
            the steps in it."
        }
        div.steps { (step(&explained.root, matters, explained.took_ms)) }
        details #plan-text {
            summary { "As PostgreSQL prints it" }
            pre { (explained.plan) }
        }
    }
}

fn step(step: &Step, matters: Option<&Step>, whole_ms: f64) -> Markup {
    let is_it = matters.is_some_and(|matters| std::ptr::eq(matters, step));
    let share = (100.0 * step.own_ms / whole_ms).clamp(0.0, 100.0);
    let words = step.in_words();
    html! {
        div.step.matters[is_it] {
            p {
                strong { (step.name) }
                @if is_it { span.mark { "this scan matters" } }
                @if !words.is_empty() { " " (words) }
            }
            p.rows {
                @if step.loops == 0.0 {
                    "was never run"
                } @else {
                    (rows(step)) ". Own time " (number(step.own_ms, 2)) " ms, "
                    (number(share, 0)) " % of all"
                    svg viewBox="0 0 100 6" width="100" height="6" aria-hidden="true" {
                        rect.grid width="100" height="6" {}
                        rect.share width=(share) height="6" {}
                    }
                }
            }
            @for (name, condition) in &step.conditions {
                p.condition { span.soft { (name) ": " } code { (condition) } }
            }
            @for below in &step.below { (self::step(below, matters, whole_ms)) }
        }
    }
}

/// `reads 10,000 rows, returns 20`
fn rows(step: &Step) -> String {
    let times =
        if step.loops > 1.0 { format!(", in {} rounds", number(step.loops, 0)) } else { String::new() };
    let count = |rows: f64| counted(rows.round(), "row");
    let verb = if step.below.is_empty() { "Reads" } else { "Takes" };
    format!("{verb} {}, returns {}{times}", count(step.looked_at()), number(step.returned, 0))
}
