//! `Idempotency-Key`: a POST that is sent again, because its answer got lost, happens once.
//!
//! What is here knows no table. A service keeps [`Stored`] answers beside their keys, in the transaction that does the
//! work: either both are there or neither is.
//!
//! Source: IETF draft "The Idempotency-Key HTTP Header Field".

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use diesel::{QueryResult, Queryable, result::Error::SerializationError};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{input, problem::Problem};

const HEADER: &str = "idempotency-key";

/// Characters a key may have.
const KEY_MAX: usize = 255;

/// A `T` from a JSON body, as [`Body`](input::Body) reads it, and the key it came with.
pub struct Keyed<T> {
    /// What is asked for.
    pub body: T,
    /// `None` without the header: then nobody wants the request to be remembered.
    pub key: Option<Key>,
}

/// A key, and what it stands for.
pub struct Key {
    /// 1 to 255 visible ASCII characters, chosen by the client.
    pub name: String,
    /// SHA-256 of the body as it came, byte for byte: 32 bytes.
    pub request_hash: Vec<u8>,
}

impl<T: DeserializeOwned> FromRequest for Keyed<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let name = name_in(req);
        let bytes = input::json(req, payload);
        Box::pin(async move {
            let name = name?;
            let bytes = bytes.await?;
            let key = name.map(|name| Key { name, request_hash: Sha256::digest(&bytes).to_vec() });
            Ok(Self { body: input::parse(&bytes)?, key })
        })
    }
}

fn name_in(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut values = req.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let is_visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(name) if is_visible && (1..=KEY_MAX).contains(&name.len()) && values.next().is_none() => {
            Ok(Some(name.to_owned()))
        }
        _ => {
            let detail =
                format!("Idempotency-Key must be one key of 1 to {KEY_MAX} visible ASCII characters");
            Err(Problem::invalid_input(detail).in_field("Idempotency-Key"))
        }
    }
}

/// An answer that is kept for whoever sends the same request again. A row of a service's own table, with the columns in
/// this order.
#[derive(Queryable)]
pub struct Stored {
    /// SHA-256 of the request's body.
    pub request_hash: Vec<u8>,
    /// For example 201.
    pub status: i16,
    /// The path of what was created.
    pub location: String,
    /// JSON, byte for byte as it was sent.
    pub body: Vec<u8>,
}

impl Stored {
    /// The answer to a POST that created something: 201, where it is, and what it is.
    ///
    /// # Errors
    /// When `body` is nothing that JSON can say.
    pub fn created(key: &Key, location: String, body: &impl Serialize) -> QueryResult<Self> {
        let body = serde_json::to_vec(body).map_err(|error| SerializationError(error.into()))?;
        Ok(Self { request_hash: key.request_hash.clone(), status: 201, location, body })
    }

    /// The answer as it was sent the first time, with `Idempotency-Replayed: true`.
    ///
    /// # Errors
    /// 422 `key-reused` when `key` comes with another body than it did then; 500 when `status` is none.
    pub fn replay(self, key: &Key) -> Result<HttpResponse, Problem> {
        if self.request_hash != key.request_hash {
            let detail =
                "this Idempotency-Key came with another body before; use a new key for a new request";
            return Err(Problem::key_reused(detail).in_field("Idempotency-Key"));
        }
        let status = u16::try_from(self.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or_else(|| Problem::internal("a stored answer has no status"))?;
        Ok(HttpResponse::build(status)
            .insert_header((header::LOCATION, self.location))
            .insert_header(("Idempotency-Replayed", "true"))
            .content_type("application/json")
            .body(self.body))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{body::to_bytes, test::TestRequest};
    use serde_json::{Value, json};

    use super::*;

    async fn keyed(names: &[&str]) -> Result<Keyed<Value>, Problem> {
        let mut request = TestRequest::post().insert_header(("content-type", "application/json"));
        for name in names {
            request =
                request.append_header((HEADER, header::HeaderValue::from_bytes(name.as_bytes()).unwrap()));
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
}
