//! Sealed references.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use faceauth_domain::attempt::Attempt;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::embedding::{Embedding, ModelId};
use faceauth_domain::enrolment::{self, Candidate, EnrolmentPolicy, Misfit};
use faceauth_domain::template::{MAX_TEMPLATES_PER_USER, Template, TemplateId};
use faceauth_domain::user::{User, UserId};
use uuid::Uuid;

use crate::account::{Account, AccountError, Enrolling, EnrolmentRight};
use crate::enrol as users;
use crate::error::StoreError;
use crate::pool::Store;
use crate::reembed::{self as enrolment_images, ImageRow};
use crate::schema::{templates, user_keys, users as accounts};
use crate::seal::{SealError, Sealer, UserKey};
use crate::sign_in as attempts;
use crate::tables::consents;
use crate::tables::enrolment_tokens;
use crate::tables::rows::{self, UserRow};
use crate::tables::user_keys::{self as user_key, WrappedKey};

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

/// Whom a claimed name belongs to, and what to compare with.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The account.
    pub user: User,
    /// Its references of the models asked for, oldest first; may be empty.
    pub templates: Vec<Template>,
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

/// Why no face was added.
#[derive(Debug, thiserror::Error)]
pub enum AddFaceError {
    /// The session or the enrolment token is good no more.
    #[error("the session is over")]
    SessionOver,
    /// The holder of an enrolment token has to grant consent first.
    #[error("consent is withdrawn")]
    ConsentWithdrawn,
    /// It may not stand beside the references there are.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// The account has as many as it may have.
    #[error("the account has as many faces as it may have")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for AddFaceError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<AccountError> for AddFaceError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SessionOver => Self::SessionOver,
            AccountError::Store(error) => Self::Store(error),
        }
    }
}

/// References that may stand together and beside those there are. Nothing else is inserted, and
/// only [`fit_first`] and [`fit_beside`] make one: a new way of adding faces passes there too.
pub(crate) struct Fitting(Vec<SealedTemplate>);

/// Why there is none.
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

impl From<FitError> for AddFaceError {
    fn from(error: FitError) -> Self {
        match error {
            FitError::Misfit(_, misfit) => Self::Misfit(misfit),
            FitError::Store(error) => Self::Store(error),
        }
    }
}

/// A reference ready to be stored.
struct SealedTemplate {
    template: TemplateRow,
    image: Option<ImageRow>,
}

/// A row of `templates`.
#[derive(Insertable)]
#[diesel(table_name = templates)]
struct TemplateRow {
    id: Uuid,
    user_id: Uuid,
    model_id: String,
    key_id: String,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
}

/// The columns [`Store::reference`] reads.
type SealedRow = (Uuid, String, String, Vec<u8>, DateTime<Utc>);

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
        let found: Vec<(UserRow, Option<WrappedKey>, Option<SealedRow>)> = {
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
                ))
                .load(&mut connection)
                .await?
        };

        // Every row names the same account and the same key.
        let mut found = found.into_iter().peekable();
        let Some((user, wrapped, _)) = found.peek() else { return Ok(None) };
        let user = rows::user(user.clone())?;
        let wrapped = wrapped.as_ref();
        let key = wrapped.map(|row| user_key::unwrap(self.sealer(), user.id, row)).transpose()?;
        let mut reference = Reference { user, templates: Vec::new() };
        for (id, model, key_id, bytes, created_at) in found.filter_map(|(_, _, sealed)| sealed) {
            let owner = reference.user.id;
            let (sealer, model) = (self.sealer(), ModelId::new(&model));
            let embedding = sealer.open_template(owner, key.as_ref(), &model, &key_id, &bytes)?;
            reference.templates.push(Template { id: TemplateId(id), embedding, created_at });
        }
        Ok(Some(reference))
    }
}

