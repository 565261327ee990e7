//! `POST /verify`.

use actix_web::{HttpResponse, web};
use faceauth_domain::scope::Scope;
use faceauth_usecases::Context;
use faceauth_usecases::verify::{self, Recognised, VerifyCommand};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::ApiResult;
use crate::extract::form_schema::FormOf;
use crate::extract::image::{ImageInput, Parts};
use crate::extract::liveness::LivenessInput;
use crate::extract::{Body, RequestBody};
use crate::problems::problems;
use crate::source::Source;
use crate::wire::presented;
use crate::wire::second_factor::SecondFactorBody;
use crate::wire::tokens::SignedInBody;
use crate::wire::username::parse_username;

/// A claimed name and what proves it: a picture, a liveness capture, or the token of one with
/// or without a picture.
#[derive(Deserialize, ToSchema)]
pub(crate) struct VerifyRequest {
    /// The name of the account.
    #[schema(example = "ada", min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9._@+-]+$")]
    username: String,
    /// A picture. By itself it proves no liveness, and the token says so.
    face_image: Option<ImageInput>,
    /// A capture; match and liveness are judged on the same frames.
    liveness: Option<LivenessInput>,
    /// What `/liveness` answered. The face that was judged there is the one that is matched.
    #[schema(max_length = 4096)]
    liveness_token: Option<String>,
    /// The device token of the last sign-in on this device. It is optional and proves nothing about
    /// the person.
    #[schema(max_length = 4096)]
    device_token: Option<String>,
    /// Whether this sign-in has to show a passkey after the face, even where a face alone is enough.
    #[serde(default)]
    second_factor: bool,
}

type VerifyForm = FormOf<VerifyRequest>;

/// Somebody who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct VerifyResponse {
    #[serde(flatten)]
    signed_in: SignedInBody,
    /// What it was decided on; only for services whose key has the scope `scores:read`.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    matched: Option<MatchBody>,
}

/// A comparison.
#[derive(Serialize, ToSchema)]
pub(crate) struct MatchBody {
    /// Mean of the comparison scores with the account's templates, -1 to 1. A matcher whose first
    /// stage settled the matter gives the score of that, which the whole could only have raised.
    #[schema(example = 0.71)]
    score: f32,
    /// Least score that is accepted.
    #[schema(example = 0.55)]
    threshold: f32,
    /// The false match rate that was measured at the threshold.
    #[schema(example = 0.0001)]
    fmr: f64,
    /// The model that compared.
    #[schema(example = "sface+fr-feature+lm68")]
    model: String,
}

impl RequestBody for VerifyRequest {
    type Command = VerifyCommand;
    const LOOKS_AHEAD: bool = true;
    const TAKES_KEY: bool = true;

    fn into_command(self, parts: &mut Parts) -> ApiResult<VerifyCommand> {
        let username = parse_username(&self.username)?;
        let presented =
            presented::one_face(self.face_image, self.liveness, self.liveness_token, parts)?;
        let Self { device_token, second_factor, .. } = self;
        Ok(VerifyCommand { username, presented, device_token, second_factor })
    }
}

problems!(VerifyProblems:
    body, image, face, liveness_session, proof, analyzer, caller; MissingField,
    AuthenticationFailed, TokenInvalid, SecondFactorUnavailable, SecondFactorMissing,
    TooManyFailures, DatabaseUnavailable);

/// Sign in
///
/// Answers tokens when the person at the camera is the owner of the claimed name. An unknown
/// name, an account without faces and another person's face are the same answer:
/// `authentication_failed`. After five of them in a row a name has to wait,
/// `too_many_failures`, longer each time, and after fifty only a device with a
/// `device_token` or an operator helps. Codes with status 422 speak of the capture alone; a
/// picture may be a little poorer than one that is enrolled. When a liveness capture is refused,
/// `liveness` in the problem says why and brings the next attempt.
///
/// Where a passkey is asked for, the answer is 202 with a transaction and never a token: continue at
/// `/verify/passkey`.
///
/// `acr` of the token says what was shown: `urn:faceauth:acr:face` for a single picture,
/// `urn:faceauth:acr:face-liveness` for a capture in which the head turned,
/// `urn:faceauth:acr:face-liveness-reduced` for one without a turn.
#[utoipa::path(
    post,
    path = "/verify",
    tag = "sign-in",
    operation_id = "verify",
    security((), ("api_key" = ["scores:read"])),
    request_body(content(
        (VerifyRequest = "application/json"),
        (VerifyForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "Signed in.", body = VerifyResponse),
        (status = 202, description = "The face was recognised; a passkey is asked for.",
            body = SecondFactorBody),
        VerifyProblems,
    ),
)]
pub(crate) async fn verify(
    context: web::Data<Context>,
    service: ServiceCaller,
    source: Source,
    body: Body<VerifyRequest>,
) -> ApiResult<HttpResponse> {
    let origin = source.by(service.actor());
    let verified = match verify::verify(&context, body.command, &origin).await? {
        Recognised::SignedIn(verified) => *verified,
        Recognised::Asked(asked) => {
            return Ok(HttpResponse::Accepted().json(SecondFactorBody::new(*asked)?));
        }
    };
    let policy = &context.policy.matching;
    let matched = service.may(Scope::ScoresRead).then(|| MatchBody {
        score: verified.score.value(),
        threshold: policy.threshold,
        fmr: policy.fmr,
        model: policy.model.as_str().to_owned(),
    });
    Ok(HttpResponse::Ok().json(VerifyResponse { signed_in: verified.signed_in.into(), matched }))
}
