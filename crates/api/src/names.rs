//! Names that objects, programs and users agree on: labels, annotations, finalizers, condition types, reasons.

/// Labels.
pub mod label {
    /// Marks every object of KubeVirt with the component that it belongs to.
    pub const APP: &str = "kubevirt.io";
    /// Value of [`APP`] on launcher pods.
    pub const APP_LAUNCHER: &str = "virt-launcher";
    /// Value of [`APP`] on the pods of virt-handler.
    pub const APP_HANDLER: &str = "virt-handler";
    /// On launcher pods: UID of the VirtualMachineInstance.
    pub const CREATED_BY: &str = "kubevirt.io/created-by";
    /// On launcher pods: host name of the guest.
    pub const VM_NAME: &str = "vm.kubevirt.io/name";
    /// On launcher pods: name of the VirtualMachineInstance, shortened with a checksum when it has more than 63 characters.
    pub const VMI_ID: &str = "vmi.kubevirt.io/id";
    /// On a VirtualMachineInstance: node whose virt-handler is in charge of it.
    pub const NODE_NAME: &str = "kubevirt.io/nodeName";
    /// On a VirtualMachineInstance that moves: node that it moves to.
    pub const MIGRATION_TARGET_NODE_NAME: &str = "kubevirt.io/migrationTargetNodeName";
    /// On the pod that a VirtualMachineInstance moves to: UID of the migration.
    pub const MIGRATION_JOB_UID: &str = "kubevirt.io/migrationJobUID";
    /// On a VirtualMachineInstanceMigration: name of the VirtualMachineInstance that moves, shortened with a checksum when it
    /// has more than 63 characters.
    pub const VMI_NAME: &str = "kubevirt.io/vmi-name";
    /// On VirtualMachineInstances and pods whose launcher image is not the current one.
    pub const OUTDATED_LAUNCHER_IMAGE: &str = "kubevirt.io/outdatedLauncherImage";
    /// On ConfigMaps that say what an installation consists of.
    pub const INSTALL_STRATEGY: &str = "kubevirt.io/install-strategy";
    /// On nodes, `true` or `false`: virt-handler is alive and its devices are there.
    pub const SCHEDULABLE: &str = "kubevirt.io/schedulable";
    /// On nodes, `true` or `false`: kubelet gives guests processors of their own.
    pub const CPU_MANAGER: &str = "kubevirt.io/cpumanager";
    /// On nodes, followed by a processor model: guests can use it.
    pub const CPU_MODEL: &str = "cpu-model.node.kubevirt.io/";
    /// On nodes, followed by a processor model: guests with it can move here.
    pub const CPU_MODEL_MIGRATION: &str = "cpu-model-migration.node.kubevirt.io/";
    /// On nodes, followed by a processor feature: the node has it.
    pub const CPU_FEATURE: &str = "cpu-feature.node.kubevirt.io/";
    /// On nodes, followed by a processor model: what `host-model` means here.
    pub const HOST_MODEL_CPU: &str = "host-model-cpu.node.kubevirt.io/";
    /// On nodes, followed by a processor feature: `host-model` has it here.
    pub const HOST_MODEL_REQUIRED_FEATURES: &str = "host-model-required-features.node.kubevirt.io/";
    /// On nodes, followed by the vendor of the processor.
    pub const CPU_VENDOR: &str = "cpu-vendor.node.kubevirt.io/";
    /// On nodes, followed by `tsc-frequency` or `tsc-scalable`.
    pub const CPU_TIMER: &str = "cpu-timer.node.kubevirt.io/";
    /// On nodes, followed by a frequency in Hz: guests that need it can run here.
    pub const TSC_FREQUENCY: &str = "scheduling.node.kubevirt.io/tsc-frequency-";
    /// On nodes, followed by a feature of Hyper-V that guests can use.
    pub const HYPERV: &str = "hyperv.node.kubevirt.io/";
    /// On nodes, followed by a machine type that guests can have.
    pub const MACHINE_TYPE: &str = "machine-type.node.kubevirt.io/";
    /// On ControllerRevisions of instancetypes and preferences: generation of the object that they keep.
    pub const INSTANCETYPE_OBJECT_GENERATION: &str = "instancetype.kubevirt.io/object-generation";
    /// On them: kind of that object.
    pub const INSTANCETYPE_OBJECT_KIND: &str = "instancetype.kubevirt.io/object-kind";
    /// On them: name of that object.
    pub const INSTANCETYPE_OBJECT_NAME: &str = "instancetype.kubevirt.io/object-name";
    /// On them: UID of that object.
    pub const INSTANCETYPE_OBJECT_UID: &str = "instancetype.kubevirt.io/object-uid";
    /// On them: version of that object's kind.
    pub const INSTANCETYPE_OBJECT_VERSION: &str = "instancetype.kubevirt.io/object-version";
    /// On DataSources: architecture of the guests that boot from them.
    pub const TEMPLATE_ARCHITECTURE: &str = "template.kubevirt.io/architecture";
    /// On nodes: what `host-model` means here is obsolete.
    pub const OBSOLETE_HOST_MODEL: &str = "node-labeller.kubevirt.io/obsolete-host-model";
}

