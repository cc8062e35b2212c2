//! Makes the gRPC types of kubelet's device plugin interface from `proto/` with protoc.

fn main() -> std::io::Result<()> {
    tonic_prost_build::configure().compile_protos(&["proto/deviceplugin.proto"], &["proto"])
}
