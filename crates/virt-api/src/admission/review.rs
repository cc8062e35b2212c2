//! The form of questions and answers: `admission.k8s.io/v1`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kubevirt_core::validation::Fault;
use kubevirt_runtime::decode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const API_VERSION: &str = "admission.k8s.io/v1";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    api_version: String,
    kind: String,
    request: Option<Request>,
}

/// The question.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    pub(crate) uid: String,
    pub(crate) operation: String,
    #[serde(default)]
    pub(crate) namespace: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) user_info: UserInfo,
    #[serde(default)]
    pub(crate) object: Value,
    #[serde(default)]
    pub(crate) old_object: Value,
    /// What was looked up before the rules apply.
    #[serde(skip)]
    pub(crate) named: super::named::Named,
}

impl Request {
    /// Whether the object is being deleted.
    pub(crate) fn is_going(&self) -> bool {
        self.object
            .pointer("/metadata/deletionTimestamp")
            .is_some_and(|time| !time.is_null())
    }

    /// Whether the specification is as it was.
    pub(crate) fn has_same_spec(&self) -> bool {
        self.object.get("spec") == self.old_object.get("spec")
    }
}

/// Who asks.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct UserInfo {
    #[serde(default)]
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
}

/// Reads a review.
pub(crate) fn decode(bytes: &[u8]) -> Result<Request, String> {
    let review: Review = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if review.api_version != API_VERSION || review.kind != "AdmissionReview" {
        return Err(format!(
            "it is {} of {}, expected AdmissionReview of {API_VERSION}",
            review.kind, review.api_version
        ));
    }
    review.request.ok_or_else(|| "it has no request".to_owned())
}

/// An object of the request as its type. What does not fit is told with its path.
pub(crate) fn typed<T: DeserializeOwned>(object: &Value) -> Result<T, Outcome> {
    decode::decode(object).map_err(|error| {
        Outcome::Refused(vec![Cause {
            field: error.path,
            reason: "FieldValueInvalid",
            message: error.message,
        }])
    })
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) field: String,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Allowed {
        warnings: Vec<String>,
        patch: Option<json_patch::Patch>,
    },
    Refused(Vec<Cause>),
}

impl Outcome {
    /// Allowed as it is.
    pub(crate) fn allowed() -> Self {
        Self::Allowed {
            warnings: Vec::new(),
            patch: None,
        }
    }

    /// Allowed with changes.
    pub(crate) fn patched(patch: json_patch::Patch) -> Self {
        Self::Allowed {
            warnings: Vec::new(),
            patch: (!patch.0.is_empty()).then_some(patch),
        }
    }

    /// Allowed unless there are faults.
    pub(crate) fn judged(faults: Vec<Fault>, warnings: Vec<String>) -> Self {
        if faults.is_empty() {
            return Self::Allowed {
                warnings,
                patch: None,
            };
        }
        let cause = |fault: Fault| Cause {
            field: fault.field,
            reason: fault.reason.as_str(),
            message: fault.message,
        };
        Self::Refused(faults.into_iter().map(cause).collect())
    }

    /// With more warnings, which are told when it is allowed only.
    pub(crate) fn telling(mut self, more: Vec<String>) -> Self {
        if let Self::Allowed { warnings, .. } = &mut self {
            warnings.extend(more);
        }
        self
    }

    pub(crate) fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// All that is wrong in one text.
    pub(crate) fn refusal(&self) -> Option<String> {
        let Self::Refused(causes) = self else {
            return None;
        };
        let texts = causes.iter().map(|cause| match cause.field.as_str() {
            "" => cause.message.clone(),
            field => format!("{field}: {}", cause.message),
        });
        Some(texts.collect::<Vec<_>>().join("; "))
    }

    /// The review that goes back, as JSON.
    pub(crate) fn into_review(self, uid: &str) -> serde_json::Result<String> {
        let refusal = self.refusal();
        let response = match self {
            Self::Allowed { warnings, patch } => {
                let mut response = json!({ "uid": uid, "allowed": true });
                if !warnings.is_empty() {
                    response["warnings"] = json!(warnings);
                }
                if let Some(patch) = patch {
                    response["patchType"] = json!("JSONPatch");
                    response["patch"] = json!(STANDARD.encode(serde_json::to_vec(&patch)?));
                }
                response
            }
            Self::Refused(causes) => {
                let causes: Vec<_> = causes
                    .into_iter()
                    .map(|cause| json!({ "reason": cause.reason, "message": cause.message, "field": cause.field }))
                    .collect();
                json!({
                    "uid": uid,
                    "allowed": false,
                    "status": {
                        "kind": "Status",
                        "apiVersion": "v1",
                        "metadata": {},
                        "status": "Failure",
                        "message": refusal.unwrap_or_default(),
                        "reason": "Invalid",
                        "details": { "causes": causes },
                        "code": 422,
                    },
                })
            }
        };
        serde_json::to_string(
            &json!({ "kind": "AdmissionReview", "apiVersion": API_VERSION, "response": response }),
        )
    }
}
