//! Linux plumbing of a node: safe paths, peers, namespaces, pod network.
