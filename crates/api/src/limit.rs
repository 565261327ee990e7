//! Limits per client address.
//!
//! The one module that uses `actix-governor`, which is GPL-3.0-or-later; everything else
//! here is Apache-2.0.
//!
//! Four buckets a client, shared by every event loop: sign-in attempts, detection, the
//! account, and services with an API key. Preflights and probes have none.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_governor::governor::NotUntil;
use actix_governor::governor::clock::{Clock as _, DefaultClock, QuantaInstant};
use actix_governor::governor::middleware::StateInformationMiddleware;
use actix_governor::{Governor, GovernorConfig, GovernorConfigBuilder, KeyExtractor};
use actix_service::ServiceExt;
use actix_service::boxed::BoxService;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, HttpResponseBuilder, ResponseError};

use crate::auth::API_KEY_HEADER;
use crate::error::{ApiError, ErrorCode};
use crate::settings::{ApiSettings, TrustedProxy};

/// Every limit is a number of requests in this window.
const WINDOW: Duration = Duration::from_secs(60);

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const GOVERNOR_LIMIT: &str = "x-ratelimit-limit";
const GOVERNOR_REMAINING: &str = "x-ratelimit-remaining";
const GOVERNOR_HEADERS: [&str; 4] =
    [GOVERNOR_LIMIT, GOVERNOR_REMAINING, "x-ratelimit-after", "x-ratelimit-whitelisted"];

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// Enrolment, verification and liveness.
    SignIn,
    /// Boxes for overlays.
    Detect,
    /// The caller's own account and tokens.
    Account,
    /// Services with an API key, whether it is good or not: what guesses it is counted too.
    Service,
}

impl Bucket {
    /// The bucket of a request, if it has one.
    fn of(method: &Method, path: &str, headers: &HeaderMap) -> Option<Self> {
        if method == Method::OPTIONS {
            return None;
        }
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match first {
            // These look at the key and refuse one that is not good. Elsewhere the header means
            // nothing, and must not buy a larger bucket.
            "register" | "verify" if headers.contains_key(API_KEY_HEADER) => Some(Self::Service),
            "register" | "verify" | "liveness" => Some(Self::SignIn),
            "accounts" => Some(Self::Service),
            "detect" => Some(Self::Detect),
            "me" | "token" => Some(Self::Account),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Detect => "detect",
            Self::Account => "account",
            Self::Service => "service",
        }
    }
}

/// Finds the address a request is counted under.
#[derive(Debug, Clone)]
pub(crate) struct ClientAddress {
    trusted: Arc<[TrustedProxy]>,
}

impl ClientAddress {
    pub(crate) fn new(trusted: &[TrustedProxy]) -> Self {
        Self { trusted: trusted.into() }
    }

    /// The rightmost hop that is no trusted proxy. Forwarded headers count only when the
    /// connection itself comes from a trusted proxy; a hop that cannot be read ends the
    /// walk, because whoever wrote it chose everything left of it.
    pub(crate) fn of(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer?.to_canonical();
        let hops: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .collect();
        for hop in hops.iter().rev() {
            if !self.trusted.iter().any(|proxy| proxy.contains(client)) {
                break;
            }
            let Some(address) = parse_hop(hop.trim()) else { break };
            client = address.to_canonical();
        }
        Some(client)
    }

    pub(crate) fn of_request(&self, request: &actix_web::HttpRequest) -> Option<IpAddr> {
        self.of(request.peer_addr().map(|peer| peer.ip()), request.headers())
    }

    /// The network that counts as one client. Without an address (a Unix socket in front, say)
    /// everybody is one.
    pub(crate) fn network_of_request(&self, request: &actix_web::HttpRequest) -> IpAddr {
        let address = self.of_request(request).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        client_network(address)
    }
}

/// An address, perhaps with a port or in brackets, as proxies write them.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

