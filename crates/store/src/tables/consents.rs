//! Consents to biometric processing.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::user::{Consent, UserId};

use crate::link::Link;
use crate::schema::consents;

/// Whether a consent of an account stands. A withdrawal takes all of them back.
pub(crate) async fn stands(mut connection: &Link, user: UserId) -> QueryResult<bool> {
    let standing = consents::table
        .filter(consents::user_id.eq(user.0))
        .filter(consents::withdrawn_at.is_null());
    diesel::select(exists(standing)).get_result(&mut connection).await
}

/// Stores an agreement.
pub(crate) async fn insert(
    connection: &mut Link,
    user: UserId,
    policy_version: &str,
    granted_at: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(consents::table)
        .values((
            consents::user_id.eq(user.0),
            consents::policy_version.eq(policy_version),
            consents::granted_at.eq(granted_at),
        ))
        // Twice in one microsecond is once.
        .on_conflict_do_nothing()
        .execute(connection)
        .await
}

/// Withdraws every consent of an account that stands.
pub(crate) async fn withdraw_all(
    connection: &mut Link,
    user: UserId,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(consents::table)
        .filter(consents::user_id.eq(user.0))
        .filter(consents::withdrawn_at.is_null())
        .set(consents::withdrawn_at.eq(now))
        .execute(connection)
        .await
}

/// Every consent of an account, oldest first.
pub(crate) async fn all(connection: &mut Link, user: UserId) -> QueryResult<Vec<Consent>> {
    let rows: Vec<(String, DateTime<Utc>, Option<DateTime<Utc>>)> = consents::table
        .filter(consents::user_id.eq(user.0))
        .order(consents::granted_at)
        .select((consents::policy_version, consents::granted_at, consents::withdrawn_at))
        .load(connection)
        .await?;
    let consent = |(policy_version, granted_at, withdrawn_at)| Consent {
        policy_version,
        granted_at,
        withdrawn_at,
    };
    Ok(rows.into_iter().map(consent).collect())
}
