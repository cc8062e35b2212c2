//! What a change of a template means for a guest that runs: which of it can act on the guest, and what waits for the next
//! start.

mod devices;
mod difference;
mod resources;

use kubevirt_api::VirtualMachineInstanceSpec;

use crate::config::{Architecture, ClusterConfig};

/// Path of a template's specification.
const TEMPLATE: &str = "spec.template.spec";

/// Fields of a template that differ from what a guest was started with, as paths such as
/// `spec.template.spec.domain.cpu.model`; items of lists by name are written `disks[name]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChange {
    /// Can act on the running guest.
    pub live: Vec<String>,
    /// Take effect at the next start.
    pub restart: Vec<String>,
}

impl TemplateChange {
    /// Whether anything waits for the next start.
    pub fn needs_restart(&self) -> bool {
        !self.restart.is_empty()
    }

    /// All paths, in order.
    pub fn all(&self) -> Vec<&str> {
        let mut all: Vec<_> = self
            .live
            .iter()
            .chain(&self.restart)
            .map(String::as_str)
            .collect();
        all.sort_unstable();
        all
    }
}

/// What the rules look at.
struct Compared<'a> {
    /// The template that the guest was started with.
    before: &'a VirtualMachineInstanceSpec,
    /// The template as it is wanted.
    after: &'a VirtualMachineInstanceSpec,
    /// `updateVolumesStrategy` is `Migration`: contents move to another claim while the guest runs.
    moves_volumes: bool,
    config: &'a ClusterConfig,
}

/// Sorts the differences between the template that a guest was started with and the one that is wanted. The settings
/// decide how far a guest can grow; with `vmRolloutStrategy: Stage` everything waits.
///
/// # Errors
///
/// When a template does not survive its way through JSON, which nothing that came from the API server does.
pub fn template_change(
    before: &VirtualMachineInstanceSpec,
    after: &VirtualMachineInstanceSpec,
    update_volumes_strategy: Option<&str>,
    config: &ClusterConfig,
) -> Result<TemplateChange, serde_json::Error> {
    let compared = Compared {
        before,
        after,
        moves_volumes: update_volumes_strategy == Some("Migration"),
        config,
    };
    let paths = difference::paths(
        &serde_json::to_value(before)?,
        &serde_json::to_value(after)?,
    );
    let mut change = TemplateChange::default();
    for path in paths {
        let live = config.live_update.enabled && compared.acts_live(&path);
        let list = if live {
            &mut change.live
        } else {
            &mut change.restart
        };
        list.push(format!("{TEMPLATE}.{path}"));
    }
    Ok(change)
}

impl Compared<'_> {
    fn acts_live(&self, path: &str) -> bool {
        let within = |field: &str| {
            path.strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if ["nodeSelector", "affinity", "tolerations"]
            .into_iter()
            .any(within)
        {
            return true;
        }
        match path {
            "domain.cpu.sockets" => self.sockets(),
            "domain.memory.guest" => self.memory(),
            _ if within("volumes") || within("domain.devices.disks") => self.disk(path),
            _ if within("networks") || within("domain.devices.interfaces") => self.interface(path),
            _ => false,
        }
    }

    /// Hardware cannot be plugged into guests of this architecture while they run.
    fn is_fixed(&self) -> bool {
        let name = self.before.architecture.as_deref();
        let name = name
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.config.default_architecture);
        Architecture::parse(name) == Some(Architecture::Arm64)
    }
}
