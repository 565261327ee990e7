//! A TCP proxy in front of the test database that can fall silent.
//!
//! It imitates what kills a connection without closing it: a firewall that forgets it, a
//! machine that loses its power. Both ends of a frozen connection stay open and nothing comes
//! through any more, also not that the other end has closed.
//!
//! It also counts the round trips, on which the speed of a service depends whose database is far.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;

use crate::database::{TestDatabase, with_address};

/// Bytes that are forwarded at once.
const CHUNK: usize = 16 * 1024;

/// A proxy; it ends with the value.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    accepted: Arc<AtomicU64>,
    round_trips: Arc<AtomicU64>,
    /// Connections with a number below this one are frozen.
    frozen: watch::Sender<u64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a loopback port in front of `database`.
    ///
    /// # Panics
    /// When there is no port, or the database is neither at a TCP nor at a Unix address.
    pub async fn start(database: &TestDatabase) -> Self {
        let config: tokio_postgres::Config = database.url().parse().expect("a valid URL");
        let (host, port) = (config.get_hosts().first().cloned(), config.get_ports().first());
        let (host, port) = (host.expect("a host"), port.copied().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address: SocketAddr = listener.local_addr().expect("it is bound");
        let accepted = Arc::new(AtomicU64::new(0));
        let (frozen, gate) = watch::channel(0);
        let count = Arc::clone(&accepted);
        let round_trips = Arc::new(AtomicU64::new(0));
        let trips = Arc::clone(&round_trips);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let passage = Passage {
                    gate: gate.clone(),
                    number,
                    turn: Arc::new(AtomicBool::new(true)),
                    round_trips: Arc::clone(&trips),
                };
                tokio::spawn(serve(client, host.clone(), port, passage));
            }
        });
        Self {
            url: with_address(database.url(), address),
            accepted,
            round_trips,
            frozen,
            accepting,
        }
    }

    /// The URL of the database through the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connections that were accepted so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    /// How often a client has sent something and waited for the answer so far. What is sent before
    /// the first byte of an answer comes is one round trip.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::SeqCst)
    }

    /// Freezes the connections there are, for good; new ones are served.
    pub fn freeze_existing(&self) {
        self.frozen.send_replace(self.accepted());
    }

    /// Freezes the connections there are, and those to come.
    pub fn freeze_all(&self) {
        self.frozen.send_replace(u64::MAX);
    }

    /// Lets everything through again, also what was frozen.
    pub fn thaw(&self) {
        self.frozen.send_replace(0);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// What the two directions of one connection share.
#[derive(Clone)]
struct Passage {
    gate: watch::Receiver<u64>,
    number: u64,
    /// Whether the next bytes of the client begin a round trip: the server spoke last.
    turn: Arc<AtomicBool>,
    round_trips: Arc<AtomicU64>,
}

#[derive(Clone, Copy)]
enum Direction {
    ToServer,
    ToClient,
}

impl Passage {
    /// Waits while the connection is frozen. `false` when the proxy has ended.
    async fn open(&mut self) -> bool {
        let Self { gate, number, .. } = self;
        gate.wait_for(|frozen| *frozen <= *number).await.is_ok()
    }

    /// Notes that bytes go in this direction.
    fn note(&self, direction: Direction) {
        match direction {
            Direction::ToClient => self.turn.store(true, Ordering::SeqCst),
            Direction::ToServer => {
                if self.turn.swap(false, Ordering::SeqCst) {
                    self.round_trips.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }
}

async fn serve(client: TcpStream, host: Host, port: u16, passage: Passage) {
    let _ = client.set_nodelay(true);
    match host {
        Host::Tcp(name) => {
            let Ok(server) = TcpStream::connect((name.as_str(), port)).await else { return };
            let _ = server.set_nodelay(true);
            join(client.into_split(), server.into_split(), passage).await;
        }
        Host::Unix(folder) => {
            let path = folder.join(format!(".s.PGSQL.{port}"));
            let Ok(server) = UnixStream::connect(path).await else { return };
            join(client.into_split(), server.into_split(), passage).await;
        }
    }
}

async fn join(
    client: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    server: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    passage: Passage,
) {
    let up = forward(client.0, server.1, passage.clone(), Direction::ToServer);
    let down = forward(server.0, client.1, passage, Direction::ToClient);
    // Whichever side closes first closes the other.
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut passage: Passage,
    direction: Direction,
) {
    let mut bytes = vec![0; CHUNK];
    loop {
        let read = from.read(&mut bytes).await;
        // A frozen connection waits here, and its end is not passed on either. It stays frozen
        // until the proxy is dropped or gets another limit.
        if !passage.open().await {
            return;
        }
        match read {
            Ok(0) | Err(_) => return,
            Ok(read) => {
                passage.note(direction);
                if to.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}
