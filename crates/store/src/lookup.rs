//! Looking an account up: by the name that somebody claims, or by a session.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_domain::user::{Consent, User, UserId};

use crate::account::{Account, AccountError};
use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{passkeys, templates, user_keys, users as accounts};
use crate::seal::Sealer;
use crate::tables::rows::{self, UserRow};
use crate::tables::templates::SealedRow;
use crate::tables::user_keys::{self as keys, WrappedKey};
use crate::tables::users;

/// Whom a claimed name belongs to, and what to compare with.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The account.
    pub user: User,
    /// Its references of the models asked for, oldest first; may be empty.
    pub templates: Vec<Template>,
    /// Whether it has a passkey.
    pub has_passkey: bool,
}

/// An account, its key, one of its templates, and whether it has a passkey.
pub(crate) type ReferenceRow = (UserRow, Option<WrappedKey>, Option<SealedRow>, bool);

/// What the rows of one account hold, in their order; `None` when there are none.
pub(crate) fn opened(
    sealer: &Sealer,
    found: Vec<ReferenceRow>,
) -> Result<Option<Reference>, StoreError> {
    // Every row names the same account and the same key.
    let mut found = found.into_iter().peekable();
    let Some((user, wrapped, _, has_passkey)) = found.peek() else { return Ok(None) };
    let user = rows::user(user.clone())?;
    let wrapped = wrapped.as_ref();
    let key = wrapped.map(|row| keys::unwrap(sealer, user.id, row)).transpose()?;
    let mut reference = Reference { user, templates: Vec::new(), has_passkey: *has_passkey };
    for (id, model, key_id, bytes, created_at) in found.filter_map(|(_, _, sealed, _)| sealed) {
        let (owner, model) = (reference.user.id, ModelId::new(&model));
        let embedding = sealer.open_template(owner, key.as_ref(), &model, &key_id, &bytes)?;
        reference.templates.push(Template { id: TemplateId(id), embedding, created_at });
    }
    Ok(Some(reference))
}

impl Store {
    /// The account that `username_key` names, with its references of `models` only: those
    /// of another model are not read. One query.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Sealing`] when any of the references does not open.
    pub async fn reference(
        &self,
        username_key: &str,
        models: &[&ModelId],
    ) -> Result<Option<Reference>, StoreError> {
        let models: Vec<&str> = models.iter().map(|model| model.as_str()).collect();
        let of_model = templates::user_id.eq(accounts::id).and(templates::model_id.eq_any(models));
        let has_passkey = exists(passkeys::table.filter(passkeys::user_id.eq(accounts::id)));
        let found: Vec<ReferenceRow> = {
            let mut connection = self.connection().await?;
            accounts::table
                .left_join(user_keys::table)
                .left_join(templates::table.on(of_model))
                .filter(accounts::username_key.eq(username_key))
                .order((templates::created_at, templates::id))
                .select((
                    (accounts::id, accounts::username, accounts::created_at),
                    (user_keys::id, user_keys::key_id, user_keys::wrapped).nullable(),
                    (
                        templates::id,
                        templates::model_id,
                        templates::key_id,
                        templates::sealed,
                        templates::created_at,
                    )
                        .nullable(),
                    has_passkey,
                ))
                .load(&mut connection)
                .await?
        };
        opened(self.sealer(), found)
    }

    /// The account that has this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_of_name(&self, username_key: &str) -> Result<Option<UserId>, StoreError> {
        let connection = self.connection().await?;
        Ok(users::of_name(&connection, username_key).await?)
    }
}

impl Account<'_> {
    /// The account and its latest consent.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn user(&self) -> Result<(User, Consent), AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .snapshot(async |connection| {
                let user = self.look(connection).await?.user;
                users::by_id(connection, user).await?.ok_or(AccountError::SessionOver)
            })
            .await
    }
}
