//! The floors as `docs/ARCHITECTURE.md` declares them.
//!
//! They are the page's one code block of the language `floors`:
//!
//! ```text
//! crate
//!   upper: module module/inner
//!   lower: other
//!     another
//! ```
//!
//! A crate is named by its folder. Its floors follow, the upper ones first; a floor goes on in
//! lines that are indented further. A module stands for all inside it, unless that is named itself.

use anyhow::{Context, Result, bail};

use crate::graph::is_around;

/// The language of the code block.
const LANGUAGE: &str = "```floors";

/// The floors of every crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The crates in the order of the page.
    pub houses: Vec<House>,
}

/// The floors of a crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct House {
    /// The crate's folder below `crates`.
    pub name: String,
    /// Its floors, the upper ones first.
    pub floors: Vec<Floor>,
}

/// A floor.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Floor {
    /// What it is called.
    pub name: String,
    /// The modules on it, as `liveness/judge`.
    pub modules: Vec<String>,
}

impl Plan {
    /// The plan on a page.
    ///
    /// # Errors
    /// When there is no such block, more than one, or a line of it cannot be read.
    pub fn parse(page: &str) -> Result<Self> {
        let mut lines = page.lines().skip_while(|line| *line != LANGUAGE).skip(1);
        let mut plan = Self::default();
        loop {
            let line = lines.next().with_context(|| format!("no whole block of {LANGUAGE}"))?;
            if line == "```" {
                break;
            }
            plan.add(line).with_context(|| format!("floors: `{line}`"))?;
        }
        if lines.any(|line| line == LANGUAGE) {
            bail!("more than one block of {LANGUAGE}");
        }
        Ok(plan)
    }

    fn add(&mut self, line: &str) -> Result<()> {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() {
            return Ok(());
        }
        if indent == 0 {
            let [name] = &words(line)[..] else { bail!("a crate is one word") };
            self.houses.push(House { name: name.clone(), floors: Vec::new() });
            return Ok(());
        }
        let house = self.houses.last_mut().context("a floor before the first crate")?;
        match (indent, line.split_once(':')) {
            (2, Some((name, modules))) => {
                let floor = Floor { name: name.trim().to_owned(), modules: words(modules) };
                house.floors.push(floor);
            }
            (4.., None) => {
                let floor = house.floors.last_mut().context("modules before the first floor")?;
                floor.modules.extend(words(line));
            }
            _ => bail!("neither a floor, indented by 2, nor more modules, indented by 4"),
        }
        Ok(())
    }

    /// The floors of a crate.
    pub fn house(&self, name: &str) -> Option<&House> {
        self.houses.iter().find(|house| house.name == name)
    }
}

impl House {
    /// The floor of a module, counted from the top: the one that names it, or the nearest module
    /// around it.
    pub fn floor_of(&self, module: &str) -> Option<usize> {
        let named = |(at, floor): (usize, &Floor)| -> Vec<(usize, usize)> {
            let names = floor.modules.iter();
            let of = names.filter(|name| *name == module || is_around(name, module));
            of.map(|name| (name.len(), at)).collect()
        };
        self.floors.iter().enumerate().flat_map(named).max().map(|(_, at)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Words.\n\n```floors\nhouse\n  upper: a\n  lower: b b/c\n    d\n```\n";

    #[test]
    fn the_block_is_read() {
        let plan = Plan::parse(PAGE).unwrap();
        let house = plan.house("house").unwrap();
        assert_eq!(house.floors[1].modules, ["b", "b/c", "d"]);
        assert_eq!(plan.house("other"), None);
    }

    #[test]
    fn the_nearest_module_that_is_named_decides() {
        let page = "```floors\nhouse\n  upper: a/b\n  lower: a\n```\n";
        let plan = Plan::parse(page).unwrap();
        let floor = |module: &str| plan.houses[0].floor_of(module);
        assert_eq!(floor("a"), Some(1));
        assert_eq!(floor("a/c"), Some(1));
        assert_eq!(floor("a/b"), Some(0));
        assert_eq!(floor("a/b/d"), Some(0));
        assert_eq!(floor("ab"), None);
    }

    #[test]
    fn a_block_that_cannot_be_read_says_where() {
        for page in ["", "```floors\n", "```floors\n  upper: a\n```\n", "```floors\na b\n```\n"] {
            assert!(Plan::parse(page).is_err(), "{page}");
        }
        let twice = format!("{PAGE}{PAGE}");
        assert!(Plan::parse(&twice).is_err());
    }
}
