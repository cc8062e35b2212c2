//! Keys and passwords that a guest gets from Secrets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keys or passwords for the guest's users: exactly one of the two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "has(self.sshPublicKey) != has(self.userPassword)",
    "message": "exactly one of sshPublicKey and userPassword must be given"
}]))]
#[serde(rename_all = "camelCase")]
pub struct AccessCredential {
    /// Public keys by which users log in by SSH.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_public_key: Option<SSHPublicKeyAccessCredential>,
    /// Passwords of users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_password: Option<UserPasswordAccessCredential>,
}

/// Public keys by which users log in by SSH.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SSHPublicKeyAccessCredential {
    /// Where the keys come from.
    pub source: SSHPublicKeyAccessCredentialSource,
    /// How the keys come into the guest.
    pub propagation_method: SSHPublicKeyAccessCredentialPropagationMethod,
}

/// Where public keys come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SSHPublicKeyAccessCredentialSource {
    /// A Secret of which each value has public keys, one a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<AccessCredentialSecretSource>,
}

/// A Secret of the VirtualMachineInstance's namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessCredentialSecretSource {
    /// Name of the Secret.
    pub secret_name: String,
}

/// How public keys come into the guest: exactly one of the three.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.configDrive), has(self.noCloud), has(self.qemuGuestAgent)].exists_one(given, given)",
    "message": "exactly one of configDrive, noCloud and qemuGuestAgent must be given"
}]))]
#[serde(rename_all = "camelCase")]
pub struct SSHPublicKeyAccessCredentialPropagationMethod {
    /// As metadata on the volume cloudInitConfigDrive, which there must be. Read when the guest starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_drive: Option<ConfigDriveSSHPublicKeyAccessCredentialPropagation>,
    /// As metadata on the volume cloudInitNoCloud, which there must be. Read when the guest starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_cloud: Option<NoCloudSSHPublicKeyAccessCredentialPropagation>,
    /// By the guest's agent, also when the Secret changes while the guest runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qemu_guest_agent: Option<QemuGuestAgentSSHPublicKeyAccessCredentialPropagation>,
}

/// Public keys as metadata on the volume cloudInitConfigDrive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigDriveSSHPublicKeyAccessCredentialPropagation {}

/// Public keys as metadata on the volume cloudInitNoCloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoCloudSSHPublicKeyAccessCredentialPropagation {}

/// Public keys by the guest's agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QemuGuestAgentSSHPublicKeyAccessCredentialPropagation {
    /// Names of the guest's users who get the keys, at least one.
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    pub users: Vec<String>,
}

/// Passwords of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPasswordAccessCredential {
    /// Where the passwords come from.
    pub source: UserPasswordAccessCredentialSource,
    /// How the passwords come into the guest.
    pub propagation_method: UserPasswordAccessCredentialPropagationMethod,
}

/// Where passwords come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPasswordAccessCredentialSource {
    /// A Secret of which each key is a user and each value the user's password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<AccessCredentialSecretSource>,
}

/// How passwords come into the guest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPasswordAccessCredentialPropagationMethod {
    /// By the guest's agent, also when the Secret changes while the guest runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qemu_guest_agent: Option<QemuGuestAgentUserPasswordAccessCredentialPropagation>,
}

/// Passwords by the guest's agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QemuGuestAgentUserPasswordAccessCredentialPropagation {}
