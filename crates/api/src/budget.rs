//! What decoding may cost a client.
//!
//! Limits count requests, but a picture may cost thirty times what another does: more pixels, more
//! scans, a slower format. So each client has a budget of decoding as well. It is spent by an
//! estimate from the bytes, before anything is decoded.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use faceauth_store::limits::{Taken, Use};
use faceauth_usecases::Context;
use tokio::time::Instant;

use crate::error::{ApiError, ErrorCode, whole_seconds};
use crate::limit::shared::{self, Uncounted};
use crate::settings::LimitSettings;

/// Decoding budget for each request that the limits allow, in pixels of a plain JPEG: a picture of
/// ten megapixels, about 0.1 s of a core. Pictures that people send have one to three megapixels.
pub(crate) const PIXELS_A_REQUEST: u64 = 10_000_000;

/// The time in which a budget comes back, as that of the limits.
const WINDOW: Duration = Duration::from_secs(60);

/// How much of the budget may be spent at once: a quarter of a minute's. With a larger share, a
/// burst would keep every worker busy for seconds, and other sign-ins would wait. It is thirteen
/// pictures of twelve megapixels, or two captures of thirty frames at 1080p.
const AT_ONCE: Duration = Duration::from_secs(15);

/// Accounts beyond which those that are whole again are forgotten.
const FORGET_ABOVE: usize = 1024;

/// The numbers of the two budgets among the limits in the database. They never change.
const PUBLIC_KIND: i16 = 5;
const SERVICE_KIND: i16 = 6;

/// The budgets of all clients, shared by every event loop.
#[derive(Debug)]
pub(crate) struct Budgets {
    public: Budget,
    service: Budget,
}

#[derive(Debug)]
struct Budget {
    /// Pixels in a [`WINDOW`].
    pixels: u64,
    accounts: Mutex<Accounts>,
}

/// When each client's budget is whole again.
#[derive(Debug, Default)]
struct Accounts {
    whole_at: HashMap<IpAddr, Instant>,
    forget_above: usize,
}

impl Budgets {
    /// Budgets for as many requests as `limits` allow.
    pub(crate) fn new(limits: &LimitSettings) -> Self {
        let budget = |requests: &[NonZeroU32]| Budget {
            pixels: requests.iter().map(|count| u64::from(count.get()) * PIXELS_A_REQUEST).sum(),
            accounts: Mutex::default(),
        };
        Self {
            public: budget(&[limits.sign_in_per_minute, limits.detect_per_minute]),
            service: budget(&[limits.service_per_minute]),
        }
    }

    /// Spends decoding of so many `pixels`, or says how long to wait.
    ///
    /// Only what a request costs beyond its share is counted for all replicas. The number of
    /// requests is limited over all of them, so what stays within its share is as well, and an
    /// ordinary picture asks the database nothing.
    pub(crate) async fn spend(
        &self,
        context: &Context,
        client: IpAddr,
        service: bool,
        pixels: u64,
    ) -> Result<(), ApiError> {
        self.spend_here(client, service, pixels)?;
        if pixels <= PIXELS_A_REQUEST {
            return Ok(());
        }
        let (budget, kind) =
            if service { (&self.service, SERVICE_KIND) } else { (&self.public, PUBLIC_KIND) };
        let used = Use { kind, cost: budget.cost(pixels), most_owed: AT_ONCE };
        match shared::count(context, client, used, Uncounted::Passes).await? {
            Some(Taken::Refused(wait)) => Err(too_dear(wait)),
            Some(Taken::Counted(_)) | None => Ok(()),
        }
    }

    /// Spends it of what this replica counts by itself.
    fn spend_here(&self, client: IpAddr, service: bool, pixels: u64) -> Result<(), ApiError> {
        let budget = if service { &self.service } else { &self.public };
        budget.spend(client, pixels, Instant::now()).map_err(too_dear)
    }
}

