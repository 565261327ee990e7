//! How a connection is made: the URL, TLS and the limits of a session.
//!
//! `sslmode` decides about TLS, as in libpq but stricter: `require` and `verify-full`
//! are the same and check the certificate and the host name against the system's trust
//! store (or `SSL_CERT_FILE`); `disable` connects in clear; `prefer` and `allow`, which
//! fall back to clear unnoticed, are refused. A URL without `sslmode` may only name this
//! machine.

mod limits;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use diesel::result::{ConnectionError, ConnectionResult, DatabaseErrorKind, Error};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Cause;
use crate::link::Link;

/// Longest a connection attempt takes a host when the URL sets no `connect_timeout`: the look-up
/// of the name, TCP, TLS and the sign-in together. A server that can be reached needs a few
/// round trips.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a connection is silent before either side asks whether the other is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// How long either side waits between such questions.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Questions without an answer after which a connection is closed.
const KEEPALIVE_RETRIES: u32 = 3;

/// Longest time that sent data stays without an acknowledgement before the connection is closed.
/// The kernel alone would try for a quarter of an hour.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest a connection takes to say goodbye before its socket is closed.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// How often the server looks, in the middle of a statement, whether its client is still there.
const CLIENT_CHECK_INTERVAL_MS: u32 = 5_000;

/// What the server shows in `pg_stat_activity`.
const APPLICATION_NAME: &str = "faceauth";

/// Why a database URL is refused. Never quotes the URL, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not of the form `postgres://user:password@host:port/database?option=value`, or
    /// with an unknown option.
    #[error("the database URL is no valid postgres:// URL")]
    Malformed,
    /// No host.
    #[error("the database URL names no host")]
    NoHost,
    /// An `sslmode` that is not supported.
    #[error("the database URL has an unsupported sslmode: use disable, require or verify-full")]
    UnsupportedSslMode,
    /// Another machine, and nothing said about encryption.
    #[error(
        "the database is on another machine: end its URL with ?sslmode=verify-full, or with \
         ?sslmode=disable when the network between is trusted"
    )]
    EncryptionUnsaid,
    /// TLS is asked for, but the system trusts no certificate authority.
    #[error("no trusted certificate was found: install ca-certificates or set SSL_CERT_FILE")]
    NoTrustRoots,
}

/// A parsed URL: where to connect and how.
#[derive(Clone)]
pub(crate) struct Target {
    config: Arc<tokio_postgres::Config>,
    tls: Option<MakeRustlsConnect>,
}

