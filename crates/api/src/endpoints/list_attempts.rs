//! `GET /me/attempts`.

use actix_web::web;
use faceauth_usecases::Context;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult, ErrorCode};
use crate::problems::problems;
use crate::wire::attempt::AttemptBody;

/// Attempts of a page, unless the caller asks for another number.
const PAGE: u8 = 20;

/// Most attempts of a page.
const MOST: u8 = 100;

/// Which attempts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttemptsQuery {
    /// Only attempts older than this one: `next` of the page before.
    #[param(value_type = Option<i64>, example = 4711)]
    before: Option<String>,
    /// How many, 1 to 100; 20 when left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, example = 20)]
    limit: Option<String>,
}

/// A page of the account's history.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttemptsResponse {
    /// Newest first.
    attempts: Vec<AttemptBody>,
    /// `before` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4711)]
    next: Option<i64>,
}

problems!(AttemptsProblems: account_holder, caller; InvalidField, DatabaseUnavailable);

/// The account's history
///
/// The attempts to sign in to the account, and how each ended. Attempts are kept for a year unless
/// the operator chose otherwise.
#[utoipa::path(
    get,
    path = "/me/attempts",
    tag = "account",
    operation_id = "list_attempts",
    security(("access_token" = [])),
    params(AttemptsQuery),
    responses((status = 200, description = "A page.", body = AttemptsResponse), AttemptsProblems),
)]
pub(crate) async fn list_attempts(
    context: web::Data<Context>,
    caller: Caller,
    query: web::Query<AttemptsQuery>,
) -> ApiResult<web::Json<AttemptsResponse>> {
    let number = |text: &Option<String>, name: &str| {
        let parsed = text.as_deref().map(str::parse::<i64>).transpose();
        parsed.map_err(|_| ApiError::at(ErrorCode::InvalidField, format!("/{name}")))
    };
    let before = number(&query.before, "before")?;
    let limit = match number(&query.limit, "limit")? {
        None => PAGE,
        Some(limit) => u8::try_from(limit)
            .ok()
            .filter(|limit| (1..=MOST).contains(limit))
            .ok_or_else(|| ApiError::at(ErrorCode::InvalidField, "/limit"))?,
    };
    let attempts = caller.account(&context).attempts(before, limit).await?;
    let next = attempts.last().map(|last| last.id).filter(|_| attempts.len() == usize::from(limit));
    let attempts = attempts.into_iter().map(Into::into).collect();
    Ok(web::Json(AttemptsResponse { attempts, next }))
}
