//! What a client should not send: each hostile value in each field, parameter and part of a path.

use testkit::{
    Answer, Redis, exchange,
    hostile::{is_harmless, texts, values},
    with_body,
};

use crate::{
    program::{Program, post},
    promise::{Outcome, Promise, Trial},
};

pub const HOSTILE_INPUT: Promise = Promise {
    number: 14,
    text: "No input makes a 5xx, and every error is a problem document",
    target: "0",
    test,
};

/// Where a hostile value can stand in the requests of a service.
struct Surface {
    /// Addresses with `{}` in place of the value.
    paths: &'static [&'static str],
    /// Bodies with `{}` in place of the value, and where they are sent.
    bodies: &'static [(&'static str, &'static str, &'static str)],
    /// The longest text in a body, in characters.
    longest: usize,
}

fn surface(program: Program) -> Surface {
    match program {
        Program::Feed => Surface {
            paths: &["/users/{}/posts", "/users/1/posts?limit={}", "/users/1/posts?before={}", "/{}"],
            bodies: &[
                ("POST", "/posts", r#"{"userId": {}, "content": "x"}"#),
                ("POST", "/posts", r#"{"userId": 1, "content": {}}"#),
                ("POST", "/posts", "{}"),
            ],
            longest: 280,
        },
        Program::Tasks => Surface {
            paths: &[
                "/tasks/{}",
                "/tasks?page={}",
                "/tasks?limit={}",
                "/tasks?status={}",
                "/tasks?search={}",
                "/tasks?sort={}",
                "/users/{}",
                "/categories/{}",
            ],
            bodies: &[
                ("POST", "/tasks", r#"{"title": {}, "userId": 1}"#),
                ("POST", "/tasks", r#"{"title": "x", "userId": {}}"#),
                ("POST", "/tasks", r#"{"title": "x", "userId": 1, "categoryId": {}}"#),
                ("PUT", "/tasks/1", r#"{"description": {}}"#),
                (
                    "POST",
                    "/users",
                    r#"{"username": {}, "email": "a@example.com", "password": "long enough"}"#,
                ),
                ("POST", "/users", r#"{"username": "x", "email": {}, "password": "long enough"}"#),
                ("POST", "/categories", r#"{"name": {}}"#),
                ("POST", "/tasks", "{}"),
            ],
            longest: 200,
        },
        Program::Jobs => Surface {
            paths: &["/jobs/{}", "/{}"],
            bodies: &[
                ("POST", "/jobs", r#"{"type": {}, "payload": {}}"#),
                ("POST", "/jobs", r#"{"type": "send_email", "payload": {}}"#),
                ("POST", "/jobs", r#"{"type": "send_email", "payload": {"a": 1}, "priority": {}}"#),
                ("POST", "/jobs/claim", r#"{"worker": {}}"#),
                ("PATCH", "/jobs/1", r#"{"leaseToken": {}, "action": "finish"}"#),
                ("PATCH", "/jobs/1", r#"{"leaseToken": "x", "action": {}}"#),
                ("POST", "/jobs", "{}"),
            ],
            longest: 1_000,
        },
        Program::Orders => Surface {
            paths: &["/orders/{}", "/products/{}", "/products?category={}", "/products?after={}", "/{}"],
            bodies: &[
                ("POST", "/orders", r#"{"productId": {}, "quantity": 1}"#),
                ("POST", "/orders", r#"{"productId": 1, "quantity": {}}"#),
                ("POST", "/orders", "{}"),
            ],
            longest: 100,
        },
    }
}

fn test(trial: &mut Trial) -> Outcome {
    // The short form takes one value of four, others each time.
    let one_of = trial.times(1, 4);
    let (mut sent, mut harmful) = (0, Vec::new());
    for program in Program::ALL {
        let (database, redis) = (program.database(), Redis::start());
        let service = program.start(&database, &redis, &[]);
        let requests: Vec<_> =
            requests(program).into_iter().filter(|_| trial.random.usize(0..one_of) == 0).collect();
        for request in requests {
            let answer: Option<Answer> = exchange(service.address, request.as_bytes()).ok();
            sent += 1;
            if !answer.as_ref().is_some_and(is_harmless) {
                let status = answer.map_or("no answer".to_owned(), |answer| answer.status.to_string());
                harmful.push(format!("{}: {status} to {request:.120?}", program.name()));
            }
        }
    }
    let examples: String = harmful.iter().take(3).map(|example| format!("; {example}")).collect();
    Outcome {
        done: format!("{sent} requests with a hostile value, to every route of 4 services"),
        measured: format!(
            "{} answered with a 5xx, no answer or no problem document{examples}",
            harmful.len()
        ),
        held: harmful.is_empty() && sent > 0,
    }
}

fn requests(program: Program) -> Vec<String> {
    let Surface { paths, bodies, longest } = surface(program);
    let mut requests = Vec::new();
    for text in texts() {
        for path in paths {
            requests.push(format!("GET {} HTTP/1.1\r\nHost: torture\r\n\r\n", path.replace("{}", text)));
        }
        requests.push(post(bodies[0].1, &format!("Idempotency-Key: {text}\r\n"), "{}"));
    }
    for value in values(longest) {
        for (method, path, body) in bodies {
            requests.push(with_body(method, path, "", &body.replace("{}", &value)));
        }
    }
    requests
}
