//! The attestation of a capture: whether a genuine app on a genuine device made it.
//!
//! It is checked before anything is spent, so that a missing or flawed one costs an honest app no
//! attempt. The counter of a key is raised once the nonce is spent and the frames were looked at,
//! because only then is the capture the one that counts: when the analyzer fails, the app may send
//! the same again.

use chrono::{DateTime, Utc};
use faceauth_attestation::android;
use faceauth_attestation::apple::Key;
use faceauth_attestation::statement::{Part, Statement};
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::attestation::{
    AttestationFinding as Finding, AttestationFlaw as Flaw, AttestationMode, Attested,
};
use faceauth_domain::challenge::Purpose;
use faceauth_domain::liveness::capture::LivenessCapture;
use faceauth_domain::user::{UserId, Username};
use faceauth_store::attestation::AttestedKey;

use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::Origin;
use crate::presented::{Attestation, KeyProof, Place};

/// Who presents a liveness proof, and what for.
#[derive(Clone, Copy)]
pub(crate) struct Presenter<'a> {
    pub kind: AttemptKind,
    /// The account, when it is known already.
    pub user: Option<UserId>,
    /// The account and the purpose of the use, when they are known.
    pub wanted: Option<(&'a Username, Purpose)>,
    pub origin: &'a Origin,
}

/// An attestation that was looked at, before the nonce of its capture is spent.
pub(crate) struct Checked {
    finding: Option<Finding>,
    change: Option<KeyChange>,
}

/// What changes in the store when the capture is the one that counts.
enum KeyChange {
    Keep(AttestedKey),
    Raise { id: [u8; 32], counter: u32 },
}

/// Whether attestations of this presenter are looked at.
pub(crate) fn counts(context: &Context, presenter: Presenter<'_>) -> bool {
    context.attestation.mode(presenter.origin) != AttestationMode::Off
}

/// Looks at an attestation and at the statement that it should be of, where the rules ask for it.
/// `place` is where it came from.
///
/// # Errors
/// [`Error::NotAttested`] when the rules require a good one and there is none.
pub(crate) async fn check(
    context: &Context,
    presented: Option<(&Attestation, &Statement)>,
    presenter: Presenter<'_>,
    place: &Place,
    now: DateTime<Utc>,
) -> Result<Checked> {
    if !counts(context, presenter) {
        return Ok(Checked { finding: None, change: None });
    }
    let (finding, change) = match presented {
        None => (Finding::Missing, None),
        Some((attestation, statement)) => {
            match examine(context, attestation, statement, now).await? {
                Ok((attested, change)) => (Finding::Good(attested), change),
                Err(flaw) => (Finding::Flawed(flaw), None),
            }
        }
    };
    admit(context, Some(finding), presenter, place).await?;
    Ok(Checked { finding: Some(finding), change })
}

impl Checked {
    /// What was found, once the nonce is spent and the frames were looked at: a key is kept, or its
    /// counter raised. `bound` is the name that the session was opened for.
    ///
    /// # Errors
    /// [`Error::NotAttested`] when another capture has used the counter meanwhile, and the rules
    /// require a good attestation.
    pub(crate) async fn settle(
        self,
        context: &Context,
        bound: Option<&Username>,
        presenter: Presenter<'_>,
        place: &Place,
        now: DateTime<Utc>,
    ) -> Result<Option<Finding>> {
        let Self { mut finding, change } = self;
        let name = presenter.wanted.map(|(name, _)| name).or(bound);
        let changed = match change {
            None => true,
            Some(KeyChange::Keep(key)) => context.store.keep_attested_key(&key, name, now).await?,
            Some(KeyChange::Raise { id, counter }) => {
                context.store.raise_attested_counter(id, counter, name, now).await?
            }
        };
        if !changed {
            finding = Some(Finding::Flawed(Flaw::CounterRepeated));
            admit(context, finding, presenter, place).await?;
        }
        Ok(finding)
    }
}

/// Refuses what the rules do not let pass. It is written down with the flaw, which the caller is
/// not told.
///
/// # Errors
/// [`Error::NotAttested`].
pub(crate) async fn admit(
    context: &Context,
    finding: Option<Finding>,
    presenter: Presenter<'_>,
    place: &Place,
) -> Result<()> {
    let Presenter { kind, user, wanted, origin } = presenter;
    let required = context.attestation.mode(origin) == AttestationMode::Require;
    let finding = finding.unwrap_or(Finding::Missing);
    if !required || finding.good().is_some() {
        return Ok(());
    }
    let username = wanted.map(|(name, _)| name);
    let user = match (user, username) {
        (None, Some(name)) if kind == AttemptKind::Verify => {
            context.store.account_of_name(&name.key()).await?
        }
        (user, _) => user,
    };
    let attempt = Attempt {
        user,
        attestation: Some(finding),
        ..audit::attempt(context, kind, AttemptOutcome::LivenessFailed, origin)
    };
    audit::record(context, &attempt, origin, username).await?;
    Err(Error::NotAttested(place.clone()))
}

/// What a good attestation shows, and what it changes; or its flaw.
type Examined = std::result::Result<(Attested, Option<KeyChange>), Flaw>;

async fn examine(
    context: &Context,
    attestation: &Attestation,
    statement: &Statement,
    now: DateTime<Utc>,
) -> Result<Examined> {
    let rules = &context.attestation;
    Ok(match (attestation, &rules.android, &rules.apple) {
        (Attestation::Android { certificates, signature }, Some(android), _) => {
            let attestation = android::Attestation {
                certificates: certificates.clone(),
                signature: signature.clone(),
            };
            android.check(&attestation, statement, now).map(|attested| (attested, None))
        }
        (Attestation::Apple { key_id, proof: KeyProof::Attestation(object) }, _, Some(apple)) => {
            apple.attest(*key_id, object, statement, now).map(|key| {
                let Key { id, public_key, app, counter } = key;
                let key = AttestedKey { id, public_key, app, counter };
                (Attested::AppleAppAttest, Some(KeyChange::Keep(key)))
            })
        }
        (Attestation::Apple { key_id, proof: KeyProof::Assertion(assertion) }, _, Some(apple)) => {
            let Some(known) = context.store.attested_key(*key_id).await? else {
                return Ok(Err(Flaw::UnknownKey));
            };
            let AttestedKey { id, public_key, app, counter } = known;
            let key = Key { id, public_key, app, counter };
            apple
                .assert(&key, assertion, statement)
                .map(|counter| (Attested::AppleAppAttest, Some(KeyChange::Raise { id, counter })))
        }
        (Attestation::Android { .. }, None, _) | (Attestation::Apple { .. }, _, None) => {
            Err(Flaw::PlatformNotConfigured)
        }
    })
}

/// What an app signs about `capture`. It takes as long as the capture is large.
pub(crate) fn statement(nonce: &str, capture: &LivenessCapture) -> Statement {
    match capture {
        LivenessCapture::Frames(frames) => {
            let parts: Vec<Part> = frames
                .as_slice()
                .iter()
                .map(|frame| Part::of(frame.image.bytes(), frame.t_ms))
                .collect();
            Statement::of_frames(nonce, &parts)
        }
        LivenessCapture::Clip(clip) => Statement::of_clip(nonce, clip.bytes()),
    }
}
