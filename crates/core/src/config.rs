//! The cluster-wide configuration, as the `KubeVirt` object gives it and defaults complete it.
