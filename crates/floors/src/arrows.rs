//! Every name in a file that another file defines.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprMethodCall, Field, FnArg, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl,
    ItemMod, ItemUse, Macro, Pat, Path, Signature, Stmt, TraitItem, Type, Variant,
};

use crate::modules::{Id, Modules, OutsideTests, words};
use crate::names::{Found, Meaning, Methods};
use crate::paths::{Import, Words, imports, in_tokens};

/// A name that a file uses, and where.
#[derive(Debug, Clone)]
pub struct Arrow {
    /// The module that uses it.
    pub from: Id,
    /// The module that defines it or hands it on.
    pub to: Id,
    /// The name.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
}

/// Every arrow between modules of different files.
pub fn arrows(modules: &Modules) -> Vec<Arrow> {
    let mut methods = Methods::new();
    for syntax in modules.syntax.iter() {
        Inherent { modules, here: first_of(modules, syntax.0), methods: &mut methods }
            .visit_file(syntax.1);
    }
    let mut arrows = Vec::new();
    for (file, syntax) in &modules.syntax {
        let mut names = Names {
            modules,
            methods: &methods,
            here: first_of(modules, file),
            of_self: None,
            values: Vec::new(),
            arrows: Vec::new(),
        };
        names.visit_file(syntax);
        arrows.extend(names.arrows);
    }
    let apart = |arrow: &Arrow| modules.all[arrow.from].file != modules.all[arrow.to].file;
    arrows.retain(apart);
    arrows
}

/// The outermost module of a file.
fn first_of(modules: &Modules, file: &str) -> Id {
    modules.all.iter().position(|module| module.file == file).unwrap_or_default()
}

fn child(modules: &Modules, here: Id, item: &ItemMod) -> Option<Id> {
    item.content.as_ref()?;
    modules.all[here].children.get(&item.ident.to_string()).copied()
}

/// The type that a written type names, without references around it.
fn named(modules: &Modules, here: Id, written: &Type) -> Option<Found> {
    match written {
        Type::Reference(reference) => named(modules, here, &reference.elem),
        Type::Path(path) => match modules.meaning(here, &words(&path.path))? {
            Meaning::Item(found) => Some(found),
            Meaning::Module(_) => None,
        },
        _ => None,
    }
}

/// Finds where the methods of each type stand.
struct Inherent<'a> {
    modules: &'a Modules,
    here: Id,
    methods: &'a mut Methods,
}

impl<'ast> Visit<'ast> for Inherent<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !item.is_for_tests() {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if let Some(child) = child(self.modules, self.here, item) {
            let around = std::mem::replace(&mut self.here, child);
            visit::visit_item_mod(self, item);
            self.here = around;
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let Some(found) = named(self.modules, self.here, &item.self_ty) else { return };
        if item.trait_.is_some() {
            return;
        }
        let methods = self.methods.entry((found.module, found.name)).or_default();
        for item in item.items.iter().filter(|item| !item.is_for_tests()) {
            let name = match item {
                ImplItem::Fn(item) => &item.sig.ident,
                ImplItem::Const(item) => &item.ident,
                _ => continue,
            };
            methods.entry(name.to_string()).or_default().insert(self.here);
        }
    }
}

/// Finds the names that one file uses.
struct Names<'a> {
    modules: &'a Modules,
    methods: &'a Methods,
    here: Id,
    /// What `Self` means.
    of_self: Option<Found>,
    /// The parameters of the functions around, whose type is one of ours.
    values: Vec<BTreeMap<String, Found>>,
    arrows: Vec<Arrow>,
}

impl Names<'_> {
    fn point(&mut self, to: Id, name: &str, line: usize) {
        self.arrows.push(Arrow { from: self.here, to, name: name.to_owned(), line });
    }

    fn point_at(&mut self, found: &Found, line: usize) {
        self.point(found.module, &found.name, line);
        for by in &found.by {
            if *by != self.here {
                self.point(*by, &found.name, line);
            }
        }
    }

    fn path(&mut self, path: &Words, line: usize) {
        if let [first, name, ..] = path.as_slice()
            && first == "Self"
        {
            if let Some(found) = self.of_self.clone() {
                self.method(&found, name, line);
            }
            return;
        }
        if let Some(Meaning::Item(found)) = self.modules.meaning(self.here, path) {
            self.point_at(&found, line);
            // A method that stands in another file than its type.
            if let Some(name) = path.last().filter(|name| **name != found.name) {
                self.method(&found, name, line);
            }
        }
    }

    fn method(&mut self, of: &Found, name: &str, line: usize) {
        let methods = self.methods.get(&(of.module, of.name.clone()));
        for to in methods.and_then(|methods| methods.get(name)).into_iter().flatten() {
            self.point(*to, &format!("{}::{name}", of.name), line);
        }
    }

    /// Enters a function: its parameters are known by their types.
    fn enter(&mut self, signature: &Signature) {
        let mut values = BTreeMap::new();
        for input in &signature.inputs {
            if let FnArg::Typed(typed) = input
                && let Pat::Ident(pattern) = &*typed.pat
                && let Some(found) = named(self.modules, self.here, &typed.ty)
            {
                values.insert(pattern.ident.to_string(), found);
            }
        }
        self.values.push(values);
    }

    fn value(&self, name: &str) -> Option<Found> {
        if name == "self" {
            return self.of_self.clone();
        }
        self.values.iter().rev().find_map(|values| values.get(name)).cloned()
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !item.is_for_tests() {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !item.is_for_tests() {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if !item.is_for_tests() {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if !statement.is_for_tests() {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !field.is_for_tests() {
            visit::visit_field(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        if !variant.is_for_tests() {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        // A module in a file of its own is visited with that file.
        if let Some(child) = child(self.modules, self.here, item) {
            let around = std::mem::replace(&mut self.here, child);
            visit::visit_item_mod(self, item);
            self.here = around;
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for import in imports(item) {
            match import {
                Import::Name { words, line, .. } => self.path(&words, line),
                Import::All { words } => {
                    let line = item.span().start().line;
                    match self.modules.meaning(self.here, &words) {
                        Some(Meaning::Module(module)) => self.point(module, "*", line),
                        Some(Meaning::Item(found)) => self.point_at(&found, line),
                        None => {}
                    }
                }
            }
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let found = named(self.modules, self.here, &item.self_ty);
        let around = std::mem::replace(&mut self.of_self, found);
        visit::visit_item_impl(self, item);
        self.of_self = around;
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.enter(&item.sig);
        visit::visit_item_fn(self, item);
        self.values.pop();
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.enter(&item.sig);
        visit::visit_impl_item_fn(self, item);
        self.values.pop();
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            self.path(&words(path), path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if let Expr::Path(receiver) = &*call.receiver
            && let Some(name) = receiver.path.get_ident()
            && let Some(found) = self.value(&name.to_string())
        {
            self.method(&found, &call.method.to_string(), call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = words(&call.path);
        if self.modules.meaning(self.here, &name).is_none()
            && let Some(module) = self.modules.textual_macro(&name)
        {
            self.point(module, &name[0], call.span().start().line);
        }
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // A link in a comment is no use.
        if !attribute.path().is_ident("doc") {
            visit::visit_attribute(self, attribute);
        }
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        for (words, line) in in_tokens(tokens.clone()) {
            self.path(&words, line);
        }
    }
}
