//! Circles of files.
//!
//! A module and the modules inside it are one subject in two or more files, so an arrow between
//! them closes no circle by itself: they are looked at once without the arrows outwards and once
//! without those inwards.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::graph::{Graph, is_around, module_of};

/// Files, each of which uses the next, and the last the first.
pub type Circle = Vec<String>;

/// The shortest circle through each arrow that is part of one; each circle once, the shortest
/// first.
pub fn circles(graph: &Graph) -> Vec<Circle> {
    let outwards = |from: &str, to: &str| is_around(module_of(to), module_of(from));
    let inwards = |from: &str, to: &str| is_around(module_of(from), module_of(to));
    let mut found = circles_without(graph, outwards);
    found.extend(circles_without(graph, inwards));
    let mut found: Vec<Circle> = found.into_iter().collect();
    found.sort_by_key(|circle| (circle.len(), circle.clone()));
    found
}

fn circles_without(graph: &Graph, passed_over: impl Fn(&str, &str) -> bool) -> BTreeSet<Circle> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in graph.arrows.keys().filter(|(from, to)| !passed_over(from, to)) {
        next.entry(from).or_default().push(to);
    }
    let mut found = BTreeSet::new();
    for (&from, tos) in &next {
        for &to in tos {
            if let Some(way) = shortest_way(&next, to, from) {
                found.insert(from_its_least(way));
            }
        }
    }
    found
}

/// The files on the shortest way, both ends among them.
fn shortest_way<'a>(
    next: &BTreeMap<&'a str, Vec<&'a str>>,
    from: &'a str,
    to: &'a str,
) -> Option<Vec<&'a str>> {
    let mut before = BTreeMap::from([(from, from)]);
    let mut waiting = VecDeque::from([from]);
    while let Some(here) = waiting.pop_front() {
        if here == to {
            let mut way = vec![here];
            while way[way.len() - 1] != from {
                way.push(before[way[way.len() - 1]]);
            }
            way.reverse();
            return Some(way);
        }
        for &there in next.get(here).into_iter().flatten() {
            before.entry(there).or_insert_with(|| {
                waiting.push_back(there);
                here
            });
        }
    }
    None
}

/// The same circle, beginning with the file that comes first by name.
fn from_its_least(way: Vec<&str>) -> Circle {
    let least = (0..way.len()).min_by_key(|at| way[*at]).unwrap_or_default();
    let (head, tail) = way.split_at(least);
    tail.iter().chain(head).map(|file| (*file).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::tree;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let graph = Graph::of(&tree(files)).unwrap();
        circles(&graph).iter().map(|circle| circle.join(" ")).collect()
    }

    const NONE: Vec<String> = Vec::new();

    #[test]
    fn a_tree_without_a_circle_is_clean() {
        assert_eq!(
            found(&[
                ("lib.rs", "mod a; mod b; pub use a::A;"),
                ("a.rs", "use crate::b::B; pub struct A(B);"),
                ("b.rs", "pub struct B;"),
            ]),
            NONE
        );
    }

    #[test]
    fn two_files_that_use_each_other_are_a_circle() {
        let house = |b: &str| {
            found(&[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "use crate::b::B; pub struct A(B); pub fn make() {}"),
                ("b.rs", b),
            ])
        };
        let circle = ["a.rs b.rs"];
        assert_eq!(house("use super::a; pub struct B; fn f() { a::make() }"), circle);
        assert_eq!(house("pub struct B(Box<crate::a::A>);"), circle, "a path in a type");
        assert_eq!(house("pub struct B; fn f() { println!(\"{}\", crate::a::make()) }"), circle);
        assert_eq!(house("pub struct B; fn f() { use super::a::*; make() }"), circle);
        assert_eq!(house("#[x(with = \"crate::a::make\")] pub struct B;"), circle);
        assert_eq!(house("pub struct B; #[cfg(test)] mod t { use crate::a::A; }"), NONE);
        assert_eq!(house("pub struct B; #[cfg(all(test, x))] use crate::a::A;"), NONE);
        assert_eq!(house("/// [`crate::a::A`]\npub struct B;"), NONE, "a link in a comment");
        assert_eq!(house("pub struct B; use ::a::make; fn f() { make() }"), NONE, "another crate");
    }

    #[test]
    fn a_name_that_is_handed_on_hides_no_circle() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::inner::A; pub(crate) use b::B as Renamed;"),
            ("a.rs", "pub mod inner; pub use inner::A;"),
            ("a/inner.rs", "use crate::Renamed; pub struct A(Renamed);"),
            ("b.rs", "use crate::a::A; pub struct B(Option<Box<A>>);"),
        ];
        assert_eq!(found(&files), ["a/inner.rs b.rs"]);
    }

    #[test]
    fn who_hands_on_a_name_of_elsewhere_is_part_of_the_circle() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "pub use crate::c::C; use crate::b::B; fn f(_: B) {}"),
            ("b.rs", "use crate::a::C; pub struct B(C);"),
            ("c.rs", "pub struct C;"),
        ];
        assert_eq!(found(&files), ["a.rs b.rs"]);
    }

    #[test]
    fn a_module_and_its_own_modules_are_no_circle_but_two_of_those_are() {
        let house = |one: &str| {
            found(&[
                ("lib.rs", "mod a; mod b;"),
                ("a.rs", "mod one; mod two; pub struct A; fn f() { one::g(); two::h() }"),
                ("a/one.rs", one),
                ("a/two.rs", "use super::{A, one}; pub fn h() { one::g() } pub fn i(_: A) {}"),
                ("b.rs", "pub fn j() { crate::a::f() }"),
            ])
        };
        assert_eq!(house("use super::A; pub fn g() {}"), NONE);
        assert_eq!(house("pub fn g() { super::two::h() }"), ["a/one.rs a/two.rs"]);
        assert_eq!(
            house("pub fn g() { crate::b::j() }"),
            ["a.rs a/one.rs b.rs", "a.rs a/two.rs a/one.rs b.rs"],
            "by way of a third"
        );
    }

    #[test]
    fn a_method_that_stands_apart_from_its_type_is_found() {
        let house = |call: &str| {
            found(&[
                ("lib.rs", "mod base; mod upper; mod lower;"),
                ("base.rs", "pub struct S;"),
                ("upper.rs", "use crate::base::S; impl S { pub fn up(&self) { self.low() } }"),
                ("lower.rs", call),
            ])
        };
        let circle = ["lower.rs upper.rs"];
        let low = "pub fn low(&self)";
        assert_eq!(
            house(&format!("use crate::base::S; impl S {{ {low} {{ self.up() }} }}")),
            circle
        );
        assert_eq!(
            house(&format!("use crate::base::S; impl S {{ {low} {{ S::up(self) }} }}")),
            circle
        );
        assert_eq!(
            house(&format!(
                "use crate::base::S; impl S {{ {low} {{ help(self) }} }} fn help(s: &S) {{ s.up() }}"
            )),
            circle
        );
        assert_eq!(house(&format!("use crate::base::S; impl S {{ {low} {{}} }}")), NONE);
    }

    #[test]
    fn a_macro_is_followed_to_its_file() {
        let files = [
            ("lib.rs", "#[macro_use] mod a; mod b;"),
            ("a.rs", "macro_rules! m { () => { $crate::b::B } }"),
            ("b.rs", "pub struct B; fn f() { m!() }"),
        ];
        assert_eq!(found(&files), ["a.rs b.rs"]);
    }
}
