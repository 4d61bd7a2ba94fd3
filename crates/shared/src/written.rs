//! What a statement has written, once it is written.
//!
//! `INSERT … RETURNING` sends the row before PostgreSQL commits, and `get_result` of diesel-async is content with the row:
//! it does not wait for the end of the answer. When PostgreSQL crashes in between, it sends what it has, and a service
//! would say "created" of something that is not stored.
//!
//! Source: PostgreSQL manual, "Message Flow", "Extended Query": an implicit transaction is committed at `Sync`.

use diesel::{QueryResult, result::Error::NotFound};
use diesel_async::{AsyncPgConnection, RunQueryDsl, methods::LoadQuery};

/// `get_result` for a statement that changes something.
pub trait GetWritten: Sized {
    /// The row that the statement returns, after PostgreSQL has said that the statement is done.
    ///
    /// # Errors
    /// `NotFound` when it returns no row; otherwise whatever Diesel reports.
    fn get_written<'query, U>(
        self,
        conn: &mut AsyncPgConnection,
    ) -> impl Future<Output = QueryResult<U>> + Send
    where
        U: Send,
        Self: LoadQuery<'query, AsyncPgConnection, U> + Send + 'query,
    {
        async { self.load(conn).await?.pop().ok_or(NotFound) }
    }
}

impl<Statement> GetWritten for Statement {}
