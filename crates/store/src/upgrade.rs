//! Moving from one matcher to the next without enrolling anew.

use chrono::{DateTime, Utc};
use diesel::dsl::{count, count_star};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::user::UserId;

use crate::error::StoreError;
use crate::link::Link;
use crate::pool::Store;
use crate::schema::templates;
use crate::tables::templates::{self as rows, FitError, NewTemplate};
use crate::tables::{consents, user_keys, users};

/// How many people have templates of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCount {
    /// The model.
    pub model: ModelId,
    /// People with a template of it.
    pub people: i64,
    /// Templates of it.
    pub templates: i64,
}

impl Store {
    /// How far people have moved, by model.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn model_counts(&self) -> Result<Vec<ModelCount>, StoreError> {
        let mut connection = self.connection().await?;
        let rows: Vec<(String, i64, i64)> = templates::table
            .group_by(templates::model_id)
            .order(templates::model_id)
            .select((
                templates::model_id,
                count(templates::user_id).aggregate_distinct(),
                count_star(),
            ))
            .load(&mut connection)
            .await?;
        let count = |(model, people, templates): (String, i64, i64)| ModelCount {
            model: ModelId::new(&model),
            people,
            templates,
        };
        Ok(rows.into_iter().map(count).collect())
    }
}

/// A template that a sign-in was worth.
#[derive(Debug, Clone, Copy)]
pub struct Upgrade<'a> {
    /// The template, of the current model.
    pub template: &'a NewTemplate,
    /// How it is compared with the existing ones.
    pub policy: &'a EnrolmentPolicy,
}

/// Writes the first template of another model beside those of the previous one. It writes none when
/// one exists by now, when it does not show the owner, when the account no longer exists, or when
/// consent is withdrawn.
pub(crate) async fn write(
    connection: &mut Link,
    store: &Store,
    user: UserId,
    Upgrade { template, policy }: Upgrade<'_>,
) -> Result<(), StoreError> {
    if !users::lock(connection, user).await? || !consents::stands(connection, user).await? {
        return Ok(());
    }
    if rows::is_of_model(connection, user, template.embedding.model()).await? {
        return Ok(());
    }
    let sealer = store.sealer();
    let key = user_keys::of_locked(connection, sealer, user, template.created_at).await?;
    let previous = rows::comparable(connection, sealer, &key, user, policy).await?;
    match rows::fit_beside(&key, user, &previous, template, policy) {
        Ok(fitting) => Ok(rows::insert(connection, &fitting).await?),
        Err(FitError::Misfit(..)) => Ok(()),
        Err(FitError::Store(error)) => Err(error),
    }
}

/// Deletes at most `most` templates of other models than `current`, of people who have had a
/// template of `current` since `before`.
pub(crate) async fn retire(
    connection: &mut Link,
    current: &ModelId,
    before: DateTime<Utc>,
    most: i64,
) -> QueryResult<usize> {
    let (mut deleted, mut left) = (0, most);
    let mut model = rows::next_model(connection, "").await?;
    while let Some(found) = model {
        if left == 0 {
            break;
        }
        if found != current.as_str() {
            let gone = rows::delete_old(connection, &found, current, before, left).await?;
            deleted += gone;
            left = left.saturating_sub(i64::try_from(gone).unwrap_or(i64::MAX)).max(0);
        }
        model = rows::next_model(connection, &found).await?;
    }
    Ok(deleted)
}