impl Enrolling<'_> {
    /// The account a face is to be added to.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn owner(&self) -> Result<User, AccountError> {
        let mut connection = self.store.connection().await?;
        let mut read = connection.build_transaction().read_only().repeatable_read();
        read.run(async |connection| {
            let user = self.look(connection).await?.user;
            let found = users::by_id(connection, user).await?;
            found.map(|(user, _)| user).ok_or(AccountError::SessionOver)
        })
        .await
    }

    /// Adds a reference and its line of the audit trail, and uses an enrolment token up, all or
    /// nothing. With a session the face has to show the owner by the references there are; what is
    /// added must leave those recognised. Never lets an account pass [`MAX_TEMPLATES_PER_USER`] references, nor an enrolment
    /// token add to any, even when requests race.
    ///
    /// # Errors
    /// [`AddFaceError`].
    pub async fn add_face(
        &self,
        template: &NewTemplate,
        attempt: &Attempt,
        policy: &EnrolmentPolicy,
    ) -> Result<(), AddFaceError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                // Under the lock of the account looking, counting and inserting are one step.
                let user = self.enter(connection).await?.user;
                if !consents::stands(connection, user).await? {
                    return Err(AddFaceError::ConsentWithdrawn);
                }
                let most = match self.right {
                    EnrolmentRight::Session(_) => MAX_TEMPLATES_PER_USER,
                    EnrolmentRight::Token { id, .. } => {
                        if !enrolment_tokens::redeem(connection, user, id).await? {
                            return Err(AddFaceError::SessionOver);
                        }
                        1
                    }
                };
                let stored: i64 = templates::table
                    .filter(templates::user_id.eq(user.0))
                    .count()
                    .get_result(connection)
                    .await?;
                if usize::try_from(stored).is_ok_and(|stored| stored >= most) {
                    return Err(AddFaceError::TooMany);
                }
                let sealer = self.store.sealer();
                let key =
                    user_key::of_locked(connection, sealer, user, template.created_at).await?;
                let fitting = match self.right {
                    EnrolmentRight::Session(_) => {
                        let there = comparable(connection, sealer, &key, user, policy).await?;
                        fit_beside(&key, user, &there, template, policy)?
                    }
                    EnrolmentRight::Token { .. } => {
                        fit_first(&key, user, std::slice::from_ref(template), policy)?
                    }
                };
                insert(connection, &fitting).await?;
                attempts::insert(connection, attempt).await?;
                Ok(())
            })
            .await
    }
}

impl Account<'_> {
    /// The references of the account, of every model, oldest first, without vectors.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn faces(&self) -> Result<Vec<FaceRecord>, AccountError> {
        let mut connection = self.store.connection().await?;
        let mut read = connection.build_transaction().read_only().repeatable_read();
        read.run(async |connection| {
            let user = self.look(connection).await?.user;
            Ok(records(connection, user).await?)
        })
        .await
    }

    /// Deletes a reference of this account. `false` when it has no such one.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn remove_face(&self, id: TemplateId) -> Result<bool, AccountError> {
        let mut connection = self.store.connection().await?;
        connection
            .transaction(async |connection| {
                let user = self.enter(connection).await?.user;
                let row = templates::table.find(id.0).filter(templates::user_id.eq(user.0));
                Ok(diesel::delete(row).execute(connection).await? == 1)
            })
            .await
    }
}

/// Whether an account has this reference.
pub(crate) async fn exists(
    mut connection: &AsyncPgConnection,
    user: UserId,
    id: TemplateId,
) -> QueryResult<bool> {
    let row = templates::table.find(id.0).filter(templates::user_id.eq(user.0));
    diesel::select(diesel::dsl::exists(row)).get_result(&mut connection).await
}

/// The references of an account, of every model, oldest first, without vectors.
pub(crate) async fn records(
    connection: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<FaceRecord>> {
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
    connection: &mut AsyncPgConnection,
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

/// A reference beside those there are.
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
    let image = image.map(|image| ImageRow::seal(key, user, template, image)).transpose()?;
    Ok(SealedTemplate { template: row, image })
}

pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    Fitting(sealed): &Fitting,
) -> QueryResult<()> {
    let rows: Vec<&TemplateRow> = sealed.iter().map(|one| &one.template).collect();
    diesel::insert_into(templates::table).values(rows).execute(connection).await?;
    let images: Vec<&ImageRow> = sealed.iter().filter_map(|one| one.image.as_ref()).collect();
    if !images.is_empty() {
        enrolment_images::insert(connection, &images).await?;
    }
    Ok(())
}
