//! The ceremonies.

use faceauth_domain::second_factor::TRANSACTION_TTL;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Dispatch;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableKey, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::credential::{Credential, Shown};
use crate::flaw::Flaw;
use crate::state::{Ceremony, CeremonyState};

/// Whose passkey it is to be, as the device shows it.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The account: `user.id` of the options, which a device returns with a passkey.
    pub id: Uuid,
    /// The name of the account.
    pub name: &'a str,
}

/// The first half of a ceremony.
#[derive(Debug, Clone)]
pub struct Begun {
    /// What the browser is given: JSON of `PublicKeyCredentialCreationOptionsJSON` or
    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, 5.1.9 and 5.1.10).
    pub options: String,
    /// What is kept until it answers.
    pub state: CeremonyState,
}

/// Why settings make no relying party.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// There is no origin.
    #[error("name at least one origin")]
    NoOrigin,
    /// An origin is no address.
    #[error("{0} is no origin")]
    Origin(String),
    /// The first origin does not lie in the domain.
    #[error("{origin} does not lie in the domain {id}: browsers refuse such passkeys")]
    Domain {
        /// The origin.
        origin: String,
        /// The domain.
        id: String,
    },
}

/// The service that passkeys are made for.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    webauthn: Webauthn,
}

impl RelyingParty {
    /// The service at the domain `id`, whose pages have these origins. The first one is a web page;
    /// further ones may be apps (`android:apk-key-hash:...`).
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(id: &str, name: &str, origins: &[String]) -> Result<Self, SettingsError> {
        let origins = origins
            .iter()
            .map(|origin| Url::parse(origin).map_err(|_| SettingsError::Origin(origin.clone())))
            .collect::<Result<Vec<_>, _>>()?;
        let (first, others) = origins.split_first().ok_or(SettingsError::NoOrigin)?;
        let domain =
            |_: WebauthnError| SettingsError::Domain { origin: first.to_string(), id: id.into() };
        let ttl = TRANSACTION_TTL.to_std().unwrap_or_default();
        let builder = WebauthnBuilder::new(id, first).map_err(domain)?.rp_name(name).timeout(ttl);
        let builder = others.iter().fold(builder, WebauthnBuilder::append_allowed_origin);
        Ok(Self { webauthn: builder.build().map_err(domain)? })
    }

