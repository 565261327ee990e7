//! Sealed pictures of enrolled faces, for operators who keep them, and embedding them anew.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::template::MAX_TEMPLATES_PER_USER;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{enrolment_images, templates, user_keys};
use crate::seal::{SealError, UserKey};
use crate::tables::consents;
use crate::tables::templates::{self as rows, FitError, NewTemplate};
use crate::tables::user_keys::{self as keys, WrappedKey};

/// Images that are opened at once: at most 50 kB each.
const BATCH: i64 = 100;

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
    /// Seals the image that `template` was made of.
    pub(crate) fn seal(
        key: &UserKey,
        user: UserId,
        template: &NewTemplate,
        image: &EncodedImage,
    ) -> Result<Self, SealError> {
        let id = Uuid::new_v4();
        let sealed = key.seal_image(user, id, image)?;
        Ok(Self {
            id,
            user_id: user.0,
            template_id: template.id.0,
            key_id: sealed.key_id,
            sealed: sealed.bytes,
            created_at: template.created_at,
        })
    }
}

pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    images: &[&ImageRow],
) -> QueryResult<usize> {
    diesel::insert_into(enrolment_images::table).values(images.to_vec()).execute(connection).await
}

/// An enrolment image whose template is of another model.
#[derive(Debug, Clone)]
pub struct OldImage {
    /// Its identifier.
    pub id: Uuid,
    /// Whose face it shows.
    pub user: UserId,
    /// The face.
    pub image: EncodedImage,
}

/// Whose image is of another model than the one asked for.
type SealedImage = (Uuid, Uuid, String, Vec<u8>, WrappedKey);

impl Store {
    /// How many enrolment images belong to templates of other models than `model`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn old_images(&self, model: &ModelId) -> Result<u64, StoreError> {
        let mut connection = self.connection().await?;
        let count: i64 = enrolment_images::table
            .inner_join(templates::table)
            .filter(templates::model_id.ne(model.as_str()))
            .count()
            .get_result(&mut connection)
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The next of those images after the one called `after`, in the order of their names.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Sealing`] when one does not open.
    pub async fn next_old_images(
        &self,
        model: &ModelId,
        after: Uuid,
    ) -> Result<Vec<OldImage>, StoreError> {
        let found: Vec<SealedImage> = {
            let mut connection = self.connection().await?;
            enrolment_images::table
                .inner_join(templates::table)
                .inner_join(user_keys::table.on(user_keys::user_id.eq(enrolment_images::user_id)))
                .filter(templates::model_id.ne(model.as_str()))
                .filter(enrolment_images::id.gt(after))
                .order(enrolment_images::id)
                .limit(BATCH)
                .select((
                    enrolment_images::id,
                    enrolment_images::user_id,
                    enrolment_images::key_id,
                    enrolment_images::sealed,
                    (user_keys::id, user_keys::key_id, user_keys::wrapped),
                ))
                .load(&mut connection)
                .await?
        };
        let open = |(id, user, key_id, sealed, wrapped): SealedImage| {
            let user = UserId(user);
            let key = keys::unwrap(self.sealer(), user, &wrapped)?;
            let image = key.open_image(user, id, &key_id, &sealed)?;
            Ok(OldImage { id, user, image })
        };
        Ok(found.into_iter().map(open).collect::<Result<_, SealError>>()?)
    }

    /// Writes what another model made of the image beside the template it belongs to, and lets it
    /// belong to the new one. `false` when the image or the consent is gone, when it has been
    /// done, when the account has as many templates of that model as it may have, or when the face
    /// does not go with those.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn embed_anew(
        &self,
        image: &OldImage,
        template: &NewTemplate,
        policy: &EnrolmentPolicy,
    ) -> Result<bool, StoreError> {
        let mut connection = self.connection().await?;
        connection
            .transaction(async |connection| {
                let user = image.user;
                if !consents::lock(connection, user).await?
                    || !consents::stands(connection, user).await?
                {
                    return Ok(false);
                }
                let model = template.embedding.model().as_str();
                let there: i64 = templates::table
                    .filter(templates::user_id.eq(user.0))
                    .filter(templates::model_id.eq(model))
                    .count()
                    .get_result(connection)
                    .await?;
                let of: Option<String> = enrolment_images::table
                    .find(image.id)
                    .inner_join(templates::table)
                    .select(templates::model_id)
                    .first(connection)
                    .await
                    .optional()?;
                let room = usize::try_from(there).is_ok_and(|there| there < MAX_TEMPLATES_PER_USER);
                if !room || of.is_none_or(|of| of == model) {
                    return Ok(false);
                }
                let key =
                    keys::of_locked(connection, self.sealer(), user, template.created_at).await?;
                // The image is there already.
                let template = NewTemplate { image: None, ..template.clone() };
                let mut beside =
                    rows::comparable(connection, self.sealer(), &key, user, policy).await?;
                // The image was enrolled already; among those of its model it must not be odd.
                beside.retain(|one| one.embedding.model() == template.embedding.model());
                let fitting = match beside.is_empty() {
                    true => rows::fit_first(&key, user, std::slice::from_ref(&template), policy),
                    false => rows::fit_beside(&key, user, &beside, &template, policy),
                };
                match fitting {
                    Ok(fitting) => rows::insert(connection, &fitting).await?,
                    Err(FitError::Misfit(..)) => return Ok(false),
                    Err(FitError::Store(error)) => return Err(error),
                }
                diesel::update(enrolment_images::table.find(image.id))
                    .set(enrolment_images::template_id.eq(template.id.0))
                    .execute(connection)
                    .await?;
                Ok(true)
            })
            .await
    }
}

/// Deletes at most `most` images that were taken at or before `before`.
pub(crate) async fn retire(
    connection: &mut AsyncPgConnection,
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
