//! Probes: whether a guest lives and is ready.

use k8s_openapi::api::core::v1::{ExecAction, HTTPGetAction, TCPSocketAction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A question that is put to the guest again and again: exactly one of exec, guestAgentPing, httpGet and tcpSocket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.exec), has(self.guestAgentPing), has(self.httpGet), has(self.tcpSocket)].exists_one(given, given)",
    "message": "exactly one of exec, guestAgentPing, httpGet and tcpSocket must be given: keep one of them"
}]))]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// Runs a command in the guest by its agent; exit code 0 is success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<ExecAction>,
    /// Asks the guest's agent for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest_agent_ping: Option<GuestAgentPing>,
    /// Asks for a page by HTTP; the codes 200 to 399 are success. Needs the pod's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_get: Option<HTTPGetAction>,
    /// Opens a TCP connection. Needs the pod's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp_socket: Option<TCPSocketAction>,
    /// Seconds after the start before the first attempt. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<i32>,
    /// Seconds until an attempt without answer has failed, at least 1. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i32>,
    /// Seconds between attempts, at least 1. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<i32>,
    /// Successes in a row after a failure that count as success, at least 1; 1 for a liveness probe. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_threshold: Option<i32>,
    /// Failures in a row that count as failure, at least 1. Default: 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<i32>,
}

/// Asks the guest's agent for an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuestAgentPing {}
