//! The table of subresources: one row for each endpoint beneath a namespace, and nothing that is not in it exists.

use http::Method;

/// Who carries a subresource out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Implementation {
    /// [`crate::lifecycle`]: start, stop, restart.
    Lifecycle,
    /// Moving to another node.
    Migration,
    /// Adding and removing volumes.
    Volumes,
    /// Completing a machine by its instancetype and preference.
    Expand,
    /// The objects that a machine depends on.
    Graph,
    /// Taking back that an instance is to leave its node.
    Evacuation,
    /// [`crate::guest`]: what virt-handler does with a running guest.
    Guest,
    /// A WebSocket.
    Stream,
    /// [`crate::later`]: not in this version.
    Later,
}

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The plural name of the resource.
    pub(crate) resource: &'static str,
    /// What follows the object's name, with slashes; empty for a resource without objects.
    pub(crate) name: &'static str,
    /// The one method that it has.
    pub(crate) method: Verb,
    /// Whether discovery tells it: clients of the original do not find the rest there either.
    pub(crate) listed: bool,
    pub(crate) implementation: Implementation,
    /// Type of the request's body; empty when it has none.
    pub(crate) body: &'static str,
    /// Status of success.
    pub(crate) success: u16,
    /// Type of the answer; empty when it is empty.
    pub(crate) answer: &'static str,
    /// What it does, for OpenAPI.
    pub(crate) summary: &'static str,
}

/// The methods that endpoints have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Put,
}

impl Verb {
    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Put => Method::PUT,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
        }
    }
}

/// The plural names of the resources.
pub(crate) const MACHINES: &str = "virtualmachines";
pub(crate) const INSTANCES: &str = "virtualmachineinstances";
pub(crate) const EXPAND_VM_SPEC: &str = "expand-vm-spec";

macro_rules! table {
    ($($variant:ident: $resource:ident $name:literal $verb:ident $listed:literal $implementation:ident
        ($body:literal -> $success:literal $answer:literal) $summary:literal;)+) => {
        /// The subresources. `Machine…` and `Instance…` tell apart what both a VirtualMachine and a
        /// VirtualMachineInstance have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Subresource {
            $(#[doc = $summary] $variant,)+
        }

        impl Subresource {
            /// All, in discovery's order.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),+];

            /// The row of the table.
            pub(crate) const fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        resource: $resource,
                        name: $name,
                        method: Verb::$verb,
                        listed: $listed,
                        implementation: Implementation::$implementation,
                        body: $body,
                        success: $success,
                        answer: $answer,
                        summary: $summary,
                    },)+
                }
            }
        }
    };
}

