//! The modules of a crate: which file each stands in, what it defines and what it imports.
//!
//! Code that is compiled for tests only is left out.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use syn::visit::{self, Visit};
use syn::{Attribute, Field, ImplItem, Item, ItemMod, ItemUse, Stmt, TraitItem, Variant};

use crate::paths::{Import, Words, imports};
use crate::sources::Sources;

/// A module's place in [`Modules::all`].
pub type Id = usize;

/// The modules that one root reaches.
pub struct Modules {
    /// Every module; the root is the first.
    pub all: Vec<Module>,
    /// The syntax of each file that is compiled outside tests.
    pub syntax: BTreeMap<String, syn::File>,
    /// Files of tests.
    pub of_tests: BTreeSet<String>,
}

/// A module.
#[derive(Debug, Default)]
pub struct Module {
    /// The file it stands in.
    pub file: String,
    /// The module around it.
    pub parent: Option<Id>,
    /// Modules in it, by name.
    pub children: BTreeMap<String, Id>,
    /// Names that it defines itself.
    pub items: BTreeSet<String>,
    /// What its `use` bring in, those inside its functions too.
    pub imports: Vec<Import>,
}

impl Modules {
    /// The modules that `root` reaches.
    ///
    /// # Errors
    /// When a file is missing or is no Rust.
    pub fn of(sources: &Sources, root: &str) -> Result<Self> {
        let mut modules =
            Self { all: Vec::new(), syntax: BTreeMap::new(), of_tests: BTreeSet::new() };
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        modules.add_file(sources, root, folder, None)?;
        Ok(modules)
    }

    /// The modules around `id`, from the root to itself.
    pub fn around(&self, id: Id) -> Vec<Id> {
        let mut around = vec![id];
        while let Some(parent) = self.all[around[around.len() - 1]].parent {
            around.push(parent);
        }
        around.reverse();
        around
    }

    /// The outermost module of a file.
    pub fn first_of(&self, file: &str) -> Id {
        self.all.iter().position(|module| module.file == file).unwrap_or_default()
    }

    /// The module that stands in the same file as the module `around` it.
    pub fn inline(&self, around: Id, item: &ItemMod) -> Option<Id> {
        item.content.as_ref()?;
        self.all[around].children.get(&item.ident.to_string()).copied()
    }

    fn add_file(
        &mut self,
        sources: &Sources,
        file: &str,
        folder: &str,
        parent: Option<Id>,
    ) -> Result<Id> {
        let place = || format!("crates/{}/src/{file}", sources.name);
        let text = sources.files.get(file).with_context(place)?;
        let syntax = syn::parse_file(text).with_context(place)?;
        let id = self.add(file, parent);
        self.add_items(sources, id, folder, &syntax.items)?;
        self.syntax.insert(file.to_owned(), syntax);
        Ok(id)
    }

    fn add(&mut self, file: &str, parent: Option<Id>) -> Id {
        self.all.push(Module { file: file.to_owned(), parent, ..Module::default() });
        self.all.len() - 1
    }

    fn add_items(&mut self, sources: &Sources, id: Id, folder: &str, items: &[Item]) -> Result<()> {
        for item in items {
            if let Item::Mod(module) = item {
                self.add_module(sources, id, folder, module)?;
            } else if !is_for_tests(item_attributes(item)) {
                self.all[id].items.extend(name_of(item));
                let mut uses = Uses(Vec::new());
                uses.visit_item(item);
                self.all[id].imports.extend(uses.0);
            }
        }
        Ok(())
    }

    fn add_module(
        &mut self,
        sources: &Sources,
        parent: Id,
        folder: &str,
        module: &ItemMod,
    ) -> Result<()> {
        let name = module.ident.to_string();
        let below = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let tests = is_for_tests(&module.attrs);
        let child = match &module.content {
            Some(_) if tests => return Ok(()),
            Some((_, items)) => {
                let file = self.all[parent].file.clone();
                let child = self.add(&file, Some(parent));
                self.add_items(sources, child, &below, items)?;
                child
            }
            None => {
                let file = file_of(sources, &below)?;
                if tests {
                    let inside = format!("{below}/");
                    let beside = sources.files.keys().filter(|file| file.starts_with(&inside));
                    self.of_tests.extend(beside.cloned().chain([file]));
                    return Ok(());
                }
                self.add_file(sources, &file, &below, Some(parent))?
            }
        };
        self.all[parent].children.insert(name, child);
        Ok(())
    }
}

fn file_of(sources: &Sources, below: &str) -> Result<String> {
    let names = [format!("{below}.rs"), format!("{below}/mod.rs")];
    match names.into_iter().find(|file| sources.files.contains_key(file)) {
        Some(file) => Ok(file),
        None => bail!("crates/{}/src/{below}.rs is missing", sources.name),
    }
}

/// Whether code with these attributes is compiled for tests only.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let mut tests = false;
        // What cannot be read, as `feature = "x"`, is no `test`.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("all") {
                return meta.parse_nested_meta(|inner| {
                    tests |= inner.path.is_ident("test");
                    Ok(())
                });
            }
            tests |= meta.path.is_ident("test");
            Ok(())
        });
        tests
    })
}

/// The attributes of an item.
pub fn item_attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// What [`visit`] should pass over: code inside an item that is for tests only.
pub trait OutsideTests {
    /// Whether this is compiled for tests only.
    fn is_for_tests(&self) -> bool;
}

impl OutsideTests for Item {
    fn is_for_tests(&self) -> bool {
        is_for_tests(item_attributes(self))
    }
}

impl OutsideTests for ImplItem {
    fn is_for_tests(&self) -> bool {
        is_for_tests(match self {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        })
    }
}

impl OutsideTests for TraitItem {
    fn is_for_tests(&self) -> bool {
        is_for_tests(match self {
            TraitItem::Const(item) => &item.attrs,
            TraitItem::Fn(item) => &item.attrs,
            TraitItem::Type(item) => &item.attrs,
            TraitItem::Macro(item) => &item.attrs,
            _ => &[],
        })
    }
}

impl OutsideTests for Stmt {
    fn is_for_tests(&self) -> bool {
        match self {
            Stmt::Local(local) => is_for_tests(&local.attrs),
            Stmt::Item(item) => item.is_for_tests(),
            Stmt::Macro(call) => is_for_tests(&call.attrs),
            Stmt::Expr(..) => false,
        }
    }
}

impl OutsideTests for Field {
    fn is_for_tests(&self) -> bool {
        is_for_tests(&self.attrs)
    }
}

impl OutsideTests for Variant {
    fn is_for_tests(&self) -> bool {
        is_for_tests(&self.attrs)
    }
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Every `use` in an item, those in functions too.
struct Uses(Vec<Import>);

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.0.extend(imports(item));
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if !statement.is_for_tests() {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !item.is_for_tests() {
            visit::visit_impl_item(self, item);
        }
    }
}

/// The words of a path in the syntax.
pub fn words(path: &syn::Path) -> Words {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}