/// Addresses that count as one client: a whole /64 of IPv6, which any one subscriber has.
fn client_network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// The key of one bucket: the client, or nobody for requests of another bucket.
#[derive(Debug, Clone)]
pub(crate) struct BucketKey {
    bucket: Bucket,
    clients: ClientAddress,
    count: u32,
}

impl KeyExtractor for BucketKey {
    type Key = Option<IpAddr>;
    type KeyExtractionError = ApiError;

    fn extract(&self, request: &ServiceRequest) -> Result<Self::Key, ApiError> {
        let bucket = Bucket::of(request.method(), request.path(), request.headers());
        if bucket != Some(self.bucket) {
            return Ok(None);
        }
        Ok(Some(self.clients.network_of_request(request.request())))
    }

    fn whitelisted_keys(&self) -> Vec<Self::Key> {
        vec![None]
    }

    fn exceed_rate_limit_response(
        &self,
        negative: &NotUntil<QuantaInstant>,
        _: HttpResponseBuilder,
    ) -> HttpResponse {
        let wait = negative.wait_time_from(DefaultClock::default().now());
        // Rounded up: a client that waits exactly as told must not be refused again.
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        let mut refusal =
            ApiError::new(ErrorCode::RateLimited).retry_after(seconds).error_response();
        // For `describe`, which words it as every other answer's.
        refusal.headers_mut().insert(HeaderName::from_static(GOVERNOR_LIMIT), self.count.into());
        refusal
    }
}

type BucketConfig = GovernorConfig<BucketKey, StateInformationMiddleware>;
type BoxedService = BoxService<ServiceRequest, ServiceResponse<BoxBody>, Error>;

/// All buckets.
#[derive(Clone)]
pub(crate) struct Limits {
    sign_in: BucketConfig,
    detect: BucketConfig,
    account: BucketConfig,
    service: BucketConfig,
}

impl Limits {
    pub(crate) fn new(settings: &ApiSettings) -> Self {
        let clients = ClientAddress::new(&settings.trusted_proxies);
        let limits = &settings.limits;
        let config = |bucket, count: std::num::NonZeroU32| {
            let key = BucketKey { bucket, clients: clients.clone(), count: count.get() };
            let mut builder = GovernorConfigBuilder::default().key_extractor(key);
            let mut builder = builder.period(WINDOW / count.get()).use_headers();
            // Burst and period are positive, the only thing that `finish` checks.
            builder.burst_size(count.get()).finish()
        };
        let (Some(sign_in), Some(detect), Some(account), Some(service)) = (
            config(Bucket::SignIn, limits.sign_in_per_minute),
            config(Bucket::Detect, limits.detect_per_minute),
            config(Bucket::Account, limits.account_per_minute),
            config(Bucket::Service, limits.service_per_minute),
        ) else {
            unreachable!("periods and bursts are positive")
        };
        Self { sign_in, detect, account, service }
    }

    /// Forgets clients whose bucket is full again, so that memory is bounded by the
    /// clients of the last minute.
    pub(crate) fn forget_idle(&self) {
        for config in [&self.sign_in, &self.detect, &self.account, &self.service] {
            let limiter = config.limiter();
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// One governor a bucket around the service. Each wants a service whose futures may move in
/// memory, hence the boxes.
impl<S, B> Transform<S, ServiceRequest> for Limits
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = BoxedService;
    type InitError = ();
    type Future = Pin<Box<dyn Future<Output = Result<BoxedService, ()>>>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let governors =
            [&self.service, &self.account, &self.detect, &self.sign_in].map(Governor::new);
        Box::pin(async move {
            let mut service = boxed(service);
            for governor in governors {
                service = boxed(governor.new_transform(service).await?);
            }
            Ok(service)
        })
    }
}

fn boxed<S, B>(service: S) -> BoxedService
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    actix_service::boxed::service(service.map(ServiceResponse::map_into_boxed_body))
}

