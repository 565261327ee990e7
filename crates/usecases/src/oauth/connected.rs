//! The clients that an account holder has signed in to.

use faceauth_domain::oauth::client::ClientId;
use faceauth_store::account::Account;
use faceauth_store::clients::ClientConsent;

use crate::context::Context;
use crate::error::Result;
use crate::events::{EventKind, Origin, Subject};
use crate::oauth::clients;

/// A client that the account holder has signed in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedClient {
    /// What it was given.
    pub given: ClientConsent,
    /// Its name; `None` when it is registered no more.
    pub name: Option<String>,
}

/// The clients that the account holder has signed in to, the last used first.
///
/// # Errors
/// A failure of ours, or a session that is over.
pub async fn list(context: &Context, account: Account<'_>) -> Result<Vec<ConnectedClient>> {
    let mut connected = Vec::new();
    for given in account.clients().await? {
        let known = clients::find(context, &given.client_id).await?;
        let name = known.map(|known| known.client.name().to_owned());
        connected.push(ConnectedClient { given, name });
    }
    Ok(connected)
}

/// Takes back what the account holder gave a client, and ends its sessions. `false` when they gave it nothing.
///
/// # Errors
/// A failure of ours, or a session that is over.
pub async fn disconnect(
    context: &Context,
    account: Account<'_>,
    id: &ClientId,
    origin: &Origin,
) -> Result<bool> {
    let disconnected = account.disconnect_client(id, context.now()).await?;
    if disconnected {
        origin.log(EventKind::ClientDisconnected, Subject::Account(account.owner()));
    }
    Ok(disconnected)
}
