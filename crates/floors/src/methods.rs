//! Where the methods of each type stand: often not in the file of the type.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{ImplItem, Item, ItemImpl, ItemMod};

use crate::modules::{Id, Modules, OutsideTests};

/// The modules that each method stands in, by the module and name of its type, then by its name.
pub type Methods = BTreeMap<(Id, String), BTreeMap<String, BTreeSet<Id>>>;

/// The methods of every type.
pub fn of(modules: &Modules) -> Methods {
    let mut methods = Methods::new();
    for (file, syntax) in &modules.syntax {
        let here = modules.first_of(file);
        Inherent { modules, here, methods: &mut methods }.visit_file(syntax);
    }
    methods
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
        if let Some(child) = self.modules.inline(self.here, item) {
            let around = std::mem::replace(&mut self.here, child);
            visit::visit_item_mod(self, item);
            self.here = around;
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let Some(found) = self.modules.named_type(self.here, &item.self_ty) else { return };
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
