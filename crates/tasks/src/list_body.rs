//! A copy of an answer: its body, and a name that only this body has.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ETAG, EntityTag, Header, IfNoneMatch},
    web::Bytes,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::problem::Problem;

/// Bytes of a body's hash that make its tag.
const TAG_LENGTH: usize = 16;

/// The body of a list, ready to be sent, and before it in the same bytes its tag, so that a copy of many is not hashed
/// anew for each. A clone is another handle to the same bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ListBody(Bytes);

impl ListBody {
    /// Writes `list` down.
    ///
    /// # Errors
    /// 500 when it cannot be JSON.
    pub fn of(list: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_vec(list).map_err(|error| {
            tracing::error!("a list cannot be JSON: {error}");
            Problem::internal("its cause is in the log")
        })?;
        let tag = &Sha256::digest(&body)[..TAG_LENGTH];
        Ok(Self([tag, &body].concat().into()))
    }

    /// As it is kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What [`ListBody::as_bytes`] gave; `None` when it cannot be that.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() > TAG_LENGTH).then(|| Self(bytes.into()))
    }

    /// 200 with the body, or 304 when the client says that it has this very body already.
    ///
    /// Source: RFC 9110, sections 8.8.3, "ETag", and 13.1.2, "If-None-Match".
    pub fn answer(&self, req: &HttpRequest) -> HttpResponse {
        let tag = self.0[..TAG_LENGTH].iter().map(|byte| format!("{byte:02x}")).collect();
        let tag = EntityTag::new_strong(tag);
        let is_known = match IfNoneMatch::parse(req) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
            Err(_) => false,
        };
        if is_known {
            return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
        }
        let body = self.0.slice(TAG_LENGTH..);
        HttpResponse::Ok().insert_header((ETAG, tag)).content_type("application/json").body(body)
    }
}
