//! Sealed pictures of enrolled faces, for operators who keep them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::link::Link;
use crate::schema::{enrolment_images, templates};
use crate::seal::{SealError, UserKey};

/// A row of `enrolment_images`.
#[derive(Insertable)]
#[diesel(table_name = enrolment_images)]
pub(crate) struct ImageRow {
    id: Uuid,
    user_id: Uuid,
    template_id: Uuid,
    key_id: String,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
}

impl ImageRow {
    /// Seals the image that the template `template` was made of at `created_at`.
    pub(crate) fn seal(
        key: &UserKey,
        user: UserId,
        template: TemplateId,
        image: &EncodedImage,
        created_at: DateTime<Utc>,
    ) -> Result<Self, SealError> {
        let id = Uuid::new_v4();
        let sealed = key.seal_image(user, id, image)?;
        Ok(Self {
            id,
            user_id: user.0,
            template_id: template.0,
            key_id: sealed.key_id,
            sealed: sealed.bytes,
            created_at,
        })
    }
}

/// Stores images.
pub(crate) async fn insert(connection: &mut Link, images: &[&ImageRow]) -> QueryResult<usize> {
    diesel::insert_into(enrolment_images::table).values(images.to_vec()).execute(connection).await
}

/// The model of the template that an image belongs to; `None` when the image is gone.
pub(crate) async fn model_of(connection: &mut Link, image: Uuid) -> QueryResult<Option<String>> {
    enrolment_images::table
        .find(image)
        .inner_join(templates::table)
        .select(templates::model_id)
        .first(connection)
        .await
        .optional()
}

/// Lets an image belong to another template.
pub(crate) async fn hand_over(
    connection: &mut Link,
    image: Uuid,
    template: TemplateId,
) -> QueryResult<usize> {
    diesel::update(enrolment_images::table.find(image))
        .set(enrolment_images::template_id.eq(template.0))
        .execute(connection)
        .await
}

/// How many images of an account are kept.
pub(crate) async fn count_of_user(connection: &mut Link, user: UserId) -> QueryResult<i64> {
    enrolment_images::table
        .filter(enrolment_images::user_id.eq(user.0))
        .count()
        .get_result(connection)
        .await
}

/// Deletes at most `most` images that were taken at or before `before`.
pub(crate) async fn delete_old(
    connection: &mut Link,
    before: DateTime<Utc>,
    most: i64,
) -> QueryResult<usize> {
    let old: Vec<Uuid> = enrolment_images::table
        .filter(enrolment_images::created_at.le(before))
        .order(enrolment_images::created_at)
        .limit(most)
        .select(enrolment_images::id)
        .load(connection)
        .await?;
    let old = enrolment_images::table.filter(enrolment_images::id.eq_any(old));
    diesel::delete(old).execute(connection).await
}
