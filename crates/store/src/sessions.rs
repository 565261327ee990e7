//! The sessions of an account, as its holder sees and ends them.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use uuid::Uuid;

use crate::account::{Account, AccountError};
use crate::schema::refresh_tokens;

/// A session that can be renewed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct LiveSession {
    /// The session, `sid` of tokens.
    pub session: Uuid,
    /// When the face was shown.
    pub auth_time: DateTime<Utc>,
    /// How the person was authenticated.
    pub acr: String,
    /// When it was last renewed.
    pub issued_at: DateTime<Utc>,
    /// When it ends unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

impl Account<'_> {
    /// The sessions that can be renewed at `now`, the newest first.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn sessions(&self, now: DateTime<Utc>) -> Result<Vec<LiveSession>, AccountError> {
        let family = diesel::alias!(refresh_tokens as family);
        let revoked = family
            .filter(family.field(refresh_tokens::session).eq(refresh_tokens::session))
            .filter(family.field(refresh_tokens::revoked_at).is_not_null());
        let mut connection = self.store.connection().await?;
        let mut read = connection.build_transaction().read_only().repeatable_read();
        read.run(async |connection| {
            let user = self.look(connection).await?.user;
            // Of each session one token at most is neither used nor revoked.
            Ok(refresh_tokens::table
                .filter(refresh_tokens::user_id.eq(user.0))
                .filter(refresh_tokens::used_at.is_null())
                .filter(refresh_tokens::expires_at.gt(now))
                .filter(not(exists(revoked)))
                .order((refresh_tokens::auth_time.desc(), refresh_tokens::id.desc()))
                .select(LiveSession::as_select())
                .load(connection)
                .await?)
        })
        .await
    }

    /// Ends a session of this account. `false` when it has no such one that lives.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn end_session(
        &self,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<bool, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                let ended = diesel::update(refresh_tokens::table)
                    .filter(refresh_tokens::session.eq(session))
                    .filter(refresh_tokens::user_id.eq(user.0))
                    .filter(refresh_tokens::revoked_at.is_null())
                    .set(refresh_tokens::revoked_at.eq(now))
                    .execute(connection)
                    .await?;
                Ok(ended > 0)
            })
            .await
    }
}
