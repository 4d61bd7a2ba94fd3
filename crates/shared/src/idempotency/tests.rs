use actix_web::{body::to_bytes, test::TestRequest};
use serde_json::{Value, json};

use super::*;

async fn keyed(names: &[&str]) -> Result<Keyed<Value>, Problem> {
    let mut request = TestRequest::post().insert_header(("content-type", "application/json"));
    for name in names {
        request = request.append_header((HEADER, header::HeaderValue::from_bytes(name.as_bytes()).unwrap()));
    }
    let (request, mut payload) = request.set_payload(r#"{"a": 1}"#).to_http_parts();
    Keyed::from_request(&request, &mut payload).await
}

#[tokio::test]
async fn a_key_comes_with_the_hash_of_the_body() {
    let Keyed { body, key } = keyed(&["k-1"]).await.unwrap();
    let key = key.unwrap();
    assert_eq!((body, key.name.as_str()), (json!({"a": 1}), "k-1"));
    // printf '{"a": 1}' | sha256sum
    assert_eq!(key.request_hash[..4], [0xf9, 0xd8, 0x60, 0x28]);
    assert!(keyed(&[]).await.unwrap().key.is_none());
}

#[tokio::test]
async fn a_key_has_1_to_255_visible_characters() {
    assert!(keyed(&["~".repeat(255).as_str()]).await.is_ok());
    let long = "~".repeat(256);
    for names in [vec![""], vec![&long], vec!["a b"], vec!["é"], vec!["a", "a"]] {
        let problem = keyed(&names).await.err().unwrap();
        assert!(problem.to_string().starts_with("invalid-input: Idempotency-Key must"), "{names:?}");
    }
}

#[tokio::test]
async fn a_key_is_the_same_with_and_without_quotation_marks() {
    for (value, expected) in [(r#""k-1""#, "k-1"), (r#""a\"b\\c""#, r#"a"b\c"#), (r#"k"1"#, r#"k"1"#)] {
        assert_eq!(keyed(&[value]).await.unwrap().key.unwrap().name, expected);
    }
    for value in [r#"""#, r#""""#, r#""k"#, r#""k"1"#, r#""k\1""#] {
        assert!(keyed(&[value]).await.is_err(), "{value}");
    }
}

#[tokio::test]
async fn a_replay_is_byte_equal_and_for_the_same_body_only() {
    let stored = || Stored {
        request_hash: vec![1],
        status: 201,
        location: "/things/7".to_owned(),
        body: br#"{"id" : 7}"#.to_vec(),
    };
    let key = |request_hash| Key { name: "k".to_owned(), request_hash };
    let answer = stored().replay(&key(vec![1])).unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers().get("location").unwrap(), "/things/7");
    assert_eq!(answer.headers().get("idempotency-replayed").unwrap(), "true");
    assert_eq!(to_bytes(answer.into_body()).await.unwrap(), r#"{"id" : 7}"#);
    let problem = stored().replay(&key(vec![2])).unwrap_err();
    assert!(problem.to_string().starts_with("key-reused: "), "{problem}");
}
