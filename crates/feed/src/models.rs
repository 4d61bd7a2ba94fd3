//! Rows, the shapes of requests and answers, and the checks of what comes in.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use shared::{
    checks::{Checks, Field, any, number, text},
    paging::Limit,
    problem::Problem,
    timestamp::rfc3339,
};

use crate::schema::{posts, users};

/// Characters a post may have. They are Unicode code points, as PostgreSQL counts them: 280 emoji fit.
const CONTENT_MAX: usize = 280;

/// A post.
#[derive(Queryable, Selectable, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    pub id: i64,
    pub user_id: i64,
    pub content: String,
    #[serde(serialize_with = "rfc3339")]
    pub created_at: DateTime<Utc>,
}

/// A post with the name of who wrote it.
#[derive(Queryable, Selectable, Serialize)]
#[diesel(table_name = posts)]
#[serde(rename_all = "camelCase")]
pub struct FeedPost {
    pub id: i64,
    #[diesel(select_expression = users::username)]
    pub username: String,
    pub content: String,
    #[serde(serialize_with = "rfc3339")]
    pub created_at: DateTime<Utc>,
}

/// The newest posts of everybody, newest first.
#[derive(Serialize)]
pub struct Feed {
    pub posts: Vec<FeedPost>,
}

/// A page of one user's posts, newest first. `next` is the `before` of the next page, and null on the last.
#[derive(Serialize)]
pub struct UserPosts {
    pub posts: Vec<Post>,
    pub next: Option<String>,
}

/// The body of `POST /posts`, not checked yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostInput {
    #[serde(default)]
    user_id: Field<i64>,
    #[serde(default)]
    content: Field<String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// A post that may be stored. The database adds its id and its time.
#[derive(Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost {
    pub user_id: i64,
    pub content: String,
}

impl TryFrom<PostInput> for NewPost {
    type Error = Problem;

    fn try_from(PostInput { user_id, content, unknown }: PostInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let new = Self {
            user_id: checks.required("userId", user_id, any()).unwrap_or_default(),
            content: checks.required("content", content, text(1..=CONTENT_MAX)).unwrap_or_default(),
        };
        checks.finish(new)
    }
}

/// The query string of `GET /users/{id}/posts`, not checked yet.
#[derive(Deserialize)]
pub struct PageInput {
    limit: Option<String>,
    before: Option<String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, String>,
}

/// Which posts of a user are asked for: the newest `limit` of those before a [`Cursor`], or of all.
pub struct Page {
    pub limit: Limit,
    pub before: Option<Cursor>,
}

impl Page {
    /// Makes the answer of the rows that were found.
    pub fn of(&self, mut posts: Vec<Post>) -> UserPosts {
        let next = self.limit.cut(&mut posts).map(Cursor::to);
        UserPosts { posts, next }
    }
}

impl TryFrom<PageInput> for Page {
    type Error = Problem;

    fn try_from(PageInput { limit, before, unknown }: PageInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let limit = Limit::check(&mut checks, limit.as_deref());
        let before = before.and_then(|text| {
            let cursor = Cursor::read(&text);
            if cursor.is_none() {
                checks.fail("before", "must be the `next` value of a previous page");
            }
            cursor
        });
        checks.finish(Self { limit, before })
    }
}

/// A place in a user's posts.
#[derive(Debug, PartialEq)]
pub struct Cursor {
    pub created_at: DateTime<Utc>,
    pub id: i64,
}

impl Cursor {
    /// The place of `post`: microseconds since 1970, which is how exactly PostgreSQL keeps time, and the id.
    fn to(post: &Post) -> String {
        format!("{}-{}", post.created_at.timestamp_micros(), post.id)
    }

    /// What [`Cursor::to`] gave; `None` when it cannot be that.
    fn read(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('-')?;
        Some(Self { created_at: DateTime::from_timestamp_micros(number(micros)?)?, id: number(id)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::damaged::damaged;

    use super::*;

    fn check(content: &str) -> Result<NewPost, Problem> {
        let content = Field::Is(content.to_owned());
        NewPost::try_from(PostInput { user_id: Field::Is(1), content, unknown: BTreeMap::new() })
    }

    #[test]
    fn content_is_counted_in_characters() {
        assert!(check("").is_err());
        assert!(check(&"🦀".repeat(280)).is_ok());
        assert!(check(&"🦀".repeat(281)).is_err());
    }

    #[test]
    fn a_cursor_finds_its_place_again() {
        let post = Post { id: 7, user_id: 1, content: "hello".to_owned(), created_at: DateTime::UNIX_EPOCH };
        assert_eq!(Cursor::to(&post), "0-7");
        assert_eq!(Cursor::read("0-7"), Some(Cursor { created_at: DateTime::UNIX_EPOCH, id: 7 }));
    }

    proptest! {
        #[test]
        fn the_cursor_of_any_post_is_that_of_the_next_page(micros in 0..8_000_000_000_000_000_000_i64, id in i64::MIN..=i64::MAX) {
            let created_at = DateTime::from_timestamp_micros(micros).expect("it is in chrono's range");
            let post = Post { id, user_id: 1, content: String::new(), created_at };
            let read = Cursor::read(&Cursor::to(&post));
            prop_assert_eq!(read, Some(Cursor { created_at, id }));
        }

        #[test]
        fn a_damaged_request_is_read_or_refused_as_invalid_input(
            query in damaged(vec!["limit=2&before=1700000000000000-7".to_owned()]),
            body in damaged(vec![r#"{"userId": 7, "content": "hello \u00e9"}"#.to_owned()]),
        ) {
            let page = shared::input::params::<PageInput>(&query).and_then(Page::try_from);
            let post = shared::input::parse::<PostInput>(body.as_bytes()).and_then(NewPost::try_from);
            for problem in page.err().into_iter().chain(post.err()) {
                prop_assert!(problem.to_string().starts_with("invalid-input: "), "{}", problem);
            }
        }
    }

    #[test]
    fn no_cursor_panics() {
        for text in ["", "-", "1", "1-", "-1", "a-1", "1-a", "9223372036854775807-1", "1-9223372036854775808"]
        {
            assert!(Cursor::read(text).is_none(), "{text}");
        }
    }
}
