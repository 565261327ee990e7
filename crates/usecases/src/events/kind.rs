//! The kinds of security events, their words and what they mean: one list.

use faceauth_domain::attempt::AttemptKind;

use crate::error::ErrorCode;

/// A kind of security event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    Register,
    Verify,
    AddFace,
    Liveness,
    MovedToModel,
    Blocked,
    CredentialsRefused,
    AccessRefused,
    RateLimited,
    Refreshed,
    RefreshRepeated,
    RefreshReused,
    SignedOut,
    SessionEnded,
    FaceRemoved,
    ConsentGranted,
    ConsentWithdrawn,
    Exported,
    Erased,
    Reset,
    Retired,
}

impl EventKind {
    /// Every kind, as docs/operations.md lists them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 21] = [
        Self::Register,
        Self::Verify,
        Self::AddFace,
        Self::Liveness,
        Self::MovedToModel,
        Self::Blocked,
        Self::CredentialsRefused,
        Self::AccessRefused,
        Self::RateLimited,
        Self::Refreshed,
        Self::RefreshRepeated,
        Self::RefreshReused,
        Self::SignedOut,
        Self::SessionEnded,
        Self::FaceRemoved,
        Self::ConsentGranted,
        Self::ConsentWithdrawn,
        Self::Exported,
        Self::Erased,
        Self::Reset,
        Self::Retired,
    ];

    /// `event` of the line.
    pub(crate) const fn as_str(self) -> &'static str {
        self.words().0
    }

    /// What has happened, for the table in docs/operations.md.
    #[cfg(test)]
    const fn meaning(self) -> &'static str {
        self.words().1
    }

    /// The word and its meaning.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Register => ("register", "an enrolment: `outcome` says how it ended"),
            Self::Verify => ("verify", "a sign-in: `outcome` says how it ended"),
            Self::AddFace => {
                ("add_face", "another face for an account, or the first after a reset")
            }
            Self::Liveness => {
                ("liveness", "a capture that was judged by itself, before it is used")
            }
            Self::MovedToModel => ("moved_to_model", "a sign-in wrote a template of another model"),
            Self::Blocked => ("blocked", "a sign-in was refused unseen after too many failures"),
            Self::CredentialsRefused => {
                ("credentials_refused", "a token or API key is missing or not good: see `reason`")
            }
            Self::AccessRefused => {
                ("access_refused", "the caller may not do this here: see `reason`")
            }
            Self::RateLimited => ("rate_limited", "a client sent too many requests"),
            Self::Refreshed => ("refreshed", "a session was renewed"),
            Self::RefreshRepeated => {
                ("refresh_repeated", "a lost renewal was answered again to who has its retry key")
            }
            Self::RefreshReused => {
                ("refresh_reused", "a used refresh token came again, and its `session` was ended")
            }
            Self::SignedOut => ("signed_out", "a session was ended by its refresh token"),
            Self::SessionEnded => ("session_ended", "the account holder ended a session"),
            Self::FaceRemoved => ("face_removed", "the account holder removed a face"),
            Self::ConsentGranted => ("consent_granted", "the account holder agreed to a policy"),
            Self::ConsentWithdrawn => {
                ("consent_withdrawn", "the account holder withdrew consent: every face is gone")
            }
            Self::Exported => ("exported", "everything about the account was handed out"),
            Self::Erased => ("erased", "the account holder erased the account"),
            Self::Reset => ("reset", "a service took every face off an account"),
            Self::Retired => ("retired", "an account was erased because nobody used it"),
        }
    }

    /// Whether it is logged as a warning: somebody was refused for who they are, or has a copy
    /// of a token.
    pub(crate) const fn is_warning(self) -> bool {
        matches!(
            self,
            Self::Blocked
                | Self::CredentialsRefused
                | Self::AccessRefused
                | Self::RateLimited
                | Self::RefreshReused
        )
    }

    /// The kind of a refusal that has to do with who is calling. `authentication_failed` is no
    /// such one: the attempt has an event of its own.
    pub(crate) const fn of_refusal(code: ErrorCode) -> Option<Self> {
        match code {
            ErrorCode::TokenInvalid | ErrorCode::TokenExpired => Some(Self::CredentialsRefused),
            ErrorCode::InsufficientScope
            | ErrorCode::ConsentRequired
            | ErrorCode::EnrolmentNotAllowed
            | ErrorCode::LivenessRequired => Some(Self::AccessRefused),
            ErrorCode::RateLimited => Some(Self::RateLimited),
            ErrorCode::TooManyFailures => Some(Self::Blocked),
            _ => None,
        }
    }
}

impl From<AttemptKind> for EventKind {
    fn from(kind: AttemptKind) -> Self {
        match kind {
            AttemptKind::Register => Self::Register,
            AttemptKind::Verify => Self::Verify,
            AttemptKind::AddFace => Self::AddFace,
            AttemptKind::Liveness => Self::Liveness,
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
            .into_iter()
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
        for (index, kind) in EventKind::ALL.into_iter().enumerate() {
            assert_eq!(index, kind as usize, "{}", kind.as_str());
        }
        assert_eq!(EventKind::ALL.len(), EventKind::Retired as usize + 1);
    }

    /// What would write security events past [`super::super::Event::log`].
    #[test]
    fn no_other_file_names_the_target() {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut folders = vec![std::path::PathBuf::from(source)];
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
        assert_eq!(named, [std::path::Path::new(source).join("events.rs")]);
    }
}
