//! Feature gates: their names, and how far the features behind them are.

/// How far a feature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Off unless it is switched on.
    Alpha,
    /// On unless it is switched off.
    Beta,
    /// Always on: the gate has no effect any more.
    Ga,
    /// Off unless it is switched on, and about to go.
    Deprecated,
    /// Always off: the feature is gone, and what uses it is refused.
    Discontinued,
}

/// Declares the gates, each with what it is about.
macro_rules! gates {
    ($($state:ident { $($name:ident $about:literal)+ })+) => {
        /// A feature gate, as `featureGates` and `disabledFeatureGates` name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Gate { $($(#[doc = $about] $name,)+)+ }

        impl Gate {
            /// All gates, by how far they are.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// Its name in the settings.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name),)+)+ }
            }

            /// How far its feature is.
            pub const fn state(self) -> State {
                match self { $($(Self::$name)|+ => State::$state,)+ }
            }

            /// What it is about, a sentence.
            pub const fn about(self) -> &'static str {
                match self { $($(Self::$name => $about,)+)+ }
            }
        }
    };
}

gates! {
    Beta {
        ImageVolume "Mounts the images of containerDisks instead of copying them."
        Snapshot "Snapshots of virtual machines, and going back to them."
        WorkloadEncryptionSEV "Guests whose memory an AMD processor encrypts."
        KubevirtSeccompProfile "A profile of permitted system calls for launcher pods."
        NodeRestriction "Lets virt-handler write to the guests of its own node only."
        GPUsWithDRA "Graphics cards that come from ResourceClaims."
        HostDevicesWithDRA "Devices of nodes that come from ResourceClaims."
        DecentralizedLiveMigration "Moves running guests between namespaces and clusters."
        DeclarativeHotplugVolumes "Plugs and unplugs disks by changing the VirtualMachine, and ejects CD-ROMs."
        PasstBinding "Connects guests to the pod network with passt."
        PodSecondaryInterfaceNamingUpgrade "Gives up the older names of interfaces in pods when guests move."
        ExternalNetResourceInjection "Leaves resources of network attachments to an outside injector."
        RebootPolicy "Ends a guest that reboots, when it asks for that."
        Template "Templates of virtual machines."
        OptOutRoleAggregation "Leaves KubeVirt's cluster roles out of Kubernetes' roles."
    }
    Alpha {
        CPUManager "Labels nodes that give guests processors of their own."
        ExperimentalIgnitionSupport "Hands Ignition data from an annotation to guests."
        HypervStrictCheck "Schedules guests on nodes only that have the features of Hyper-V they ask for."
        Sidecar "Hooks that change a guest's domain from containers beside it."
        HostDevices "Gives devices of nodes to guests."
        HostDisk "Disks that are files of the node."
        DownwardMetrics "Tells guests figures of their node."
        Root "Runs launchers as root."
        WorkloadEncryptionTDX "Guests whose memory an Intel processor encrypts."
        VSOCK "Sockets between guests and their node."
        AlignCPUs "Gives emulator threads whole cores, so that counts stay even."
        EnableVirtioFsStorageVolumes "Shares storage volumes with guests by virtiofs."
        PCINUMAAwareTopology "Tells guests which processors their devices are near to."
        NetworkDevicesWithDRA "Network devices that come from ResourceClaims."
        ObjectGraph "Tells what objects a virtual machine depends on."
        UtilityVolumes "Volumes in a launcher pod that are no disks of the guest."
        ConfigurableHypervisor "Another hypervisor than KVM."
        IncrementalBackup "Backups of the blocks that changed since the last one."
        ContainerPathVolumes "Shares directories of the launcher's own container with guests."
        ReservedOverheadMemlock "Memory overhead and locking that a guest asks for."
        VGPULiveMigration "Moves guests with shares of graphics cards while they run."
        VMStatsCollector "Collects figures of guests by another way."
        OCIExport "Exports virtual machines as container images."
        Plugins "Hooks of third parties into the life of virtual machines."
        GraceIOVirtualization "Input and output of NVIDIA Grace in guests."
        IOMMUFD "Gives devices to guests by iommufd."
        FirmwareAutoSelection "Leaves the choice of firmware to libvirt."
        MigrationStallDetection "Tells migrations that will not come to an end."
        MigrationDowntimeTuning "Limits and tunes how long a guest stands still at the end of its migration."
        CrossArchitectureVirtualization "Guests of another architecture than their node's."
        PortRangesSpec "Ranges of ports of interfaces with address translation."
    }
    Ga {
        LiveMigration "Moves running guests to other nodes."
        SRIOVLiveMigration "Moves running guests with virtual functions of network cards."
        NonRoot "Runs launchers as an ordinary user."
        PSA "Labels namespaces for Kubernetes' pod security."
        CPUNodeDiscovery "Labels nodes with what their processors can."
        NUMA "Tells guests the memory topology of their node."
        CommonInstancetypesDeploymentGate "Installs the common instance types and preferences."
        GPU "Gives graphics cards to guests."
        HotplugNICs "Plugs and unplugs interfaces while guests run."
        BochsDisplayForEFIGuests "A plain display for guests with UEFI."
        VMLiveUpdateFeatures "Carries out changes while guests run."
        NetworkBindingPlugins "Ways of connecting guests that plugins provide."
        DynamicPodInterfaceNaming "Finds interfaces of pods by what the network says."
        VolumesUpdateStrategy "Says what a change of volumes does."
        VolumeMigration "Moves disks of running guests to other volumes."
        DisableCustomSELinuxPolicy "Does without a SELinux policy of KubeVirt's own."
        AutoResourceLimitsGate "Limits for launcher pods where quotas ask for them."
        ClusterProfiler "Profiles of KubeVirt's components."
        VMPersistentState "Keeps TPM and UEFI variables over restarts."
        VMExport "Exports disks and manifests of virtual machines."
        PersistentReservation "SCSI persistent reservations of guests."
        InstancetypeReferencePolicy "Says whether references to instance types are kept."
        EnableVirtioFsConfigVolumes "Shares configuration with guests by virtiofs."
        ExpandDisks "Grows disks with their volumes."
        PanicDevices "Devices by which guests tell that they crashed."
        LiveUpdateNADRef "Changes the network of an interface while the guest runs."
        VideoConfig "Lets guests choose their display."
        SecureExecution "Guests that IBM Z protects."
        MigrationPriorityQueue "Carries out urgent migrations first."
        VmiMemoryOverheadReport "Tells how much memory a guest needs beside its own."
        LibvirtHooksServerAndClient "Calls of libvirt's hooks."
    }
    Deprecated {
        DockerSELinuxMCSWorkaround "Lets containers of a launcher pod share files under an old container runtime."
        MultiArchitecture "Guests on nodes of several architectures, which needs no gate any more."
        DisableMDEVConfiguration "Leaves mediated devices of nodes alone."
        HotplugVolumes "Plugs and unplugs disks by requests; use DeclarativeHotplugVolumes."
    }
    Discontinued {
        ExperimentalVirtiofsSupport "Shared any volume by virtiofs; see EnableVirtioFsConfigVolumes and EnableVirtioFsStorageVolumes."
        Passt "Connected guests with passt; see PasstBinding."
        Macvtap "Connected guests with macvtap; see network binding plugins."
        PasstIPStackMigration "Moved guests with passt; see PasstBinding."
    }
}

impl Gate {
    /// The gate with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|gate| gate.name() == name)
    }

    /// The gate whose name is most like an unknown one, none when they all are quite different.
    pub fn near(name: &str) -> Option<Self> {
        const MOST_CHANGES: usize = 3;
        let name = name.to_lowercase();
        // Longer ones are no slips of the pen, and comparing takes time.
        if name.len() > 64 {
            return None;
        }
        Self::ALL
            .iter()
            .map(|gate| {
                (
                    strsim::levenshtein(&gate.name().to_lowercase(), &name),
                    *gate,
                )
            })
            .min()
            .filter(|(changes, gate)| *changes <= MOST_CHANGES && *changes * 2 < gate.name().len())
            .map(|(_, gate)| gate)
    }
}
