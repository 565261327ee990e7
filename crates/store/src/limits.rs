//! What clients have used of their limits, counted for all replicas.
//!
//! A limit is a bucket that leaks: each use costs some time, and a client may owe only so much of
//! it. One timestamp holds that, when the client owes nothing again, and one statement changes it.
//! So two replicas never both take the last use. The time is the database's.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{Binary, Bool, Double, SmallInt};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
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

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Bool)]
    counted: bool,
    #[diesel(sql_type = Double)]
    owed: f64,
}

/// The second part sees the row as it was before the statement. It is empty when another replica
/// has made the row at this moment.
const TAKE: &str = "WITH taken AS ( \
     INSERT INTO client_limits AS known (client, kind, whole_at) \
     VALUES ($1, $2, statement_timestamp() + make_interval(secs => $3)) \
     ON CONFLICT (client, kind) DO UPDATE \
     SET whole_at = greatest(known.whole_at, statement_timestamp()) + make_interval(secs => $3) \
     WHERE known.whole_at - statement_timestamp() <= make_interval(secs => $4) \
     RETURNING whole_at) \
     SELECT true AS counted, \
     extract(epoch FROM whole_at - statement_timestamp())::float8 AS owed FROM taken \
     UNION ALL SELECT false, extract(epoch FROM whole_at - statement_timestamp())::float8 \
     FROM client_limits WHERE client = $1 AND kind = $2 AND NOT EXISTS (SELECT FROM taken)";

impl Store {
    /// Counts a use of a limit by a `client`, a keyed hash of its address, unless it owes too
    /// much.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_limit(&self, client: &[u8; 32], used: Use) -> Result<Taken, StoreError> {
        let mut connection = self.connection().await?;
        let rows: Vec<Row> = diesel::sql_query(TAKE)
            .bind::<Binary, _>(&client[..])
            .bind::<SmallInt, _>(used.kind)
            .bind::<Double, _>(used.cost.as_secs_f64())
            .bind::<Double, _>(used.most_owed.as_secs_f64())
            .load(&mut connection)
            .await?;
        let seconds = |owed: f64| Duration::try_from_secs_f64(owed.max(0.0)).unwrap_or_default();
        Ok(match rows.into_iter().next() {
            Some(Row { counted: true, owed }) => Taken::Counted(seconds(owed)),
            Some(Row { owed, .. }) => Taken::Refused(seconds(owed).saturating_sub(used.most_owed)),
            None => Taken::Refused(used.cost),
        })
    }
}
