//! Numbers in a lesson's text are those of its claims: what the text promises is what a smoke test measures.
//!
//! Where `SCENARIO.md` states a claim, the paragraph ends with its name in a comment: `<!-- pool-serves-all -->`.

use lesson::{Claim, Measure};

/// Claims that `text` does not state, or states with other numbers; in words.
pub fn complaints(text: &str, claims: &[Claim]) -> Vec<String> {
    claims.iter().filter_map(|claim| complaint(text, claim)).collect()
}

fn complaint(text: &str, claim: &Claim) -> Option<String> {
    let name = format!("<!-- {} -->", claim.id);
    let Some((before, _)) = text.split_once(&name) else {
        return Some(format!("states claim {} nowhere; where it does, write {name}", claim.id));
    };
    let paragraph = before.rsplit("\n\n").next().unwrap_or_default();
    let words: Vec<_> = paragraph
        .split_whitespace()
        .map(|word| word.trim_matches([',', '.', ';', ':', '(', ')', '*']))
        .collect();
    let plain = words.join(" ").to_lowercase();
    let limits = [claim.at_least, claim.at_most];
    let missing = limits.into_iter().flatten().find(|limit| {
        !said(*limit, claim).iter().any(|saying| format!(" {plain} ").contains(&format!(" {saying} ")))
    })?;
    Some(format!(
        "says nothing like {} where it states claim {}",
        said(missing, claim).join(" or "),
        claim.id
    ))
}

/// How people say `limit`.
fn said(limit: f64, claim: &Claim) -> Vec<String> {
    let is_share = claim.relative_to.is_none()
        && !matches!(claim.measure, Measure::OkPerS | Measure::P99Ms | Measure::BusyConnections);
    let mut said = vec![format!("{limit}")];
    if is_share || limit < 1.0 {
        said.push(format!("{} %", (limit * 1_000.0).round() / 10.0));
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
    said.extend(words.iter().map(|word| (*word).to_owned()));
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(limits: &str) -> Claim {
        toml::from_str(&format!("id = 'x'\nstage = 'a'\nmeasure = 'success_rate'\n{limits}")).unwrap()
    }

    #[test]
    fn a_text_says_the_numbers_of_its_claims() {
        let at_most = [claim("at_most = 0.10")];
        let said = |text: &str| complaints(text, &at_most).is_empty();
        assert!(said("Much ado.\n\nExpect less than 10 % to\nsucceed. <!-- x -->"));
        assert!(!said("Expect less than 10 %.\n\nOr so. <!-- x -->"));
        assert!(!said("Expect less than 110 %. <!-- x -->"));
        assert!(!said("Expect less than 10 %."));
        assert!(
            complaints("Five times as many. <!-- x -->", &[claim("relative_to = 'b'\nat_least = 5.0")])
                .is_empty()
        );
    }
}
