//! Moving from one matcher to the next without enrolling anew.

use chrono::{DateTime, Utc};
use diesel::dsl::{count, count_star, exists, select};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use faceauth_domain::embedding::ModelId;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::user::UserId;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::templates;
use crate::tables::consents;
use crate::tables::templates::{self as rows, FitError, NewTemplate};
use crate::tables::user_keys;

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
    /// How it is compared with those there are.
    pub policy: &'a EnrolmentPolicy,
}

/// Writes the first template of another model beside those of the previous one, unless there
/// is one by now, it does not show their owner, the account is gone or consent is withdrawn.
pub(crate) async fn write(
    connection: &mut AsyncPgConnection,
    store: &Store,
    user: UserId,
    Upgrade { template, policy }: Upgrade<'_>,
) -> Result<(), StoreError> {
    if !consents::lock(connection, user).await? || !consents::stands(connection, user).await? {
        return Ok(());
    }
    let model = template.embedding.model().as_str();
    let there = templates::table
        .filter(templates::user_id.eq(user.0))
        .filter(templates::model_id.eq(model));
    if select(exists(there)).get_result(connection).await? {
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

/// Deletes at most `most` templates of other models than `current`, of people who have had one
/// of it since `before`.
pub(crate) async fn retire(
    connection: &mut AsyncPgConnection,
    current: &ModelId,
    before: DateTime<Utc>,
    most: i64,
) -> QueryResult<usize> {
    let (mut deleted, mut left) = (0, most);
    let mut model = next_model(connection, "").await?;
    while let Some(found) = model {
        if left == 0 {
            break;
        }
        if found != current.as_str() {
            let gone = retire_model(connection, &found, current, before, left).await?;
            deleted += gone;
            left = left.saturating_sub(i64::try_from(gone).unwrap_or(i64::MAX)).max(0);
        }
        model = next_model(connection, &found).await?;
    }
    Ok(deleted)
}

/// The model that follows `after` among those there are templates of. Asked one by one, each is
/// a look into the index; there are a handful of models and many templates.
async fn next_model(
    connection: &mut AsyncPgConnection,
    after: &str,
) -> QueryResult<Option<String>> {
    templates::table
        .filter(templates::model_id.gt(after))
        .order(templates::model_id)
        .select(templates::model_id)
        .first(connection)
        .await
        .optional()
}

async fn retire_model(
    connection: &mut AsyncPgConnection,
    old: &str,
    current: &ModelId,
    before: DateTime<Utc>,
    most: i64,
) -> QueryResult<usize> {
    let newer = diesel::alias!(templates as newer);
    let moved = newer
        .filter(newer.field(templates::user_id).eq(templates::user_id))
        .filter(newer.field(templates::model_id).eq(current.as_str()))
        .filter(newer.field(templates::created_at).le(before));
    let old: Vec<uuid::Uuid> = templates::table
        .filter(templates::model_id.eq(old))
        .filter(exists(moved))
        .limit(most)
        .select(templates::id)
        .load(connection)
        .await?;
    diesel::delete(templates::table.filter(templates::id.eq_any(old))).execute(connection).await
}
