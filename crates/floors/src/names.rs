//! Which file a name means, through imports and re-exports.

use syn::Type;

use crate::modules::{self, Id, Modules};
use crate::paths::{Import, Words};

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A module.
    Module(Id),
    /// Something that a file defines.
    Item(Found),
}

/// Something that a file defines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The module that defines it.
    pub module: Id,
    /// Its name there.
    pub name: String,
    /// Modules that hand it on and do not stand above it.
    pub by: Vec<Id>,
}

impl Modules {
    /// What `words` mean in the module `from`. `None` when they name another crate, a local
    /// variable or something of the language.
    pub fn meaning(&self, from: Id, words: &[String]) -> Option<Meaning> {
        self.follow(from, words, &mut Vec::new())
    }

    fn follow(&self, from: Id, words: &[String], trail: &mut Trail) -> Option<Meaning> {
        let (first, mut rest) = words.split_first()?;
        let mut here = match first.as_str() {
            "crate" => Meaning::Module(self.around(from)[0]),
            "self" => Meaning::Module(from),
            "super" => Meaning::Module(self.all[from].parent?),
            _ => self.named(from, first, trail)?,
        };
        while let (Meaning::Module(module), Some((next, after))) = (&here, rest.split_first()) {
            let module = *module;
            here = match next.as_str() {
                "super" => Meaning::Module(self.all[module].parent?),
                // What no item, import or module is called here is made by a macro.
                _ => self.named(module, next, trail).unwrap_or(Meaning::Item(Found {
                    module,
                    name: next.clone(),
                    by: Vec::new(),
                })),
            };
            rest = after;
        }
        Some(here)
    }

    /// What a module calls `name`: its own items, modules in it, imports, then imports of all.
    fn named(&self, module: Id, name: &str, trail: &mut Trail) -> Option<Meaning> {
        if trail.contains(&(module, name.to_owned())) {
            return None;
        }
        trail.push((module, name.to_owned()));
        let found = self.named_once(module, name, trail);
        trail.pop();
        found
    }

    fn named_once(&self, module: Id, name: &str, trail: &mut Trail) -> Option<Meaning> {
        let here = &self.all[module];
        if here.items.contains(name) {
            let found = Found { module, name: name.to_owned(), by: Vec::new() };
            return Some(Meaning::Item(found));
        }
        if let Some(child) = here.children.get(name) {
            return Some(Meaning::Module(*child));
        }
        for import in &here.imports {
            if let Import::Name { name: known, words, .. } = import
                && known == name
                && let Some(found) = self.follow(module, words, trail)
            {
                return Some(self.handed_on(module, found));
            }
        }
        for import in &here.imports {
            if let Import::All { words } = import
                && let Some(Meaning::Module(source)) = self.follow(module, words, trail)
                && let Some(found) = self.named(source, name, trail)
            {
                return Some(self.handed_on(module, found));
            }
        }
        None
    }

    /// The same, by way of `module`, unless that stands above where it is defined.
    fn handed_on(&self, module: Id, found: Meaning) -> Meaning {
        match found {
            Meaning::Item(mut found) if !self.around(found.module).contains(&module) => {
                found.by.push(module);
                Meaning::Item(found)
            }
            found => found,
        }
    }

    /// The type that a written type names, without references around it.
    pub fn named_type(&self, from: Id, written: &Type) -> Option<Found> {
        match written {
            Type::Reference(reference) => self.named_type(from, &reference.elem),
            Type::Path(path) => match self.meaning(from, &modules::words(&path.path))? {
                Meaning::Item(found) => Some(found),
                Meaning::Module(_) => None,
            },
            _ => None,
        }
    }

    /// A macro that is called by its bare name, by the order of the text: the one module that
    /// defines such a one.
    pub fn textual_macro(&self, words: &Words) -> Option<Id> {
        let [name] = words.as_slice() else { return None };
        let mut modules = (0..self.all.len()).filter(|id| self.all[*id].items.contains(name));
        let found = modules.next()?;
        modules.next().is_none().then_some(found)
    }
}

/// What is being looked up, so that names that mean each other end.
type Trail = Vec<(Id, String)>;
