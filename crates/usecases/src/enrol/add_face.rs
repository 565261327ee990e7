//! Another face for an account, or the first one after a reset.

use faceauth_domain::attempt::{Attempt, AttemptKind, AttemptOutcome};
use faceauth_domain::enrolment::{EnrolmentPolicy, Misfit};
use faceauth_store::account::Enrolling;
use faceauth_store::faces::{AddFaceError, FaceRecord};

use super::proven::Claim;
use crate::audit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::events::{Origin, Subject};
use crate::presented::{Picture, Pictures, Presented};

/// Adds a face to an account.
///
/// # Errors
/// Why the face is not added, or a failure of ours.
pub async fn add_face(
    context: &Context,
    account: Enrolling<'_>,
    presented: Presented<Picture>,
    origin: &Origin,
) -> Result<FaceRecord> {
    // Checked first, so that an ended session costs no analysis.
    let owner = account.owner().await?;
    let user = owner.id;
    let claim = Claim {
        context,
        kind: AttemptKind::AddFace,
        user: Some(user),
        username: &owner.username,
        vouched: false,
        origin,
    };
    let presented = presented.map(Pictures::from);
    claim.check_liveness(&presented)?;
    let proven = claim.prove(presented).await?;
    let attempt = Attempt {
        assurance: Some(proven.assurance.into()),
        pad_bona_fide: proven.pad_bona_fide,
        attestation: proven.attestation,
        ..claim.attempt(AttemptOutcome::Accepted)
    };
    let now = context.now();
    // One picture or one person was presented, so there is one face.
    let template = proven.face.template(context, now);
    match account.add_face(&template, &attempt, &EnrolmentPolicy::from(&context.policy)).await {
        Ok(()) => {
            audit::announce(&attempt, origin, Subject::Account(user));
            let model = template.embedding.model().clone();
            Ok(FaceRecord { id: template.id, model, created_at: now })
        }
        Err(AddFaceError::Misfit(misfit)) => {
            if misfit == Misfit::SomebodyElse {
                let refused =
                    Attempt { outcome: AttemptOutcome::NonMatch, assurance: None, ..attempt };
                audit::record(context, &refused, origin, None).await?;
            }
            Err(Error::Misfit(misfit))
        }
        Err(AddFaceError::SessionOver) => Err(Error::SessionOver),
        Err(AddFaceError::ConsentWithdrawn) => Err(Error::ConsentWithdrawn),
        Err(AddFaceError::TooMany) => Err(Error::TooManyFaces),
        Err(AddFaceError::Store(error)) => Err(error.into()),
    }
}
