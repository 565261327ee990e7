//! An accepted sign-in in one statement: one round trip, and no lock that is held for another.
//!
//! It writes everything or nothing. It writes nothing when the conditions no longer hold, and also
//! when the count of failures is more than this one attempt. [`super`] then looks again, statement
//! by statement, and finds out which of both it was.
//!
//! The account is locked first, so that sign-ins of one person take turns. A statement sees the
//! database as it was when it began, before it waited for that lock. So the face and the consent
//! are read by locking them: Postgres then takes their newest versions and tests the conditions
//! again. Whoever removes either holds the lock of the account until the removal is committed.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use faceauth_domain::account_event::AccountEvent;
use faceauth_domain::attempt::Attempt;
use faceauth_domain::attestation::{AttestationFinding, Attested};
use faceauth_domain::authentication::Authentication;
use uuid::Uuid;

use crate::failures::Begun;
use crate::link::Link;
use crate::sign_in::{FaceAlone, SignIn};
use crate::tables::outbox::{event_id, forgotten_before, give_up_at, traceparent};
use crate::tables::refresh_tokens::NewRefreshToken;

/// Locks the account, then what the sign-in rests on. Values: the account, whether a face alone is
/// enough for everybody, the matched template.
const GROUND: [&str; 4] = [
    "WITH account AS MATERIALIZED (SELECT id FROM users WHERE id = ",
    " AND (",
    " OR NOT EXISTS (SELECT FROM passkeys WHERE passkeys.user_id = users.id)) \
     FOR NO KEY UPDATE), \
     face AS MATERIALIZED (SELECT account.id FROM account JOIN templates \
     ON templates.user_id = account.id WHERE templates.id = ",
    " FOR KEY SHARE OF templates), \
     ground AS MATERIALIZED (SELECT face.id FROM face JOIN consents ON consents.user_id = face.id \
     WHERE consents.withdrawn_at IS NULL LIMIT 1 FOR SHARE OF consents), ",
];

/// The first part where the owner hears of new devices: whether the account was used before, as the
/// lock found it.
const GROUND_OF_TOLD: &str = "WITH account AS MATERIALIZED \
    (SELECT id, username, created_at, last_active_at > created_at AS used FROM users WHERE id = ";

/// Tells the owner of a new device, when somebody has signed in before, as
/// [`crate::tables::outbox::insert_new_device`] does. Values: id, word, now, when it is due, when it
/// is given up, its trace; before which time an account may have forgotten its first sign-in.
const TOLD: [&str; 3] = [
    "told AS (INSERT INTO outbox \
     (account_id, username, id, kind, at, due_at, give_up_at, traceparent) \
     SELECT account.id, account.username",
    " FROM account JOIN counted ON counted.id = account.id WHERE account.used \
     OR account.created_at < ",
    " OR EXISTS (SELECT FROM refresh_tokens WHERE refresh_tokens.user_id = account.id)), ",
];

/// Ends the count of failures as [`crate::failures::clear`] does where nothing else is counted.
/// Values: name, device, now; whether the device is known, name, device.
const FAILURES: [&str; 7] = [
    "counted AS (DELETE FROM failures USING ground WHERE username_key = ",
    " AND device = ",
    " AND pending <= 1 AND (budget_full_at IS NULL OR budget_full_at <= ",
    ") RETURNING ground.id), \
     others AS (UPDATE failures SET in_a_row = 0, blocked_until = NULL FROM counted WHERE ",
    " AND username_key = ",
    " AND device <> ",
    " AND in_a_row > 0), ",
];

/// Notes that the account is used. Value: now.
const USED: [&str; 2] = [
    "used AS (UPDATE users SET last_active_at = greatest(last_active_at, ",
    ") FROM counted WHERE users.id = counted.id), ",
];

/// The columns of the two rows that are added.
const ATTEMPT: &str = "written AS (INSERT INTO attempts (user_id, kind, outcome, assurance, \
    reasons, pad_bona_fide, attestation, model_id, client_hash, at) SELECT counted.id";
const TOKEN: &str = " FROM counted) INSERT INTO refresh_tokens (user_id, token_hash, session, \
    auth_time, acr, attestation, issued_at, expires_at) SELECT counted.id";
const END: &str = " FROM counted";

/// Stores a sign-in whose attempt has been counted. `false` when nothing was written. With `tell`
/// the owner hears of the device when it is new to a used account.
pub(super) async fn write(
    connection: &mut Link,
    sign_in: &SignIn<'_>,
    begun: &Begun,
    tell: bool,
) -> QueryResult<bool> {
    let SignIn { attempt, refresh, matched, alone, .. } = *sign_in;
    let values = Values {
        user: refresh.user.0,
        enough: alone == FaceAlone::Enough,
        matched: matched.0,
        name: begun.username_key(),
        device: begun.known_device().unwrap_or_default(),
        known: begun.known_device().is_some(),
        kind: attempt.kind.as_str(),
        outcome: attempt.outcome.as_str(),
        assurance: attempt.assurance.map(Authentication::as_str),
        reasons: attempt.reasons.iter().map(|reason| reason.as_str()).collect(),
        finding: attempt.attestation.map(AttestationFinding::as_str),
        attested: refresh.attested.map(Attested::as_str),
        token_hash: &refresh.token_hash,
        event: event_id(attempt.at),
        give_up_at: give_up_at(attempt.at),
        traceparent: traceparent(),
        forgotten_before: forgotten_before(attempt.at),
        attempt,
        refresh,
    };
    let written = if tell {
        AtOnce::<true>(values).execute(connection).await?
    } else {
        AtOnce::<false>(values).execute(connection).await?
    };
    Ok(written > 0)
}

