//! Rows, the shapes of requests and answers, and the checks of what comes in.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use shared::{problem::Problem, timestamp::rfc3339};

use crate::schema::{posts, users};

/// Characters a post may have. They are Unicode code points, as PostgreSQL counts them: 280 emoji fit.
const CONTENT_MAX: usize = 280;

/// Posts on a page of a user's posts.
const PAGE_DEFAULT: usize = 20;
const PAGE_MAX: usize = 100;

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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostInput {
    user_id: i64,
    content: String,
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

    fn try_from(PostInput { user_id, content }: PostInput) -> Result<Self, Problem> {
        let length = content.chars().count();
        if !(1..=CONTENT_MAX).contains(&length) {
            let detail = format!("content must have 1 to {CONTENT_MAX} characters, and has {length}");
            return Err(Problem::invalid_input(detail).in_field("content"));
        }
        // JSON can say it (\u0000), and PostgreSQL cannot store it.
        if content.contains('\0') {
            return Err(
                Problem::invalid_input("content must not contain the character NUL").in_field("content")
            );
        }
        Ok(Self { user_id, content })
    }
}

/// What follows the question mark of `GET /users/{id}/posts`, not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageInput {
    limit: Option<String>,
    before: Option<String>,
}

/// Which posts of a user are asked for: the newest `limit` of those before a [`Cursor`], or of all.
pub struct Page {
    limit: usize,
    pub before: Option<Cursor>,
}

impl Page {
    /// One more than fits, which tells whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Makes the answer of the rows that were found.
    pub fn of(&self, mut posts: Vec<Post>) -> UserPosts {
        let is_last = posts.len() <= self.limit;
        posts.truncate(self.limit);
        let next = posts.last().filter(|_| !is_last).map(Cursor::to);
        UserPosts { posts, next }
    }
}

impl TryFrom<PageInput> for Page {
    type Error = Problem;

    fn try_from(PageInput { limit, before }: PageInput) -> Result<Self, Problem> {
        let limit = match limit.as_deref().map(str::parse) {
            None => PAGE_DEFAULT,
            Some(Ok(limit)) if (1..=PAGE_MAX).contains(&limit) => limit,
            Some(_) => {
                let detail = format!("limit must be a whole number from 1 to {PAGE_MAX}");
                return Err(Problem::invalid_input(detail).in_field("limit"));
            }
        };
        let before = before.as_deref().map(str::parse).transpose()?;
        Ok(Self { limit, before })
    }
}

/// A place in a user's posts. Pages are found by where the last one ended, not by counting rows from the start:
/// that stays fast, and a post that arrives meanwhile shifts nothing.
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
}

impl FromStr for Cursor {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let parse = || {
            let (micros, id) = text.split_once('-')?;
            Some(Self {
                created_at: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
                id: id.parse().ok()?,
            })
        };
        parse().ok_or_else(|| {
            Problem::invalid_input("before must be the next of another page").in_field("before")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str) -> Result<NewPost, Problem> {
        NewPost::try_from(PostInput { user_id: 1, content: content.to_owned() })
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
        assert_eq!("0-7".parse::<Cursor>().unwrap(), Cursor { created_at: DateTime::UNIX_EPOCH, id: 7 });
    }

    #[test]
    fn no_cursor_panics() {
        for text in ["", "-", "1", "1-", "-1", "a-1", "1-a", "9223372036854775807-1", "1-9223372036854775808"]
        {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
