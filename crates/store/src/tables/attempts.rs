//! Lines of the audit trail.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::authentication::Authentication;
use faceauth_domain::user::UserId;

use crate::link::Link;
use crate::schema::attempts;

/// A line of the audit trail, as its subject may see it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = attempts)]
pub struct AttemptRecord {
    /// Grows with every line; where a page ends, the next begins.
    pub id: i64,
    /// What was wanted, a word of [`faceauth_domain::attempt::AttemptKind`].
    pub kind: String,
    /// How it ended, a word of [`faceauth_domain::attempt::AttemptOutcome`].
    pub outcome: String,
    /// What was shown, when it was accepted.
    pub assurance: Option<String>,
    /// Why a liveness capture was refused.
    pub reasons: Vec<String>,
    /// What was found of the attestation of a capture, a word of
    /// [`faceauth_domain::attestation::AttestationFinding`]; `None` when nobody asked.
    pub attestation: Option<String>,
    /// The embedding model in use.
    pub model_id: String,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// Adds a line.
pub(crate) async fn insert(mut connection: &Link, attempt: &Attempt) -> QueryResult<usize> {
    let reasons: Vec<&str> = attempt.reasons.iter().map(|reason| reason.as_str()).collect();
    diesel::insert_into(attempts::table)
        .values((
            attempts::user_id.eq(attempt.user.map(|user| user.0)),
            attempts::kind.eq(attempt.kind.as_str()),
            attempts::outcome.eq(attempt.outcome.as_str()),
            attempts::assurance.eq(attempt.assurance.map(Authentication::as_str)),
            attempts::reasons.eq(reasons),
            attempts::pad_bona_fide.eq(attempt.pad_bona_fide),
            attempts::attestation.eq(attempt.attestation.map(AttestationFinding::as_str)),
            attempts::model_id.eq(attempt.model.as_str()),
            attempts::client_hash.eq(&attempt.client_hash),
            attempts::at.eq(attempt.at),
        ))
        .execute(&mut connection)
        .await
}

/// At most `limit` lines of an account, newest first, older than the line `before`.
pub(crate) async fn of_user(
    connection: &mut Link,
    user: UserId,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<AttemptRecord>> {
    attempts::table
        .filter(attempts::user_id.eq(user.0))
        .filter(attempts::id.lt(before.unwrap_or(i64::MAX)))
        .order((attempts::at.desc(), attempts::id.desc()))
        .limit(limit)
        .select(AttemptRecord::as_select())
        .load(connection)
        .await
}

/// Deletes at most `most` lines that were written at or before `before`.
pub(crate) async fn delete_old(
    connection: &mut Link,
    before: DateTime<Utc>,
    most: i64,
) -> QueryResult<usize> {
    let old: Vec<(i64, DateTime<Utc>)> = attempts::table
        .filter(attempts::at.le(before))
        .order(attempts::at)
        .limit(most)
        .select((attempts::id, attempts::at))
        .load(connection)
        .await?;
    let mut times = old.iter().map(|(_, at)| *at);
    let Some(first) = times.next() else { return Ok(0) };
    let last = times.next_back().unwrap_or(first);
    // The times lead to the partitions, and to the rows in them.
    let among = attempts::table.filter(attempts::at.between(first, last));
    let ids = old.iter().map(|(id, _)| *id);
    diesel::delete(among.filter(attempts::id.eq_any(ids))).execute(connection).await
}
