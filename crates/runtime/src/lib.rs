//! What the daemons share: logging, client, TLS, health and metrics, leases, events.
