//! What a client should not send, and what a service answers to it.

use crate::Answer;

/// JSON values for a field of a body, and what looks like one.
const VALUES: &str = r#"
    null true 0 -1 1 100 101 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775809 1e308 1e309
    -0 1.0 1.5 01 NaN Infinity undefined 'x' [] {} [1] {"a":1} {"a":1,"a":2} {"":{}} {"\u0000":1} {"a":["\u0000"]} {"a":1e-20000} {"a":0e99999999999} "" "1"
    "1.0" "0x1" "'OR(1=1)--" "%" "_" "\\" "\\u0000" "../" "\r\n" "\u0000" "\ud800" "\udc00\ud800" "\uffff" "\q" " " "unfinished
"#;

/// Texts for a parameter, a part of the path or a header, as they stand in a request.
const TEXTS: &str = "
    0 -1 1 +1 1.0 0x1 1e9 1e309 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775808
    0-0 -1--1 9223372036854775807-9223372036854775807 8210266876799999999-1 8210266876800000000-1 null true
    %00 1%00 %ff %c3%28 %ed%a0%80 % %2 %zz %27%20OR%201=1%20-- %25 _ %5c ..%2f %2e%2e%2f %0d%0aX-Evil:%201
    %F0%9F%A6%80 a%20b [] {} * & = ; ? #
";

/// Values for a field of a body: of every kind, at the limits of numbers, with text of many bytes around the lengths that a
/// service allows (`longest`, in characters), nested deeply, and no JSON at all.
pub fn values(longest: usize) -> Vec<String> {
    let mut values: Vec<_> = VALUES.split_whitespace().map(str::to_owned).collect();
    values.push(String::new());
    values.extend([longest, longest + 1].map(|length| format!("\"{}\"", "🦀".repeat(length))));
    values.extend(["[", r#"{"a":"#].map(|nesting| nesting.repeat(10_000)));
    values.push("[".repeat(10_000) + &"]".repeat(10_000));
    values
}

/// Texts for a parameter, a part of the path or a header; the last one is empty.
pub fn texts() -> impl Iterator<Item = &'static str> {
    TEXTS.split_whitespace().chain([""])
}

/// Whether an answer is no 5xx, is a problem if it is an error, and has nothing of the request in a header.
pub fn is_harmless(answer: &Answer) -> bool {
    let is_harmless = match answer.status {
        200..400 => true,
        400..500 => answer.header("content-type") == Some("application/problem+json"),
        _ => false,
    };
    is_harmless && answer.header("x-evil").is_none()
}

/// Demands that an `answer` is harmless.
///
/// # Panics
/// When it is not.
#[track_caller]
pub fn assert_harmless(answer: &Answer, request: &str) {
    assert!(is_harmless(answer), "{request:.300}\n{answer}");
}
