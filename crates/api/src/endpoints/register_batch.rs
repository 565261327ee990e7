//! `POST /register/batch`.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use actix_web::http::header::ContentEncoding;
use actix_web::{HttpRequest, HttpResponse, web};
use faceauth_domain::scope::Scope;
use faceauth_usecases::Context;
use faceauth_usecases::enrol::{self, Enroller, RegisterCommand, Registered};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::ServiceCaller;
use crate::error::{ApiError, ApiResult, ErrorCode, Problem};
use crate::extract;
use crate::extract::image::{ImageInput, Parts};
use crate::extract::lines::{Line, Lines};
use crate::places::Lane;
use crate::problems::problems;
use crate::services::Capacity;
use crate::source::Source;
use crate::wire::consent::ConsentBody;
use crate::wire::face::EnrolledFaceBody;
use crate::wire::idempotency_key::is_idempotency_key;
use crate::wire::presented;
use crate::wire::user::UserBody;
use crate::wire::username::parse_username;

/// Media type of both streams: a JSON object a line.
const NDJSON: &str = "application/x-ndjson";

/// How long a line waits for a place, or one in the queue, before it is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// How often it is tried: for half a minute, in which sign-ins come first.
const RETRIES: u32 = 150;

/// One person, a line of the request.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BatchItem {
    /// As in `/register`.
    #[schema(example = "ada")]
    username: String,
    /// One picture.
    face_image: Option<ImageInput>,
    /// Up to five pictures of the same person.
    #[schema(min_items = 1, max_items = 5)]
    face_images: Option<Vec<ImageInput>>,
    consent: ConsentBody,
    /// The same line with the same key within a day answers the account it made; another line
    /// with it is refused.
    #[schema(max_length = 255)]
    idempotency_key: Option<String>,
}

/// What became of one line, a line of the answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchResult {
    /// The line of the request, from 1.
    #[schema(example = 1)]
    line: u64,
    /// 201 when the person was enrolled, else the status of the problem.
    #[schema(example = 201)]
    status: u16,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserBody>,
    /// Its faces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faces: Vec<EnrolledFaceBody>,
    /// Why nobody was enrolled.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
}

impl BatchItem {
    /// Checks the fields, as `/register` does.
    fn into_command(self) -> ApiResult<RegisterCommand> {
        let username = parse_username(&self.username)?;
        let policy_version = self.consent.agreed("/consent")?;
        let parts = &mut Parts::default();
        let presented = presented::faces(self.face_image, self.face_images, None, None, parts)?;
        Ok(RegisterCommand { username, invitation: None, policy_version, presented })
    }
}

problems!(BatchProblems:
    caller; TokenInvalid, InsufficientScope, EnrolmentNotAllowed, UnsupportedMediaType,
    Overloaded, DatabaseUnavailable);

/// Enrol many
///
/// Takes one JSON object a line and answers one a line, in the same order, while it still reads. It
/// finishes each line before it reads the next. A batch signs nobody in, and the service vouches
/// for the pictures. A line that fails does not stop the others. To resume after an interruption,
/// send everything again. A line with the `idempotency_key` that it had within the last day is
/// answered like the first time. Without a key, a line for an existing account answers
/// `username_taken`. Needs the scope `enrol`.
#[utoipa::path(
    post,
    path = "/register/batch",
    tag = "services",
    operation_id = "register_batch",
    security(("api_key" = ["enrol"])),
    request_body(content = BatchItem, content_type = "application/x-ndjson"),
    responses(
        (status = 200, description = "A result a line.", body = BatchResult,
            content_type = "application/x-ndjson"),
        BatchProblems,
    ),
)]
pub(crate) async fn register_batch(
    context: web::Data<Context>,
    capacity: web::Data<Capacity>,
    service: ServiceCaller,
    source: Source,
    request: HttpRequest,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    service.require(Scope::Enrol)?;
    enrol::permit(&context, true, false)?;
    if extract::media_type(&request).as_deref() != Some(NDJSON) {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType)
            .detail("Send application/x-ndjson, a JSON object a line."));
    }
    extract::check_coding(&request)?;
    let network = extract::client(&request)?;
    let arrival = capacity.places.arrive(network)?;
    let request_id = source.request_id().to_owned();
    let origin = source.by(service.actor());
    let batch = Batch {
        enroller: Enroller { vouched: true, sign_in: false, origin },
        lines: Lines::new(payload, arrival),
        network,
        request_id,
        context,
        capacity,
    };
    let results = stream::unfold(batch, |mut batch| async move {
        let result = batch.next().await?;
        Some((Ok::<_, Infallible>(web::Bytes::from(result)), batch))
    });
    Ok(HttpResponse::Ok()
        .content_type(NDJSON)
        // A compressor would hold results back until it has a block of them.
        .insert_header(ContentEncoding::Identity)
        .streaming(Box::pin(results)))
}

/// A batch on its way.
struct Batch {
    context: web::Data<Context>,
    capacity: web::Data<Capacity>,
    lines: Lines,
    enroller: Enroller,
    /// The client that its work counts for.
    network: IpAddr,
    request_id: String,
}

impl Batch {
    /// The result of the next line.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let (line, outcome) = match self.lines.next().await? {
            Line::Text(line, text) => (line, self.enrol(text).await),
            Line::Refused(line, error) => (line, Err(error)),
        };
        let result = match outcome {
            Ok(registered) => BatchResult {
                line,
                status: 201,
                user: Some(registered.user.into()),
                faces: registered.faces.into_iter().map(Into::into).collect(),
                problem: None,
            },
            Err(error) => {
                let problem = error.problem(self.request_id.clone());
                let status = problem.status;
                BatchResult { line, status, user: None, faces: Vec::new(), problem: Some(problem) }
            }
        };
        // Strings and numbers serialise.
        let mut text = serde_json::to_vec(&result).unwrap_or_default();
        text.push(b'\n');
        Some(text)
    }

    /// Enrols the person of a line. It waits for a place and for the queue, and that slows the
    /// sender down.
    async fn enrol(&self, text: Vec<u8>) -> ApiResult<Registered> {
        let text = web::Bytes::from(text);
        for _ in 0..RETRIES {
            match self.try_enrol(&text).await {
                Err(error) if error.code() == ErrorCode::Overloaded => {
                    actix_web::rt::time::sleep(RETRY_AFTER).await;
                }
                outcome => return outcome,
            }
        }
        Err(ApiError::new(ErrorCode::Overloaded))
    }

    /// The same without waiting. A place is held for one line, and no longer than it is worked on.
    async fn try_enrol(&self, text: &web::Bytes) -> ApiResult<Registered> {
        let _work = self
            .capacity
            .places
            .work(Lane::Batch, self.network)
            .map_err(|_| ApiError::new(ErrorCode::Overloaded))?;
        let (key, command) = parse(text.clone()).await?;
        Ok(enrol::register(&self.context, command, key.as_deref(), &self.enroller).await?)
    }
}

async fn parse(text: web::Bytes) -> ApiResult<(Option<String>, RegisterCommand)> {
    extract::off_thread(false, move || {
        let mut item: BatchItem = extract::json_of(&text)?;
        let key = item.idempotency_key.take();
        if key.as_ref().is_some_and(|key| !is_idempotency_key(key)) {
            return Err(ApiError::at(ErrorCode::InvalidField, "/idempotency_key"));
        }
        Ok((key, item.into_command()?))
    })
    .await
}
