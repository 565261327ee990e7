//! The limits alone, and against an attacker who never stops.

use proptest::prelude::*;

use super::*;

const POLICY: FailurePolicy = FailurePolicy::DEFAULT;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// Begins and fails.
fn fail(tally: &mut Tally, caller: Caller, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
    *tally = POLICY.failed(&POLICY.begin(tally, caller, now)?, caller, now);
    Ok(())
}

#[test]
fn waiting_begins_at_five_doubles_and_ends_at_an_hour() {
    let seconds = |failures| POLICY.delay_after(failures).map(|delay| delay.num_seconds());
    assert_eq!((seconds(0), seconds(4)), (None, None));
    assert_eq!([5, 6, 7, 8].map(seconds), [Some(30), Some(60), Some(120), Some(240)]);
    assert_eq!(
        [11, 12, 49, u32::MAX].map(seconds),
        [Some(1920), Some(3600), Some(3600), Some(3600)]
    );
}

#[test]
fn the_attempt_after_the_cap_is_locked() {
    assert!(!POLICY.locks(50) && POLICY.locks(51));
}

#[test]
fn attempts_in_flight_count_as_failures_and_end_by_themselves() {
    let mut tally = Tally::default();
    for number in 1..=5 {
        assert_eq!(tally.number(), number);
        tally = POLICY.begin(&tally, Caller::UnknownDevice, at(0)).unwrap();
    }
    assert_eq!(POLICY.begin(&tally, Caller::UnknownDevice, at(1)), Err(at(30)));
    // They stay undecided, because the replica died.
    let later = at(0) + PENDING_FOR;
    assert_eq!(tally.living(later).number(), 1);
    let begun = POLICY.begin(&tally, Caller::UnknownDevice, later).unwrap();
    assert_eq!((begun.pending, begun.in_a_row), (1, 0));
    // Decided all the same, however late: then they count.
    let late = POLICY.failed(&begun, Caller::UnknownDevice, later);
    assert_eq!((late.pending, late.in_a_row), (0, 1));
}

#[test]
fn a_success_ends_the_row_and_refills_nothing() {
    let mut tally = Tally::default();
    for _ in 0..5 {
        fail(&mut tally, Caller::UnknownDevice, at(0)).unwrap();
    }
    let spent = tally.budget_full_at;
    let begun = POLICY.begin(&tally, Caller::UnknownDevice, at(30)).unwrap();
    let signed_in = begun.succeeded();
    assert_eq!((signed_in.number(), signed_in.blocked_until), (1, None));
    assert_eq!(signed_in.budget_full_at, spent);
    assert!(!signed_in.is_clear(at(30)) && signed_in.is_clear(spent.unwrap()));
    assert_eq!(
        POLICY.begin(&Tally::default(), Caller::UnknownDevice, at(0)).unwrap().forgiven(),
        Tally { begun_at: Some(at(0)), ..Tally::default() }
    );
}

/// Strangers try whenever they may, and the account holder signs in every minute.
fn tries_beside_sign_ins(days: i64, caller: Caller) -> u32 {
    let (mut tally, mut tries, mut now) = (Tally::default(), 0, at(0));
    while now < at(days * 86_400) {
        while fail(&mut tally, caller, now).is_ok() {
            tries += 1;
        }
        tally = Tally { pending: 1, ..tally }.succeeded();
        now += TimeDelta::minutes(1);
    }
    tries
}

#[test]
fn sign_ins_of_the_owner_give_strangers_no_tries() {
    assert_eq!(tries_beside_sign_ins(30, Caller::UnknownDevice), 49);
    assert_eq!(tries_beside_sign_ins(365, Caller::UnknownDevice), 329);
    // The figures of docs/operations.md.
    let chance = |tries: i32| 1.0 - (1.0 - 1e-4f64).powi(tries);
    assert!((chance(50) - 0.005).abs() < 1e-4 && (chance(329) - 0.0324).abs() < 1e-4);
    // A thief of a known device.
    assert_eq!(tries_beside_sign_ins(30, Caller::KnownDevice), 199);
    assert_eq!(tries_beside_sign_ins(365, Caller::KnownDevice), 1316);
    assert!((chance(200) - 0.0198).abs() < 1e-4 && (chance(1316) - 0.1233).abs() < 1e-4);
}

#[test]
fn a_spent_budget_says_when_the_next_try_comes() {
    let mut tally = Tally::default();
    for _ in 0..25 {
        fail(&mut tally, Caller::UnknownDevice, at(0)).unwrap();
        tally = Tally { pending: 1, ..tally }.succeeded();
    }
    assert_eq!(POLICY.begin(&tally, Caller::UnknownDevice, at(0)), Err(at(1728 * 60)));
    assert!(POLICY.begin(&tally, Caller::UnknownDevice, at(1728 * 60)).is_ok());
}

proptest! {
    /// In every order of attempts, ends and deaths, no 30 days have more than 50 failures.
    #[test]
    fn no_month_has_more_tries_than_promised(
        steps in prop::collection::vec((0u8..5, 0i64..40_000), 1..400),
    ) {
        let (mut tally, mut now) = (Tally::default(), at(0));
        let mut failures: Vec<DateTime<Utc>> = Vec::new();
        for (step, seconds) in steps {
            now += TimeDelta::seconds(seconds);
            let Ok(begun) = POLICY.begin(&tally, Caller::UnknownDevice, now) else { continue };
            tally = match step {
                0 => begun.forgiven(),
                1 => begun.succeeded(),
                2 => begun,
                _ => {
                    failures.push(now);
                    POLICY.failed(&begun, Caller::UnknownDevice, now)
                }
            };
        }
        for (index, first) in failures.iter().enumerate() {
            let month = failures[index..].iter().take_while(|at| **at - *first < TimeDelta::days(30));
            prop_assert!(month.count() <= 50);
        }
    }
}
