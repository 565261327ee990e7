//! Sealed references.

mod fitting;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::template::{Template, TemplateId};
use faceauth_domain::user::UserId;
use uuid::Uuid;

use self::fitting::TemplateRow;
use crate::error::StoreError;
use crate::link::Link;
use crate::schema::templates;
use crate::seal::{SealError, Sealer, UserKey};
use crate::tables::enrolment_images::{self, ImageRow};

pub(crate) use self::fitting::{FitError, Fitting, fit_beside, fit_first};

/// A reference to be stored.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// Identifier.
    pub id: TemplateId,
    /// The embedding; sealed before it leaves the process.
    pub embedding: Embedding,
    /// The same face as the previous model sees it, while people move from that: compared with
    /// the templates there are, and not stored.
    pub previous: Option<Embedding>,
    /// The face it was made of, where enrolment images are kept; sealed as well.
    pub image: Option<EncodedImage>,
    /// When it was enrolled.
    pub created_at: DateTime<Utc>,
}

/// A stored reference without its vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceRecord {
    /// Identifier.
    pub id: TemplateId,
    /// The model that made it.
    pub model: ModelId,
    /// When it was enrolled.
    pub created_at: DateTime<Utc>,
}

/// `templates.id`, `.model_id`, `.key_id`, `.sealed`, `.created_at`.
pub(crate) type SealedRow = (Uuid, String, String, Vec<u8>, DateTime<Utc>);

/// Whether an account has this reference.
pub(crate) async fn is_there(
    mut connection: &Link,
    user: UserId,
    id: TemplateId,
) -> QueryResult<bool> {
    let row = templates::table.find(id.0).filter(templates::user_id.eq(user.0));
    diesel::select(exists(row)).get_result(&mut connection).await
}

/// The references of an account, of every model, oldest first, without vectors.
pub(crate) async fn records(connection: &mut Link, user: UserId) -> QueryResult<Vec<FaceRecord>> {
    let found: Vec<(Uuid, String, DateTime<Utc>)> = templates::table
        .filter(templates::user_id.eq(user.0))
        .order((templates::created_at, templates::id))
        .select((templates::id, templates::model_id, templates::created_at))
        .load(connection)
        .await?;
    let record = |(id, model, created_at): (Uuid, String, DateTime<Utc>)| FaceRecord {
        id: TemplateId(id),
        model: ModelId::new(&model),
        created_at,
    };
    Ok(found.into_iter().map(record).collect())
}

/// The references of a locked account that `policy` can compare.
pub(crate) async fn comparable(
    connection: &mut Link,
    sealer: &Sealer,
    key: &UserKey,
    user: UserId,
    policy: &EnrolmentPolicy,
) -> Result<Vec<Template>, StoreError> {
    let previous = policy.previous.as_ref().map(|previous| previous.model.as_str());
    let models = std::iter::once(policy.matching.model.as_str()).chain(previous);
    let rows: Vec<SealedRow> = templates::table
        .filter(templates::user_id.eq(user.0))
        .filter(templates::model_id.eq_any(models.collect::<Vec<_>>()))
        .select((
            templates::id,
            templates::model_id,
            templates::key_id,
            templates::sealed,
            templates::created_at,
        ))
        .load(connection)
        .await?;
    let open = |(id, model, key_id, bytes, created_at): SealedRow| {
        let model = ModelId::new(&model);
        let embedding = sealer.open_template(user, Some(key), &model, &key_id, &bytes)?;
        Ok(Template { id: TemplateId(id), embedding, created_at })
    };
    Ok(rows.into_iter().map(open).collect::<Result<_, SealError>>()?)
}

/// Stores references, and the images that they were made of.
pub(crate) async fn insert(connection: &mut Link, Fitting(sealed): &Fitting) -> QueryResult<()> {
    let rows: Vec<&TemplateRow> = sealed.iter().map(|one| &one.template).collect();
    diesel::insert_into(templates::table).values(rows).execute(connection).await?;
    let images: Vec<&ImageRow> = sealed.iter().filter_map(|one| one.image.as_ref()).collect();
    if !images.is_empty() {
        enrolment_images::insert(connection, &images).await?;
    }
    Ok(())
}

/// How many references an account has, of every model.
pub(crate) async fn count(connection: &mut Link, user: UserId) -> QueryResult<i64> {
    templates::table.filter(templates::user_id.eq(user.0)).count().get_result(connection).await
}

/// How many references of a model an account has.
pub(crate) async fn count_of_model(
    connection: &mut Link,
    user: UserId,
    model: &ModelId,
) -> QueryResult<i64> {
    templates::table
        .filter(templates::user_id.eq(user.0))
        .filter(templates::model_id.eq(model.as_str()))
        .count()
        .get_result(connection)
        .await
}

/// Whether an account has a reference of a model.
pub(crate) async fn is_of_model(
    connection: &mut Link,
    user: UserId,
    model: &ModelId,
) -> QueryResult<bool> {
    let there = templates::table
        .filter(templates::user_id.eq(user.0))
        .filter(templates::model_id.eq(model.as_str()));
    diesel::select(exists(there)).get_result(connection).await
}

/// Deletes a reference of an account. `false` when it has no such one.
pub(crate) async fn delete(
    connection: &mut Link,
    user: UserId,
    id: TemplateId,
) -> QueryResult<bool> {
    let row = templates::table.find(id.0).filter(templates::user_id.eq(user.0));
    Ok(diesel::delete(row).execute(connection).await? == 1)
}

/// Deletes every reference of an account.
pub(crate) async fn delete_all(connection: &mut Link, user: UserId) -> QueryResult<usize> {
    diesel::delete(templates::table.filter(templates::user_id.eq(user.0))).execute(connection).await
}

/// The next model after `after` that has templates. Asking for one model at a time costs one look
/// into the index each. There are a handful of models and many templates.
pub(crate) async fn next_model(connection: &mut Link, after: &str) -> QueryResult<Option<String>> {
    templates::table
        .filter(templates::model_id.gt(after))
        .order(templates::model_id)
        .select(templates::model_id)
        .first(connection)
        .await
        .optional()
}

/// Deletes at most `most` templates of the model `old`, of people who have had one of `current`
/// since `before`.
pub(crate) async fn delete_old(
    connection: &mut Link,
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
    let old: Vec<Uuid> = templates::table
        .filter(templates::model_id.eq(old))
        .filter(exists(moved))
        .limit(most)
        .select(templates::id)
        .load(connection)
        .await?;
    diesel::delete(templates::table.filter(templates::id.eq_any(old))).execute(connection).await
}
