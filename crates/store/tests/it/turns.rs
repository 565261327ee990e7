//! More callers than connections.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use faceauth_store::{Store, StoreConfig, StoreError};
use faceauth_test_support::database::{TestDatabase, sealer};
use futures_util::future::try_join_all;

/// Connections of the pool.
const CONNECTIONS: u32 = 2;

/// Callers at once.
const CALLERS: usize = 6;

/// Longest wait for a connection: a thousand times what everybody's turn takes.
const WAIT: Duration = Duration::from_secs(5);

/// A call that follows another one at once does not pass those that wait.
#[tokio::test]
async fn everybody_gets_a_turn() {
    let database = TestDatabase::create().await;
    let config =
        StoreConfig { max_connections: CONNECTIONS, acquire_timeout: WAIT, ..database.config() };
    let store = Store::connect(&config, sealer()).await.unwrap();
    let served = [const { AtomicU32::new(0) }; CALLERS];
    let somebody_waits = || served.iter().any(|calls| calls.load(Ordering::Relaxed) == 0);
    let callers = served.iter().map(async |calls| -> Result<(), StoreError> {
        while somebody_waits() {
            store.ping().await?;
            calls.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    });
    let ended: Result<Vec<()>, StoreError> = try_join_all(callers).await;
    assert!(ended.is_ok(), "{ended:?} after {served:?} calls");
}
