//! Paths as they are written: `crate::a::B`, `super::c`, `D::new`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{ItemUse, UseTree};

/// The words of a path, in order. The first may be `crate`, `self`, `super` or `Self`.
pub type Words = Vec<String>;

/// One name that a `use` brings in.
#[derive(Debug, PartialEq, Eq)]
pub enum Import {
    /// One name, perhaps renamed.
    Name {
        /// What it is called here.
        name: String,
        /// What it is.
        words: Words,
        /// The line it is written on, from 1.
        line: usize,
    },
    /// Everything in a module or an enum.
    All {
        /// The module or the enum.
        words: Words,
    },
}

/// What a `use` brings in. Nothing when it names another crate with `::` before it.
pub fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    if item.leading_colon.is_none() {
        unfold(&item.tree, &mut Vec::new(), &mut found);
    }
    found
}

fn unfold(tree: &UseTree, before: &mut Words, found: &mut Vec<Import>) {
    let mut one = |ident: &proc_macro2::Ident, name: String| {
        let mut words = before.clone();
        // `use a::{self}` names `a`.
        if *ident != "self" || words.is_empty() {
            words.push(ident.to_string());
        }
        let name = if name == "self" { words.last().cloned().unwrap_or_default() } else { name };
        found.push(Import::Name { name, words, line: ident.span().start().line });
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            unfold(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) => one(&name.ident, name.ident.to_string()),
        UseTree::Rename(rename) => one(&rename.ident, rename.rename.to_string()),
        UseTree::Glob(_) => found.push(Import::All { words: before.clone() }),
        UseTree::Group(group) => {
            for tree in &group.items {
                unfold(tree, before, found);
            }
        }
    }
}

/// The paths in the tokens of a macro or an attribute, each with its line. Texts that are a
/// path, as in `with = "module::function"`, are among them.
pub fn in_tokens(tokens: TokenStream) -> Vec<(Words, usize)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => {
                found.extend(in_tokens(group.stream()));
                at += 1;
            }
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                found.extend(in_text(&literal.to_string()).map(|words| (words, line)));
                at += 1;
            }
            TokenTree::Ident(first) => {
                let line = first.span().start().line;
                let free = at == 0 || !is_bound(&tokens, at);
                let (words, branches, end) = path_from(&tokens, at);
                at = end;
                if !free {
                    continue;
                }
                // `use a::{b, c}` inside a macro.
                for (branch, line) in branches {
                    let mut whole = words.clone();
                    whole.extend(branch);
                    found.push((whole, line));
                }
                found.push((words, line));
            }
            TokenTree::Punct(_) => at += 1,
        }
    }
    found
}

/// Whether the word at `at` is a field, a method, a lifetime or begins in another crate.
fn is_bound(tokens: &[TokenTree], at: usize) -> bool {
    let is = |back: usize, sign: char| {
        at.checked_sub(back).is_some_and(
            |at| matches!(&tokens[at], TokenTree::Punct(punct) if punct.as_char() == sign),
        )
    };
    let range = is(1, '.') && is(2, '.');
    (is(1, '.') && !range) || is(1, '\'') || (is(1, ':') && is(2, ':'))
}

/// The words that begin at `at`, the branches of a group behind them, and where they end.
fn path_from(tokens: &[TokenTree], mut at: usize) -> (Words, Vec<(Words, usize)>, usize) {
    let mut words = Vec::new();
    let sign =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        words.push(word.to_string());
        if !(sign(at + 1) && sign(at + 2)) {
            return (words, Vec::new(), at + 1);
        }
        at += 3;
    }
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            (words, in_tokens(group.stream()), at + 1)
        }
        _ => (words, Vec::new(), at),
    }
}

fn in_text(literal: &str) -> Option<Words> {
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    let words: Words = text.split("::").map(str::to_owned).collect();
    let is_name = |word: &String| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (words.len() > 1 && words.iter().all(is_name)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: &[(Words, usize)]) -> Vec<String> {
        found.iter().map(|(words, _)| words.join("::")).collect()
    }

    #[test]
    fn a_use_is_unfolded() {
        let item: ItemUse = syn::parse_str("use a::{self, b::C as D, e::*};").unwrap();
        let words = |text: &str| text.split("::").map(str::to_owned).collect::<Words>();
        assert_eq!(
            imports(&item),
            [
                Import::Name { name: "a".to_owned(), words: words("a"), line: 1 },
                Import::Name { name: "D".to_owned(), words: words("a::b::C"), line: 1 },
                Import::All { words: words("a::e") },
            ]
        );
    }

    #[test]
    fn paths_are_found_in_the_tokens_of_a_macro() {
        let tokens = "a.b(c::d::<E>(\"f::g\"), ::std::h, 'i, 0..j::K) use l::{m, n::O}";
        let found = in_tokens(tokens.parse().unwrap());
        let found = shown(&found);
        for path in ["a", "c::d", "E", "f::g", "j::K", "l::m", "l::n::O"] {
            assert!(found.contains(&path.to_owned()), "{path} in {found:?}");
        }
        for path in ["b", "std::h", "h", "i"] {
            assert!(!found.contains(&path.to_owned()), "{path} in {found:?}");
        }
    }
}
