//! What becomes of something that is sealed for minutes when its key is taken away.

use super::SealError;

/// The one rule for what a key of the deployment seals for minutes, which is not sealed anew when
/// keys are rotated. When an operator has taken its key away, it is over like what has expired:
/// `None`, and a warning that names the key. Anything else that keeps it from opening stays an
/// error, because then it was changed or moved.
///
/// Templates and the keys of people last for years. They never pass here: without their key nobody
/// can sign in, and that has to be noticed.
pub(super) fn unless_key_is_gone<T>(
    what: &'static str,
    key_id: &str,
    opened: Result<T, SealError>,
) -> Result<Option<T>, SealError> {
    match opened {
        Err(SealError::UnknownKey) => {
            tracing::warn!(what, key_id, "its seal key is not known, so it counts as over");
            Ok(None)
        }
        opened => opened.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unknown_key_ends_what_waits() {
        assert_eq!(unless_key_is_gone("it", "k", Ok(1)), Ok(Some(1)));
        assert_eq!(unless_key_is_gone("it", "k", Err::<u8, _>(SealError::UnknownKey)), Ok(None));
        for error in [SealError::Tampered, SealError::Malformed, SealError::Randomness] {
            assert_eq!(unless_key_is_gone("it", "k", Err::<u8, _>(error)), Err(error));
        }
    }
}
