//! How long files and functions are.

use std::fmt::Write;

use anyhow::Result;
use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use crate::sources::Sources;

/// The most lines of a function, from `fn` to its last brace.
const LONGEST_FUNCTION: usize = 60;

/// Lines of the files and functions of each crate, and of all: how many there are, the median, the
/// 90th percentile and the largest; then each function that is longer than it should be. Tests
/// count like everything else below `src`.
///
/// # Errors
/// When a file is no Rust.
pub fn report(crates: &[Sources]) -> Result<String> {
    let mut text = String::new();
    let (mut all_files, mut all_functions) = (Vec::new(), Vec::new());
    let mut long = String::new();
    writeln!(text, "{:<14} files: n median p90 max   functions: n median p90 max", "crate")?;
    for sources in crates {
        let (mut files, mut functions) = (Vec::new(), Vec::new());
        for (file, source) in &sources.files {
            files.push(source.lines().count());
            let mut found = Functions(Vec::new());
            found.visit_file(&syn::parse_file(source)?);
            for (name, lines) in found.0 {
                functions.push(lines);
                if lines > LONGEST_FUNCTION {
                    writeln!(long, "  {lines} {}/src/{file} {name}", sources.name)?;
                }
            }
        }
        writeln!(text, "{}", line(&sources.name, &mut files, &mut functions))?;
        all_files.extend(files);
        all_functions.extend(functions);
    }
    writeln!(text, "{}", line("all", &mut all_files, &mut all_functions))?;
    write!(text, "functions over {LONGEST_FUNCTION} lines:\n{long}")?;
    Ok(text)
}

fn line(name: &str, files: &mut [usize], functions: &mut [usize]) -> String {
    let [files, functions] = [files, functions].map(|lengths| {
        lengths.sort_unstable();
        let [median, ninth] = [at(lengths, 50), at(lengths, 90)];
        format!("{} {median} {ninth} {}", lengths.len(), at(lengths, 100))
    });
    format!("{name:<14} {files:>22}   {functions:>25}")
}

/// The smallest length that `percent` of the sorted lengths do not exceed; 0 when there are none.
fn at(sorted: &[usize], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// Each function with a body, and its lines.
struct Functions(Vec<(String, usize)>);

impl Functions {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let span = |span: Span| span.start().line;
        let (first, last) = (span(signature.fn_token.span), span(block.brace_token.span.close()));
        self.0.push((signature.ident.to_string(), last - first + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::tree;

    #[test]
    fn lengths_are_counted_and_ranked() {
        let text = format!("/// Words.\nfn a() {{\n{}}}\nfn b() {{}}\n", "\n".repeat(60));
        let report = report(&[tree(&[("lib.rs", &text)])]).unwrap();
        let words = |line: usize| -> Vec<&str> {
            report.lines().nth(line).unwrap().split_whitespace().collect()
        };
        assert_eq!(words(1), ["house", "1", "64", "64", "64", "2", "1", "62", "62"]);
        assert_eq!(words(2)[1..], words(1)[1..]);
        assert_eq!(words(4), ["62", "house/src/lib.rs", "a"]);
        assert_eq!(at(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 50), 5);
        assert_eq!(at(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), 9);
        assert_eq!(at(&[], 90), 0);
    }
}
