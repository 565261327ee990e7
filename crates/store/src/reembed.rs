//! Embedding the enrolment images that operators keep anew, with another model.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::template::MAX_TEMPLATES_PER_USER;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::pool::Store;
use crate::schema::{enrolment_images, templates, user_keys};
use crate::seal::SealError;
use crate::tables::templates::{self as rows, FitError, NewTemplate};
use crate::tables::user_keys::{self as keys, WrappedKey};
use crate::tables::{consents, enrolment_images as images, users};

/// Images that are opened at once: at most 50 kB each.
const BATCH: i64 = 100;

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

/// The owner of an image of another model than the requested one.
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

    /// Writes the template that another model made of the image, and assigns the image to the new
    /// template. `false` when the image or the consent no longer exists, when it was done before,
    /// when the account has the maximum of templates of that model, or when the face does not match
    /// those.
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
                if !users::lock(connection, user).await?
                    || !consents::stands(connection, user).await?
                {
                    return Ok(false);
                }
                let model = template.embedding.model();
                let there = rows::count_of_model(connection, user, model).await?;
                let of = images::model_of(connection, image.id).await?;
                let room = usize::try_from(there).is_ok_and(|there| there < MAX_TEMPLATES_PER_USER);
                if !room || of.is_none_or(|of| of == model.as_str()) {
                    return Ok(false);
                }
                let key =
                    keys::of_locked(connection, self.sealer(), user, template.created_at).await?;
                // The image exists already.
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
                images::hand_over(connection, image.id, template.id).await?;
                Ok(true)
            })
            .await
    }
}