// variant: resource, name, method, listed in discovery, who, (body -> success, answer), summary.
#[rustfmt::skip]
table! {
    ExpandVmSpec: EXPAND_VM_SPEC "" Put true Expand ("VirtualMachine" -> 200 "VirtualMachine") "Complete a VirtualMachine by its instancetype and preference";
    Vnc: INSTANCES "vnc" Get true Stream ("" -> 101 "") "Open a WebSocket to the screen of a VirtualMachineInstance";
    VncScreenshot: INSTANCES "vnc/screenshot" Get true Guest ("" -> 200 "image/png") "Get a picture of the screen of a VirtualMachineInstance";
    Console: INSTANCES "console" Get true Stream ("" -> 101 "") "Open a WebSocket to the serial console of a VirtualMachineInstance";
    InstancePortForward: INSTANCES "portforward" Get true Stream ("" -> 101 "") "Open a WebSocket to a port of a VirtualMachineInstance";
    Backup: INSTANCES "backup" Put true Later ("BackupOptions" -> 200 "") "Start, end or export a backup of a VirtualMachineInstance";
    RedefineCheckpoint: INSTANCES "redefine-checkpoint" Put true Later ("BackupCheckpoint" -> 200 "") "Tell a checkpoint of a backup again after a restart";
    Pause: INSTANCES "pause" Put true Guest ("PauseOptions" -> 200 "") "Pause a VirtualMachineInstance";
    Unpause: INSTANCES "unpause" Put true Guest ("UnpauseOptions" -> 200 "") "Let a paused VirtualMachineInstance go on";
    Freeze: INSTANCES "freeze" Put true Guest ("FreezeUnfreezeTimeout" -> 200 "") "Freeze the file systems of a VirtualMachineInstance";
    Unfreeze: INSTANCES "unfreeze" Put true Guest ("" -> 200 "") "Thaw the file systems of a VirtualMachineInstance";
    Reset: INSTANCES "reset" Put true Guest ("" -> 200 "") "Reset a VirtualMachineInstance as its button would";
    SoftReboot: INSTANCES "softreboot" Put true Guest ("" -> 200 "") "Ask the guest of a VirtualMachineInstance to reboot";
    Start: MACHINES "start" Put true Lifecycle ("StartOptions" -> 202 "") "Start a VirtualMachine";
    Stop: MACHINES "stop" Put true Lifecycle ("StopOptions" -> 202 "") "Stop a VirtualMachine";
    Restart: MACHINES "restart" Put true Lifecycle ("RestartOptions" -> 202 "") "Restart a VirtualMachine";
    Migrate: MACHINES "migrate" Put true Migration ("MigrateOptions" -> 202 "") "Move a running VirtualMachine to another node";
    ExpandSpec: MACHINES "expand-spec" Get true Expand ("" -> 200 "VirtualMachine") "Get a VirtualMachine completed by its instancetype and preference";
    MachineObjectGraph: MACHINES "objectgraph" Get true Graph ("ObjectGraphOptions" -> 200 "ObjectGraphNode") "Get the objects that a VirtualMachine depends on";
    MachineEvacuateCancel: MACHINES "evacuate/cancel" Put true Evacuation ("EvacuateCancelOptions" -> 200 "") "Take back that a VirtualMachine is to leave its node";
    GuestOsInfo: INSTANCES "guestosinfo" Get true Guest ("" -> 200 "VirtualMachineInstanceGuestAgentInfo") "Get what the guest agent tells about the operating system";
    UserList: INSTANCES "userlist" Get true Guest ("" -> 200 "VirtualMachineInstanceGuestOSUserList") "Get who is logged in to the guest";
    FileSystemList: INSTANCES "filesystemlist" Get true Guest ("" -> 200 "VirtualMachineInstanceFileSystemList") "Get the file systems of the guest";
    InstanceAddVolume: INSTANCES "addvolume" Put true Volumes ("AddVolumeOptions" -> 202 "") "Add a volume to a running VirtualMachineInstance";
    InstanceRemoveVolume: INSTANCES "removevolume" Put true Volumes ("RemoveVolumeOptions" -> 202 "") "Remove a volume from a running VirtualMachineInstance";
    InstanceObjectGraph: INSTANCES "objectgraph" Get true Graph ("ObjectGraphOptions" -> 200 "ObjectGraphNode") "Get the objects that a VirtualMachineInstance depends on";
    SevFetchCertChain: INSTANCES "sev/fetchcertchain" Get true Later ("" -> 200 "SEVPlatformInfo") "Get the certificates of the node's secure processor";
    SevQueryLaunchMeasurement: INSTANCES "sev/querylaunchmeasurement" Get true Later ("" -> 200 "SEVMeasurementInfo") "Get the measurement of an encrypted guest";
    SevSetupSession: INSTANCES "sev/setupsession" Put true Later ("SEVSessionOptions" -> 202 "") "Set the session that an encrypted guest is started with";
    SevInjectLaunchSecret: INSTANCES "sev/injectlaunchsecret" Put true Later ("SEVSecretOptions" -> 200 "") "Give an encrypted guest a secret";
    InstanceEvacuateCancel: INSTANCES "evacuate/cancel" Put true Evacuation ("EvacuateCancelOptions" -> 200 "") "Take back that a VirtualMachineInstance is to leave its node";
    Usbredir: INSTANCES "usbredir" Get false Stream ("" -> 101 "") "Open a WebSocket to a USB port of a VirtualMachineInstance";
    Vsock: INSTANCES "vsock" Get false Stream ("" -> 101 "") "Open a WebSocket to a VM socket of a VirtualMachineInstance";
    MachineAddVolume: MACHINES "addvolume" Put false Volumes ("AddVolumeOptions" -> 202 "") "Add a volume to a VirtualMachine";
    MachineRemoveVolume: MACHINES "removevolume" Put false Volumes ("RemoveVolumeOptions" -> 202 "") "Remove a volume from a VirtualMachine";
    MemoryDump: MACHINES "memorydump" Put false Later ("VirtualMachineMemoryDumpRequest" -> 202 "") "Write the memory of a VirtualMachine to a claim";
    RemoveMemoryDump: MACHINES "removememorydump" Put false Later ("" -> 202 "") "Take the claim of the memory dump off a VirtualMachine";
    MachinePortForward: MACHINES "portforward" Get false Stream ("" -> 101 "") "Open a WebSocket to a port of a VirtualMachine";
}

impl Subresource {
    /// The plural resource and the name of the subresource (empty for a resource without objects).
    pub(crate) const fn names(self) -> (&'static str, &'static str) {
        let row = self.row();
        (row.resource, row.name)
    }

    /// The singular name of the object's kind in lower case; empty for a resource without objects.
    pub(crate) fn kind(self) -> &'static str {
        match self.row().resource {
            MACHINES => "virtualmachine",
            INSTANCES => "virtualmachineinstance",
            _ => "",
        }
    }

    /// Whether a port follows in the path.
    pub(crate) const fn has_port(self) -> bool {
        matches!(self, Self::InstancePortForward | Self::MachinePortForward)
    }

    /// Finds a subresource of objects by the plural resource and the name, exactly as they are in the table.
    pub(crate) fn find(resource: &str, name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|candidate| !name.is_empty() && candidate.names() == (resource, name))
    }

    /// Most bytes of a request's body. That of a whole VirtualMachine is what kube-apiserver takes at most.
    pub(crate) const fn body_limit(self) -> usize {
        match self {
            Self::ExpandVmSpec => 3 * 1024 * 1024,
            _ => crate::lifecycle::options::BODY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_differ_and_are_found() {
        for subresource in Subresource::ALL.iter().copied() {
            let (resource, name) = subresource.names();
            match name {
                "" => assert_eq!(Subresource::find(resource, name), None),
                _ => assert_eq!(Subresource::find(resource, name), Some(subresource)),
            }
        }
        let of = |resource: &str| {
            let rows = Subresource::ALL.iter().map(|one| one.row());
            rows.filter(|row| row.resource == resource).count()
        };
        assert_eq!(
            (of(MACHINES), of(INSTANCES), of(EXPAND_VM_SPEC)),
            (12, 25, 1)
        );
    }

    #[test]
    fn what_has_a_body_is_put_and_streams_are_upgrades() {
        for row in Subresource::ALL.iter().map(|one| one.row()) {
            let stream = row.implementation == Implementation::Stream;
            assert_eq!(row.success == 101, stream, "{row:?}");
            if row.method == Verb::Get {
                // The object graph's options are in the body of a GET, as in the original.
                assert!(row.body.is_empty() || row.name == "objectgraph", "{row:?}");
            }
        }
    }
}
