//! TLS and system calls (contract 6.5).

use kubevirt_api::{SeccompConfiguration, TLSConfiguration};

use crate::validation::{Faults, Path};

/// Versions of TLS that the settings may name, oldest first.
const VERSIONS: [&str; 4] = [
    "VersionTLS10",
    "VersionTLS11",
    "VersionTLS12",
    "VersionTLS13",
];

/// Names of ciphers as IANA lists them, without what they all begin with. Those that are not safe are known too: naming
/// them is no mistake, but they are never spoken.
const CIPHERS: [&str; 26] = [
    "AES_128_GCM_SHA256",
    "AES_256_GCM_SHA384",
    "CHACHA20_POLY1305_SHA256",
    "ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE_ECDSA_WITH_RC4_128_SHA",
    "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE_RSA_WITH_RC4_128_SHA",
    "RSA_WITH_3DES_EDE_CBC_SHA",
    "RSA_WITH_AES_128_CBC_SHA",
    "RSA_WITH_AES_128_CBC_SHA256",
    "RSA_WITH_AES_128_GCM_SHA256",
    "RSA_WITH_AES_256_CBC_SHA",
    "RSA_WITH_AES_256_GCM_SHA384",
    "RSA_WITH_RC4_128_SHA",
    "EMPTY_RENEGOTIATION_INFO_SCSV",
];

pub(super) fn tls(faults: &mut Faults, path: &Path, settings: &TLSConfiguration) {
    let version = settings
        .min_tls_version
        .as_deref()
        .filter(|version| !version.is_empty());
    faults.one_of(&path.field("minTLSVersion"), version, &VERSIONS);
    let path = path.field("ciphers");
    if !settings.ciphers.is_empty() {
        match version {
            None => faults.invalid(
                &path,
                "needs minTLSVersion: set it to a version before VersionTLS13, or take the ciphers out",
            ),
            Some("VersionTLS13") => faults.invalid(
                &path,
                "the ciphers of VersionTLS13 cannot be chosen: take them out, or set an older minTLSVersion",
            ),
            Some(_) => {}
        }
    }
    for (index, cipher) in settings.ciphers.iter().enumerate() {
        let known = cipher
            .strip_prefix("TLS_")
            .is_some_and(|name| CIPHERS.contains(&name));
        if !known {
            faults.not_supported(
                &path.index(index),
                format!("{cipher:?} is not a known cipher: write a name such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
            );
        }
    }
}

pub(super) fn seccomp(faults: &mut Faults, path: &Path, settings: &SeccompConfiguration) {
    let profile = settings
        .virtual_machine_instance_profile
        .as_ref()
        .and_then(|profile| profile.custom_profile.as_ref());
    let Some(profile) = profile else { return };
    let file = profile.localhost_profile.is_some();
    let default = profile.runtime_default_profile == Some(true);
    if file == default {
        faults.invalid(
            &path
                .field("virtualMachineInstanceProfile")
                .field("customProfile"),
            "must have exactly one of localhostProfile and runtimeDefaultProfile: give one of them",
        );
    }
}
