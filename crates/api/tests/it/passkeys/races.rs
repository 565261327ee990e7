//! Many answers at once.

use std::sync::Arc;

use faceauth_domain::second_factor::SecondFactorMode;
use faceauth_test_support::passkey::SoftKey;
use serde_json::Value;

use super::{ADA, asks, key, offered};
use crate::app::{Answer, App};

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_answers_at_two_replicas_one_signs_in() {
    let app = offered().await;
    let mut key = SoftKey { counts: false, ..key(1) };
    let codes = app.enrolled("ada", ADA, &mut key);
    let other = App::start_on(Arc::clone(&app.database), asks(SecondFactorMode::Offered));
    // Begun at one, finished at the other.
    let asked = app.asked("ada", ADA);
    assert_eq!(other.show(&asked, &key.sign(&asked["options"])).status, 200);

    let many = |answer: &(dyn Fn(&App) -> Answer + Sync)| {
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..50)
                .map(|index| {
                    let replica = if index % 2 == 0 { &app } else { &other };
                    scope.spawn(move || answer(replica))
                })
                .collect();
            running.into_iter().map(|one| one.join().expect("an answer")).collect()
        });
        let signed_in = answers.iter().filter(|answer| answer.status == 200).count();
        let over = answers.iter().filter(|answer| answer.status == 410).count();
        (signed_in, over)
    };
    let asked = app.asked("ada", ADA);
    let answer = key.sign(&asked["options"]);
    assert_eq!(many(&|replica| replica.show(&asked, &answer)), (1, 49));
    let asked = app.asked("ada", ADA);
    assert_eq!(many(&|replica| replica.recover(&asked, &codes[0])), (1, 49));
    // One code, many transactions: it is good once all the same.
    let transactions: Vec<Value> = (0..10).map(|_| app.asked("ada", ADA)).collect();
    let place = std::sync::atomic::AtomicUsize::new(0);
    let (signed_in, _) = many(&|replica| {
        let index = place.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 10;
        replica.recover(&transactions[index], &codes[1])
    });
    assert_eq!(signed_in, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_answers_with_one_count_one_signs_in() {
    let app = offered().await;
    let mut key = key(1);
    app.enrolled("ada", ADA, &mut key);
    let transactions: Vec<Value> = (0..20).map(|_| app.asked("ada", ADA)).collect();
    // A copy of the key that stands still at one count.
    let answers: Vec<Value> =
        transactions.iter().map(|asked| key.clone().sign(&asked["options"])).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let running: Vec<_> = transactions
            .iter()
            .zip(&answers)
            .map(|(asked, answer)| scope.spawn(|| app.show(asked, answer).status))
            .collect();
        running.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
}
