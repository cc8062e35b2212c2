//! KubeVirt's kinds and fields as Rust types, and their CustomResourceDefinitions.
