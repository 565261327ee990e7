//! A connection to Postgres, in the way that what stands between allows.
//!
//! [`Link::Direct`] is diesel-async's own connection. It prepares each statement once under a name
//! and then sends only the name, so it needs a session: a server process that is its own.
//!
//! [`Link::Pooled`] needs none. Behind a pooler in transaction mode, two statements reach two server
//! processes unless one transaction holds them. So each goes out whole ([`unnamed`]). diesel-async
//! cannot do that: it names every statement, and parses and runs it in two messages.

mod fault;
mod row;
mod unnamed;

use diesel::QueryResult;
use diesel::connection::{CacheSize, Instrumentation};
use diesel::pg::Pg;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, Error};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, AsyncPgConnection,
    SimpleAsyncConnection, TransactionManager,
};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use row::Row;
use unnamed::Unnamed;

/// A connection.
pub(crate) enum Link {
    /// To a server process of its own.
    Direct(Box<AsyncPgConnection>),
    /// To a pooler in transaction mode.
    Pooled(Unnamed),
}

/// Begins a transaction that sees the database as it is now, and only reads.
const SNAPSHOT: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

type Rows = BoxStream<'static, QueryResult<Row>>;

impl Link {
    /// A connection to a pooler in transaction mode.
    pub(crate) fn pooled(client: tokio_postgres::Client) -> Self {
        Self::Pooled(Unnamed::new(client))
    }

    /// Runs `read` in a transaction in which every statement sees the same rows.
    pub(crate) async fn snapshot<T, E: From<Error>>(
        &mut self,
        read: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        AnsiTransactionManager::begin_transaction_sql(self, SNAPSHOT).await?;
        match read(self).await {
            Ok(seen) => {
                AnsiTransactionManager::commit_transaction(self).await?;
                Ok(seen)
            }
            Err(error) => {
                AnsiTransactionManager::rollback_transaction(self).await?;
                Err(error)
            }
        }
    }

    fn rows<'a, T>(&'a self, source: T) -> BoxFuture<'a, QueryResult<Rows>>
    where
        T: AsQuery,
        T::Query: QueryFragment<Pg> + QueryId,
    {
        match self {
            Self::Direct(connection) => {
                let loading = AsyncConnectionCore::load(&mut &**connection, source);
                loading.map(|rows| Ok(rows?.map_ok(Row::Prepared).boxed())).boxed()
            }
            Self::Pooled(connection) => {
                let loading = connection.load(&source.as_query());
                loading.map(|rows| Ok(rows?.map_ok(Row::Unnamed).boxed())).boxed()
            }
        }
    }

    fn count<'a, T>(&'a self, source: T) -> BoxFuture<'a, QueryResult<usize>>
    where
        T: QueryFragment<Pg> + QueryId,
    {
        match self {
            Self::Direct(connection) => {
                AsyncConnectionCore::execute_returning_count(&mut &**connection, source)
            }
            Self::Pooled(connection) => connection.execute(&source),
        }
    }

    async fn batch(&self, sql: &str) -> QueryResult<()> {
        match self {
            Self::Direct(connection) => (&**connection).batch_execute(sql).await,
            Self::Pooled(connection) => connection.batch(sql).await,
        }
    }
}

impl SimpleAsyncConnection for Link {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.batch(query).await
    }
}

impl SimpleAsyncConnection for &Link {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.batch(query).await
    }
}

impl AsyncConnectionCore for Link {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Rows>>;
    type Stream<'conn, 'query> = Rows;
    type Row<'conn, 'query> = Row;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        self.rows(source)
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        self.count(source)
    }
}

/// Several statements may be on their way at once.
impl<'a> AsyncConnectionCore for &'a Link {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'a, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'a, QueryResult<Rows>>;
    type Stream<'conn, 'query> = Rows;
    type Row<'conn, 'query> = Row;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        self.rows(source)
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        self.count(source)
    }
}

impl AsyncConnection for Link {
    type TransactionManager = AnsiTransactionManager;

    /// Connections are made in `connect`, which knows TLS and limits.
    async fn establish(_: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection("connections are made by their target".to_owned()))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        match self {
            Self::Direct(connection) => connection.transaction_state(),
            Self::Pooled(connection) => connection.transaction_state(),
        }
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        match self {
            Self::Direct(connection) => connection.instrumentation(),
            Self::Pooled(connection) => connection.instrumentation(),
        }
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        match self {
            Self::Direct(connection) => connection.set_instrumentation(instrumentation),
            Self::Pooled(connection) => connection.set_instrumentation(Box::new(instrumentation)),
        }
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        if let Self::Direct(connection) = self {
            connection.set_prepared_statement_cache_size(size);
        }
    }
}
