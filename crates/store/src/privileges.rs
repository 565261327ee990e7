//! What the role of a connection may do in the database, for operators who let the service run as
//! another role than the one that owns the tables and migrates.

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use diesel_async::RunQueryDsl;

use crate::error::StoreError;
use crate::health::PROBE;
use crate::migrate::RECORD;
use crate::pool::Store;
use crate::schema::{FUNCTIONS, TABLES};

/// What a service does with rows. It needs all four on every table, also where this release does
/// less: one rule is easier to keep than a list, and the next release may do more.
const ROWS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// What is done with a table of ours.
fn done_with(table: &str) -> &'static [&'static str] {
    match table {
        // Readiness empties it, so that its row needs a new file.
        PROBE => &["INSERT", "TRUNCATE"],
        // Only who migrates writes it.
        RECORD => &["SELECT"],
        _ => &ROWS,
    }
}

/// The statements that give the role of this connection what it lacks. Values: a table that every
/// migrated schema has, tables with a privilege each, functions. The schema is looked up in the
/// catalogue, because a role without the right to use it finds nothing there by name.
const LACKING: &str = "WITH home AS ( \
        SELECT relnamespace AS id FROM pg_class WHERE relname = $1 AND relkind = 'r' \
        ORDER BY pg_table_is_visible(oid) DESC LIMIT 1 \
    ), lacking AS ( \
        SELECT oid::regclass::text AS name, \
            string_agg(privilege, ', ' ORDER BY place) AS privileges \
        FROM unnest($2, $3) WITH ORDINALITY AS wanted (wanted_of, privilege, place) \
        JOIN pg_class ON relname = wanted_of AND relnamespace = (SELECT id FROM home) \
        WHERE NOT has_table_privilege(oid, privilege) GROUP BY oid \
    ), grants AS ( \
        SELECT 1 AS place, format('USAGE ON SCHEMA %s', id::regnamespace) AS what FROM home \
        WHERE NOT has_schema_privilege(id, 'USAGE') \
        UNION ALL \
        SELECT 2, format('%s ON %s', privileges, string_agg(name, ', ' ORDER BY name)) \
        FROM lacking GROUP BY privileges \
        UNION ALL \
        SELECT 3, format('EXECUTE ON FUNCTION %s', oid::regprocedure) FROM pg_proc \
        WHERE pronamespace = (SELECT id FROM home) AND proname = ANY ($4) \
        AND NOT has_function_privilege(oid, 'EXECUTE') \
    ) \
    SELECT format('GRANT %s TO %I', what, current_user) AS statement FROM grants \
    ORDER BY place, what";

/// A statement for the owner of the tables.
#[derive(QueryableByName)]
struct Grant {
    #[diesel(sql_type = Text)]
    statement: String,
}

impl Store {
    /// The `GRANT`s that the role of this store lacks to do what the service does, for the owner of
    /// the tables to run. None when the role owns the tables. A table that is not there is left
    /// out: [`Store::ping`] says that the schema is behind.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn lacking_grants(&self) -> Result<Vec<String>, StoreError> {
        let (tables, privileges): (Vec<&str>, Vec<&str>) = TABLES
            .iter()
            .chain(&[RECORD])
            .flat_map(|table| done_with(table).iter().map(|privilege| (*table, *privilege)))
            .unzip();
        let mut connection = self.connection().await?;
        let lacking: Vec<Grant> = diesel::sql_query(LACKING)
            .bind::<Text, _>(RECORD)
            .bind::<Array<Text>, _>(tables)
            .bind::<Array<Text>, _>(privileges)
            .bind::<Array<Text>, _>(&FUNCTIONS[..])
            .load(&mut connection)
            .await?;
        Ok(lacking.into_iter().map(|grant| grant.statement).collect())
    }
}
