//! What a manifest may say: the rules of the validating webhook.
