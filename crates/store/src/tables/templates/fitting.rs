//! The one rule that every new reference passes, and the rows that it makes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use faceauth_domain::embedding::Embedding;
use faceauth_domain::enrolment::{self, Candidate, EnrolmentPolicy, Misfit};
use faceauth_domain::template::Template;
use faceauth_domain::user::UserId;
use uuid::Uuid;

use super::NewTemplate;
use crate::error::StoreError;
use crate::schema::templates;
use crate::seal::{SealError, UserKey};
use crate::tables::enrolment_images::ImageRow;

/// References that may be stored together and beside the existing ones. Only these are inserted,
/// and only [`fit_first`] and [`fit_beside`] make them. So every new way of adding faces passes
/// this rule too.
pub(crate) struct Fitting(pub(super) Vec<SealedTemplate>);

/// Why a reference may not be stored.
pub(crate) enum FitError {
    /// The reference at this place, from 0, may not stand beside the others.
    Misfit(usize, Misfit),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for FitError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A reference ready to be stored.
pub(super) struct SealedTemplate {
    pub(super) template: TemplateRow,
    pub(super) image: Option<ImageRow>,
}

/// A row of `templates`.
#[derive(Insertable)]
#[diesel(table_name = templates)]
pub(super) struct TemplateRow {
    id: Uuid,
    user_id: Uuid,
    model_id: String,
    key_id: String,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
}

/// The first references of an account, or of a model that reads its stored images anew.
pub(crate) fn fit_first(
    key: &UserKey,
    user: UserId,
    new: &[NewTemplate],
    policy: &EnrolmentPolicy,
) -> Result<Fitting, FitError> {
    let faces: Vec<&Embedding> = new.iter().map(|template| &template.embedding).collect();
    enrolment::stand_together(&faces, policy)
        .map_err(|(index, misfit)| FitError::Misfit(index, misfit))?;
    let sealed = new.iter().map(|template| seal(key, user, template));
    Ok(Fitting(sealed.collect::<Result<_, SealError>>().map_err(StoreError::from)?))
}

/// A reference beside the existing ones.
pub(crate) fn fit_beside(
    key: &UserKey,
    user: UserId,
    there: &[Template],
    new: &NewTemplate,
    policy: &EnrolmentPolicy,
) -> Result<Fitting, FitError> {
    let face = Candidate { current: &new.embedding, previous: new.previous.as_ref() };
    enrolment::joins(face, there, policy).map_err(|misfit| FitError::Misfit(0, misfit))?;
    Ok(Fitting(vec![seal(key, user, new).map_err(StoreError::from)?]))
}

fn seal(key: &UserKey, user: UserId, template: &NewTemplate) -> Result<SealedTemplate, SealError> {
    let sealed = key.seal(user, &template.embedding)?;
    let row = TemplateRow {
        id: template.id.0,
        user_id: user.0,
        model_id: template.embedding.model().as_str().to_owned(),
        key_id: sealed.key_id,
        sealed: sealed.bytes,
        created_at: template.created_at,
    };
    let image = template.image.as_ref();
    let image = image
        .map(|image| ImageRow::seal(key, user, template.id, image, template.created_at))
        .transpose()?;
    Ok(SealedTemplate { template: row, image })
}