/// The statement. `TELL`: it also writes the event of a new device.
struct AtOnce<'a, const TELL: bool>(Values<'a>);

/// What it says.
struct Values<'a> {
    user: Uuid,
    enough: bool,
    matched: Uuid,
    name: &'a str,
    device: Uuid,
    known: bool,
    kind: &'a str,
    outcome: &'a str,
    assurance: Option<&'a str>,
    reasons: Vec<&'a str>,
    finding: Option<&'a str>,
    attested: Option<&'a str>,
    token_hash: &'a [u8],
    event: Uuid,
    give_up_at: DateTime<Utc>,
    traceparent: Option<String>,
    forgotten_before: DateTime<Utc>,
    attempt: &'a Attempt,
    refresh: &'a NewRefreshToken,
}

// One text whatever the values are, so a connection prepares it once.
impl<const TELL: bool> QueryId for AtOnce<'_, TELL> {
    type QueryId = AtOnce<'static, TELL>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const TELL: bool> Query for AtOnce<'_, TELL> {
    type SqlType = BigInt;
}

impl<C, const TELL: bool> diesel::RunQueryDsl<C> for AtOnce<'_, TELL> {}

impl<const TELL: bool> QueryFragment<Pg> for AtOnce<'_, TELL> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self(values) = self;
        out.push_sql(if TELL { GROUND_OF_TOLD } else { GROUND[0] });
        values.conditions(&mut out)?;
        if TELL {
            values.event(&mut out)?;
        }
        values.rows(&mut out)
    }
}

impl Values<'_> {
    /// What the sign-in rests on, and what it ends.
    fn conditions<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self { attempt, .. } = self;
        out.push_bind_param::<SqlUuid, _>(&self.user)?;
        out.push_sql(GROUND[1]);
        out.push_bind_param::<Bool, _>(&self.enough)?;
        out.push_sql(GROUND[2]);
        out.push_bind_param::<SqlUuid, _>(&self.matched)?;
        out.push_sql(GROUND[3]);

        out.push_sql(FAILURES[0]);
        out.push_bind_param::<Text, _>(self.name)?;
        out.push_sql(FAILURES[1]);
        out.push_bind_param::<SqlUuid, _>(&self.device)?;
        out.push_sql(FAILURES[2]);
        out.push_bind_param::<Timestamptz, _>(&attempt.at)?;
        out.push_sql(FAILURES[3]);
        out.push_bind_param::<Bool, _>(&self.known)?;
        out.push_sql(FAILURES[4]);
        out.push_bind_param::<Text, _>(self.name)?;
        out.push_sql(FAILURES[5]);
        out.push_bind_param::<SqlUuid, _>(&self.device)?;
        out.push_sql(FAILURES[6]);

        out.push_sql(USED[0]);
        out.push_bind_param::<Timestamptz, _>(&attempt.at)?;
        out.push_sql(USED[1]);
        Ok(())
    }

    /// What the owner hears of.
    fn event<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        const KIND: &str = AccountEvent::NewDevice.as_str();
        out.push_sql(TOLD[0]);
        column::<SqlUuid, _>(out, &self.event, "::uuid")?;
        column::<Text, _>(out, KIND, "::text")?;
        column::<Timestamptz, _>(out, &self.attempt.at, "::timestamptz")?;
        column::<Timestamptz, _>(out, &self.attempt.at, "::timestamptz")?;
        column::<Timestamptz, _>(out, &self.give_up_at, "::timestamptz")?;
        column::<Nullable<Text>, _>(out, &self.traceparent, "::text")?;
        out.push_sql(TOLD[1]);
        out.push_bind_param::<Timestamptz, _>(&self.forgotten_before)?;
        out.push_sql(TOLD[2]);
        Ok(())
    }

    /// The line of the audit trail and the token.
    fn rows<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self { attempt, refresh, .. } = self;
        out.push_sql(ATTEMPT);
        column::<Text, _>(out, self.kind, "::text")?;
        column::<Text, _>(out, self.outcome, "::text")?;
        column::<Nullable<Text>, _>(out, &self.assurance, "::text")?;
        column::<Array<Text>, _>(out, &self.reasons, "::text[]")?;
        column::<Bool, _>(out, &attempt.pad_bona_fide, "::boolean")?;
        column::<Nullable<Text>, _>(out, &self.finding, "::text")?;
        column::<Text, _>(out, attempt.model.as_str(), "::text")?;
        column::<Bytea, _>(out, &attempt.client_hash, "::bytea")?;
        column::<Timestamptz, _>(out, &attempt.at, "::timestamptz")?;
        out.push_sql(TOKEN);
        column::<Bytea, _>(out, self.token_hash, "::bytea")?;
        column::<SqlUuid, _>(out, &refresh.session, "::uuid")?;
        column::<Timestamptz, _>(out, &refresh.auth_time, "::timestamptz")?;
        column::<Text, _>(out, &refresh.acr, "::text")?;
        column::<Nullable<Text>, _>(out, &self.attested, "::text")?;
        column::<Timestamptz, _>(out, &refresh.issued_at, "::timestamptz")?;
        column::<Timestamptz, _>(out, &refresh.expires_at, "::timestamptz")?;
        out.push_sql(END);
        Ok(())
    }
}

/// The next value of a row. Its type is written down, because nothing else in the list says it.
fn column<'b, T, V>(
    out: &mut AstPass<'_, 'b, Pg>,
    value: &'b V,
    cast: &'static str,
) -> QueryResult<()>
where
    V: diesel::serialize::ToSql<T, Pg> + ?Sized,
    Pg: diesel::sql_types::HasSqlType<T>,
{
    out.push_sql(", ");
    out.push_bind_param(value)?;
    out.push_sql(cast);
    Ok(())
}
