//! `GET /me/export`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use faceauth_store::export::{CodeRecord, Export, SessionRecord, SignInSession};
use faceauth_usecases::Context;
use faceauth_usecases::events::{EventKind, Subject};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::problems::problems;
use crate::source::Source;
use crate::wire::attempt::AttemptBody;
use crate::wire::client::ConnectedClientBody;
use crate::wire::consent::RecordedConsentBody;
use crate::wire::face::FaceBody;
use crate::wire::second_factor::PasskeyBody;
use crate::wire::user::UserBody;

/// What is left out, and why; part of every export.
const NOT_INCLUDED: [&str; 3] = [
    "The templates of the faces: numbers in which a face can be recognised but not seen. They are \
     of use to somebody who steals them and to nobody else.",
    "Hashes of tokens, recovery codes and client addresses, which say nothing without what they were made of.",
    "The enrolment images, where any are kept: sealed pictures of the faces, which only the operator's \
     own tools open. Ask the operator for a copy, or remove the face and its image goes with it.",
];

/// Everything that is held about the account holder.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportResponse {
    /// When this was so.
    exported_at: DateTime<Utc>,
    /// The account.
    user: UserBody,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last used.
    last_active_at: DateTime<Utc>,
    /// Every agreement, oldest first.
    consents: Vec<RecordedConsentBody>,
    /// The enrolled faces.
    faces: Vec<FaceBody>,
    /// Every attempt that is still kept, newest first.
    attempts: Vec<AttemptBody>,
    /// Refresh tokens, oldest first.
    sessions: Vec<SessionBody>,
    /// Sign-ins that have failed in a row.
    #[schema(example = 0)]
    failures_in_a_row: i64,
    /// Liveness sessions that are bound to the name.
    #[schema(example = 0)]
    liveness_sessions: i64,
    /// Keys of apps that last signed a capture for this name.
    #[schema(example = 0)]
    attested_keys: i64,
    /// Pictures of the enrolled faces that are kept, sealed: none unless the operator keeps them.
    #[schema(example = 0)]
    enrolment_images: i64,
    /// Events about the account that wait to be told to the operator's receiver of webhooks.
    #[schema(example = 0)]
    undelivered_events: i64,
    /// Passkeys, oldest first.
    passkeys: Vec<PasskeyBody>,
    /// Recovery codes that nobody has used.
    #[schema(example = 10)]
    recovery_codes: i64,
    /// Codes that apps can redeem or have redeemed, oldest first.
    authorization_codes: Vec<AuthorizationCodeBody>,
    /// Browsers in which the account holder is signed in for apps.
    login_sessions: Vec<LoginSessionBody>,
    /// Requests of apps that wait for somebody of this name.
    #[schema(example = 0)]
    authorization_requests: i64,
    /// Apps that the account holder has signed in to, the last used first.
    clients: Vec<ConnectedClientBody>,
    /// What is held and not shown here, and why.
    #[schema(example = json!(["The templates of the faces: they are biometric data."]))]
    not_included: [&'static str; 3],
}

/// A code of an app, without the code.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorizationCodeBody {
    /// The app.
    #[schema(example = "timesheets")]
    client_id: String,
    /// What it is given.
    #[schema(example = "openid profile")]
    scope: String,
    /// When it was made.
    issued_at: DateTime<Utc>,
    /// When the app redeemed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<DateTime<Utc>>,
}

impl From<CodeRecord> for AuthorizationCodeBody {
    fn from(code: CodeRecord) -> Self {
        let CodeRecord { client_id, scope, issued_at, used_at } = code;
        Self { client_id, scope, issued_at, used_at }
    }
}

/// A browser that is signed in for apps, without its cookie.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginSessionBody {
    /// What ends it at `/me/sessions`.
    id: Uuid,
    /// When the face was shown.
    auth_time: DateTime<Utc>,
    /// What was shown.
    #[schema(example = "urn:faceauth:acr:face-liveness")]
    acr: String,
    /// When it was last used.
    used_at: DateTime<Utc>,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

impl From<SignInSession> for LoginSessionBody {
    fn from(session: SignInSession) -> Self {
        Self {
            id: session.session,
            auth_time: session.auth_time,
            acr: session.acr,
            used_at: session.issued_at,
            expires_at: session.expires_at,
        }
    }
}

/// A refresh token of a session, without the token.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// The session, `sid` of tokens.
    id: Uuid,
    /// When the face was shown.
    auth_time: DateTime<Utc>,
    /// What was shown.
    #[schema(example = "urn:faceauth:acr:face-liveness")]
    acr: String,
    /// What the device proved on which it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "android-tee")]
    device_attestation: Option<String>,
    /// When the token was issued.
    issued_at: DateTime<Utc>,
    /// Until when it is good.
    expires_at: DateTime<Utc>,
    /// When it was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<DateTime<Utc>>,
    /// When the session was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
    /// The app that it was begun for. Absent: this service's own page, or a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "timesheets")]
    client_id: Option<String>,
    /// What the app was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "openid profile")]
    scope: Option<String>,
}

impl From<SessionRecord> for SessionBody {
    fn from(session: SessionRecord) -> Self {
        Self {
            id: session.session,
            auth_time: session.auth_time,
            acr: session.acr,
            device_attestation: session.attestation,
            issued_at: session.issued_at,
            expires_at: session.expires_at,
            used_at: session.used_at,
            revoked_at: session.revoked_at,
            client_id: session.client_id,
            scope: session.scope,
        }
    }
}

impl ExportResponse {
    fn new(export: Export, exported_at: DateTime<Utc>) -> Self {
        Self {
            exported_at,
            created_at: export.user.created_at,
            user: export.user.into(),
            last_active_at: export.last_active_at,
            consents: export.consents.into_iter().map(Into::into).collect(),
            faces: export.faces.into_iter().map(Into::into).collect(),
            attempts: export.attempts.into_iter().map(Into::into).collect(),
            sessions: export.sessions.into_iter().map(Into::into).collect(),
            failures_in_a_row: export.failures_in_a_row,
            liveness_sessions: export.liveness_sessions,
            attested_keys: export.attested_keys,
            enrolment_images: export.enrolment_images,
            undelivered_events: export.undelivered_events,
            passkeys: export.passkeys.into_iter().map(Into::into).collect(),
            recovery_codes: export.recovery_codes,
            authorization_codes: export.authorization_codes.into_iter().map(Into::into).collect(),
            login_sessions: export.login_sessions.into_iter().map(Into::into).collect(),
            authorization_requests: export.authorization_requests,
            clients: export.clients.into_iter().map(Into::into).collect(),
            not_included: NOT_INCLUDED,
        }
    }
}

problems!(ExportProblems: account_holder, caller; DatabaseUnavailable);

/// Everything about me
///
/// What the service holds about the account holder, as of one moment.
#[utoipa::path(
    get,
    path = "/me/export",
    tag = "account",
    operation_id = "export_me",
    security(("access_token" = [])),
    responses((status = 200, description = "A file.", body = ExportResponse), ExportProblems),
)]
pub(crate) async fn export_me(
    context: web::Data<Context>,
    caller: Caller,
    source: Source,
) -> ApiResult<HttpResponse> {
    let export = caller.account(&context).export().await?;
    source.by(caller.actor()).log(EventKind::Exported, Subject::Account(caller.user()));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"faceauth.json\""))
        .json(ExportResponse::new(export, context.now())))
}
