//! Frames that were submitted before.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::link::Link;
use crate::schema::liveness_frames;

/// How long a submitted frame is remembered. No camera makes the same bytes twice, so a repeated
/// frame means that a capture is played again. For a day this is noticed in any session. Afterwards
/// only the steps of the session stop it, as they do from the first second. A digest is keyed and
/// says nothing about the picture. The trigger `liveness_frames_once` of the database has the same
/// day; a digest goes with the UTC day at whose end it is forgotten.
pub const LIVENESS_FRAME_RETENTION: TimeDelta = TimeDelta::hours(24);

/// Remembers `digests` and returns how many of them were known already; one that is given
/// several times counts once.
///
/// The trigger `liveness_frames_once` of the database passes over what is known. A digest that
/// another transaction is adding is waited for, on whichever side of midnight it is added. They are
/// added in order, so that two transactions with common digests never wait for each other.
pub(crate) async fn remember(
    connection: &mut Link,
    digests: &[[u8; 32]],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let mut digests: Vec<&[u8]> = digests.iter().map(|digest| &digest[..]).collect();
    digests.sort_unstable();
    digests.dedup();
    let expires_at = liveness_frames::expires_at.eq(now + LIVENESS_FRAME_RETENTION);
    let rows: Vec<_> =
        digests.iter().map(|digest| (liveness_frames::digest.eq(*digest), expires_at)).collect();
    let new = diesel::insert_into(liveness_frames::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(digests.len().saturating_sub(new))
}

/// Forgets digests.
pub(crate) async fn forget(connection: &mut Link, digests: &[[u8; 32]]) -> QueryResult<usize> {
    let digests = digests.iter().map(|digest| &digest[..]);
    let known = liveness_frames::table.filter(liveness_frames::digest.eq_any(digests));
    diesel::delete(known).execute(connection).await
}
