//! `GET /users/{id}/posts`

use insta::assert_snapshot;
use serde_json::Value;

use crate::{Feed, each_variant};

/// Follows `next` from page to page.
fn pages(feed: &Feed, path: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut next = Value::from("");
    while let Some(before) = next.as_str() {
        let before = if pages.is_empty() { String::new() } else { format!("&before={before}") };
        let answer = feed.get(&format!("{path}{before}"));
        assert_eq!(answer.status, 200, "{answer}");
        let mut page = answer.json();
        next = page["next"].take();
        pages.push(page["posts"].as_array().unwrap().clone());
    }
    pages
}

#[test]
fn pages_hold_every_post_once_newest_first() {
    each_variant(|feed| {
        // Posts of the same moment must not fall between two pages.
        feed.database.sql("UPDATE posts SET created_at = '2025-02-01' WHERE user_id = 7 AND id % 2 = 0");
        let expected =
            feed.database.sql("SELECT id FROM posts WHERE user_id = 7 ORDER BY created_at DESC, id DESC");
        let expected: Vec<_> = expected.into_iter().flatten().flatten().collect();
        for limit in [7, 100] {
            let pages = pages(feed, &format!("/users/7/posts?limit={limit}"));
            assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit));
            let found: Vec<_> = pages.iter().flatten().map(|post| post["id"].to_string()).collect();
            assert_eq!(found, expected);
        }
    });
}

#[test]
fn a_post_that_arrives_meanwhile_shifts_nothing() {
    each_variant(|feed| {
        let first = feed.get("/users/7/posts").json();
        feed.post("/posts", r#"{"userId": 7, "content": "meanwhile"}"#);
        let second = feed.get(&format!("/users/7/posts?before={}", first["next"].as_str().unwrap())).json();
        let newest: Vec<_> = pages(feed, "/users/7/posts?limit=41").swap_remove(0);
        let read: Vec<_> =
            [&first, &second].iter().flat_map(|page| page["posts"].as_array().unwrap()).collect();
        assert_eq!(read, newest[1..].iter().collect::<Vec<_>>());
    });
}

#[test]
fn a_page_has_1_to_100_posts() {
    each_variant(|feed| {
        for (limit, length) in [("", 20), ("?limit=1", 1), ("?limit=100", 100)] {
            let posts = feed.get(&format!("/users/1/posts{limit}")).json()["posts"].as_array().unwrap().len();
            assert_eq!(posts, length, "{limit}");
        }
        for limit in ["0", "101", "1e9", "-1", "1.0", "0x1", "", "%20", "99999999999999999999"] {
            assert_eq!(feed.get(&format!("/users/1/posts?limit={limit}")).status, 400, "{limit}");
        }
        assert_snapshot!(feed.get("/users/1/posts?limit=101"), @r#"
        400
        content-type: application/problem+json
        x-instance: feed

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"limit: must be a whole number from 1 to 100","errors":[{"path":"limit","message":"must be a whole number from 1 to 100"}]}
        "#);
    });
}

#[test]
fn a_place_that_no_page_gave_is_refused() {
    each_variant(|feed| {
        assert_snapshot!(feed.get("/users/1/posts?before=yesterday"), @r#"
        400
        content-type: application/problem+json
        x-instance: feed

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"before: must be the `next` value of a previous page","errors":[{"path":"before","message":"must be the `next` value of a previous page"}]}
        "#);
    });
}

#[test]
fn unknown_and_repeated_parameters_are_refused() {
    each_variant(|feed| {
        assert_snapshot!(feed.get("/users/1/posts?page=2"), @r#"
        400
        content-type: application/problem+json
        x-instance: feed

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"page: is unknown","errors":[{"path":"page","message":"is unknown"}]}
        "#);
        assert_snapshot!(feed.get("/users/1/posts?limit=1&limit=2").json()["detail"].as_str().unwrap(), @"in the query string: duplicate field `limit`");
    });
}

#[test]
fn a_user_without_posts_has_an_empty_page_and_no_user_has_none() {
    each_variant(|feed| {
        feed.database.sql("INSERT INTO users (username) VALUES ('newcomer')");
        assert_eq!(feed.get("/users/51/posts").body, br#"{"posts":[],"next":null}"#);
        assert_snapshot!(feed.get("/users/52/posts"), @r#"
        404
        content-type: application/problem+json
        x-instance: feed

        {"type":"not-found","title":"not found","status":404,"detail":"no user has id 52"}
        "#);
        assert_snapshot!(feed.get("/users/abc/posts"), @r#"
        400
        content-type: application/problem+json
        x-instance: feed

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"in the path: \"abc\" is not an id: expected a whole number"}
        "#);
    });
}

#[test]
fn a_number_in_an_address_is_written_in_one_way_and_a_text_is_utf_8() {
    each_variant(|feed| {
        for path in ["01", "+1", "%2B1", "1.0", "1e0", "%31%20", "9223372036854775808"] {
            assert_eq!(feed.get(&format!("/users/{path}/posts")).status, 400, "{path}");
        }
        for query in ["limit=%2B1", "limit=01", "limit=+1", "before=01-1", "before=%ff", "%ff=1"] {
            assert_eq!(feed.get(&format!("/users/1/posts?{query}")).status, 400, "{query}");
        }
        assert_eq!(feed.get("/users/%31/posts?limit=%31").status, 200);
    });
}
