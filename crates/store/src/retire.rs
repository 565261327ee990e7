//! Forgetting people and events after long enough.
//!
//! One replica at a time does it ([`crate::turn`]).

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::embedding::ModelId;
use faceauth_domain::user::UserId;

use crate::batches::{TABLE_BUDGET, Unfinished, in_batches};
use crate::connection::{CALL_TIMEOUT, PATIENT_CALL_TIMEOUT, be_patient};
use crate::erase::erase;
use crate::error::StoreError;
use crate::pool::Store;
use crate::tables::{attempts, enrolment_images, users};
use crate::turn::Turn;
use crate::upgrade;

/// Accounts that are erased in one transaction: each has rows in many tables.
const ACCOUNTS_AT_ONCE: i64 = 20;

/// Lines of the audit trail that are deleted in one transaction.
const ATTEMPTS_AT_ONCE: i64 = 2_000;

/// Templates that are deleted in one transaction.
const TEMPLATES_AT_ONCE: i64 = 1_000;

/// Enrolment images that are deleted in one transaction.
const IMAGES_AT_ONCE: i64 = 500;

/// Lines that are kept for at least so long go with their month, which is dropped when its last
/// line is old enough: up to 31 days late. Those that are kept for a shorter time are deleted one
/// by one; there are few of them.
const WHOLE_MONTHS_FROM: TimeDelta = TimeDelta::days(90);

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// An account after its last sign-in or refresh; `None` means for ever.
    pub inactive_account: Option<TimeDelta>,
    /// A line of the audit trail. From 90 days on, lines go with their month, up to 31 days later.
    pub attempt: TimeDelta,
    /// Templates of other models, after their owner has one of the current model.
    pub old_template: TimeDelta,
    /// Enrolment images after the enrolment; `None` keeps none and deletes the existing ones.
    pub enrolment_image: Option<TimeDelta>,
}

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Accounts that were unused.
    pub accounts: Vec<UserId>,
    /// Lines of the audit trail that were deleted one by one.
    pub attempts: usize,
    /// Templates of models that were moved away from.
    pub templates: usize,
    /// Enrolment images.
    pub images: usize,
    /// What should be gone and is not.
    pub unfinished: Vec<Unfinished>,
}

impl Store {
    /// Erases unused accounts. Deletes old lines of the audit trail, templates of other models than
    /// `model`, and old enrolment images. It works in batches until it is done. When one of the
    /// four fails, the others still run. Does nothing while another replica does it.
    pub async fn retire(
        &self,
        retention: &Retention,
        model: &ModelId,
        now: DateTime<Utc>,
    ) -> Retired {
        let mut retired = Retired::default();
        if let Some(kept) = retention.inactive_account {
            retired
                .unfinished
                .extend(self.retire_accounts(now - kept, now, &mut retired.accounts).await);
        }
        let before = lines_go_before(retention.attempt, now);
        let batch = async |most| {
            let deleted = self.when_ours(Turn::Retire, CALL_TIMEOUT, async |connection| {
                attempts::delete_old(connection, before, most).await
            });
            Ok::<usize, StoreError>(deleted.await?.unwrap_or(0))
        };
        let (attempts, left) = in_batches("attempts", ATTEMPTS_AT_ONCE, TABLE_BUDGET, batch).await;
        retired.attempts = attempts;
        retired.unfinished.extend(left);

        let before = now - retention.old_template;
        let batch = async |most| {
            let deleted = self.when_ours(Turn::Retire, CALL_TIMEOUT, async |connection| {
                upgrade::retire(connection, model, before, most).await
            });
            Ok::<usize, StoreError>(deleted.await?.unwrap_or(0))
        };
        let (templates, left) =
            in_batches("old templates", TEMPLATES_AT_ONCE, TABLE_BUDGET, batch).await;
        retired.templates = templates;
        retired.unfinished.extend(left);

        let before = now - retention.enrolment_image.unwrap_or_default();
        let batch = async |most| {
            let deleted = self.when_ours(Turn::Retire, CALL_TIMEOUT, async |connection| {
                enrolment_images::delete_old(connection, before, most).await
            });
            Ok::<usize, StoreError>(deleted.await?.unwrap_or(0))
        };
        let (images, left) =
            in_batches("enrolment images", IMAGES_AT_ONCE, TABLE_BUDGET, batch).await;
        retired.images = images;
        retired.unfinished.extend(left);
        retired
    }

    /// Erases accounts that nobody has used since `before`, adds them to `accounts`, and says what
    /// is left.
    async fn retire_accounts(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        accounts: &mut Vec<UserId>,
    ) -> Option<Unfinished> {
        let batch = async |most| {
            let erased = self
                .when_ours(Turn::Retire, PATIENT_CALL_TIMEOUT, async |connection| {
                    let accounts = users::inactive(connection, before, most).await?;
                    be_patient(connection).await?;
                    for account in &accounts {
                        self.tell(connection, *account, AccountEvent::Retired, now).await?;
                        erase(connection, *account).await?;
                    }
                    Ok(accounts)
                })
                .await?;
            let erased = erased.unwrap_or_default();
            let count = erased.len();
            accounts.extend(erased);
            Ok::<usize, StoreError>(count)
        };
        in_batches("accounts nobody uses", ACCOUNTS_AT_ONCE, TABLE_BUDGET, batch).await.1
    }
}

/// The time up to which lines are deleted one by one: those of a whole month that is over, where
/// months are dropped. Only lines from before there were months are left then.
fn lines_go_before(kept: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    let before = now - kept;
    if kept < WHOLE_MONTHS_FROM {
        return before;
    }
    let first = before.date_naive().with_day(1).unwrap_or(before.date_naive());
    first.and_time(NaiveTime::MIN).and_utc() - TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_kept_for_long_go_with_their_month() {
        let now: DateTime<Utc> = "2027-03-20T10:00:00Z".parse().unwrap();
        let short = TimeDelta::days(89);
        assert_eq!(lines_go_before(short, now), now - short);
        let month = "2026-02-28T23:59:59.999999Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(lines_go_before(TimeDelta::days(365), now), month);
    }
}
