//! What breaks the plan.

use anyhow::Result;

use crate::circles::{Circle, circles};
use crate::graph::{Graph, module_of};
use crate::plan::{House, Plan};
use crate::sources::Sources;

/// Circles of one crate that are printed: mending those opens most of the others.
const CIRCLES_SHOWN: usize = 5;

/// Every breach, in words that say what to mend.
///
/// # Errors
/// When a file is no Rust, or no module reaches it.
pub fn breaches(plan: &Plan, crates: &[Sources]) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for sources in crates {
        let name = &sources.name;
        let graph = Graph::of(sources)?;
        let mut found = circles_in_words(&graph);
        match plan.house(name) {
            Some(house) => found.extend(against(house, &graph)),
            None => found.push("  it has no floors".to_owned()),
        }
        if !found.is_empty() {
            breaches.push(format!("crate {name}:\n{}", found.join("\n")));
        }
    }
    let houses = plan.houses.iter().map(|house| &house.name);
    for name in houses.filter(|name| crates.iter().all(|sources| sources.name != **name)) {
        breaches.push(format!("there is no crate {name}"));
    }
    Ok(breaches)
}

fn circles_in_words(graph: &Graph) -> Vec<String> {
    let found = circles(graph);
    let shown = found.iter().take(CIRCLES_SHOWN).map(|circle| in_words(graph, circle));
    let mut words: Vec<String> = shown.collect();
    if let Some(more) = found.len().checked_sub(CIRCLES_SHOWN).filter(|more| *more > 0) {
        words.push(format!("  and {more} more circles"));
    }
    words
}

fn in_words(graph: &Graph, circle: &Circle) -> String {
    let mut words = format!("  a circle of {} files:", circle.len());
    for (from, to) in circle.iter().zip(circle.iter().cycle().skip(1)) {
        words.push_str("\n    ");
        words.push_str(&graph.shown(from, to));
    }
    words
}

/// Arrows upwards, files without a floor, and names of no file.
fn against(house: &House, graph: &Graph) -> Vec<String> {
    let mut breaches = Vec::new();
    for (from, to) in graph.arrows.keys() {
        let floor = |file: &str| house.floor_of(module_of(file));
        if let (Some(lower), Some(upper)) = (floor(from), floor(to))
            && lower > upper
        {
            let [lower, upper] = [lower, upper].map(|at| &house.floors[at].name);
            breaches.push(format!("  {lower} uses {upper}: {}", graph.shown(from, to)));
        }
    }
    let modules: Vec<&str> = graph.files.iter().map(|file| module_of(file)).collect();
    for module in modules.iter().filter(|module| !module.is_empty()) {
        if house.floor_of(module).is_none() {
            breaches.push(format!("  {module} is on no floor"));
        }
    }
    for name in house.floors.iter().flat_map(|floor| &floor.modules) {
        if !modules.contains(&name.as_str()) {
            breaches.push(format!("  there is no module {name}"));
        }
        if house.floors.iter().flat_map(|floor| &floor.modules).filter(|n| *n == name).count() > 1 {
            breaches.push(format!("  {name} is named twice"));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::tree;

    const FILES: &[(&str, &str)] = &[
        ("lib.rs", "mod upper; mod lower; pub use upper::f;"),
        ("upper.rs", "pub fn f() { crate::lower::g() }"),
        ("lower.rs", "pub fn g() {}"),
    ];

    fn found(block: &str, files: &[(&str, &str)]) -> Vec<String> {
        let plan = Plan::parse(&format!("```floors\n{block}\n```\n")).unwrap();
        breaches(&plan, &[tree(files)]).unwrap()
    }

    #[test]
    fn arrows_downwards_pass() {
        assert_eq!(found("house\n  one: upper\n  two: lower", FILES), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_upwards_is_a_breach() {
        let found = found("house\n  one: lower\n  two: upper", FILES);
        assert_eq!(found, ["crate house:\n  two uses one: upper.rs:1 -> lower.rs (g)"]);
    }

    #[test]
    fn a_circle_is_a_breach_and_its_arrows_are_told() {
        let files = [FILES[0], FILES[1], ("lower.rs", "\npub fn g() { crate::f() }")];
        let found = found("house\n  one: lower upper", &files);
        assert_eq!(
            found,
            ["crate house:\n  a circle of 2 files:\n    lower.rs:2 -> upper.rs (f)\n    \
              upper.rs:1 -> lower.rs (g)"]
        );
    }

    #[test]
    fn every_file_has_a_floor_and_every_floor_its_files() {
        assert_eq!(
            found("house\n  one: upper old upper\ncellar", FILES),
            [
                "crate house:\n  lower is on no floor\n  upper is named twice\n  there is no module \
              old\n  upper is named twice",
                "there is no crate cellar"
            ]
        );
        assert_eq!(found("", FILES), ["crate house:\n  it has no floors"]);
    }

    #[test]
    fn a_file_that_no_module_reaches_is_an_error() {
        let plan = Plan::parse("```floors\n```\n").unwrap();
        let files = [FILES[0], FILES[1], FILES[2], ("lost.rs", "")];
        let error = breaches(&plan, &[tree(&files)]).unwrap_err().to_string();
        assert!(error.contains("lost.rs"), "{error}");
    }
}