/// Labels of a VirtualMachineInstance that only KubeVirt's components may set or change.
pub const RESERVED_LABELS: [&str; 6] = [
    label::CREATED_BY,
    label::MIGRATION_JOB_UID,
    label::NODE_NAME,
    label::MIGRATION_TARGET_NODE_NAME,
    label::SCHEDULABLE,
    label::INSTALL_STRATEGY,
];

/// Annotations.
pub mod annotation {
    /// On launcher pods: name of the VirtualMachineInstance.
    pub const DOMAIN: &str = "kubevirt.io/domain";
    /// On launcher pods: bytes that the pod requests beside the guest's memory.
    pub const MEMORY_OVERHEAD_BYTES: &str = "kubevirt.io/memory-overhead-bytes";
    /// On launcher pods: migrations use a Unix socket.
    pub const MIGRATION_TRANSPORT_UNIX: &str = "kubevirt.io/migrationTransportUnix";
    /// On launcher pods: the descheduler may ask for an eviction, not force it.
    pub const DESCHEDULER_REQUEST_EVICT_ONLY: &str =
        "descheduler.alpha.kubernetes.io/request-evict-only";
    /// On pods: container that `kubectl logs` and the like mean when none is named.
    pub const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";
    /// Newest version of the API that was in use when the object was written.
    pub const LATEST_OBSERVED_API_VERSION: &str = "kubevirt.io/latest-observed-api-version";
    /// Version of the API that the object is stored in.
    pub const STORAGE_OBSERVED_API_VERSION: &str = "kubevirt.io/storage-observed-api-version";
    /// On a VirtualMachineInstance: generation of the VirtualMachine that it was made from.
    pub const VM_GENERATION: &str = "kubevirt.io/vm-generation";
    /// On a VirtualMachineInstance or a template: how PCI addresses are given out.
    pub const PCI_TOPOLOGY_VERSION: &str = "kubevirt.io/pci-topology-version";
    /// Value of [`PCI_TOPOLOGY_VERSION`] for new guests.
    pub const PCI_TOPOLOGY_V3: &str = "v3";
    /// On a VirtualMachineInstance, `true`: PCI devices sit on the root bus.
    pub const PLACE_PCI_DEVICES_ON_ROOT_COMPLEX: &str = "kubevirt.io/placePCIDevicesOnRootComplex";
    /// On a VirtualMachineInstance, `true`: no 64-bit PCI hole.
    pub const DISABLE_PCI_HOLE64: &str = "kubevirt.io/disablePCIHole64";
    /// On a VirtualMachineInstance, `false`: huge pages without memfd.
    pub const MEMFD: &str = "kubevirt.io/memfd";
    /// On a VirtualMachineInstance, `true`: the balloon does not report free pages.
    pub const FREE_PAGE_REPORTING_DISABLED: &str = "kubevirt.io/free-page-reporting-disabled";
    /// On a VirtualMachineInstance: where the node's quote generation service listens, for guests with TDX.
    pub const QGS_SOCKET_PATH: &str = "kubevirt.io/qgs-socket-path";
    /// On a VirtualMachineInstance: the instancetype of its namespace that it was made with.
    pub const INSTANCETYPE_NAME: &str = "kubevirt.io/instancetype-name";
    /// On a VirtualMachineInstance: the instancetype of the cluster that it was made with.
    pub const CLUSTER_INSTANCETYPE_NAME: &str = "kubevirt.io/cluster-instancetype-name";
    /// On a VirtualMachineInstance: the preference of its namespace that it was made with.
    pub const PREFERENCE_NAME: &str = "kubevirt.io/preference-name";
    /// On a VirtualMachineInstance: the preference of the cluster that it was made with.
    pub const CLUSTER_PREFERENCE_NAME: &str = "kubevirt.io/cluster-preference-name";
    /// On a VirtualMachineInstance: filters for libvirt's log.
    pub const LIBVIRT_LOG_FILTERS: &str = "kubevirt.io/libvirt-log-filters";
    /// On nodes: time of virt-handler's last sign of life, RFC 3339 as JSON text.
    pub const HEARTBEAT: &str = "kubevirt.io/heartbeat";
    /// On nodes: labels of the processor are left alone.
    pub const LABELLER_SKIP_NODE: &str = "node-labeller.kubevirt.io/skip-node";
    /// Prefixes of annotations that are not copied from a VirtualMachineInstance to its pod.
    pub const NOT_FOR_PODS: [&str; 3] = [
        "kubectl.kubernetes.io",
        STORAGE_OBSERVED_API_VERSION,
        LATEST_OBSERVED_API_VERSION,
    ];
}

