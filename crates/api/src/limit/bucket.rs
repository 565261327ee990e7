//! What a request counts against, and what is counted together.

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;

use super::shared::Uncounted;
use crate::auth::API_KEY_HEADER;

/// What the requests of a route count against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// [`Bucket::SignIn`].
    SignIn,
    /// [`Bucket::Service`] with an API key, else [`Bucket::SignIn`]. For routes that refuse a
    /// key that is not good: elsewhere the header must not buy a larger bucket.
    SignInOrService,
    /// [`Bucket::Detect`].
    Detect,
    /// [`Bucket::Account`].
    Account,
    /// [`Bucket::Service`], with or without a key: what guesses keys is counted too.
    Service,
    /// [`Bucket::Other`].
    Other,
    /// No limit. An orchestrator whose probe is refused restarts the service, and it may share its
    /// address with an attacker. Other limits bound the cost of a probe.
    Probe,
}

impl Limit {
    /// The bucket of a request, if it has one.
    pub(super) fn bucket(self, method: &Method, headers: &HeaderMap) -> Option<Bucket> {
        // Says which methods there are, and nothing more.
        if method == Method::OPTIONS {
            return None;
        }
        match self {
            Self::SignInOrService if headers.contains_key(API_KEY_HEADER) => Some(Bucket::Service),
            Self::SignIn | Self::SignInOrService => Some(Bucket::SignIn),
            Self::Detect => Some(Bucket::Detect),
            Self::Account => Some(Bucket::Account),
            Self::Service => Some(Bucket::Service),
            Self::Other => Some(Bucket::Other),
            Self::Probe => None,
        }
    }
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    /// Enrolment, verification and liveness.
    SignIn,
    /// Boxes for overlays.
    Detect,
    /// The caller's own account and tokens.
    Account,
    /// Services with an API key.
    Service,
    /// Everything else: the page's files, the documentation, public keys, methods that a path
    /// does not have and addresses that do not exist.
    Other,
}

impl Bucket {
    pub(super) const ALL: [Self; 5] =
        [Self::SignIn, Self::Detect, Self::Account, Self::Service, Self::Other];

    /// What happens while the database does not count for all replicas. `None` where each
    /// replica counts by itself: what is in [`Self::Other`] costs less than counting it, and
    /// gives nothing to guess.
    pub(super) fn uncounted(self) -> Option<Uncounted> {
        match self {
            Self::SignIn | Self::Account | Self::Service => Some(Uncounted::Refused),
            Self::Detect => Some(Uncounted::Passes),
            Self::Other => None,
        }
    }

    /// The number of the limit in the database. It never changes; 5 and 6 are those of decoding.
    pub(super) fn kind(self) -> i16 {
        match self {
            Self::SignIn => 1,
            Self::Detect => 2,
            Self::Account => 3,
            Self::Service => 4,
            Self::Other => 0,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Detect => "detect",
            Self::Account => "account",
            Self::Service => "service",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn a_key_chooses_a_bucket_only_where_it_is_checked() {
        let none = HeaderMap::new();
        let mut key = HeaderMap::new();
        key.insert(HeaderName::from_static(API_KEY_HEADER), HeaderValue::from_static("x"));
        let of = |limit: Limit, headers| limit.bucket(&Method::POST, headers);
        assert_eq!(of(Limit::SignInOrService, &none), Some(Bucket::SignIn));
        assert_eq!(of(Limit::SignInOrService, &key), Some(Bucket::Service));
        for (limit, bucket) in [
            (Limit::SignIn, Some(Bucket::SignIn)),
            (Limit::Detect, Some(Bucket::Detect)),
            (Limit::Account, Some(Bucket::Account)),
            (Limit::Service, Some(Bucket::Service)),
            (Limit::Other, Some(Bucket::Other)),
            (Limit::Probe, None),
        ] {
            assert_eq!([of(limit, &none), of(limit, &key)], [bucket; 2]);
            assert_eq!(limit.bucket(&Method::OPTIONS, &none), None);
        }
    }
}
