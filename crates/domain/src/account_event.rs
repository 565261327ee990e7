//! What the holder of an account should hear of, beside the service: one list.
//!
//! A deployment is told by webhooks and turns them into mail (docs/webhooks.md). An event says what
//! happened to which account, and when. It never says why something was refused, where a request
//! came from, or what a face looked like.

/// Writes the enum and its table from one list, so that no event lacks a word or a meaning.
macro_rules! events {
    ($($variant:ident $word:literal $meaning:literal;)*) => {
        /// A kind of event that the holder of an account should hear of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AccountEvent {
            $(#[doc = $meaning] $variant,)*
        }

        impl AccountEvent {
            /// Every kind, as docs/webhooks.md lists them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// `type` of the webhook. It stays the same in all releases.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What has happened, for the table in docs/webhooks.md.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

events! {
    NewDevice "account.new_device"
        "somebody signed in on a device that had not signed in to the account before";
    FaceAdded "account.face_added"
        "another face was added, or the first one after a reset";
    FaceRemoved "account.face_removed"
        "a face was removed";
    PasskeyAdded "account.passkey_added"
        "a passkey was registered";
    PasskeyRemoved "account.passkey_removed"
        "a passkey was removed";
    RecoveryCodeUsed "account.recovery_code_used"
        "a recovery code signed somebody in";
    RecoveryCodesMade "account.recovery_codes_made"
        "new recovery codes took the place of the old ones";
    Locked "account.locked"
        "sign-ins failed so often that the name has to wait: once for each lock";
    Reset "account.reset"
        "a service took every face and passkey off the account, and all sessions ended";
    ConsentWithdrawn "account.consent_withdrawn"
        "consent was withdrawn: every face is gone, and all sessions ended";
    Erased "account.erased"
        "the account was erased by its holder";
    Retired "account.retired"
        "the account was erased because nobody had used it for long";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page for deployments.
    const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/webhooks.md"));

    #[test]
    fn the_page_lists_every_event() {
        let rows: String = AccountEvent::ALL
            .iter()
            .map(|event| format!("| `{}` | {} |\n", event.as_str(), event.meaning()))
            .collect();
        let table = format!("| `type` | what has happened |\n| --- | --- |\n{rows}\n");
        assert!(PAGE.contains(&table), "docs/webhooks.md must have this table:\n\n{table}");
    }

    #[test]
    fn words_are_unlike() {
        for (index, event) in AccountEvent::ALL.iter().enumerate() {
            assert!(event.as_str().starts_with("account."), "{event:?}");
            let others = &AccountEvent::ALL[index + 1..];
            assert!(others.iter().all(|other| other.as_str() != event.as_str()), "{event:?}");
        }
    }
}