/// Finalizers.
pub mod finalizer {
    /// On a VirtualMachine until its VirtualMachineInstance is gone, and on that until the VirtualMachine has seen its end.
    pub const VM_CONTROLLER: &str = "kubevirt.io/virtualMachineControllerFinalize";
    /// On a VirtualMachineInstance until it has ended and its pods are gone.
    pub const VMI_FOREGROUND_DELETE: &str = "kubevirt.io/foregroundDeleteVirtualMachine";
    /// Older name of [`VMI_FOREGROUND_DELETE`].
    pub const VMI_FOREGROUND_DELETE_LEGACY: &str = "foregroundDeleteVirtualMachine";
    /// On a VirtualMachineInstanceMigration until it has ended.
    pub const MIGRATION: &str = "kubevirt.io/migrationJobFinalize";
    /// Kubernetes' own: the owner is deleted and what it owns is kept.
    pub const ORPHAN: &str = "orphan";
}

/// Names of the resources that virt-handler offers on nodes.
pub mod resource {
    /// Hardware virtualization, `/dev/kvm`.
    pub const KVM: &str = "devices.kubevirt.io/kvm";
    /// Network devices of guests, `/dev/net/tun`.
    pub const TUN: &str = "devices.kubevirt.io/tun";
    /// Network devices of guests served by the kernel, `/dev/vhost-net`.
    pub const VHOST_NET: &str = "devices.kubevirt.io/vhost-net";
    /// Kubernetes' prefix of huge pages, followed by the size of a page.
    pub const HUGEPAGES: &str = "hugepages-";
}

/// Types of conditions.
pub mod condition {
    /// The guest runs and is ready.
    pub const READY: &str = "Ready";
    /// Something about the VirtualMachine could not be carried out.
    pub const FAILURE: &str = "Failure";
    /// The guest's processors are stopped.
    pub const PAUSED: &str = "Paused";
    /// A change of the template takes effect at the next start only.
    pub const RESTART_REQUIRED: &str = "RestartRequired";
    /// The VirtualMachine may not start until someone has looked after it.
    pub const MANUAL_RECOVERY_REQUIRED: &str = "ManualRecoveryRequired";
    /// A node has been found for the pod.
    pub const POD_SCHEDULED: &str = "PodScheduled";
    /// False when something about the VirtualMachineInstance could not be carried out.
    pub const SYNCHRONIZED: &str = "Synchronized";
    /// A pod binds volumes that wait for a consumer.
    pub const PROVISIONING: &str = "Provisioning";
    /// The guest agent is connected.
    pub const AGENT_CONNECTED: &str = "AgentConnected";
    /// The guest can move to another node while it runs.
    pub const LIVE_MIGRATABLE: &str = "LiveMigratable";
    /// The guest can move to another node with its disks while it runs.
    pub const STORAGE_LIVE_MIGRATABLE: &str = "StorageLiveMigratable";
    /// A replica set or pool makes and deletes nothing because it is paused.
    pub const REPLICA_PAUSED: &str = "ReplicaPaused";
    /// A replica set or pool could not make or delete something.
    pub const REPLICA_FAILURE: &str = "ReplicaFailure";
    /// On pods: the guest is not paused.
    pub const POD_UNPAUSED: &str = "kubevirt.io/virtual-machine-unpaused";
}

