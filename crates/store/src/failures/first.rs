//! The first attempt of a name, counted and looked up in one statement: one round trip.
//!
//! Nothing is looked up when the name has a count already. [`super`] then decides whether it has to
//! wait, and a name that waits costs the same whether it has an account or not.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::connection::Repeatable;
use crate::link::Link;
use crate::lookup::ReferenceRow;
use crate::tables::rows::UserRow;
use crate::tables::templates::SealedRow;
use crate::tables::user_keys::WrappedKey;

/// Finds the account. Value: the name.
const ACCOUNT: &str = "WITH account AS MATERIALIZED \
    (SELECT id, username, created_at FROM users WHERE username_key = ";

/// Counts the attempt. A device of another account counts as none, which is the nil device. Values:
/// the name; whose the device is, the device; now.
const COUNTED: [&str; 4] = [
    "), counted AS (INSERT INTO failures (username_key, device, in_a_row, pending, last_at) VALUES (",
    ", CASE WHEN EXISTS (SELECT FROM account WHERE account.id = ",
    ") THEN ",
    " ELSE '00000000-0000-0000-0000-000000000000'::uuid END, 0, 1, ",
];

/// Reads as [`crate::Store::reference`] does. Value: the models.
const READ: [&str; 2] = [
    ") ON CONFLICT DO NOTHING RETURNING device) \
     SELECT counted.device, account.id, account.username, account.created_at, \
     user_keys.id, user_keys.key_id, user_keys.wrapped, \
     templates.id, templates.model_id, templates.key_id, templates.sealed, templates.created_at, \
     EXISTS (SELECT FROM passkeys WHERE passkeys.user_id = account.id) \
     FROM counted LEFT JOIN account ON true \
     LEFT JOIN user_keys ON user_keys.user_id = account.id \
     LEFT JOIN templates ON templates.user_id = account.id AND templates.model_id = ANY(",
    ") ORDER BY templates.created_at, templates.id",
];

/// A first attempt.
pub(super) struct First<'a> {
    /// The claimed name, as it is compared.
    pub username_key: &'a str,
    /// Whose device the caller has.
    pub owner: Option<Uuid>,
    /// The device; nil when there is none.
    pub device: Uuid,
    /// The models whose templates are read.
    pub models: &'a [&'a str],
    /// When it begins.
    pub now: DateTime<Utc>,
}

/// The device that it was counted for, and what was found of the account, if there is one.
pub(super) type Counted = (Uuid, Vec<ReferenceRow>);

type Row = (Uuid, Option<UserRow>, Option<WrappedKey>, Option<SealedRow>, bool);
type AccountType = (SqlUuid, Text, Timestamptz);
type KeyType = (SqlUuid, Text, Bytea);
type TemplateType = (SqlUuid, Text, Text, Bytea, Timestamptz);

/// When it is carried out twice, the name has one more attempt that nobody decides, as when a client
/// hangs up.
impl Repeatable for First<'_> {
    /// `None` when the name and device have a count already.
    type Answer = Option<Counted>;

    async fn send(&self, mut connection: &Link) -> QueryResult<Option<Counted>> {
        let rows: Vec<Row> = Statement(self).load(&mut connection).await?;
        let Some(&(device, ..)) = rows.as_slice().first() else { return Ok(None) };
        let found = rows.into_iter().filter_map(|(_, account, key, template, has_passkey)| {
            Some((account?, key, template, has_passkey))
        });
        Ok(Some((device, found.collect())))
    }
}

/// The statement.
struct Statement<'a>(&'a First<'a>);

// One text whatever the values are, so a connection prepares it once.
impl QueryId for Statement<'_> {
    type QueryId = Statement<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Statement<'_> {
    type SqlType =
        (SqlUuid, Nullable<AccountType>, Nullable<KeyType>, Nullable<TemplateType>, Bool);
}

impl<C> diesel::RunQueryDsl<C> for Statement<'_> {}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self(First { username_key, owner, device, models, now }) = self;
        out.push_sql(ACCOUNT);
        out.push_bind_param::<Text, _>(*username_key)?;
        out.push_sql(COUNTED[0]);
        out.push_bind_param::<Text, _>(*username_key)?;
        out.push_sql(COUNTED[1]);
        out.push_bind_param::<Nullable<SqlUuid>, _>(owner)?;
        out.push_sql(COUNTED[2]);
        out.push_bind_param::<SqlUuid, _>(device)?;
        out.push_sql(COUNTED[3]);
        out.push_bind_param::<Timestamptz, _>(now)?;
        out.push_sql(READ[0]);
        out.push_bind_param::<Array<Text>, _>(models)?;
        out.push_sql(READ[1]);
        Ok(())
    }
}
