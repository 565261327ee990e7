//! As much of Markdown as the checks need: lines, code blocks, links, code spans, headings.

/// A page, as lines that know whether they are inside a code block.
pub struct Page {
    lines: Vec<Line>,
}

struct Line {
    text: String,
    /// Whether it belongs to a code block, or opens or closes one.
    code: bool,
}

impl Page {
    pub fn parse(text: &str) -> Self {
        let mut fence: Option<&str> = None;
        let mut lines = Vec::new();
        for text in text.lines() {
            let start = text.trim_start();
            let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
            let code = fence.is_some() || mark.is_some();
            match (fence, mark) {
                (None, Some(mark)) => fence = Some(mark),
                (Some(open), Some(mark)) if open == mark => fence = None,
                _ => {}
            }
            lines.push(Line { text: text.to_owned(), code });
        }
        Self { lines }
    }

    /// Lines outside code blocks with their numbers, from 1.
    fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.lines.iter().enumerate();
        numbered.filter(|(_, line)| !line.code).map(|(index, line)| (index + 1, line.text.as_str()))
    }

    /// Lines of prose with more than `most` columns, and how many they have. Rows of tables,
    /// headings, and lines that cannot be broken are not among them.
    pub fn too_wide(&self, most: usize) -> Vec<(usize, usize)> {
        self.prose()
            .filter(|(_, text)| {
                let text = text.trim();
                !text.starts_with('|') && !text.starts_with('#') && text.contains(' ')
            })
            .map(|(number, text)| (number, text.chars().count()))
            .filter(|(_, columns)| *columns > most)
            .collect()
    }

    /// The targets of links, `[text](target)`, which stand on one line.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, text) in self.prose() {
            let text = without_spans(text);
            for (start, _) in text.match_indices("](") {
                let rest = &text[start + 2..];
                if let Some(end) = rest.find(')') {
                    links.push((number, rest[..end].to_owned()));
                }
            }
        }
        links
    }

    /// What stands between single backticks, in prose and in tables.
    pub fn spans(&self) -> Vec<(usize, String)> {
        let mut spans = Vec::new();
        for (number, text) in self.prose() {
            let inside = text.split('`').skip(1).step_by(2);
            spans.extend(inside.map(|span| (number, span.to_owned())));
        }
        spans
    }

    /// Whether a heading makes `anchor`, as GitHub does: lower case, spaces as hyphens, other
    /// signs left out.
    pub fn has_anchor(&self, anchor: &str) -> bool {
        self.prose()
            .filter(|(_, text)| text.starts_with('#'))
            .any(|(_, text)| anchor_of(text.trim_start_matches('#')) == anchor)
    }
}

fn anchor_of(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// `text` with everything between backticks left out.
fn without_spans(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_prose_can_be_too_wide() {
        let long = "word ".repeat(30);
        let page = format!("{long}\n| {long} |\n# {long}\n```\n{long}\n```\n{}\n", "a".repeat(200));
        assert_eq!(Page::parse(&page).too_wide(100), [(1, 150)]);
    }

    #[test]
    fn columns_are_characters_and_not_bytes() {
        let page = format!("a {}", "ä".repeat(98));
        assert!(Page::parse(&page).too_wide(100).is_empty());
    }

    #[test]
    fn links_and_spans_outside_code_are_found() {
        let page = Page::parse("see [a](b.md#c) and `d` and `[x](y)`\n```\n[e](f) `g`\n```\n");
        assert_eq!(page.links(), [(1, "b.md#c".to_owned())]);
        assert_eq!(page.spans(), [(1, "d".to_owned()), (1, "[x](y)".to_owned())]);
    }

    #[test]
    fn anchors_are_made_as_github_makes_them() {
        let page = Page::parse("## What happens in `POST /verify`\n\n### It's a name, too\n");
        assert!(page.has_anchor("what-happens-in-post-verify"));
        assert!(page.has_anchor("its-a-name-too"));
        assert!(!page.has_anchor("something-else"));
    }
}
