//! The requests of a promise, and the checks of their answers.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use anyhow::{Context, anyhow, bail, ensure};
use loadgen::{Endpoint, Response};
use serde_json::Value;
use tokio::{task::spawn_blocking, time::Instant};

/// A system under no load that cannot answer for so long is broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a promise is inconclusive: the system did not answer.
#[derive(Debug)]
pub struct NoAnswer;

impl Display for NoAnswer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("no answer")
    }
}

/// Retries a request while the service is overloaded (503): a pool that is briefly exhausted breaks no promise.
///
/// # Errors
/// [`NoAnswer`] when there is no answer, or only a balancer's; or an answer that is no success.
pub async fn ask(target: String, endpoint: Endpoint) -> anyhow::Result<Response> {
    let due = Instant::now() + PATIENCE;
    loop {
        let (target, endpoint) = (target.clone(), endpoint.clone());
        let path = endpoint.path.clone();
        let answer = spawn_blocking(move || loadgen::fetch(&target, &endpoint, PATIENCE)).await?;
        let answer = answer.context(NoAnswer)?;
        match answer.status {
            200..300 => return Ok(answer),
            503 if Instant::now() < due => {}
            // When nginx reaches no upstream it answers with an HTML page, which is no use in a message.
            status @ (502 | 504) => bail!(anyhow!("{path} answers {status}").context(NoAnswer)),
            status => bail!("{path} answers {status}: {}", String::from_utf8_lossy(&answer.body).trim()),
        }
    }
}

/// Whether each of `answers` has another value in `name`.
///
/// # Errors
/// Names the value that is there twice.
pub fn all_differ(answers: &[Response], name: &str) -> anyhow::Result<()> {
    let values = answers.iter().map(|answer| field(Some(answer), name)).collect::<Result<Vec<_>, _>>()?;
    let twice = values.iter().enumerate().find(|(n, value)| values[..*n].contains(value));
    match twice {
        Some((_, value)) => {
            bail!("{} concurrent answers, and {name} {value} is in two of them", values.len())
        }
        None => Ok(()),
    }
}

/// Whether all `answers` are the same, byte for byte.
///
/// # Errors
/// When one is not.
pub fn all_alike(answers: &[Response]) -> anyhow::Result<()> {
    ensure!(answers.windows(2).all(|two| two[0] == two[1]), "the {} answers differ", answers.len());
    Ok(())
}

/// A field of an answer in JSON.
///
/// # Errors
/// When there is none.
pub fn field(answer: Option<&Response>, name: &str) -> anyhow::Result<String> {
    let body = answer.and_then(|answer| serde_json::from_slice::<Value>(&answer.body).ok());
    let value = body.as_ref().and_then(|body| body.get(name)).map(text);
    value.with_context(|| format!("the answer has no `{name}`"))
}

/// `endpoint` with `mark` in its path, body and headers.
pub fn marked(endpoint: &Endpoint, mark: &str) -> Endpoint {
    let mut endpoint = endpoint.clone();
    endpoint.path = endpoint.path.replace("{mark}", mark);
    endpoint.body = endpoint.body.replace("{mark}", mark);
    for (_, value) in &mut endpoint.headers {
        *value = value.replace("{mark}", mark);
    }
    endpoint
}

/// A number or a text, as PostgreSQL would print it.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers<const N: usize>(bodies: [&str; N]) -> [Response; N] {
        bodies.map(|body| Response { status: 200, body: body.into() })
    }

    #[test]
    fn a_value_that_two_answers_share_is_named() {
        assert!(all_differ(&answers([r#"{"id":1}"#, r#"{"id":2}"#]), "id").is_ok());
        let error = all_differ(&answers([r#"{"id":1}"#, r#"{"id":2}"#, r#"{"id":1}"#]), "id").unwrap_err();
        assert_eq!(error.to_string(), "3 concurrent answers, and id 1 is in two of them");
        assert!(all_differ(&answers([r#"{"id":1}"#, ""]), "id").is_err());
    }

    #[test]
    fn one_answer_that_is_another_is_noticed() {
        assert!(all_alike(&answers(["1", "1", "1"])).is_ok());
        assert!(all_alike(&answers(["1", "1", "2"])).is_err());
        assert!(all_alike(&answers([])).is_ok());
    }

    #[test]
    fn a_mark_goes_into_path_body_and_headers() {
        let mut endpoint = Endpoint::get("/{mark}");
        endpoint.headers = vec![("Idempotency-Key".to_owned(), "{mark}".to_owned())];
        endpoint.body = r#"{"to":"{mark}"}"#.to_owned();
        let marked = marked(&endpoint, "x");
        assert_eq!((&*marked.path, &*marked.body), ("/x", r#"{"to":"x"}"#));
        assert_eq!(marked.headers[0].1, "x");
    }
}
