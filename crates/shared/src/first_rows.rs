//! A LIMIT that PostgreSQL can plan with.

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// `query.first_rows::<20>()` is `query.limit(20)` with the 20 written into the SQL.
///
/// Diesel's own `limit` sends it as a parameter. A plan that has to do for any limit looks so dear to PostgreSQL
/// that it makes a new one for each execution instead, and for a query that finds its rows by an index, planning
/// takes as long as executing.
///
/// Source: PostgreSQL manual, PREPARE, "Notes"; Diesel guide, "Extending Diesel".
pub trait FirstRows: Sized {
    /// The first `N` rows.
    fn first_rows<const N: u32>(self) -> Limited<Self, N> {
        Limited(self)
    }
}

impl<Q: Query> FirstRows for Q {}

/// A query and the number of rows it returns at most.
#[derive(Clone, Copy, Debug)]
pub struct Limited<Q, const N: u32>(Q);

impl<Q: Query, const N: u32> Query for Limited<Q, N> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryId, const N: u32> QueryId for Limited<Q, N> {
    type QueryId = Limited<Q::QueryId, N>;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: QueryFragment<Pg>, const N: u32> QueryFragment<Pg> for Limited<Q, N> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass.reborrow())?;
        pass.push_sql(" LIMIT ");
        pass.push_sql(&N.to_string());
        Ok(())
    }
}
