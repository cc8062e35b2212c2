//! What is asked of a guest's agent.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use kubevirt_api::names::reason;
use kubevirt_api::{
    FreezeUnfreezeTimeout, VirtualMachineInstanceFileSystemInfo,
    VirtualMachineInstanceFileSystemList, VirtualMachineInstanceGuestAgentInfo,
    VirtualMachineInstanceGuestOSUserList,
};
use kubevirt_core::validation::kinds::go_duration;
use kubevirt_libvirt::Domain;
use kubevirt_runtime::events::EventType;
use tokio::sync::oneshot;

use super::refusal::Refusal;
use super::routes::Operations;
use crate::guest::{self, AgentError, Guest, answers, ask, ask_if_able, words};

/// Users and file systems that the overview repeats; the lists have all.
const IN_OVERVIEW: usize = 10;
/// How long a freeze may take before whoever asked is told that it did not work.
const FREEZE: Duration = Duration::from_secs(8);

/// Everything that the agent says about the guest.
pub(super) async fn information(
    guest: Guest,
) -> Result<VirtualMachineInstanceGuestAgentInfo, Refusal> {
    asked(guest, |domain| async move {
        let info = ask(&domain, "guest-info").await?;
        let (guest_agent_version, supported_commands) = answers::version(&info);
        let host_name = ask_if_able(&domain, "guest-get-host-name").await?;
        let os = ask_if_able(&domain, "guest-get-osinfo").await?;
        let timezone = ask_if_able(&domain, "guest-get-timezone").await?;
        let users = ask_if_able(&domain, "guest-get-users").await?;
        let file_systems = ask_if_able(&domain, "guest-get-fsinfo").await?;
        let status = ask_if_able(&domain, "guest-fsfreeze-status").await?;
        let mut users = users.as_ref().map(answers::users).unwrap_or_default();
        users.truncate(IN_OVERVIEW);
        let mut disks = file_systems
            .as_ref()
            .map(answers::file_systems)
            .unwrap_or_default();
        disks.truncate(IN_OVERVIEW);
        Ok(VirtualMachineInstanceGuestAgentInfo {
            guest_agent_version,
            supported_commands,
            hostname: host_name.as_ref().and_then(answers::host_name),
            os: Some(
                os.as_ref()
                    .map(answers::operating_system)
                    .unwrap_or_default(),
            ),
            timezone: timezone.as_ref().and_then(answers::time_zone),
            user_list: users,
            fs_info: Some(VirtualMachineInstanceFileSystemInfo { disks }),
            fs_freeze_status: status.as_ref().and_then(answers::freeze_status),
            ..VirtualMachineInstanceGuestAgentInfo::default()
        })
    })
    .await
}

/// Who is logged in.
pub(super) async fn users(guest: Guest) -> Result<VirtualMachineInstanceGuestOSUserList, Refusal> {
    asked(guest, |domain| async move {
        let answer = ask(&domain, "guest-get-users").await?;
        Ok(VirtualMachineInstanceGuestOSUserList {
            metadata: Some(ListMeta::default()),
            items: answers::users(&answer),
            ..VirtualMachineInstanceGuestOSUserList::default()
        })
    })
    .await
}

/// The file systems.
pub(super) async fn file_systems(
    guest: Guest,
) -> Result<VirtualMachineInstanceFileSystemList, Refusal> {
    asked(guest, |domain| async move {
        let answer = ask(&domain, "guest-get-fsinfo").await?;
        Ok(VirtualMachineInstanceFileSystemList {
            metadata: Some(ListMeta::default()),
            items: answers::file_systems(&answer),
            ..VirtualMachineInstanceFileSystemList::default()
        })
    })
    .await
}

/// The time after which frozen file systems thaw by themselves, from a request's body; None for never.
///
/// # Errors
/// 400 when the body does not say.
pub(super) fn freeze_limit(body: &[u8]) -> Result<Option<Duration>, Refusal> {
    let wrong = |why: String| {
        Refusal::BadRequest(format!(
            "{why}; send {{\"unfreezeTimeout\": \"5m0s\"}} to have the file systems thaw by themselves after five minutes"
        ))
    };
    if body.is_empty() {
        return Err(wrong("the request has no body".to_owned()));
    }
    let options: FreezeUnfreezeTimeout = serde_json::from_slice(body)
        .map_err(|error| wrong(format!("the body is no FreezeUnfreezeTimeout: {error}")))?;
    let limit = go_duration(&options.unfreeze_timeout).and_then(|limit| u64::try_from(limit).ok());
    match limit {
        Some(0) => Ok(None),
        Some(nanoseconds) => Ok(Some(Duration::from_nanos(nanoseconds))),
        None => Err(wrong(format!(
            "unfreezeTimeout {:?} is no duration of 0 or more",
            words::clean(&options.unfreeze_timeout)
        ))),
    }
}

/// Freezes the file systems.
pub(super) async fn freeze(
    operations: Arc<Operations>,
    guest: Guest,
    limit: Option<Duration>,
) -> Result<(), Refusal> {
    let name = name(&guest);
    let frozen = if guest.agent {
        try_freeze(&guest, limit).await
    } else {
        Err(None)
    };
    frozen.map_err(|error| {
        let refusal = match error {
            Some(error) => Refusal::Agent { name, error },
            None => Refusal::NoAgent { name },
        };
        let message = format!(
            "The guest's file systems are not frozen: {}",
            words::message(&refusal)
        );
        operations.publish(&guest, EventType::Warning, reason::FREEZE_ERROR, &message);
        refusal
    })
}

/// Freezes, and takes it back when that came too late for whoever asked.
async fn try_freeze(guest: &Guest, limit: Option<Duration>) -> Result<(), Option<AgentError>> {
    let turn = guest.shared.agent.turn().await.map_err(Some)?;
    let (shared, domain) = (guest.shared.clone(), guest.domain.clone());
    let (sender, done) = oneshot::channel();
    tokio::spawn(async move {
        let frozen = guest::freeze(&shared, &domain, limit).await;
        let worked = frozen.is_ok();
        if sender.send(frozen).is_err() && worked {
            tracing::warn!(
                domain = domain.name(),
                "the guest's file systems froze too late, thawing"
            );
            if let Err(error) = guest::thaw(&shared, &domain).await {
                tracing::warn!(
                    domain = domain.name(),
                    error = words::message(&error),
                    "cannot thaw"
                );
            }
        }
        drop(turn);
    });
    match tokio::time::timeout(FREEZE, done).await {
        Ok(Ok(frozen)) => frozen.map_err(Some),
        Ok(Err(_)) | Err(_) => Err(Some(AgentError::Late)),
    }
}

/// Thaws the file systems.
pub(super) async fn unfreeze(guest: Guest) -> Result<(), Refusal> {
    let shared = guest.shared.clone();
    asked(guest, |domain| async move {
        guest::thaw(&shared, &domain).await
    })
    .await
}

/// Does what talks to the guest's agent.
async fn asked<T, F>(guest: Guest, work: impl FnOnce(Domain) -> F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: Future<Output = Result<T, AgentError>> + Send + 'static,
{
    let name = name(&guest);
    if !guest.agent {
        return Err(Refusal::NoAgent { name });
    }
    let work = work(guest.domain.clone());
    guest
        .shared
        .agent
        .alone(work)
        .await
        .map_err(|error| Refusal::Agent { name, error })
}

fn name(guest: &Guest) -> String {
    guest.instance.metadata.name.clone().unwrap_or_default()
}
