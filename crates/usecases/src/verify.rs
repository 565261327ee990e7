//! Sign-in: is the person at the camera the owner of the claimed name?

use faceauth_domain::analyzer::Work;
use faceauth_domain::assurance::Assurance;
use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::attestation::AttestationFinding;
use faceauth_domain::challenge::Purpose;
use faceauth_domain::decision::{self, Decision, Refusal};
use faceauth_domain::embedding::Score;
use faceauth_domain::enrolment::EnrolmentPolicy;
use faceauth_domain::second_factor::AfterFace;
use faceauth_domain::template::TemplateId;
use faceauth_domain::user::{UserId, Username};
use faceauth_store::failures::Begun;
use faceauth_store::lookup::Reference;
use faceauth_store::second_factor::{AskSecondFactor, FaceShown};
use faceauth_store::sign_in::SignIn;
use faceauth_store::upgrade::Upgrade;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{Actor, EventKind, Origin, Subject};
use crate::failures::Compared;
use crate::judgement::Judgement;
use crate::presented::{Picture, Presented};
use crate::proof::{self, Beside, Wanted};
use crate::second_factor::{self, Asked, Pending};
use crate::session::{self, ShownBy, SignedIn};
use crate::{analysis, audit, device, failures};

mod probe;

use probe::{LiveFace, Probe, settlement, templates};

/// A claimed name and what is to prove it.
pub struct VerifyCommand {
    /// The claimed name.
    pub username: Username,
    /// What is to prove it.
    pub presented: Presented<Picture>,
    /// The token of a device that has signed in before.
    pub device_token: Option<String>,
    /// Whether the request asks for a second factor, whatever the deployment asks for.
    pub second_factor: bool,
}

/// What a recognised face leads to.
pub enum Recognised {
    /// Somebody is signed in.
    SignedIn(Box<Verified>),
    /// A second factor is asked for; nobody is signed in.
    Asked(Box<Asked>),
}

/// A sign-in and what it was decided on.
pub struct Verified {
    /// Who is signed in.
    pub signed_in: SignedIn,
    /// For services that may see it, and nobody else.
    pub score: Score,
}

/// Decides a sign-in. Cheap refusals come first, and an unknown name costs what a known one does:
/// templates are asked for under every name, and all models of the matcher run for whoever is not
/// accepted.
///
/// # Errors
/// Why the person is not signed in, or a failure of ours.
pub async fn verify(
    context: &Context,
    command: VerifyCommand,
    origin: &Origin,
) -> Result<Recognised> {
    let VerifyCommand { username, presented, device_token, second_factor } = command;
    if second_factor {
        // Under every name, before anybody is looked at.
        context.second_factor.relying_party()?;
    }
    if context.wants_capture(origin) && !presented.is_live() {
        return Err(Error::LivenessRequired);
    }
    let device = device_token.as_deref().and_then(|token| device::of_token(context, token));
    let (begun, compared) = failures::begin(context, &username, device, origin).await?;
    let origin = origin.on_device(begun.known_device());
    let attempt = AttemptInHand { context, origin, username, begun, second_factor };
    let outcome = attempt.decide(presented, compared).await;
    match &outcome {
        Ok(Recognised::SignedIn(_)) => {}
        // The count ends with the sign-in, which is another request's.
        Ok(Recognised::Asked(_)) => failures::take_back(context, &attempt.begun).await,
        // Before the answer: who hangs up meanwhile has learnt nothing.
        Err(refusal) => failures::end(context, &attempt.begun, refusal).await?,
    }
    outcome
}

/// A sign-in that has been counted and is not decided yet.
struct AttemptInHand<'a> {
    context: &'a Context,
    origin: Origin,
    username: Username,
    begun: Begun,
    second_factor: bool,
}

