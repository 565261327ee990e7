//! What clients have used of their limits, counted for all replicas.
//!
//! A limit is a bucket that leaks: each use costs some time, and a client may owe only so much of
//! it. One timestamp holds that, when the client owes nothing again, and one statement changes it.
//! So two replicas never both take the last use. The time is the database's.

use std::time::Duration;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Binary, Bool, Double, SmallInt};
use diesel_async::RunQueryDsl;

use crate::connection::Repeatable;
use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;

/// A use of a limit.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// Which limit, by a number that stays the same in all releases.
    pub kind: i16,
    /// What the use costs.
    pub cost: Duration,
    /// Most that a client may owe before it.
    pub most_owed: Duration,
}

/// What came of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is counted, and the client owes so much now.
    Counted(Duration),
    /// The client owes too much. The use is not counted, and would be after this time.
    Refused(Duration),
}

/// Counts the use unless too much is owed, and says whether it did and how many seconds are owed.
/// Values: client, kind, cost in seconds; cost; most owed in seconds; client, kind.
///
/// The second part sees the row as it was before the statement. It is empty when another replica
/// has made the row at this moment.
const TAKE: [&str; 8] = [
    "WITH taken AS (INSERT INTO client_limits AS known (client, kind, whole_at) VALUES (",
    ", ",
    ", statement_timestamp() + make_interval(secs => ",
    ")) ON CONFLICT (client, kind) DO UPDATE \
     SET whole_at = greatest(known.whole_at, statement_timestamp()) + make_interval(secs => ",
    ") WHERE known.whole_at - statement_timestamp() <= make_interval(secs => ",
    ") RETURNING whole_at) \
     SELECT true AS counted, \
     extract(epoch FROM whole_at - statement_timestamp())::float8 AS owed FROM taken \
     UNION ALL SELECT false, extract(epoch FROM whole_at - statement_timestamp())::float8 \
     FROM client_limits WHERE client = ",
    " AND kind = ",
    " AND NOT EXISTS (SELECT FROM taken)",
];

/// The statement.
struct Take<'a> {
    client: &'a [u8],
    kind: i16,
    cost: f64,
    most_owed: f64,
}

// One text whatever the values are, so a connection prepares it once.
impl QueryId for Take<'_> {
    type QueryId = Take<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Take<'_> {
    type SqlType = (Bool, Double);
}

impl<C> diesel::RunQueryDsl<C> for Take<'_> {}

impl QueryFragment<Pg> for Take<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self { client, kind, cost, most_owed } = self;
        out.push_sql(TAKE[0]);
        out.push_bind_param::<Binary, _>(*client)?;
        out.push_sql(TAKE[1]);
        out.push_bind_param::<SmallInt, _>(kind)?;
        out.push_sql(TAKE[2]);
        out.push_bind_param::<Double, _>(cost)?;
        out.push_sql(TAKE[3]);
        out.push_bind_param::<Double, _>(cost)?;
        out.push_sql(TAKE[4]);
        out.push_bind_param::<Double, _>(most_owed)?;
        out.push_sql(TAKE[5]);
        out.push_bind_param::<Binary, _>(*client)?;
        out.push_sql(TAKE[6]);
        out.push_bind_param::<SmallInt, _>(kind)?;
        out.push_sql(TAKE[7]);
        Ok(())
    }
}

/// When it is carried out twice, the client owes the cost twice.
impl Repeatable for Take<'_> {
    type Answer = Vec<(bool, f64)>;

    async fn send(&self, mut connection: &Link) -> QueryResult<Self::Answer> {
        self.load(&mut connection).await
    }
}

impl Store {
    /// Counts a use of a limit by a `client`, a keyed hash of its address, unless it owes too
    /// much. When the connection breaks at that moment, it may be counted twice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_limit(&self, client: &[u8; 32], used: Use) -> Result<Taken, StoreError> {
        let take = Take {
            client,
            kind: used.kind,
            cost: used.cost.as_secs_f64(),
            most_owed: used.most_owed.as_secs_f64(),
        };
        let (_connection, rows) = self.connection_with(&take).await?;
        let seconds = |owed: f64| Duration::try_from_secs_f64(owed.max(0.0)).unwrap_or_default();
        Ok(match rows.into_iter().next() {
            Some((true, owed)) => Taken::Counted(seconds(owed)),
            Some((false, owed)) => Taken::Refused(seconds(owed).saturating_sub(used.most_owed)),
            None => Taken::Refused(used.cost),
        })
    }
}
