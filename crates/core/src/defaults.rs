//! What a manifest means where it says nothing: the defaults that the mutating webhook writes.
