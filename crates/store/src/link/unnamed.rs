//! A connection whose statements have no names.
//!
//! Text, types and values of a statement go out together and end with one `Sync`. A pooler in
//! transaction mode gives all of that to one server process, and nothing of it stays there. It is
//! one round trip, as with a prepared statement. But the server parses and plans the text each time.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use diesel::QueryResult;
use diesel::connection::{
    DynInstrumentation, Instrumentation, InstrumentationEvent, StrQueryHelper,
};
use diesel::pg::{Pg, PgMetadataCacheKey, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::result::Error;
use diesel_async::AnsiTransactionManager;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use tokio_postgres::Client;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, Kind, ToSql, Type};

use super::fault::translated;
use super::row::Values;

/// The connection.
pub(crate) struct Unnamed {
    client: Client,
    transaction: AnsiTransactionManager,
    instrumentation: Mutex<DynInstrumentation>,
}

impl Unnamed {
    pub(super) fn new(client: Client) -> Self {
        Self {
            client,
            transaction: AnsiTransactionManager::default(),
            instrumentation: Mutex::new(DynInstrumentation::default_instrumentation()),
        }
    }

    pub(super) fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transaction
    }

    pub(super) fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut **self.instrumentation.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_instrumentation(&mut self, instrumentation: Box<dyn Instrumentation>) {
        *self.instrumentation.get_mut().unwrap_or_else(PoisonError::into_inner) =
            instrumentation.into();
    }

    pub(super) fn load<T: QueryFragment<Pg>>(
        &self,
        query: &T,
    ) -> BoxFuture<'_, QueryResult<BoxStream<'static, QueryResult<Values>>>> {
        let statement = self.begun(query);
        async move {
            let Statement { sql, values } = statement?;
            self.observed(&sql, async {
                let rows = self.client.query_typed_raw(&sql, values).await;
                let rows = rows.map_err(|error| translated(&error))?;
                let values = |row: Result<tokio_postgres::Row, tokio_postgres::Error>| {
                    row.map(Values::new).map_err(|error| translated(&error))
                };
                Ok(rows.map(values).boxed())
            })
            .await
        }
        .boxed()
    }

    pub(super) fn execute<T: QueryFragment<Pg>>(
        &self,
        query: &T,
    ) -> BoxFuture<'_, QueryResult<usize>> {
        let statement = self.begun(query);
        async move {
            let Statement { sql, values } = statement?;
            self.observed(&sql, async {
                let values: Vec<_> = values
                    .iter()
                    .map(|(value, of)| (value as &(dyn ToSql + Sync), of.clone()))
                    .collect();
                let changed = self.client.execute_typed(&sql, &values).await;
                let changed = changed.map_err(|error| translated(&error))?;
                usize::try_from(changed)
                    .map_err(|error| Error::DeserializationError(Box::new(error)))
            })
            .await
        }
        .boxed()
    }

    /// Statements without values, all at once.
    pub(super) async fn batch(&self, sql: &str) -> QueryResult<()> {
        self.tell(InstrumentationEvent::start_query(&StrQueryHelper::new(sql)));
        self.observed(sql, async {
            self.client.batch_execute(sql).await.map_err(|error| translated(&error))
        })
        .await
    }

    /// Takes everything out of `query`, which need not live until it has been answered.
    fn begun<T: QueryFragment<Pg>>(&self, query: &T) -> QueryResult<Statement> {
        let statement = Statement::of(query)?;
        self.tell(InstrumentationEvent::start_query(&diesel::debug_query(query)));
        Ok(statement)
    }

    /// Says when `running` has ended. One that is dropped has not.
    async fn observed<T>(
        &self,
        sql: &str,
        running: impl Future<Output = QueryResult<T>>,
    ) -> QueryResult<T> {
        let ended = running.await;
        let query = StrQueryHelper::new(sql);
        self.tell(InstrumentationEvent::finish_query(&query, ended.as_ref().err()));
        ended
    }

    fn tell(&self, event: InstrumentationEvent<'_>) {
        let mut told = self.instrumentation.lock().unwrap_or_else(PoisonError::into_inner);
        told.on_connection_event(event);
    }
}

/// What is sent.
struct Statement {
    sql: String,
    values: Vec<(Value, Type)>,
}

impl Statement {
    fn of(query: &dyn QueryFragment<Pg>) -> QueryResult<Self> {
        let mut sql = PgQueryBuilder::default();
        query.to_sql(&mut sql, &Pg)?;
        let mut values = RawBytesBindCollector::<Pg>::new();
        query.collect_binds(&mut values, &mut OnlyBuiltIn, &Pg)?;
        let types = values.metadata.iter().map(type_of).collect::<QueryResult<Vec<_>>>()?;
        let values = values.binds.into_iter().map(Value).zip(types).collect();
        Ok(Self { sql: sql.finish(), values })
    }
}

/// Looks no type up: the schema uses those of Postgres, whose numbers are fixed.
struct OnlyBuiltIn;

impl PgMetadataLookup for OnlyBuiltIn {
    fn lookup_type(&mut self, name: &str, schema: Option<&str>) -> PgTypeMetadata {
        let key = PgMetadataCacheKey::new(schema.map(Into::into), name.into()).into_owned();
        PgTypeMetadata::from_result(Err(diesel::pg::FailedToLookupTypeError::new(key)))
    }
}

fn type_of(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let number = metadata.oid().map_err(|error| Error::SerializationError(Box::new(error)))?;
    let unknown = || Type::new(number.to_string(), number, Kind::Simple, "pg_catalog".to_owned());
    Ok(Type::from_oid(number).unwrap_or_else(unknown))
}

/// A value as diesel has encoded it.
struct Value(Option<Vec<u8>>);

impl fmt::Debug for Value {
    /// Only its length: it may be a hash or a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.0.as_ref().map(Vec::len)).finish()
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.to_sql(of, out)
    }
}
