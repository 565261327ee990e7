//! `POST /register`.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_domain::scope::Scope;
use faceauth_usecases::Context;
use faceauth_usecases::enrol::{self, Enroller, Entry, RegisterCommand, Registered};
use faceauth_usecases::session::IssuedTokens;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::extract::form_schema::FormOf;
use crate::extract::image::{ImageInput, Parts};
use crate::extract::liveness::LivenessInput;
use crate::extract::{Body, RequestBody};
use crate::problems::problems;
use crate::source::Source;
use crate::wire::consent::ConsentBody;
use crate::wire::face::EnrolledFaceBody;
use crate::wire::idempotency_key::is_idempotency_key;
use crate::wire::invitation::parse_invitation;
use crate::wire::presented;
use crate::wire::second_factor::SecondFactorBody;
use crate::wire::tokens::TokensBody;
use crate::wire::user::UserBody;
use crate::wire::username::parse_username;

/// A person who wants an account: `face_image`, `face_images`, or a liveness capture or token.
/// Pictures beside a capture or token must show the same person and are not enrolled: the
/// template is made of the frames that were found live.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RegisterRequest {
    /// 1 to 128 ASCII letters, digits and `. _ - @ +`; letter case does not count.
    #[schema(example = "ada", min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9._@+-]+$")]
    username: String,
    /// One picture.
    face_image: Option<ImageInput>,
    /// Up to five pictures of the same person.
    #[schema(min_items = 1, max_items = 5)]
    face_images: Option<Vec<ImageInput>>,
    /// A capture; its frames become the template.
    liveness: Option<LivenessInput>,
    /// What `/liveness` answered. The face that was judged there becomes the template.
    #[schema(max_length = 4096)]
    liveness_token: Option<String>,
    /// The secret of an invitation, which is needed where registration is by invitation. It is used
    /// up when the account is made, and not before.
    #[schema(example = "fi_...", max_length = 128)]
    invitation: Option<String>,
    consent: ConsentBody,
}

type RegisterForm = FormOf<RegisterRequest>;

/// A new account.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegisterResponse {
    #[serde(flatten)]
    tokens: TokensBody,
    /// The account.
    user: UserBody,
    /// Its enrolled faces, in the order of the pictures.
    faces: Vec<EnrolledFaceBody>,
}

impl RequestBody for RegisterRequest {
    type Command = RegisterCommand;
    const TAKES_KEY: bool = true;

    fn into_command(self, parts: &mut Parts) -> ApiResult<RegisterCommand> {
        let username = parse_username(&self.username)?;
        let policy_version = self.consent.agreed("/consent")?;
        let presented = presented::faces(
            self.face_image,
            self.face_images,
            self.liveness,
            self.liveness_token,
            parts,
        )?;
        let invitation = self.invitation.map(parse_invitation).transpose()?;
        Ok(RegisterCommand { username, invitation, policy_version, presented })
    }
}

impl RegisterResponse {
    fn new(registered: Registered, tokens: IssuedTokens) -> Self {
        let faces = registered.faces.into_iter().map(Into::into).collect();
        Self { tokens: tokens.into(), user: registered.user.into(), faces }
    }
}

problems!(RegisterProblems:
    body, image, face, liveness_session, proof, analyzer, caller; MissingField,
    AuthenticationFailed, TokenInvalid, ConsentRequired, EnrolmentNotAllowed, InvitationInvalid,
    InvitationExpired, UsernameTaken, IdempotencyConflict, DatabaseUnavailable);

/// Enrol
///
/// Creates the account, enrols one to five pictures of the person and signs them in. All or
/// nothing: one picture that is not usable enrols none.
///
/// Where everybody needs a passkey, the answer is 202 with a transaction: continue at
/// `/register/passkey`.
///
/// A service whose key has the scope `enrol` may register people where others may not, and
/// vouches for the pictures: they need show no liveness. Somebody with an `invitation` may register
/// under its name, once.
#[utoipa::path(
    post,
    path = "/register",
    tag = "sign-in",
    operation_id = "register",
    security((), ("api_key" = ["enrol"])),
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters. The same request with the same key \
                       within ten minutes answers the account it made, as long as the faces \
                       it enrolled are there; another request with it is refused.")),
    request_body(content(
        (RegisterRequest = "application/json"),
        (RegisterForm = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "Enrolled and signed in.", body = RegisterResponse,
            headers(("Location" = String, description = "`/me`"))),
        (status = 202, description = "Enrolled; a passkey is to be registered before anybody is \
                                      signed in.", body = SecondFactorBody),
        RegisterProblems,
    ),
)]
pub(crate) async fn register(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    request: HttpRequest,
    body: Body<RegisterRequest>,
) -> ApiResult<HttpResponse> {
    let key = idempotency_key(&request)?;
    let enroller = Enroller {
        vouched: service.may(Scope::Enrol),
        sign_in: true,
        origin: source.by(service.actor()),
    };
    let mut registered = enrol::register(&context, body.command, key, &enroller).await?;
    match registered.entry.take() {
        Some(Entry::SignedIn(tokens)) => Ok(HttpResponse::Created()
            .insert_header((header::LOCATION, "/me"))
            .json(RegisterResponse::new(registered, tokens))),
        Some(Entry::Asked(asked)) => {
            Ok(HttpResponse::Accepted().json(SecondFactorBody::new(asked)?))
        }
        // A person who enrols here is given either.
        None => Err(ApiError::new(ErrorCode::InternalError)),
    }
}

fn idempotency_key(request: &HttpRequest) -> ApiResult<Option<&str>> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    value.to_str().ok().filter(|key| is_idempotency_key(key)).map(Some).ok_or_else(|| {
        ApiError::new(ErrorCode::InvalidField)
            .detail("Idempotency-Key has 1 to 255 visible ASCII characters.")
    })
}
