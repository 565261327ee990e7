//! Enrolment tokens that wait to be used: one row a token, gone with its first use.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::link::Link;
use crate::schema::enrolment_tokens;

/// An enrolment token to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEnrolmentToken {
    /// `jti` of the token.
    pub id: Uuid,
    /// The time at which it becomes invalid.
    pub expires_at: DateTime<Utc>,
}

/// Puts `token` in the place of every token of the locked account of `user`.
pub(crate) async fn replace(
    connection: &mut Link,
    user: UserId,
    token: &NewEnrolmentToken,
) -> QueryResult<usize> {
    let old = enrolment_tokens::table.filter(enrolment_tokens::user_id.eq(user.0));
    diesel::delete(old).execute(connection).await?;
    diesel::insert_into(enrolment_tokens::table)
        .values((
            enrolment_tokens::id.eq(token.id),
            enrolment_tokens::user_id.eq(user.0),
            enrolment_tokens::expires_at.eq(token.expires_at),
        ))
        .execute(connection)
        .await
}

/// Whether a token has not been used and not been replaced. Its time is checked with its signature.
pub(crate) async fn is_good(connection: &mut Link, user: UserId, id: Uuid) -> QueryResult<bool> {
    let row = enrolment_tokens::table.find(id).filter(enrolment_tokens::user_id.eq(user.0));
    diesel::select(exists(row)).get_result(connection).await
}

/// Uses a token up. `false` when somebody else has.
pub(crate) async fn redeem(connection: &mut Link, user: UserId, id: Uuid) -> QueryResult<bool> {
    let row = enrolment_tokens::table.find(id).filter(enrolment_tokens::user_id.eq(user.0));
    Ok(diesel::delete(row).execute(connection).await? == 1)
}
