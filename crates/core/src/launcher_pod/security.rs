//! Who the pod's processes are: what Pod Security `restricted` demands, and no more rights than that leaves.

use k8s_openapi::api::core::v1::{
    Capabilities, PodSecurityContext, SELinuxOptions, SeccompProfile, SecurityContext,
};

use crate::config::Pods;

/// User and group of every process in the pod; the image has an account for it.
pub const LAUNCHER_USER: i64 = 107;

pub(super) fn pod(settings: &Pods) -> PodSecurityContext {
    PodSecurityContext {
        fs_group: Some(LAUNCHER_USER),
        // Changing the owner of every file of a large volume at each start takes minutes.
        fs_group_change_policy: Some("OnRootMismatch".into()),
        run_as_group: Some(LAUNCHER_USER),
        run_as_non_root: Some(true),
        run_as_user: Some(LAUNCHER_USER),
        se_linux_options: settings.selinux_type.clone().map(|type_| SELinuxOptions {
            type_: Some(type_),
            ..SELinuxOptions::default()
        }),
        seccomp_profile: Some(match &settings.seccomp_profile {
            Some(file) => SeccompProfile {
                type_: "Localhost".into(),
                localhost_profile: Some(file.clone()),
            },
            None => SeccompProfile {
                type_: "RuntimeDefault".into(),
                localhost_profile: None,
            },
        }),
        ..PodSecurityContext::default()
    }
}

pub(super) fn container() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            add: None,
            drop: Some(vec!["ALL".into()]),
        }),
        run_as_group: Some(LAUNCHER_USER),
        run_as_non_root: Some(true),
        run_as_user: Some(LAUNCHER_USER),
        ..SecurityContext::default()
    }
}
