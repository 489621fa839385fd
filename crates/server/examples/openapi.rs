//! Writes the OpenAPI document to standard output: `cargo run --package server --example openapi`.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    let document = server::routes::openapi_document().to_pretty_json()?;
    writeln!(io::stdout(), "{document}")
}
