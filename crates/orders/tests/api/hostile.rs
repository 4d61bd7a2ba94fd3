//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use testkit::hostile::{assert_harmless, texts, values};

use crate::{Shop, keyed, order};

#[test]
fn no_value_of_a_field_does_harm() {
    let shop = Shop::start();
    for value in values(280) {
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
    for text in texts() {
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
