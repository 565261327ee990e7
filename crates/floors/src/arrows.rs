//! Every name in a file that another file defines.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprMethodCall, Field, FnArg, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl,
    ItemMod, ItemUse, Macro, Pat, Path, Signature, Stmt, TraitItem, Variant,
};

use crate::methods::{self, Methods};
use crate::modules::{Id, Modules, OutsideTests, words};
use crate::names::{Found, Meaning};
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
    let methods = methods::of(modules);
    let mut arrows = Vec::new();
    for (file, syntax) in &modules.syntax {
        let mut names = Names {
            modules,
            methods: &methods,
            here: modules.first_of(file),
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
                && let Some(found) = self.modules.named_type(self.here, &typed.ty)
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
        if let Some(child) = self.modules.inline(self.here, item) {
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
        let found = self.modules.named_type(self.here, &item.self_ty);
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