/// Reasons of conditions and events.
pub mod reason {
    /// There is no VirtualMachineInstance.
    pub const VMI_NOT_EXISTS: &str = "VMINotExists";
    /// The VirtualMachineInstance does not say whether it is ready.
    pub const VMI_CONDITION_MISSING: &str = "VMIConditionMissing";
    /// There is no pod.
    pub const POD_NOT_EXISTS: &str = "PodNotExists";
    /// The pod is going.
    pub const POD_TERMINATING: &str = "PodTerminating";
    /// The pod runs, the guest not yet.
    pub const GUEST_NOT_RUNNING: &str = "GuestNotRunning";
    /// The pod does not say whether it is ready.
    pub const POD_CONDITION_MISSING: &str = "PodConditionMissing";
    /// Something could not be created.
    pub const FAILED_CREATE: &str = "FailedCreate";
    /// The instancetype that a VirtualMachine names cannot be had.
    pub const FAILED_FIND_INSTANCETYPE: &str = "FailedFindInstancetype";
    /// The preference that a VirtualMachine names cannot be had.
    pub const FAILED_FIND_PREFERENCE: &str = "FailedFindPreference";
    /// Something could not be deleted.
    pub const FAILED_DELETE: &str = "FailedDelete";
    /// A volume could not be added or removed.
    pub const HOT_PLUG_VOLUME_ERROR: &str = "HotPlugVolumeError";
    /// A PersistentVolumeClaim does not exist.
    pub const FAILED_PVC_NOT_FOUND: &str = "FailedPvcNotFound";
    /// An image cannot be pulled.
    pub const ERR_IMAGE_PULL: &str = "ErrImagePull";
    /// An image cannot be pulled; the next attempt waits.
    pub const IMAGE_PULL_BACK_OFF: &str = "ImagePullBackOff";
    /// No node can take the pod.
    pub const UNSCHEDULABLE: &str = "Unschedulable";
    /// The node does not answer.
    pub const NODE_UNRESPONSIVE: &str = "NodeUnresponsive";
    /// A user stopped the processors.
    pub const PAUSED_BY_USER: &str = "PausedByUser";
    /// An I/O error stopped the processors.
    pub const PAUSED_IO_ERROR: &str = "PausedIOError";
    /// The processors were stopped, or a replica set was.
    pub const PAUSED: &str = "Paused";
    /// A replica set or pool was paused.
    pub const SUCCESSFUL_PAUSED: &str = "SuccessfulPaused";
    /// A replica set goes on.
    pub const SUCCESSFUL_RESUMED: &str = "SuccessfulResumed";
    /// The processors go on.
    pub const UNPAUSED: &str = "Unpaused";
    /// The guest's reset button was pressed.
    pub const RESET: &str = "Reset";
    /// The guest was asked to start anew.
    pub const SOFT_REBOOTED: &str = "SoftRebooted";
    /// The guest's file systems could not be frozen.
    pub const FREEZE_ERROR: &str = "FreezeError";
    /// Something was created.
    pub const SUCCESSFUL_CREATE: &str = "SuccessfulCreate";
    /// Something was deleted.
    pub const SUCCESSFUL_DELETE: &str = "SuccessfulDelete";
    /// The guest was asked to shut down.
    pub const SHUTTING_DOWN: &str = "ShuttingDown";
    /// The VirtualMachineInstance is being deleted.
    pub const DELETED: &str = "Deleted";
    /// The guest has ended.
    pub const STOPPED: &str = "Stopped";
    /// The guest has started.
    pub const STARTED: &str = "Started";
    /// The guest has been defined.
    pub const CREATED: &str = "Created";
    /// What a VirtualMachineInstance asks for could not be carried out on its node.
    pub const SYNC_FAILED: &str = "SyncFailed";
    /// The guest crashed.
    pub const GUEST_CRASHED: &str = "GuestCrashed";
    /// The guest is gone, and nothing says how it ended.
    pub const GUEST_LOST: &str = "GuestLost";
    /// The launcher pod ended by itself.
    pub const LAUNCHER_ENDED: &str = "LauncherEnded";
}