impl Target {
    pub(crate) fn parse(url: &SecretString) -> Result<Self, UrlError> {
        let url = url.expose_secret();
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(UrlError::Malformed);
        }
        let (url, ssl_mode) = take_ssl_mode(url);
        let mut config: tokio_postgres::Config = url.parse().map_err(|_| UrlError::Malformed)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(UrlError::NoHost);
        }
        let encrypted = match ssl_mode.as_deref() {
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            Some(_) => return Err(UrlError::UnsupportedSslMode),
            None if is_this_machine(&config) => false,
            None => return Err(UrlError::EncryptionUnsaid),
        };
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        notice_silence(&mut config);
        if config.get_application_name().is_none() {
            config.application_name(APPLICATION_NAME);
        }
        let tls = encrypted.then(tls_connector).transpose()?;
        Ok(Self { config: Arc::new(config), tls })
    }

    /// A connection for requests, which sets the limits.
    pub(crate) async fn connect(&self) -> ConnectionResult<(Link, Driver)> {
        let setup = format!("{}{}", limits::set(), server_notices_silence());
        let (connection, driver) = self.connect_with(&setup).await?;
        Ok((Link::Direct(Box::new(connection)), driver))
    }

    /// A connection for requests to a pooler in transaction mode, which finds the limits.
    pub(crate) async fn connect_pooled(&self) -> ConnectionResult<(Link, Driver)> {
        self.in_time(async {
            let (client, driver) = self.open().await?;
            let mut link = Link::pooled(client);
            let limited = limits::check(&mut link).await;
            limited.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok((link, driver))
        })
        .await
    }

    /// A connection with a server process of its own that runs `setup` first.
    pub(crate) async fn connect_with(
        &self,
        setup: &str,
    ) -> ConnectionResult<(AsyncPgConnection, Driver)> {
        self.in_time(async {
            let (client, driver) = self.open().await?;
            let mut connection = AsyncPgConnection::try_from(client).await?;
            let set = connection.batch_execute(setup).await;
            set.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok((connection, driver))
        })
        .await
    }

    /// A connection as it comes.
    pub(crate) async fn reach(&self) -> ConnectionResult<(Client, Driver)> {
        self.in_time(self.open()).await
    }

    /// Fails when `connecting` takes longer than a connection attempt may.
    async fn in_time<T>(
        &self,
        connecting: impl Future<Output = ConnectionResult<T>>,
    ) -> ConnectionResult<T> {
        match tokio::time::timeout(self.longest_attempt(), connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(unreachable_because("it took too long".to_owned())),
        }
    }

    /// Every host of the URL is tried in turn.
    fn longest_attempt(&self) -> Duration {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len()).max(1);
        let each = self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        each.saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX))
    }

    async fn open(&self) -> ConnectionResult<(Client, Driver)> {
        match &self.tls {
            Some(tls) => {
                let (client, connection) =
                    self.config.connect(tls.clone()).await.map_err(|e| refused(&e))?;
                Ok((client, Driver::start(connection)))
            }
            None => {
                let (client, connection) =
                    self.config.connect(NoTls).await.map_err(|e| refused(&e))?;
                Ok((client, Driver::start(connection)))
            }
        }
    }
}

/// Moves the bytes of one connection. When it is aborted, the socket closes at once and every
/// statement that waits fails.
pub(crate) struct Driver {
    task: AbortHandle,
    /// Dropped with the driver. That tells the task that the connection is no longer needed.
    _needed: oneshot::Sender<Infallible>,
}

impl Driver {
    fn start<S, T>(connection: tokio_postgres::Connection<S, T>) -> Self
    where
        tokio_postgres::Connection<S, T>:
            Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
    {
        let (needed, mut gone) = oneshot::channel::<Infallible>();
        let task = tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = &mut connection => ended,
                // It sends a goodbye to a server that may no longer answer.
                _ = &mut gone => {
                    tokio::time::timeout(GOODBYE_TIMEOUT, connection).await.unwrap_or(Ok(()))
                }
            };
            if let Err(error) = ended {
                tracing::warn!(cause = %Cause::new(causes(&error)), "a connection was lost");
            }
        });
        Self { task: task.abort_handle(), _needed: needed }
    }

    /// Cuts the connection.
    pub(crate) fn handle(&self) -> AbortHandle {
        self.task.clone()
    }

    /// Whether the connection has ended, by whichever side.
    pub(crate) fn has_ended(&self) -> bool {
        self.task.is_finished()
    }
}

