//! `Idempotency-Key`: a POST that is sent again, because its answer got lost, happens once.
//!
//! The answer is kept beside its key in the table `idempotency_keys`, which each service with such a POST has, in the
//! transaction that does the work: either both are there or neither is.
//!
//! Source: IETF draft "The Idempotency-Key HTTP Header Field".

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use diesel::{prelude::*, result::Error::SerializationError, sql_query, sql_types::Text};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{input, prepared::Prepare, problem::Problem};

use schema::idempotency_keys;

mod schema {
    diesel::table! {
        idempotency_keys (key) {
            key -> Text,
            request_hash -> Binary,
            status -> SmallInt,
            location -> Text,
            body -> Binary,
            created_at -> Timestamptz,
        }
    }
}

const HEADER: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Characters a key may have.
const KEY_MAX: usize = 255;

/// A `T` from a JSON body, as [`Body`](input::Body) reads it, and the key it came with.
pub struct Keyed<T> {
    /// What is asked for.
    pub body: T,
    /// `None` without the header: then the request is not remembered.
    pub key: Option<Key>,
}

/// A key, and what it stands for.
pub struct Key {
    /// 1 to 255 visible ASCII characters, chosen by the client, without the quotation marks that may surround them.
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
    let name = name(value).filter(|name| (1..=KEY_MAX).contains(&name.len()) && values.next().is_none());
    name.map(Some).ok_or_else(|| {
        let detail = format!("Idempotency-Key must be one key of 1 to {KEY_MAX} visible ASCII characters");
        Problem::invalid_input(detail).in_field("Idempotency-Key")
    })
}

/// The key in a header's value. In the draft it is a string in quotation marks, most clients send it without them, and
/// `"k-1"` is the same key as `k-1`.
///
/// Source: RFC 9651, "Structured Field Values for HTTP", section 4.2.5, "Parsing a String".
fn name(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let Some(quoted) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut characters = quoted.chars();
    let mut name = String::new();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(name),
            '\\' => name.push(characters.next().filter(|character| ['"', '\\'].contains(character))?),
            character => name.push(character),
        }
    }
}

/// Does `work`, which makes a `T` that is then found at `location`, and answers 201 with it. With a `key` it is done once:
/// who comes with the same key later is answered byte for byte as the first was, with `Idempotency-Replayed: true`. A
/// refusal is not kept, since it changed nothing.
///
/// Without a key `work` runs as it is; with one it runs in a transaction, after two more queries.
///
/// # Errors
/// Those of `work`; 422 `key-reused` when the key came with another body before.
pub async fn create<T: Serialize>(
    conn: &mut AsyncPgConnection,
    key: Option<Key>,
    location: impl Fn(&T) -> String,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Problem>,
) -> Result<HttpResponse, Problem> {
    let Some(key) = key else {
        let new = work(conn).await?;
        return Ok(HttpResponse::Created().insert_header((header::LOCATION, location(&new))).json(new));
    };
    // By hand: `conn.transaction` takes closures whose futures are `Send`, and has no public name for that.
    AnsiTransactionManager::begin_transaction(conn).await?;
    let result = create_once(conn, &key, location, work).await;
    match &result {
        Ok(_) => AnsiTransactionManager::commit_transaction(conn).await?,
        // When that fails too, the pool sees a connection inside a transaction, and closes it.
        Err(_) => AnsiTransactionManager::rollback_transaction(conn).await.unwrap_or_default(),
    }
    result
}

async fn create_once<T: Serialize>(
    conn: &mut AsyncPgConnection,
    key: &Key,
    location: impl Fn(&T) -> String,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Problem>,
) -> Result<HttpResponse, Problem> {
    lock(conn, key).await?;
    if let Some(stored) = find(conn, key).await? {
        return stored.replay(key);
    }
    let new = work(conn).await?;
    let stored = Stored::created(key, location(&new), &new)?;
    insert(conn, key, &stored).await?;
    stored.answer()
}

/// Locks the key until the transaction ends: other requests with this key wait.
///
/// That a key is there once, its table sees to. But of two orders with one key both would take from the stock first, and
/// the second could find none left, and be refused.
///
/// Source: PostgreSQL manual, Explicit Locking, "Advisory Locks".
async fn lock(conn: &mut AsyncPgConnection, key: &Key) -> QueryResult<()> {
    // Two keys with the same hash wait for each other, and that is all.
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(&key.name)
        .prepared()
        .execute(conn)
        .await
        .map(drop)
}

/// What was answered to this key before; `None` when it is new.
async fn find(conn: &mut AsyncPgConnection, key: &Key) -> QueryResult<Option<Stored>> {
    idempotency_keys::table.find(&key.name).select(Stored::as_select()).first(conn).await.optional()
}

async fn insert(conn: &mut AsyncPgConnection, key: &Key, stored: &Stored) -> QueryResult<()> {
    diesel::insert_into(idempotency_keys::table)
        .values((idempotency_keys::key.eq(&key.name), stored))
        .execute(conn)
        .await
        .map(drop)
}

/// An answer that is kept, to be sent again when the same request comes again.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Stored {
    /// SHA-256 of the request's body.
    request_hash: Vec<u8>,
    /// For example 201.
    status: i16,
    /// The path of what was created.
    location: String,
    /// JSON, byte for byte as it was sent.
    body: Vec<u8>,
}

impl Stored {
    fn created(key: &Key, location: String, body: &impl Serialize) -> QueryResult<Self> {
        let body = serde_json::to_vec(body).map_err(|error| SerializationError(error.into()))?;
        Ok(Self { request_hash: key.request_hash.clone(), status: 201, location, body })
    }

    fn answer(self) -> Result<HttpResponse, Problem> {
        let status = u16::try_from(self.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or_else(|| Problem::internal("a stored answer has no status"))?;
        Ok(HttpResponse::build(status)
            .insert_header((header::LOCATION, self.location))
            .content_type("application/json")
            .body(self.body))
    }

    /// The answer as it was sent the first time, with `Idempotency-Replayed: true`; 422 when `key` comes with another
    /// body than it did then.
    fn replay(self, key: &Key) -> Result<HttpResponse, Problem> {
        if self.request_hash != key.request_hash {
            let detail =
                "this Idempotency-Key came with another body before; use a new key for a new request";
            return Err(Problem::key_reused(detail).in_field("Idempotency-Key"));
        }
        let mut answer = self.answer()?;
        answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
