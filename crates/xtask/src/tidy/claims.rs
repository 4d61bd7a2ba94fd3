//! Numbers in a lesson's text are those of its claims: what the text promises is what a smoke test measures.
//!
//! Where `SCENARIO.md` states a claim, the paragraph ends with its name in a comment: `<!-- pool-serves-all -->`.

use lesson::{Claim, Measure};

use super::Finding;

/// Claims that `text` of the file `page` does not state, or states with other numbers.
pub fn check(page: &str, text: &str, claims: &[Claim]) -> Vec<Finding> {
    claims.iter().filter_map(|claim| finding(page, text, claim)).collect()
}

fn finding(page: &str, text: &str, claim: &Claim) -> Option<Finding> {
    let name = format!("<!-- {} -->", claim.id);
    let finding = |place, wrong, advice| Finding { place, wrong, advice, heading: "claims" };
    let Some((before, _)) = text.split_once(&name) else {
        return Some(finding(
            page.to_owned(),
            format!("claim {} of lesson.toml is not stated", claim.id),
            format!("End the paragraph that states it with {name}."),
        ));
    };
    let paragraph = before.rsplit("\n\n").next().unwrap_or_default();
    let words: Vec<_> = paragraph
        .split_whitespace()
        .map(|word| word.trim_matches([',', '.', ';', ':', '(', ')', '*']))
        .collect();
    let plain = words.join(" ").to_lowercase();
    let limits = [claim.at_least, claim.at_most];
    let missing = limits.into_iter().flatten().find(|limit| {
        !wordings(*limit, claim).iter().any(|wording| format!(" {plain} ").contains(&format!(" {wording} ")))
    })?;
    Some(finding(
        format!("{page}:{}", before.lines().count()),
        format!("the paragraph of claim {} does not state its limit", claim.id),
        format!("Write {}, or change lesson.toml.", wordings(missing, claim).join(" or ")),
    ))
}

/// How people write `limit`.
fn wordings(limit: f64, claim: &Claim) -> Vec<String> {
    let is_share = claim.relative_to.is_none()
        && !matches!(claim.measure, Measure::OkPerS | Measure::P99Ms | Measure::BusyConnections);
    let mut wordings = vec![format!("{limit}")];
    if is_share || limit < 1.0 {
        wordings.push(format!("{} %", (limit * 1_000.0).round() / 10.0));
    }
    let words: &[&str] = match limit {
        0.0 => &["none", "no", "never", "nothing", "not one"],
        1.0 if is_share => &["all", "every", "nothing fails", "everybody"],
        1.0 => &["less", "fewer", "as many", "the same"],
        0.5 => &["half"],
        2.0 => &["twice", "two times", "doubles"],
        3.0 => &["three times"],
        5.0 => &["five times"],
        _ => &[],
    };
    wordings.extend(words.iter().map(|word| (*word).to_owned()));
    wordings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(limits: &str) -> Claim {
        toml::from_str(&format!("id = 'x'\nstage = 'a'\nmeasure = 'success_rate'\n{limits}")).unwrap()
    }

    #[test]
    fn a_text_states_the_numbers_of_its_claims() {
        let at_most = [claim("at_most = 0.10")];
        let is_stated = |text: &str| check("SCENARIO.md", text, &at_most).is_empty();
        assert!(is_stated("Much ado.\n\nExpect less than 10 % to\nsucceed. <!-- x -->"));
        assert!(!is_stated("Expect less than 10 %.\n\nOr so. <!-- x -->"));
        assert!(!is_stated("Expect less than 110 %. <!-- x -->"));
        assert!(!is_stated("Expect less than 10 %."));
        let relative = [claim("relative_to = 'b'\nat_least = 5.0")];
        assert_eq!(check("SCENARIO.md", "Five times as many. <!-- x -->", &relative), []);
    }
}
