//! Posting events to the receiver of the deployment, as Standard Webhooks says.
//!
//! The answer is its status: no body is read, and no redirect is followed. Certificates are checked
//! against the authorities that the system trusts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use faceauth_api::{EventReceiver, NotTaken, Receiving};
use faceauth_domain::clock::Clock;
use faceauth_store::outbox::LeasedEvent;
use faceauth_telemetry::label::Delivery;
use faceauth_telemetry::trace;
use serde_json::json;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::clock::SystemClock;

/// Added to the timeout of the client before the thread that waits for it is given up.
const GRACE: Duration = Duration::from_secs(5);

/// Where events are posted, and how.
pub struct WebhookSettings {
    /// The address.
    pub url: http::Uri,
    /// One for each secret. Every request carries a signature of each.
    pub signers: Vec<Webhook>,
    /// Longest that the receiver may take.
    pub timeout: Duration,
}

/// The receiver of the deployment.
#[derive(Clone)]
pub struct Webhooks(Arc<Sender>);

struct Sender {
    settings: WebhookSettings,
    agent: Agent,
}

impl Webhooks {
    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the address is https and the system trusts no authority.
    pub fn new(settings: WebhookSettings) -> anyhow::Result<Self> {
        let mut config = Agent::config_builder()
            .timeout_global(Some(settings.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent("faceauth")
            // The receiver is what the operator wrote, whatever the environment says.
            .proxy(None);
        if settings.url.scheme() == Some(&http::uri::Scheme::HTTPS) {
            config = config.https_only(true).tls_config(tls()?);
        }
        let agent = Agent::new_with_config(config.build());
        Ok(Self(Arc::new(Sender { settings, agent })))
    }
}

/// Checks certificates against the authorities of the system.
fn tls() -> anyhow::Result<TlsConfig> {
    let found = rustls_native_certs::load_native_certs().certs;
    let roots: Vec<Certificate<'static>> =
        found.iter().map(|root| Certificate::from_der(root.as_ref()).to_owned()).collect();
    ensure!(
        !roots.is_empty(),
        "webhooks.url is https, and this system trusts no authority: install ca-certificates, or \
         name a file in SSL_CERT_FILE"
    );
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

impl EventReceiver for Webhooks {
    fn takes_at_most(&self) -> Duration {
        self.0.settings.timeout + GRACE
    }

    fn receive(&self, event: LeasedEvent) -> Receiving {
        let sender = Arc::clone(&self.0);
        let longest = self.takes_at_most();
        let sending = tokio::task::spawn_blocking(move || sender.send(&event));
        Box::pin(async move {
            match tokio::time::timeout(longest, sending).await {
                Ok(Ok(sent)) => sent,
                // The thread has panicked, or the process is ending.
                Ok(Err(_)) => Err(NotTaken { result: Delivery::Unreachable, status: None }),
                Err(_) => Err(NotTaken { result: Delivery::TimedOut, status: None }),
            }
        })
    }
}

impl Sender {
    /// Posts one event, in the trace of what it tells. Blocks its thread.
    fn send(&self, event: &LeasedEvent) -> Result<(), NotTaken> {
        // Lives as long as the try.
        let span = tracing::info_span!("webhook");
        let place = event.trace.and_then(|parent| trace::begin(&span, Some(parent)));
        let (id, body) = (event.id.to_string(), body(event));
        let now = SystemClock.now().timestamp();
        let signatures = self.settings.signers.iter().map(|s| s.sign(&id, now, body.as_bytes()));
        let unsigned = |_| NotTaken { result: Delivery::Failed, status: None };
        let signatures = signatures.collect::<Result<Vec<_>, _>>().map_err(unsigned)?.join(" ");
        let mut request = self
            .agent
            .post(self.settings.url.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, &id)
            .header(HEADER_WEBHOOK_TIMESTAMP, now.to_string())
            .header(HEADER_WEBHOOK_SIGNATURE, signatures);
        if let Some(place) = place {
            request = request.header(trace::HEADER, place.to_string());
        }
        match request.send(&body) {
            Ok(answer) => judge(answer.status().as_u16()),
            Err(error) => {
                let result = match error {
                    ureq::Error::Timeout(_) => Delivery::TimedOut,
                    _ => Delivery::Unreachable,
                };
                Err(NotTaken { result, status: None })
            }
        }
    }
}

/// What is posted: what happened, when, and whose account it is.
fn body(event: &LeasedEvent) -> String {
    json!({
        "type": event.kind,
        "timestamp": event.at,
        "data": { "account_id": event.account.0, "username": event.username },
    })
    .to_string()
}

/// What a status says of the event. Every answer but 2xx is tried again, 410 too: only the operator
/// takes a receiver away.
fn judge(status: u16) -> Result<(), NotTaken> {
    let result = match status {
        200..=299 => return Ok(()),
        300..=399 => Delivery::Redirected,
        410 => Delivery::Gone,
        400..=499 => Delivery::Refused,
        _ => Delivery::Failed,
    };
    Err(NotTaken { result, status: Some(status) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_takes_an_event() {
        for (status, result) in [
            (200, None),
            (204, None),
            (302, Some(Delivery::Redirected)),
            (404, Some(Delivery::Refused)),
            (410, Some(Delivery::Gone)),
            (500, Some(Delivery::Failed)),
            (600, Some(Delivery::Failed)),
        ] {
            assert_eq!(judge(status).err().map(|not_taken| not_taken.result), result, "{status}");
        }
    }
}
