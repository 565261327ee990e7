//! Accounts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::{Consent, User, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::schema::{consents, users};
use crate::tables::rows::{self, UserRow};

/// `consents.policy_version`, `.granted_at`, `.withdrawn_at`.
type ConsentRow = (String, DateTime<Utc>, Option<DateTime<Utc>>);

diesel::define_sql_function! {
    /// The later of two moments.
    fn greatest(one: diesel::sql_types::Timestamptz, other: diesel::sql_types::Timestamptz) -> diesel::sql_types::Timestamptz;
}

/// Stores an account.
pub(crate) async fn insert(connection: &mut Link, user: &User) -> QueryResult<usize> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.0),
            users::username.eq(user.username.as_str()),
            users::username_key.eq(user.username.key()),
            users::created_at.eq(user.created_at),
            users::last_active_at.eq(user.created_at),
        ))
        .execute(connection)
        .await
}

/// The account that has this name.
pub(crate) async fn of_name(
    mut connection: &Link,
    username_key: &str,
) -> QueryResult<Option<UserId>> {
    let id: Option<Uuid> = users::table
        .filter(users::username_key.eq(username_key))
        .select(users::id)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(id.map(UserId))
}

/// An account and its latest consent.
pub(crate) async fn by_id(
    connection: &mut Link,
    id: UserId,
) -> Result<Option<(User, Consent)>, StoreError> {
    let row: Option<(UserRow, ConsentRow)> = users::table
        .inner_join(consents::table)
        .filter(users::id.eq(id.0))
        .order(consents::granted_at.desc())
        .select((
            (users::id, users::username, users::created_at),
            (consents::policy_version, consents::granted_at, consents::withdrawn_at),
        ))
        .first(connection)
        .await
        .optional()?;
    row.map(|(user, (policy_version, granted_at, withdrawn_at))| {
        Ok((rows::user(user)?, Consent { policy_version, granted_at, withdrawn_at }))
    })
    .transpose()
}

/// Locks an account until the transaction ends, so that no template is added beside what the
/// transaction does. `false` when there is no such account.
pub(crate) async fn lock(connection: &mut Link, user: UserId) -> QueryResult<bool> {
    let locked: Option<Uuid> = users::table
        .find(user.0)
        .select(users::id)
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?;
    Ok(locked.is_some())
}

/// Locks the account that has this name, and returns it.
pub(crate) async fn lock_of_name(
    connection: &mut Link,
    username_key: &str,
) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = users::table
        .filter(users::username_key.eq(username_key))
        .select((users::id, users::username, users::created_at))
        .for_no_key_update()
        .first(connection)
        .await
        .optional()?;
    row.map(rows::user).transpose()
}

/// Notes that an account is used, and locks it until the transaction ends. 0 when it is gone.
pub(crate) async fn touch(
    connection: &mut Link,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(users::table.find(user.0))
        // Written also when it changes nothing: what is not written is not locked.
        .set(users::last_active_at.eq(greatest(users::last_active_at, now)))
        .execute(connection)
        .await
}

/// Accounts that were not used since `before`, locked. An account with a sign-in in progress is
/// skipped.
pub(crate) async fn inactive(
    connection: &mut Link,
    before: DateTime<Utc>,
    most: i64,
) -> QueryResult<Vec<UserId>> {
    let found: Vec<Uuid> = users::table
        .filter(users::last_active_at.le(before))
        .order(users::last_active_at)
        .limit(most)
        .select(users::id)
        .for_update()
        .skip_locked()
        .load(connection)
        .await?;
    Ok(found.into_iter().map(UserId).collect())
}

/// Deletes an account with the rows that cascade from it, and returns its name as compared.
pub(crate) async fn delete(connection: &mut Link, id: UserId) -> QueryResult<Option<String>> {
    diesel::delete(users::table.find(id.0))
        .returning(users::username_key)
        .get_result(connection)
        .await
        .optional()
}
