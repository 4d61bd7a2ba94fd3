//! `POST /posts`

use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{Feed, each_variant};

fn post(feed: &Feed, content: &str) -> Answer {
    feed.post("/posts", &json!({ "userId": 1, "content": content }).to_string())
}

#[test]
fn a_post_is_stored_and_answered_as_it_is_stored() {
    each_variant(|feed| {
        let answer = feed.post("/posts", r#"{"userId": 3, "content": "hello"}"#);
        assert_eq!(answer.status, 201);
        let post = answer.json();
        assert_eq!((&post["userId"], &post["content"]), (&json!(3), &json!("hello")));
        let id = &post["id"];
        let stored = feed.database.sql(&format!(
            "SELECT user_id, content, to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS') FROM posts WHERE id = {id}"
        ));
        let stored: Vec<_> = stored[0].iter().flatten().collect();
        assert_eq!(stored[..2], ["3", "hello"]);
        assert!(post["createdAt"].as_str().unwrap().starts_with(stored[2]), "{post} {stored:?}");
    });
}

#[test]
fn content_has_1_to_280_characters_however_many_bytes() {
    each_variant(|feed| {
        for (content, status) in
            [(String::new(), 400), ("x".to_owned(), 201), ("🦀".repeat(280), 201), ("🦀".repeat(281), 400)]
        {
            assert_eq!(post(feed, &content).status, status, "{content}");
        }
        assert_snapshot!(post(feed, &"x".repeat(281)), @r#"
        400
        content-type: application/problem+json
        x-instance: feed

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"content: must have 1 to 280 characters, and has 281","errors":[{"path":"content","message":"must have 1 to 280 characters, and has 281"}]}
        "#);
    });
}

#[test]
fn content_comes_back_as_it_was_sent() {
    each_variant(|feed| {
        for content in
            ["' OR 1=1 --", "%", "_", r"\", "../", "a\r\nb", "\u{202e}\u{feff}", "<script>", "\"", "  "]
        {
            assert_eq!(post(feed, content).json()["content"], content);
        }
    });
}

#[test]
fn a_field_that_is_missing_or_of_another_type_is_named() {
    each_variant(|feed| {
        assert_snapshot!(feed.post("/posts", r#"{"userId": "1", "content": "x"}"#), @r#"
        400
        content-type: application/problem+json
        x-instance: feed

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"userId: must be a whole number of 64 bits","errors":[{"path":"userId","message":"must be a whole number of 64 bits"}]}
        "#);
        for (body, detail) in [
            (r#"{"content": "x"}"#, "userId: is required"),
            (r#"{"userId": 1}"#, "content: is required"),
            (r#"{"userId": 1, "content": null}"#, "content: must be a string"),
            (r#"{"userId": 1.5, "content": "x"}"#, "userId: must be a whole number of 64 bits"),
            (r#"{"userId": 1, "content": "x", "id": 2}"#, "id: is unknown"),
            (r#"{"userId": 1, "content": "x", "content": "y"}"#, "in the body: duplicate field `content`"),
            (r#"{"userId": 1, "content": "a\u0000b"}"#, "content: must not contain the character NUL"),
        ] {
            let answer = feed.post("/posts", body);
            assert_eq!(answer.status, 400, "{body}");
            let problem = answer.json();
            assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{problem}");
            assert!(detail.contains(problem["errors"][0]["path"].as_str().unwrap()), "{problem}");
        }
    });
}

#[test]
fn an_unknown_user_is_a_conflict() {
    each_variant(|feed| {
        assert_snapshot!(feed.post("/posts", r#"{"userId": 51, "content": "x"}"#), @r#"
        409
        content-type: application/problem+json
        x-instance: feed

        {"type":"conflict","title":"a rule of the data forbids it","status":409,"detail":"no user has id 51","errors":[{"path":"userId","message":"no user has id 51"}]}
        "#);
        assert_eq!(feed.database.sql("SELECT count(*) FROM posts")[0][0].as_deref(), Some("10000"));
    });
}

#[test]
fn a_body_has_64_kib_at_most() {
    each_variant(|feed| {
        let body = |length: usize| format!(r#"{{"userId": 1, "content": "{}"}}"#, "x".repeat(length - 28));
        let fits = body(64 * 1024);
        assert_eq!(fits.len(), 64 * 1024);
        assert_eq!(feed.post("/posts", &fits).json()["errors"][0]["path"], "content");
        assert_snapshot!(feed.post("/posts", &body(64 * 1024 + 1)), @r#"
        413
        content-type: application/problem+json
        x-instance: feed

        {"type":"too-large","title":"the body is too large","status":413,"detail":"a body has 65536 bytes at most"}
        "#);
    });
}

#[test]
fn only_json_is_taken() {
    each_variant(|feed| {
        let with = |kind: &str| {
            let body = r#"{"userId": 1, "content": "x"}"#;
            let length = body.len();
            feed.send(format!(
                "POST /posts HTTP/1.1\r\nHost: test\r\n{kind}Content-Length: {length}\r\n\r\n{body}"
            ))
        };
        assert_eq!(with("Content-Type: application/json; charset=utf-8\r\n").status, 201);
        assert_eq!(with("").status, 415);
        assert_snapshot!(with("Content-Type: text/plain\r\n"), @r#"
        415
        content-type: application/problem+json
        x-instance: feed

        {"type":"unsupported-media-type","title":"the body must be JSON","status":415,"detail":"send Content-Type: application/json"}
        "#);
    });
}

#[test]
fn another_method_is_told_which_one_is_right() {
    each_variant(|feed| {
        assert_snapshot!(feed.get("/posts"), @r#"
        405
        allow: POST
        content-type: application/problem+json
        x-instance: feed

        {"type":"method-not-allowed","title":"this method is not allowed here","status":405,"detail":"method GET is not allowed on /posts"}
        "#);
        assert_eq!(feed.get("/posts").json()["type"], Value::from("method-not-allowed"));
    });
}

#[test]
fn a_body_is_an_object_and_nothing_that_could_be_taken_for_one() {
    each_variant(|feed| {
        for body in [r#"[7, "text"]"#, "[]", r#" [{"userId": 7, "content": "text"}]"#, r#""{}""#, "7", ""] {
            let answer = feed.post("/posts", body);
            assert_eq!(
                (answer.status, &answer.json()["detail"]),
                (400, &"the body must be a JSON object".into())
            );
        }
        assert_eq!(feed.post("/posts", r#" {"userId": 7, "content": "text"}"#).status, 201);
    });
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_zero() {
    each_variant(|feed| {
        for user in ["7", "7.0", "7e0", "70e-1"] {
            let post = feed.post("/posts", &format!(r#"{{"userId": {user}, "content": "x"}}"#)).json();
            assert_eq!(post["userId"], 7, "{user}");
        }
        assert_eq!(feed.post("/posts", r#"{"userId": 7.5, "content": "x"}"#).status, 400);
    });
}

#[test]
fn an_encoded_body_and_one_in_another_charset_are_refused() {
    each_variant(|feed| {
        let with = |headers: &str| {
            let body = r#"{"userId": 1, "content": "x"}"#;
            let length = body.len();
            feed.send(format!(
                "POST /posts HTTP/1.1\r\nHost: test\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{body}"
            ))
        };
        for encoding in ["gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip"] {
            let answer = with(&format!("Content-Type: application/json\r\nContent-Encoding: {encoding}"));
            assert_eq!(
                (answer.status, answer.header("accept-encoding")),
                (415, Some("identity")),
                "{answer}"
            );
            assert_eq!(answer.json()["errors"][0]["path"], "Content-Encoding");
        }
        assert_eq!(with("Content-Type: application/json\r\nContent-Encoding: identity").status, 201);
        for charset in ["utf-8", "UTF-8", "\"utf-8\""] {
            assert_eq!(
                with(&format!("Content-Type: application/json; charset={charset}")).status,
                201,
                "{charset}"
            );
        }
        for charset in ["iso-8859-1", "utf-16", "nonsense"] {
            assert_eq!(
                with(&format!("Content-Type: application/json; charset={charset}")).status,
                415,
                "{charset}"
            );
        }
    });
}
