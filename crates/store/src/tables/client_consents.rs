//! Which clients a person has signed in to, and what they agreed to give them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use faceauth_domain::oauth::client::ClientId;
use faceauth_domain::user::UserId;

use crate::link::Link;
use crate::schema::client_consents;

/// A client that a person has signed in to.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = client_consents)]
pub struct ClientConsent {
    /// Its id. The client may be registered no more.
    pub client_id: String,
    /// What it was given, in the words of OAuth.
    pub scopes: Vec<String>,
    /// Whether the person was asked. Nobody is asked for clients of the deployment itself.
    pub asked: bool,
    /// When it was given first.
    pub granted_at: DateTime<Utc>,
    /// When the person last signed in to it.
    pub last_used_at: DateTime<Utc>,
}

/// Whether the person was asked for all of `scopes` before, and agreed.
pub(crate) async fn covers(
    connection: &mut Link,
    user: UserId,
    client_id: &ClientId,
    scopes: &[&str],
) -> QueryResult<bool> {
    let given: Option<Vec<String>> = client_consents::table
        .find((user.0, client_id.as_str()))
        .filter(client_consents::asked)
        .select(client_consents::scopes)
        .first(connection)
        .await
        .optional()?;
    let given = given.unwrap_or_default();
    Ok(!given.is_empty() && scopes.iter().all(|scope| given.iter().any(|word| word == scope)))
}

/// Writes down that a person has signed in to a client and given it `scopes`, at least one. What was
/// agreed to before stays, unless nobody was asked then and somebody is asked now.
pub(crate) async fn put(
    connection: &mut Link,
    user: UserId,
    client_id: &ClientId,
    scopes: &[&str],
    asked: bool,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let before: Option<(Vec<String>, bool)> = client_consents::table
        .find((user.0, client_id.as_str()))
        .select((client_consents::scopes, client_consents::asked))
        .for_update()
        .first(connection)
        .await
        .optional()?;
    let mut all: BTreeSet<&str> = scopes.iter().copied().collect();
    let mut was_asked = asked;
    if let Some((given, asked_before)) = &before
        && (*asked_before || !asked)
    {
        all.extend(given.iter().map(String::as_str));
        was_asked |= *asked_before;
    }
    let all: Vec<&str> = all.into_iter().collect();
    let changing = (
        client_consents::scopes.eq(&all),
        client_consents::asked.eq(was_asked),
        client_consents::last_used_at.eq(now),
    );
    diesel::insert_into(client_consents::table)
        .values((
            client_consents::user_id.eq(user.0),
            client_consents::client_id.eq(client_id.as_str()),
            client_consents::granted_at.eq(now),
            changing,
        ))
        .on_conflict((client_consents::user_id, client_consents::client_id))
        .do_update()
        .set(changing)
        .execute(connection)
        .await?;
    Ok(())
}

/// The clients that a person has signed in to, the last used first.
pub(crate) async fn of_user(
    connection: &mut Link,
    user: UserId,
) -> QueryResult<Vec<ClientConsent>> {
    client_consents::table
        .filter(client_consents::user_id.eq(user.0))
        .order((client_consents::last_used_at.desc(), client_consents::client_id))
        .select(ClientConsent::as_select())
        .load(connection)
        .await
}

/// Forgets what a person gave a client. `false` when they gave it nothing.
pub(crate) async fn forget(
    connection: &mut Link,
    user: UserId,
    client_id: &ClientId,
) -> QueryResult<bool> {
    let row = client_consents::table.find((user.0, client_id.as_str()));
    Ok(diesel::delete(row).execute(connection).await? == 1)
}

/// Everybody who has signed in to a client and has not disconnected it.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn people<'a>(client_id: &'a ClientId) -> _ {
    let id: &'a str = client_id.as_str();
    client_consents::table
        .filter(client_consents::client_id.eq(id))
        .select(client_consents::user_id)
}

/// Forgets what everybody gave a client.
pub(crate) async fn forget_client(
    connection: &mut Link,
    client_id: &ClientId,
) -> QueryResult<usize> {
    let rows = client_consents::table.filter(client_consents::client_id.eq(client_id.as_str()));
    diesel::delete(rows).execute(connection).await
}