/// Lets the kernel find out that the server has gone, unless the URL says otherwise.
fn notice_silence(config: &mut tokio_postgres::Config) {
    let unset = tokio_postgres::Config::new();
    if config.get_keepalives_idle() == unset.get_keepalives_idle() {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
}

/// Lets the server find out that our side is gone, so that abandoned connections do not fill it.
/// Some versions do not know the last setting; it is set where it is known.
pub(crate) fn server_notices_silence() -> String {
    format!(
        "SET tcp_keepalives_idle = {}; SET tcp_keepalives_interval = {}; \
         SET tcp_keepalives_count = {KEEPALIVE_RETRIES}; SET tcp_user_timeout = {}; {}",
        KEEPALIVE_IDLE.as_secs(),
        KEEPALIVE_INTERVAL.as_secs(),
        TCP_USER_TIMEOUT.as_millis(),
        set_if_known("client_connection_check_interval", CLIENT_CHECK_INTERVAL_MS)
    )
}

/// Sets a number where the server knows the setting.
pub(crate) fn set_if_known(setting: &str, value: u32) -> String {
    format!(
        "SELECT set_config(name, '{value}', false) FROM pg_catalog.pg_settings \
         WHERE name = '{setting}'"
    )
}

/// Splits `sslmode` off: tokio-postgres does not know `verify-full`.
fn take_ssl_mode(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut mode = None;
    let mut rest = Vec::new();
    for option in query.split('&') {
        match option.strip_prefix("sslmode=") {
            Some(value) => mode = Some(value.to_owned()),
            None => rest.push(option),
        }
    }
    (format!("{base}?{}", rest.join("&")), mode)
}

/// Whether every host is a socket or a loopback address.
fn is_this_machine(config: &tokio_postgres::Config) -> bool {
    let is_loopback = |address: &IpAddr| address.is_loopback();
    config.get_hostaddrs().iter().all(is_loopback)
        && config.get_hosts().iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|a| is_loopback(&a)),
        })
}

fn tls_connector() -> Result<MakeRustlsConnect, UrlError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(UrlError::NoTrustRoots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        // Only a provider without a cipher suite for a version fails here; ring has both.
        .map_err(|_| UrlError::NoTrustRoots)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn refused(error: &tokio_postgres::Error) -> ConnectionError {
    unreachable_because(causes(error))
}

/// The error with the causes that tokio-postgres keeps apart ("Connection refused").
/// None of them holds the URL or the password.
fn causes(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn unreachable_because(text: String) -> ConnectionError {
    ConnectionError::CouldntSetupConfiguration(Error::DatabaseError(
        DatabaseErrorKind::UnableToSendCommand,
        Box::new(text),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> Option<UrlError> {
        Target::parse(&url.into()).err()
    }

    #[test]
    fn refuses_urls_it_would_not_connect_safely_with() {
        let cases = [
            ("", UrlError::Malformed),
            ("mysql://localhost/db", UrlError::Malformed),
            ("postgres://localhost:port/db", UrlError::Malformed),
            ("postgres://localhost/db?no_such_option=1", UrlError::Malformed),
            ("postgres:///db", UrlError::NoHost),
            ("postgres://localhost/db?sslmode=prefer", UrlError::UnsupportedSslMode),
            ("postgres://localhost/db?sslmode=verify-ca", UrlError::UnsupportedSslMode),
            ("postgres://db.example/db", UrlError::EncryptionUnsaid),
            ("postgres://192.0.2.1/db", UrlError::EncryptionUnsaid),
        ];
        for (url, expected) in cases {
            assert_eq!(refusal(url), Some(expected), "{url}");
        }
    }

    #[test]
    fn encrypts_when_asked_and_not_otherwise() {
        for url in [
            "postgres://postgres@%2Frun%2Fpostgresql/db",
            "postgres://localhost/db",
            "postgresql://u:p@127.0.0.1:5433/db?connect_timeout=3",
            "postgres://[::1]/db",
            "postgres://db.example/db?sslmode=disable",
        ] {
            let target = Target::parse(&url.into()).ok().unwrap();
            assert_eq!(target.config.get_ssl_mode(), SslMode::Disable, "{url}");
            assert!(target.tls.is_none(), "{url}");
        }
        for mode in ["require", "verify-full"] {
            let url = format!("postgres://db.example/db?connect_timeout=3&sslmode={mode}");
            let target = Target::parse(&url.into()).ok().unwrap();
            assert_eq!(target.config.get_ssl_mode(), SslMode::Require);
            assert!(target.tls.is_some());
        }
    }

    #[test]
    fn no_error_quotes_the_url() {
        for url in ["postgres://u:hunter2@h:p/db", "hunter2", "postgres://u:hunt?er2=x@h/db"] {
            let error = refusal(url).unwrap();
            assert!(!format!("{error} {error:?}").contains("er2"));
        }
    }
}
