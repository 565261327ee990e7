//! Recovery codes that nobody has used yet, as hashes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::UserId;

use crate::link::Link;
use crate::schema::recovery_codes;

/// A keyed hash of an account and a code.
pub type CodeHash = [u8; 32];

/// Puts codes in the place of every code of an account.
pub(crate) async fn replace(
    connection: &mut Link,
    user: UserId,
    hashes: &[CodeHash],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    delete_all(connection, user).await?;
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| {
            (
                recovery_codes::user_id.eq(user.0),
                recovery_codes::code_hash.eq(&hash[..]),
                recovery_codes::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(connection).await
}

/// Uses a code up. `false` when the account has no such code.
pub(crate) async fn redeem(
    connection: &mut Link,
    user: UserId,
    hash: &CodeHash,
) -> QueryResult<bool> {
    let row = recovery_codes::table.find((user.0, &hash[..]));
    Ok(diesel::delete(row).execute(connection).await? == 1)
}

/// How many codes an account has left.
pub(crate) async fn count(connection: &mut Link, user: UserId) -> QueryResult<i64> {
    let of_user = recovery_codes::table.filter(recovery_codes::user_id.eq(user.0));
    of_user.count().get_result(connection).await
}

/// Deletes every code of an account.
pub(crate) async fn delete_all(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    let rows = recovery_codes::table.filter(recovery_codes::user_id.eq(user.0));
    diesel::delete(rows).execute(connection).await
}