    /// The service on a developer's own machine: `localhost` at any port.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn on_localhost(name: &str) -> Result<Self, SettingsError> {
        let origin = "http://localhost";
        let failed = || SettingsError::Origin(origin.to_owned());
        let page = Url::parse(origin).map_err(|_| failed())?;
        let builder = WebauthnBuilder::new("localhost", &page).map_err(|_| failed())?;
        let builder = builder.rp_name(name).allow_any_port(true);
        Ok(Self { webauthn: builder.build().map_err(|_| failed())? })
    }

    /// Begins to register a passkey beside those that the account has.
    ///
    /// # Errors
    /// A [`Flaw`] of what is stored.
    pub fn begin_registration(
        &self,
        owner: Owner<'_>,
        existing: &[Credential],
    ) -> Result<Begun, Flaw> {
        let existing = existing.iter().map(|known| known.id.clone()).collect();
        let (mut challenge, state) = unlogged(|| {
            let Owner { id, name } = owner;
            self.webauthn.start_passkey_registration(id, name, name, Some(existing))
        })?;
        // A passkey that its device finds without a name can sign in alone. Small keys that store
        // none are taken all the same.
        if let Some(selection) = &mut challenge.public_key.authenticator_selection {
            selection.resident_key = Some(webauthn_rs_proto::ResidentKeyRequirement::Preferred);
        }
        begun(&challenge.public_key, &Ceremony::Register(state))
    }

    /// The new passkey that `answer` brings. The caller makes sure that no account has it.
    ///
    /// # Errors
    /// The [`Flaw`] of the answer.
    pub fn finish_registration(
        &self,
        state: &CeremonyState,
        answer: &str,
    ) -> Result<Credential, Flaw> {
        let Ceremony::Register(state) = state.open()? else { return Err(Flaw::Malformed) };
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let finish = || self.webauthn.finish_passkey_registration(&answer, &state);
        Credential::of(&unlogged(finish)?)
    }

    /// Begins to ask for one of the passkeys of an account.
    ///
    /// # Errors
    /// A [`Flaw`] of what is stored.
    pub fn begin_named(&self, credentials: &[Credential]) -> Result<Begun, Flaw> {
        let passkeys: Vec<Passkey> =
            credentials.iter().map(Credential::passkey).collect::<Result<_, _>>()?;
        let (challenge, state) =
            unlogged(|| self.webauthn.start_passkey_authentication(&passkeys))?;
        begun(&challenge.public_key, &Ceremony::Named(state))
    }

    /// The passkey of the account `owner` that `answer` shows.
    ///
    /// # Errors
    /// The [`Flaw`] of the answer.
    pub fn finish_named(
        &self,
        state: &CeremonyState,
        answer: &str,
        owner: Uuid,
    ) -> Result<Shown, Flaw> {
        let Ceremony::Named(state) = state.open()? else { return Err(Flaw::Malformed) };
        let answer: PublicKeyCredential = read(answer)?;
        // Named passkeys need not bring it; what they bring must be right (Level 3, 7.2, step 6).
        if answer.get_user_unique_id().is_some_and(|handle| handle != owner.as_bytes()) {
            return Err(Flaw::Credential);
        }
        let finish = || self.webauthn.finish_passkey_authentication(&answer, &state);
        Shown::of(&unlogged(finish)?)
    }

    /// Begins to ask for a passkey of anybody.
    ///
    /// # Errors
    /// A [`Flaw`] of the options.
    pub fn begin_anybody(&self) -> Result<Begun, Flaw> {
        let (challenge, state) = unlogged(|| self.webauthn.start_discoverable_authentication())?;
        begun(&challenge.public_key, &Ceremony::Anybody(state))
    }

    /// The account and the identifier that `answer` claims. Nothing is proved yet.
    ///
    /// # Errors
    /// [`Flaw::Malformed`], and [`Flaw::Credential`] when it names no account.
    pub fn claimed(&self, answer: &str) -> Result<(Uuid, Vec<u8>), Flaw> {
        let answer: PublicKeyCredential = read(answer)?;
        let (owner, id) = unlogged(|| self.webauthn.identify_discoverable_authentication(&answer))?;
        Ok((owner, id.to_vec()))
    }

    /// The passkey that `answer` shows, which has to be `credential`.
    ///
    /// # Errors
    /// The [`Flaw`] of the answer.
    pub fn finish_anybody(
        &self,
        state: &CeremonyState,
        answer: &str,
        credential: &Credential,
    ) -> Result<Shown, Flaw> {
        let Ceremony::Anybody(state) = state.open()? else { return Err(Flaw::Malformed) };
        let answer: PublicKeyCredential = read(answer)?;
        let key = DiscoverableKey::from(credential.passkey()?);
        let finish = || self.webauthn.finish_discoverable_authentication_v2(&answer, state, &key);
        let shown = Shown::of(&unlogged(finish)?)?;
        if shown.id == credential.id { Ok(shown) } else { Err(Flaw::Credential) }
    }
}

/// Runs a ceremony of the library without its log lines, which hold whole answers at the level
/// TRACE. What went wrong comes back as an error and is logged by a word.
fn unlogged<T>(ceremony: impl FnOnce() -> T) -> T {
    tracing::dispatcher::with_default(&Dispatch::none(), ceremony)
}

fn begun<O: Serialize>(options: &O, ceremony: &Ceremony) -> Result<Begun, Flaw> {
    let options = serde_json::to_string(options).map_err(|_| Flaw::Malformed)?;
    Ok(Begun { options, state: CeremonyState::of(ceremony)? })
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Flaw> {
    serde_json::from_str(answer).map_err(|_| Flaw::Malformed)
}
