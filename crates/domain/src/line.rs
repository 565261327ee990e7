//! Names that people give to things: one line that shows all it holds.

/// `text` without blanks around it. `None` when nothing is left, it has more than `max_chars`
/// characters, or it holds characters that control a terminal or a page.
pub(crate) fn visible_line(text: &str, max_chars: usize) -> Option<&str> {
    let text = text.trim();
    let fits = (1..=max_chars).contains(&text.chars().count());
    (fits && !text.chars().any(is_unseen)).then_some(text)
}

/// Characters that are not seen, or change how their neighbours are: controls and the marks of
/// bidirectional text (Unicode UAX 9).
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}