impl AttemptInHand<'_> {
    async fn decide(
        &self,
        presented: Presented<Picture>,
        compared: Compared,
    ) -> Result<Recognised> {
        let locked = self.context.policy.failures.locks(self.begun.number());
        let (probe, reference) = self.probe(presented, compared, locked).await?;
        let live_face = probe.live_face();
        let attestation = probe.attestation();
        let templates = templates(reference.as_ref());
        let (decision, pad_bona_fide, refused) = probe.decide(&self.context.policy, templates);
        let attempt = Attempt {
            user: reference.as_ref().map(|reference| reference.user.id),
            pad_bona_fide,
            attestation,
            ..self.record()
        };
        match (decision::unless_locked(decision, locked), reference) {
            (Decision::Accepted { template, assurance, score, upgrade }, Some(reference)) => {
                let accepted = Accepted {
                    matched: template,
                    assurance,
                    score,
                    upgrade: live_face.filter(|_| upgrade),
                };
                self.accept(attempt, accepted, reference).await
            }
            // Templates without an account do not exist; refuse all the same.
            (Decision::Accepted { .. }, None) => {
                self.refuse(attempt, Refusal::NoTemplate, refused).await
            }
            (Decision::Rejected(refusal), _) => self.refuse(attempt, refusal, refused).await,
        }
    }

    /// What the person shows, and what to compare it with.
    async fn probe(
        &self,
        presented: Presented<Picture>,
        compared: Compared,
        locked: bool,
    ) -> Result<(Probe, Option<Reference>)> {
        let context = self.context;
        // What the face is compared with is known first, so that the matcher can end early.
        match presented {
            Presented::Pictures(picture) => {
                let slot = context.analyzer.reserve(Work::Recognise)?;
                let reference = compared?;
                let templates = templates(reference.as_ref());
                let settlement = settlement(&context.policy, templates, locked);
                let evidence = analysis::recognise(slot, picture, settlement).await?.evidence;
                Ok((Probe::Picture(Box::new(evidence)), reference))
            }
            Presented::Live { proof, beside } => {
                let reference = compared?;
                let settlement = settlement(&context.policy, templates(reference.as_ref()), locked);
                let wanted = Wanted {
                    username: &self.username,
                    purpose: Purpose::Verify,
                    kind: AttemptKind::Verify,
                    user: None,
                    origin: &self.origin,
                };
                let beside = beside.map(Beside::Probe);
                let live = proof::live(context, proof, beside, wanted, settlement).await?;
                Ok((Probe::Live(live), reference))
            }
        }
    }

    async fn accept(
        &self,
        mut attempt: Attempt,
        accepted: Accepted,
        reference: Reference,
    ) -> Result<Recognised> {
        attempt.assurance = Some(accepted.assurance.into());
        match second_factor::after(self.context, self.second_factor, reference.has_passkey) {
            AfterFace::SignIn => self.sign_in(attempt, accepted, reference).await,
            AfterFace::Missing => {
                attempt.outcome = AttemptOutcome::SecondFactorMissing;
                let context = self.context;
                audit::record(context, &attempt, &self.origin, Some(&self.username)).await?;
                Err(Error::SecondFactorMissing)
            }
            AfterFace::AskPasskey => {
                let face = self.face_shown(&attempt, &accepted);
                let pending = second_factor::show(self.context, reference.user.id, face).await?;
                self.ask(attempt, accepted, reference.user.id, pending).await
            }
            AfterFace::RegisterPasskey => {
                let face = self.face_shown(&attempt, &accepted);
                let (context, user) = (self.context, &reference.user);
                let pending = second_factor::register(context, user, Vec::new(), Some(face))?;
                self.ask(attempt, accepted, user.id, pending).await
            }
        }
    }

    /// What a transaction keeps of the face.
    fn face_shown(&self, attempt: &Attempt, accepted: &Accepted) -> FaceShown {
        FaceShown {
            assurance: accepted.assurance,
            template: accepted.matched,
            attested: attempt.attestation.and_then(AttestationFinding::good),
            known_device: self.begun.known_device(),
        }
    }

    /// Remembers that the face was recognised. A template of another model that it was worth is
    /// written now, because the face is gone when the second factor comes.
    async fn ask(
        &self,
        mut attempt: Attempt,
        accepted: Accepted,
        user: UserId,
        pending: Pending,
    ) -> Result<Recognised> {
        let context = self.context;
        attempt.outcome = AttemptOutcome::SecondFactorAsked;
        let template = accepted.upgrade.map(|face| face.template(context, context.now()));
        let policy = EnrolmentPolicy::from(&context.policy);
        let ask = AskSecondFactor {
            user,
            attempt: &attempt,
            transaction: &pending.row,
            upgrade: template.as_ref().map(|template| Upgrade { template, policy: &policy }),
        };
        if !context.store.ask_second_factor(&ask).await? {
            return Err(Error::Refused(Refusal::NoTemplate));
        }
        audit::announce(&attempt, &self.origin, Subject::Account(user));
        if template.is_some() {
            self.origin.log(EventKind::MovedToModel, Subject::Account(user));
        }
        Ok(Recognised::Asked(Box::new(pending.asked)))
    }

    async fn sign_in(
        &self,
        attempt: Attempt,
        accepted: Accepted,
        reference: Reference,
    ) -> Result<Recognised> {
        let Self { context, origin, begun, .. } = self;
        let now = context.now();
        let user = reference.user;
        let shown = ShownBy {
            authentication: accepted.assurance.into(),
            attested: attempt.attestation.and_then(AttestationFinding::good),
        };
        let session = session::begin(context, user.id, shown, now, now)?;
        let template = accepted.upgrade.map(|face| face.template(context, now));
        let policy = EnrolmentPolicy::from(&context.policy);
        let sign_in = SignIn {
            attempt: &attempt,
            refresh: &session.row,
            matched: accepted.matched,
            begun: Some(begun),
            upgrade: template.as_ref().map(|template| Upgrade { template, policy: &policy }),
            alone: context.second_factor.face_alone(),
        };
        if !context.store.record_sign_in(&sign_in).await? {
            // Erased, reset or withdrawn between the query and now, or a passkey is asked for now.
            return Err(Error::Refused(Refusal::NoTemplate));
        }
        let origin = origin.by(Actor::Session(session.row.session));
        let subject = Subject::Account(user.id);
        audit::announce(&attempt, &origin, subject.clone());
        if template.is_some() {
            origin.log(EventKind::MovedToModel, subject);
        }
        let tokens = session.issue(context, now, begun.known_device())?;
        let signed_in = SignedIn { user, tokens };
        Ok(Recognised::SignedIn(Box::new(Verified { signed_in, score: accepted.score })))
    }

    async fn refuse(
        &self,
        mut attempt: Attempt,
        refusal: Refusal,
        refused: Option<Box<Judgement>>,
    ) -> Result<Recognised> {
        attempt.outcome = refusal.into();
        attempt.reasons = refused.as_ref().map(|judged| judged.reasons()).unwrap_or_default();
        audit::record(self.context, &attempt, &self.origin, Some(&self.username)).await?;
        Err(match refused {
            Some(judgement) => Error::NotLive(judgement),
            None => Error::Refused(refusal),
        })
    }

    /// What is written down of it, until more is known.
    fn record(&self) -> Attempt {
        let (kind, outcome) = (AttemptKind::Verify, AttemptOutcome::Accepted);
        audit::attempt(self.context, kind, outcome, &self.origin)
    }
}

/// A decision in favour of the person.
struct Accepted {
    /// The template that matched best.
    matched: TemplateId,
    assurance: Assurance,
    score: Score,
    /// The face that is worth a template of the current model.
    upgrade: Option<LiveFace>,
}
