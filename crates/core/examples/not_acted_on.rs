//! Prints the page of what is accepted and not acted on: `cargo run -p kubevirt-core --example not_acted_on`.

fn main() {
    print!("{}", kubevirt_core::not_acted_on::markdown());
}
