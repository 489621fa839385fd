//! Makes cargo notice a new migration: `embed_migrations!` alone does not.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
