//! Makes cargo notice when the web page was built anew: the derive that embeds it does not.

fn main() {
    println!("cargo:rerun-if-changed=../../web/dist");
}