/// Words the governor's headers as the RateLimit draft does
/// (draft-ietf-httpapi-ratelimit-headers-11).
pub(crate) async fn describe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let bucket = Bucket::of(request.method(), request.path(), request.headers());
    let mut response = next.call(request).await?;
    let refused = response.status().as_u16() == 429;
    let headers = response.headers_mut();
    let number = |headers: &HeaderMap, name: &str| -> Option<u64> {
        headers.get(name)?.to_str().ok()?.parse().ok()
    };
    let limit = number(headers, GOVERNOR_LIMIT);
    let remaining = if refused { Some(0) } else { number(headers, GOVERNOR_REMAINING) };
    let retry_after = number(headers, "retry-after");
    for name in GOVERNOR_HEADERS {
        headers.remove(name);
    }
    if let (Some(bucket), Some(limit), Some(remaining)) = (bucket, limit, remaining) {
        let name = bucket.name();
        let window = WINDOW.as_secs();
        // Cells come back one by one; until all are back is the honest reset.
        let until_full = (limit.saturating_sub(remaining)) * window / limit.max(1);
        let reset = if refused { retry_after.unwrap_or(until_full) } else { until_full };
        let texts = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={limit};w={window}")),
            (RATE_LIMIT, format!("\"{name}\";r={remaining};t={reset}")),
        ];
        for (header, text) in texts {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<TrustedProxy> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            let name = header::HeaderName::from_static("x-forwarded-for");
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let peer = Some(peer.parse().unwrap());
        ClientAddress::new(&trusted).of(peer, &headers).unwrap().to_string()
    }

    #[test]
    fn forwarded_headers_are_believed_from_trusted_proxies_alone() {
        assert_eq!(client(&[], "1.2.3.4", &["9.9.9.9"]), "1.2.3.4");
        let proxies = ["10.0.0.0/8"];
        assert_eq!(client(&proxies, "1.2.3.4", &["9.9.9.9"]), "1.2.3.4");
        assert_eq!(client(&proxies, "10.0.0.1", &["9.9.9.9"]), "9.9.9.9");
        // What the client forged stands left of what the proxy wrote.
        assert_eq!(client(&proxies, "10.0.0.1", &["7.7.7.7, 9.9.9.9"]), "9.9.9.9");
        assert_eq!(client(&proxies, "10.0.0.1", &["9.9.9.9, 10.1.1.1"]), "9.9.9.9");
        assert_eq!(client(&proxies, "10.0.0.1", &["7.7.7.7", "9.9.9.9:1234"]), "9.9.9.9");
        assert_eq!(client(&proxies, "10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(client(&proxies, "::ffff:10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
    }

    #[test]
    fn a_client_is_an_address_or_a_slash_64() {
        let network = |text: &str| client_network(text.parse().unwrap()).to_string();
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }

    #[test]
    fn every_endpoint_has_its_bucket_and_preflights_have_none() {
        let none = HeaderMap::new();
        let of = |method: Method, path| Bucket::of(&method, path, &none);
        assert_eq!(of(Method::POST, "/verify"), Some(Bucket::SignIn));
        assert_eq!(of(Method::POST, "//register"), Some(Bucket::SignIn));
        assert_eq!(of(Method::POST, "/liveness/sessions"), Some(Bucket::SignIn));
        assert_eq!(of(Method::DELETE, "/me/faces/1"), Some(Bucket::Account));
        assert_eq!(of(Method::GET, "/healthz"), None);
        assert_eq!(of(Method::OPTIONS, "/verify"), None);
        let mut with_key = HeaderMap::new();
        with_key.insert(HeaderName::from_static(API_KEY_HEADER), HeaderValue::from_static("x"));
        let of = |path| Bucket::of(&Method::POST, path, &with_key);
        assert_eq!(of("/verify"), Some(Bucket::Service));
        assert_eq!(of("/register/batch"), Some(Bucket::Service));
        assert_eq!(of("/liveness"), Some(Bucket::SignIn));
        assert_eq!(of("/detect"), Some(Bucket::Detect));
        assert_eq!(of("/me/faces"), Some(Bucket::Account));
    }
}
