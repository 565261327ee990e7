//! Assertions by which clients have authenticated, until their end.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::oauth::client::ClientId;

use crate::link::Link;
use crate::schema::client_assertions;

/// Remembers an assertion. `false` when it is known: of several at once one is remembered.
pub(crate) async fn remember(
    connection: &mut Link,
    client_id: &ClientId,
    jti_hash: &[u8; 32],
    expires_at: DateTime<Utc>,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(client_assertions::table)
        .values((
            client_assertions::client_id.eq(client_id.as_str()),
            client_assertions::jti_hash.eq(&jti_hash[..]),
            client_assertions::expires_at.eq(expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(inserted == 1)
}
