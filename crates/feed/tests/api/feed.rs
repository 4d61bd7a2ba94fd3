//! `GET /feed`

use std::thread;

use insta::assert_snapshot;
use serde_json::Value;
use testkit::{Postgres, Service};

use crate::{Feed, SCHEMA, SEED, STARTER, VARIANTS, each_variant};

fn feed_of(feed: &Feed) -> Vec<Value> {
    let answer = feed.get("/feed");
    assert_eq!(answer.status, 200, "{answer}");
    answer.json()["posts"].as_array().unwrap().clone()
}

#[test]
fn the_newest_20_posts_come_newest_first_with_their_authors() {
    each_variant(|feed| {
        let expected = feed.database.sql(
            "SELECT posts.id, username FROM posts JOIN users ON users.id = user_id
             ORDER BY created_at DESC, posts.id DESC LIMIT 20",
        );
        let found: Vec<_> = feed_of(feed)
            .iter()
            .map(|post| vec![Some(post["id"].to_string()), post["username"].as_str().map(str::to_owned)])
            .collect();
        assert_eq!(found, expected);
    });
}

#[test]
fn a_post_has_an_id_an_author_a_content_and_a_time() {
    each_variant(|feed| {
        assert_snapshot!(format!("{:#}", feed_of(feed)[0]), @r#"
    {
      "content": "Just now I read about queueing theory, and it was simpler than I thought. Note number 2321.",
      "createdAt": "2025-03-31T23:47:02.400000Z",
      "id": 2321,
      "username": "tim"
    }
    "#)
    });
}

#[test]
fn posts_of_the_same_moment_come_latest_id_first() {
    each_variant(|feed| {
        feed.database.sql("INSERT INTO posts (user_id, content, created_at) SELECT 1, n::text, '2030-01-01' FROM generate_series(1, 3) AS n");
        let contents: Vec<_> = feed_of(feed).iter().take(3).map(|post| post["content"].clone()).collect();
        assert_eq!(contents, ["3", "2", "1"]);
    });
}

#[test]
fn a_new_post_is_on_top() {
    each_variant(|feed| {
        let post = feed.post("/posts", r#"{"userId": 1, "content": "here I am"}"#).json();
        assert_eq!(feed_of(feed)[0]["id"], post["id"]);
    });
}

#[test]
fn an_empty_database_has_an_empty_feed() {
    each_variant(|feed| {
        feed.database.sql("TRUNCATE posts");
        assert_eq!(feed.get("/feed").body, br#"{"posts":[]}"#);
    });
}

#[test]
fn head_is_get_without_the_body() {
    each_variant(|feed| {
        let head = feed.send("HEAD /feed HTTP/1.1\r\nHost: test\r\n\r\n");
        let length = head.header("content-length").unwrap().to_owned();
        assert_eq!((head.status, length), (200, feed.get("/feed").body.len().to_string()));
    });
}

#[test]
fn of_100_at_once_the_starter_fails_most_and_the_solution_none() {
    // As many connections as the lesson's database has.
    let postgres = Postgres::start(&["max_connections=20"]);
    postgres.template("seeded", &[SCHEMA, SEED]);
    for variant in VARIANTS {
        let database = postgres.database("seeded");
        let feed = Service::start(variant, &[("DATABASE_URL", &database.url())]);
        let answers = thread::scope(|scope| {
            let requests: Vec<_> = (0..100).map(|_| scope.spawn(|| feed.get("/feed"))).collect();
            requests.into_iter().map(|request| request.join().unwrap()).collect::<Vec<_>>()
        });
        let ok = answers.iter().filter(|answer| answer.status == 200).count();
        if *variant == STARTER {
            // 17 connections are for others than the superuser, and each is held for 500 ms.
            assert!(ok < 50, "{ok}");
            let failed = answers.iter().find(|answer| answer.status != 200).unwrap();
            assert_snapshot!(failed, @r#"
            503
            content-type: application/problem+json
            retry-after: 1
            x-instance: feed

            {"type":"pool-timeout","title":"no database connection came free in time","status":503,"detail":"no database connection came free within 150 ms"}
            "#);
        } else {
            assert_eq!(ok, 100);
        }
    }
}
