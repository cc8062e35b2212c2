//! The flags of `virtctl create vm`.

use std::path::PathBuf;

use clap::Args;

/// `virtctl create vm`.
///
/// Volumes without a boot order boot in this order: containerDisk, PVC, DataSource, cloned PVC, blank, imported.
#[derive(Debug, Args)]
pub(crate) struct Vm {
    /// Name of the VirtualMachine; by default a random one.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// When it runs: Always, Manual, Halted, Once or RerunOnFailure.
    #[arg(long, default_value = "Always", value_name = "STRATEGY")]
    pub(super) run_strategy: String,
    /// Seconds that the guest has to shut down.
    #[arg(long, default_value_t = 180, value_name = "SECONDS")]
    pub(super) termination_grace_period: i64,
    /// Memory of the guest.
    #[arg(long, default_value = "512Mi", value_name = "QUANTITY", conflicts_with_all = ["instancetype", "infer_instancetype", "infer_instancetype_from"])]
    pub(super) memory: String,

    /// Instancetype, as [KIND/]NAME.
    #[arg(long, value_name = "[KIND/]NAME", conflicts_with_all = ["infer_instancetype", "infer_instancetype_from"])]
    pub(super) instancetype: Option<String>,
    /// Take the instancetype from the first boot volume (default true, where it can be).
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false", conflicts_with = "infer_instancetype_from")]
    pub(super) infer_instancetype: Option<bool>,
    /// Take the instancetype from this volume.
    #[arg(long, value_name = "VOLUME")]
    pub(super) infer_instancetype_from: Option<String>,
    /// Preference, as [KIND/]NAME.
    #[arg(long, value_name = "[KIND/]NAME", conflicts_with_all = ["infer_preference", "infer_preference_from"])]
    pub(super) preference: Option<String>,
    /// Take the preference from the first boot volume (default true, where it can be).
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false", conflicts_with = "infer_preference_from")]
    pub(super) infer_preference: Option<bool>,
    /// Take the preference from this volume.
    #[arg(long, value_name = "VOLUME")]
    pub(super) infer_preference_from: Option<String>,

    /// A containerDisk: src:IMAGE[,name:NAME][,bootorder:N]; may be repeated.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) volume_containerdisk: Vec<String>,
    /// A PersistentVolumeClaim: src:CLAIM[,name:NAME][,bootorder:N]; may be repeated.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) volume_pvc: Vec<String>,
    /// A DataVolume: type:blank|gcs|http|imageio|registry|s3|vddk,size:SIZE,... or type:pvc|snapshot|ds,src:[NAMESPACE/]NAME,...;
    /// may be repeated.
    ///
    /// All take name and bootorder. gcs: url, secretref. http: url, certconfigmap, secretref, extraheaders, secretextraheaders (lists
    /// separated by semicolons). imageio: url, diskid, certconfigmap, secretref. registry: url or imagestream, pullmethod,
    /// certconfigmap, secretref. s3: url, certconfigmap, secretref. vddk: url, uuid, thumbprint, backingfile, initimageurl, secretref.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) volume_import: Vec<String>,
    /// A DataSource that is cloned: src:[NAMESPACE/]NAME[,name:NAME][,size:SIZE][,bootorder:N]. Deprecated: --volume-import type:ds.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) volume_datasource: Vec<String>,
    /// A claim that is cloned: src:NAMESPACE/NAME[,name:NAME][,size:SIZE][,bootorder:N]. Deprecated: --volume-import type:pvc.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) volume_clone_pvc: Vec<String>,
    /// A blank volume: size:SIZE[,name:NAME][,bootorder:N]. Deprecated: --volume-import type:blank.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) volume_blank: Vec<String>,
    /// Answers for Windows' setup: src:NAME[,type:configmap|secret].
    #[arg(long, value_name = "PARAMETERS", overrides_with = "volume_sysprep")]
    pub(super) volume_sysprep: Option<String>,

    /// User of the guest that cloud-init sets up.
    #[arg(long)]
    pub(super) user: Option<String>,
    /// File with the user's password, which stands readable in the manifest.
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
    /// SSH public key of the user; may be repeated or separated by commas.
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub(super) ssh_key: Vec<String>,
    /// Let the guest agent manage SSH keys where SELinux guards them; implied by SSH access credentials of method ga.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false")]
    pub(super) ga_manage_ssh: Option<bool>,
    /// Credentials from a Secret: src:SECRET[,type:ssh|password][,method:ga|nocloud|configdrive][,user:USER]; may be repeated.
    #[arg(long, value_name = "PARAMETERS")]
    pub(super) access_cred: Vec<String>,
    /// Where cloud-init finds its data: nocloud, configdrive or none.
    #[arg(long, default_value = "nocloud", value_name = "SOURCE")]
    pub(super) cloud_init: String,
    /// cloud-init's user data, base64-encoded.
    #[arg(long, value_name = "BASE64", conflicts_with_all = ["user", "password_file", "ssh_key", "ga_manage_ssh"])]
    pub(super) cloud_init_user_data: Option<String>,
    /// cloud-init's network data, base64-encoded.
    #[arg(long, value_name = "BASE64")]
    pub(super) cloud_init_network_data: Option<String>,
}
