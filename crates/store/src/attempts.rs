//! The audit trail.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::attempt::Attempt;
use faceauth_domain::decision::Assurance;
use futures_util::future::try_join3;

use crate::error::{Constraint, StoreError};
use crate::failures::{self, Begun};
use crate::pool::Store;
use crate::retention;
use crate::schema::attempts;
use crate::templates::NewTemplate;
use crate::tokens::{self, NewRefreshToken};
use crate::upgrade;

impl Store {
    /// Adds a line to the audit trail. When the account was erased meanwhile, the line
    /// is kept without it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        match insert(&connection, attempt).await {
            Err(e) if Constraint::violated_by(&e) == Some(Constraint::AttemptUser) => {
                let anonymous = Attempt { user: None, ..attempt.clone() };
                insert(&connection, &anonymous).await?;
            }
            other => {
                other?;
            }
        }
        Ok(())
    }

    /// Adds an accepted sign-in and its first refresh token, forgets the failures before it and
    /// writes the template of another model that it was worth, all or nothing. `false` when the account was erased meanwhile: nobody is signed
    /// in then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_sign_in(
        &self,
        attempt: &Attempt,
        refresh: &NewRefreshToken,
        begun: Option<&Begun>,
        upgrade: Option<&NewTemplate>,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        let stored: Result<usize, SignInError> = connection
            .transaction(async |connection| {
                // The account first, and alone: sign-ins of one person wait for each other there, not
                // in a circle. Statements that are sent at once come in another order where one has
                // yet to be prepared.
                retention::touch(connection, refresh.user, attempt.at).await?;
                let shared = &*connection;
                let forgiven = async {
                    match begun {
                        Some(begun) => failures::clear(shared, begun).await,
                        None => Ok(0),
                    }
                };
                // Sent at once: none needs the answer of another.
                let (recorded, stored) = (insert(shared, attempt), tokens::insert(shared, refresh));
                let (_, _, stored) = try_join3(recorded, forgiven, stored).await?;
                if let Some(template) = upgrade {
                    upgrade::write(connection, self, refresh.user, template).await?;
                }
                Ok(stored)
            })
            .await;
        match stored {
            Ok(_) => Ok(true),
            Err(SignInError::UserGone) => Ok(false),
            Err(SignInError::Store(error)) => Err(error),
        }
    }
}

/// Why a sign-in was not recorded.
enum SignInError {
    /// The account was erased meanwhile.
    UserGone,
    Store(StoreError),
}

impl From<diesel::result::Error> for SignInError {
    fn from(error: diesel::result::Error) -> Self {
        match Constraint::violated_by(&error) {
            Some(Constraint::AttemptUser | Constraint::RefreshTokenUser) => Self::UserGone,
            _ => Self::Store(error.into()),
        }
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(crate) async fn insert(
    mut connection: &AsyncPgConnection,
    attempt: &Attempt,
) -> QueryResult<usize> {
    let reasons: Vec<&str> = attempt.reasons.iter().map(|reason| reason.as_str()).collect();
    diesel::insert_into(attempts::table)
        .values((
            attempts::user_id.eq(attempt.user.map(|user| user.0)),
            attempts::kind.eq(attempt.kind.as_str()),
            attempts::outcome.eq(attempt.outcome.as_str()),
            attempts::assurance.eq(attempt.assurance.map(Assurance::as_str)),
            attempts::reasons.eq(reasons),
            attempts::pad_bona_fide.eq(attempt.pad_bona_fide),
            attempts::model_id.eq(attempt.model.as_str()),
            attempts::client_hash.eq(&attempt.client_hash),
            attempts::at.eq(attempt.at),
        ))
        .execute(&mut connection)
        .await
}