fn too_dear(wait: Duration) -> ApiError {
    ApiError::new(ErrorCode::RateLimited)
        .detail("The pictures of this address cost too much to decode: wait, or shrink them.")
        .retry_after(whole_seconds(wait))
}

impl Budget {
    /// The time in which so many pixels come back. The largest request is far below a window's
    /// worth times a thousand.
    fn cost(&self, pixels: u64) -> Duration {
        WINDOW.mul_f64(pixels as f64 / self.pixels as f64)
    }

    /// A request is admitted while anything is left, also one that costs more than is left: the
    /// next one waits for it.
    fn spend(&self, client: IpAddr, pixels: u64, now: Instant) -> Result<(), Duration> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let whole_at = accounts.whole_at.get(&client).copied().unwrap_or(now).max(now);
        let owed = whole_at - now;
        if owed >= AT_ONCE {
            return Err(owed.saturating_sub(AT_ONCE));
        }
        accounts.whole_at.insert(client, whole_at + self.cost(pixels));
        accounts.forget(now);
        Ok(())
    }
}

impl Accounts {
    /// Forgets clients whose budget is full, each time that the number of clients has doubled.
    fn forget(&mut self, now: Instant) {
        if self.whole_at.len() > self.forget_above.max(FORGET_ABOVE) {
            self.whole_at.retain(|_, whole_at| *whole_at > now);
            self.forget_above = 2 * self.whole_at.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGAPIXEL: u64 = 1_000_000;
    const ATTACKER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn limits() -> LimitSettings {
        let count = |count| NonZeroU32::new(count).unwrap();
        LimitSettings {
            sign_in_per_minute: count(5),
            detect_per_minute: count(60),
            account_per_minute: count(120),
            service_per_minute: count(600),
            other_per_minute: count(1200),
        }
    }

    #[test]
    fn who_sends_photos_never_meets_it() {
        let budget = Budgets::new(&limits()).public;
        let mut now = Instant::now();
        for _ in 0..600 {
            assert_eq!(budget.spend(ATTACKER, 3 * MEGAPIXEL, now), Ok(()));
            now += WINDOW / 65;
        }
    }

    #[test]
    fn what_costs_more_comes_less_often() {
        let budget = Budgets::new(&limits()).public;
        let mut now = Instant::now();
        let mut admitted = 0;
        for _ in 0..600 {
            admitted += u64::from(budget.spend(ATTACKER, 80 * MEGAPIXEL, now).is_ok());
            now += Duration::from_secs(1);
        }
        // Ten minutes' worth and what may be spent at once, and one request beyond it.
        let seconds = 600 + AT_ONCE.as_secs();
        let most = seconds * 65 * PIXELS_A_REQUEST / 60 / (80 * MEGAPIXEL) + 1;
        assert!((most - 2..=most).contains(&admitted), "{admitted} of {most}");
        // Others have their own.
        assert_eq!(budget.spend([192, 0, 2, 2].into(), MEGAPIXEL, now), Ok(()));
    }

    #[test]
    fn a_single_large_request_is_admitted_and_paid_for() {
        let budget = Budgets::new(&limits()).public;
        let now = Instant::now();
        assert_eq!(budget.spend(ATTACKER, 3 * 650 * MEGAPIXEL, now), Ok(()));
        let wait = budget.spend(ATTACKER, 1, now).unwrap_err();
        assert_eq!(wait.as_secs(), 165);
        assert_eq!(budget.spend(ATTACKER, 1, now + wait + Duration::from_millis(1)), Ok(()));
    }

    #[test]
    fn who_owes_nothing_is_forgotten() {
        let budget = Budgets::new(&limits()).public;
        let mut now = Instant::now();
        for client in 0..100_000_u32 {
            budget.spend(IpAddr::V4(client.into()), MEGAPIXEL, now).unwrap();
            now += Duration::from_millis(1);
        }
        let known = budget.accounts.lock().unwrap().whole_at.len();
        assert!(known <= 2 * FORGET_ABOVE, "{known}");
    }
}
