//! Limits per client address.
//!
//! The one module that uses `actix-governor`, which is GPL-3.0-or-later; everything else
//! here is Apache-2.0.
//!
//! A limit stands around a route that the router has found ([`Limits::around`]), so no spelling
//! of a path leads past it. A client has five buckets, shared by every event loop. What passes
//! them is counted for all replicas in [`shared`].

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_governor::governor::NotUntil;
use actix_governor::governor::clock::{Clock as _, DefaultClock, QuantaInstant};
use actix_governor::governor::middleware::StateInformationMiddleware;
use actix_governor::{GovernorConfig, GovernorConfigBuilder, PeerIpKeyExtractor};
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, ResponseError, web};
use faceauth_store::limits::{Taken, Use};
use faceauth_usecases::Context;

use crate::error::{ApiError, ErrorCode, whole_seconds};
use crate::settings::ApiSettings;
use crate::telemetry::{self, MatchedRoute};

mod address;
mod bucket;
pub(crate) mod shared;

pub(crate) use address::ClientAddress;
pub(crate) use bucket::Limit;

use bucket::Bucket;

/// Every limit is a number of requests in this window.
const WINDOW: Duration = Duration::from_secs(60);

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

type BucketConfig = GovernorConfig<PeerIpKeyExtractor, StateInformationMiddleware>;

/// How many requests of one bucket every client has, and what they have used.
#[derive(Clone)]
struct Counter {
    bucket: Bucket,
    count: NonZeroU32,
    config: BucketConfig,
}

/// A client that a request was taken from, and how many are left, or how many seconds to wait.
type Fence = (Counter, IpAddr, Result<u32, u32>);

impl Counter {
    fn new(bucket: Bucket, count: NonZeroU32) -> Self {
        let mut builder = GovernorConfigBuilder::default();
        let mut builder = builder.period(WINDOW / count.get()).use_headers();
        let Some(config) = builder.burst_size(count.get()).finish() else {
            unreachable!("periods and bursts are positive")
        };
        Self { bucket, count, config }
    }

    /// Takes one request from a client's limit. Returns how many are left, or how many seconds to
    /// wait.
    fn take(&self, client: IpAddr) -> Result<u32, u32> {
        let taken = self.config.limiter().check_key(&client);
        taken.map(|left| left.remaining_burst_capacity()).map_err(|refused| seconds_of(&refused))
    }

    /// Counts a request for all replicas. `left` is what this replica has left of it.
    async fn take_shared(
        &self,
        context: &Context,
        client: IpAddr,
        left: u32,
    ) -> Result<Result<u32, u32>, ApiError> {
        let Some(uncounted) = self.bucket.uncounted() else { return Ok(Ok(left)) };
        let cost = WINDOW / self.count.get();
        let used = Use { kind: self.bucket.kind(), cost, most_owed: WINDOW.saturating_sub(cost) };
        Ok(match shared::count(context, client, used, uncounted).await? {
            Some(Taken::Counted(owed)) => Ok(left.min(uses_left(cost, owed))),
            Some(Taken::Refused(wait)) => Err(whole_seconds(wait)),
            None => Ok(left),
        })
    }

    /// Words what is left as the RateLimit draft does
    /// (draft-ietf-httpapi-ratelimit-headers-11).
    fn describe(&self, headers: &mut HeaderMap, left: u32, reset: u32) {
        let (name, count, window) = (self.bucket.name(), self.count, WINDOW.as_secs());
        let texts = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={count};w={window}")),
            (RATE_LIMIT, format!("\"{name}\";r={left};t={reset}")),
        ];
        for (header, text) in texts {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }

    /// Requests come back one by one; the honest reset is when all are back.
    fn seconds_until_full(&self, left: u32) -> u32 {
        let used = u64::from(self.count.get().saturating_sub(left));
        u32::try_from(used * WINDOW.as_secs() / u64::from(self.count.get())).unwrap_or(u32::MAX)
    }
}

fn seconds_of(refused: &NotUntil<QuantaInstant>) -> u32 {
    whole_seconds(refused.wait_time_from(DefaultClock::default().now()))
}

/// How many more uses of this `cost` a client has in a [`WINDOW`] that owes so much.
fn uses_left(cost: Duration, owed: Duration) -> u32 {
    let left = WINDOW.saturating_sub(owed).as_nanos() / cost.as_nanos().max(1);
    u32::try_from(left).unwrap_or(u32::MAX)
}

/// All buckets of all clients.
#[derive(Clone)]
pub(crate) struct Limits {
    clients: ClientAddress,
    counters: [Counter; Bucket::ALL.len()],
}

impl Limits {
    pub(crate) fn new(settings: &ApiSettings) -> Self {
        let limits = &settings.limits;
        let counters = Bucket::ALL.map(|bucket| {
            let count = match bucket {
                Bucket::SignIn => limits.sign_in_per_minute,
                Bucket::Detect => limits.detect_per_minute,
                Bucket::Account => limits.account_per_minute,
                Bucket::Service => limits.service_per_minute,
                Bucket::Other => limits.other_per_minute,
            };
            Counter::new(bucket, count)
        });
        Self { clients: ClientAddress::new(&settings.trusted_proxies), counters }
    }

    /// Puts a limit in front of a route. `matched` is the line of the table, for the log and the
    /// metrics; what no route knows has none.
    pub(crate) fn around(
        &self,
        limit: Limit,
        matched: Option<MatchedRoute>,
        route: actix_web::Route,
    ) -> actix_web::Route {
        let limits = self.clone();
        route.wrap(from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
            if let Some(matched) = matched {
                telemetry::route_found(&request, matched);
            }
            let taken = limits.take(limit, &request);
            answer(taken, request, next)
        }))
    }

    /// Counts a request that belongs to a bucket.
    fn take(&self, limit: Limit, request: &ServiceRequest) -> Option<Fence> {
        let bucket = limit.bucket(request.method(), request.headers())?;
        let counter = self.counters.iter().find(|counter| counter.bucket == bucket)?;
        let client = self.clients.network_of_request(request.request());
        Some((counter.clone(), client, counter.take(client)))
    }

    /// Forgets clients whose bucket is full again, so that memory is bounded by the
    /// clients of the last minute.
    pub(crate) fn forget_idle(&self) {
        for counter in &self.counters {
            let limiter = counter.config.limiter();
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// Lets a request through or refuses it, and says what is left.
async fn answer(
    taken: Option<Fence>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some((counter, client, taken)) = taken else { return next.call(request).await };
    let context = request.app_data::<web::Data<Context>>().cloned();
    let taken = match (taken, context) {
        (Ok(left), Some(context)) => match counter.take_shared(&context, client, left).await {
            Ok(taken) => taken,
            Err(error) => return Ok(request.into_response(error.error_response())),
        },
        (taken, _) => taken,
    };
    match taken {
        Ok(left) => {
            let mut response = next.call(request).await?;
            let reset = counter.seconds_until_full(left);
            counter.describe(response.headers_mut(), left, reset);
            Ok(response)
        }
        Err(wait) => {
            let mut refusal =
                ApiError::new(ErrorCode::RateLimited).retry_after(wait).error_response();
            counter.describe(refusal.headers_mut(), 0, wait);
            Ok(request.into_response(refusal))
        }
    }
}
