//! Rebuilds the crate when a migration is added, which `embed_migrations!` cannot see.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
