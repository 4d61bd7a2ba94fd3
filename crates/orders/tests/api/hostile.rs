//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use shared::testkit::Answer;

use crate::{Shop, keyed, order};

/// JSON values for a field of a body, and what looks like one.
const VALUES: &str = r#"
    null true 0 -1 1 100 101 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775809 1e309 -0
    1.0 1.5 01 NaN Infinity undefined 'x' [] {} [1] {"a":1} "" "1" "1.0" "0x1" "'OR(1=1)--" "%" "_" "\\" "../" "\r\n"
    "\u0000" "\ud800" "\udc00\ud800" "\uffff" "\q" " " "unfinished
"#;

/// Texts for a parameter, a part of the path or a header, as they stand in a URL.
const TEXTS: &str = "
    0 -1 1 +1 1.0 0x1 1e9 1e309 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775808
    null true %00 1%00 %ff %c3%28 %ed%a0%80 % %2 %zz %27%20OR%201=1%20-- %25 _ %5c ..%2f %2e%2e%2f %0d%0aX-Evil:%201
    %F0%9F%A6%80 a%20b [] {} * & = ; ? #
";

fn values() -> Vec<String> {
    let mut values: Vec<_> = VALUES.split_whitespace().map(str::to_owned).collect();
    values.push(String::new());
    values.extend([280, 281].map(|length| format!("\"{}\"", "🦀".repeat(length))));
    values.extend(["[", r#"{"a":"#].map(|nesting| nesting.repeat(10_000)));
    values.push("[".repeat(10_000) + &"]".repeat(10_000));
    values
}

#[track_caller]
fn assert_harmless(answer: &Answer, request: &str) {
    let is_problem = answer.header("content-type") == Some("application/problem+json");
    let is_harmless = match answer.status {
        200..400 => true,
        400..500 => is_problem,
        _ => false,
    };
    assert!(is_harmless && answer.header("x-evil").is_none(), "{:.200}\n{answer}", request);
}

#[test]
fn no_value_of_a_field_does_harm() {
    let shop = Shop::start();
    for value in values() {
        for body in [
            format!(r#"{{"productId": {value}, "quantity": 1}}"#),
            format!(r#"{{"productId": 1, "quantity": {value}}}"#),
            format!(r#"{{"productId": 1, "quantity": 1, "surprise": {value}}}"#),
            format!(r#"{{"productId": 1, "quantity": 1, "quantity": {value}}}"#),
            value.clone(),
        ] {
            assert_harmless(&shop.service.post("/orders", &body), &body);
            assert_harmless(&shop.service.send(keyed("k-1", &body)), &body);
        }
    }
}

#[test]
fn no_broken_body_does_harm() {
    let shop = Shop::start();
    let whole = order(1, 1).into_bytes();
    let mut bodies: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    bodies.extend([b"\xff\xfe".to_vec(), b"{\"productId\": \"\xff\"}".to_vec(), b"\0".to_vec()]);
    bodies.extend([[b"\xef\xbb\xbf", whole.as_slice()].concat(), [whole.as_slice(), b"{}"].concat()]);
    for body in bodies {
        let head = format!(
            "POST /orders HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = shop.service.send([head.as_bytes(), &body].concat());
        assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(&body));
        assert_harmless(&answer, &String::from_utf8_lossy(&body));
    }
    assert_eq!(shop.service.post("/orders", &" ".repeat(64 * 1024 + 1)).status, 413);
}

#[test]
fn no_path_no_parameter_and_no_key_does_harm() {
    let shop = Shop::start();
    for text in TEXTS.split_whitespace().chain([""]) {
        for path in [
            format!("/products/{text}"),
            format!("/orders/{text}"),
            format!("/report/{text}"),
            format!("/report?{text}"),
            format!("/products?{text}"),
            format!("/products?category={text}"),
            format!("/products?category=toys&limit={text}"),
            format!("/products?category=toys&after={text}"),
            format!("/products?category=toys&category={text}"),
            format!("/{text}"),
        ] {
            assert_harmless(&shop.get(&path), &path);
        }
        assert_harmless(&shop.service.send(keyed(text, &order(1, 1))), text);
    }
}

#[test]
fn no_method_does_harm() {
    let shop = Shop::start();
    for method in ["HEAD", "GET", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "BREW", "get"] {
        for path in ["/products?category=toys", "/products/1", "/orders", "/orders/1", "/report", "/nowhere"]
        {
            let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
            assert_harmless(&shop.service.send(&request), &request);
        }
    }
}
