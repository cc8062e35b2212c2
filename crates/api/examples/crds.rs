//! Prints the CustomResourceDefinitions as YAML: `cargo run -p kubevirt-api --example crds > manifests/crds.yaml`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!(
        "# Generated from crates/api: cargo run -p kubevirt-api --example crds > manifests/crds.yaml"
    );
    for crd in kubevirt_api::crds()? {
        println!("---\n{}", serde_saphyr::to_string(&crd)?.trim_end());
    }
    Ok(())
}
