//! SQL by hand, prepared once per connection.

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// `sql_query(…).bind(…).prepared()` is sent as a prepared statement that the connection keeps.
///
/// By itself Diesel has PostgreSQL parse and plan such SQL anew for each call, which is a round trip more: it cannot
/// know whether the text is one of few or different each time. Whoever calls this says that it is always the same.
pub trait Prepare: Sized {
    /// The same query, kept.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Q: Query> Prepare for Q {}

/// A query whose SQL is always the same.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<Q>(Q);

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

/// None: the connection finds the statement by its text.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}
