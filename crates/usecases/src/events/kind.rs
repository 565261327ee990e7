//! The kinds of security events, their words and what they mean: one list.

use faceauth_domain::attempt::AttemptKind;

/// Writes the enum and its table from one list, so that no kind lacks a column.
macro_rules! kinds {
    ($($variant:ident $word:literal $level:ident $meaning:literal;)*) => {
        /// A kind of security event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventKind {
            $(#[doc = $meaning] $variant,)*
        }

        impl EventKind {
            /// Every kind, as docs/operations.md lists them.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// `event` of the line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What has happened, for the table in docs/operations.md.
            #[cfg(test)]
            const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// Whether it is logged as a warning: a caller was refused access, or somebody has a
            /// copy of a token.
            #[must_use]
            pub const fn is_warning(self) -> bool {
                match self { $(Self::$variant => kinds!(@is_warning $level),)* }
            }
        }
    };
    (@is_warning info) => { false };
    (@is_warning warn) => { true };
}

kinds! {
    Register "register" info
        "an enrolment: `outcome` says how it ended";
    Verify "verify" info
        "a sign-in: `outcome` says how it ended";
    AddFace "add_face" info
        "another face for an account, or the first after a reset";
    Liveness "liveness" info
        "a capture that was judged before it is used for one of the others";
    MovedToModel "moved_to_model" info
        "a sign-in wrote a template of another model";
    Blocked "blocked" warn
        "a sign-in was refused unseen after too many failures";
    CredentialsRefused "credentials_refused" warn
        "a token or API key is missing or not good: see `reason`";
    AccessRefused "access_refused" warn
        "the caller may not do this here: see `reason`";
    RateLimited "rate_limited" warn
        "a client sent too many requests";
    Refreshed "refreshed" info
        "a session was renewed";
    RefreshRepeated "refresh_repeated" info
        "a lost renewal was answered again to a client with its retry key";
    RefreshReused "refresh_reused" warn
        "a used refresh token came again, and its `session` was ended";
    SignedOut "signed_out" info
        "a session was ended by its refresh token";
    SessionEnded "session_ended" info
        "the account holder ended a session";
    ClientDisconnected "client_disconnected" info
        "the account holder took back what a client was given";
    FaceRemoved "face_removed" info
        "the account holder removed a face";
    Passkey "passkey" info
        "a sign-in by a passkey or a recovery code: `outcome` says how it ended";
    PasskeyAdded "passkey_added" info
        "a passkey was registered for an account";
    PasskeyRemoved "passkey_removed" info
        "the account holder removed a passkey";
    RecoveryCodesMade "recovery_codes_made" info
        "the account holder made new recovery codes";
    RecoveryCodeUsed "recovery_code_used" warn
        "a recovery code signed somebody in";
    ConsentGranted "consent_granted" info
        "the account holder agreed to a policy";
    ConsentWithdrawn "consent_withdrawn" info
        "the account holder withdrew consent: every face is gone";
    Exported "exported" info
        "everything about the account was handed out";
    Erased "erased" info
        "the account holder erased the account";
    Reset "reset" info
        "a service took every face off an account";
    Invited "invited" info
        "a service invited a name";
    ClientAuthorized "client_authorized" info
        "a person let a client sign them in: it was given a code";
    ClientRefused "client_refused" info
        "a person refused the request of a client";
    CodeRedeemed "code_redeemed" info
        "a client redeemed a code: its `session` begins";
    CodeReused "code_reused" warn
        "a redeemed code came again, and its `session` was ended";
    TokenRevoked "token_revoked" info
        "a client gave a token back, and its `session` was ended";
    LoggedOut "logged_out" info
        "a browser was logged out, by a client or by the person";
    Retired "retired" info
        "an unused account was erased";
}

impl From<AttemptKind> for EventKind {
    fn from(kind: AttemptKind) -> Self {
        match kind {
            AttemptKind::Register => Self::Register,
            AttemptKind::Verify => Self::Verify,
            AttemptKind::AddFace => Self::AddFace,
            AttemptKind::Liveness => Self::Liveness,
            AttemptKind::Passkey => Self::Passkey,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The guide for operators.
    const GUIDE: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md"));

    #[test]
    fn the_guide_lists_every_event() {
        let table: String = EventKind::ALL
            .iter()
            .map(|kind| {
                let level = if kind.is_warning() { "warn" } else { "info" };
                format!("| `{}` | {level} | {} |\n", kind.as_str(), kind.meaning())
            })
            .collect();
        let header = "| event | level | what has happened |\n| --- | --- | --- |\n";
        let table = format!("{header}{table}\n");
        assert!(GUIDE.contains(&table), "docs/operations.md must have this table:\n\n{table}");
    }

    #[test]
    fn every_event_is_listed_once() {
        for (index, kind) in EventKind::ALL.iter().enumerate() {
            assert_eq!(index, *kind as usize, "{}", kind.as_str());
        }
        assert_eq!(EventKind::ALL.len(), EventKind::Retired as usize + 1);
    }

    /// What would write security events past [`super::super::Event::log`].
    #[test]
    fn no_other_file_names_the_target() {
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut folders: Vec<_> = std::fs::read_dir(&crates)
            .unwrap()
            .map(|entry| entry.unwrap().path().join("src"))
            .filter(|source| source.is_dir())
            .collect();
        let mut named = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    if text.contains(concat!("SECURITY_", "EVENTS"))
                        || text.contains(concat!("faceauth::", "security"))
                    {
                        named.push(path);
                    }
                }
            }
        }
        assert_eq!(named, [crates.join("usecases/src/events.rs")]);
    }
}
