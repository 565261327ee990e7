//! What clients may choose as an idempotency key.

/// Longest idempotency key, in characters.
const IDEMPOTENCY_KEY_MAX_CHARS: usize = 255;

/// Whether `text` can be an idempotency key.
pub(crate) fn is_idempotency_key(text: &str) -> bool {
    let visible = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    visible && (1..=IDEMPOTENCY_KEY_MAX_CHARS).contains(&text.len())
}
