use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where things are. Everything is beneath one root, which is `/` but in tests.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn from_environment() -> Self {
        let root = std::env::var_os("VIRT_LAUNCHER_ROOT");
        Self::at(Path::new(root.as_deref().unwrap_or(OsStr::new("/"))))
    }

    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn libvirtd(&self) -> PathBuf {
        self.path("usr/sbin/libvirtd")
    }

    pub(crate) fn virsh(&self) -> PathBuf {
        self.path("usr/bin/virsh")
    }

    pub(crate) fn qemu_img(&self) -> PathBuf {
        self.path("usr/bin/qemu-img")
    }

    /// The image's `libvirtd.conf` and `qemu.conf`.
    pub(crate) fn libvirt_configuration(&self) -> PathBuf {
        self.path("usr/share/kubevirt/libvirt")
    }

    /// The emptyDir that virt-handler and other containers of the pod see.
    pub(crate) fn public(&self) -> PathBuf {
        self.path("var/run/kubevirt")
    }

    /// The emptyDir of the container itself; also HOME and XDG_CONFIG_HOME and XDG_CACHE_HOME.
    pub(crate) fn private(&self) -> PathBuf {
        self.path("var/run/kubevirt-private")
    }

    pub(crate) fn ephemeral_disks(&self) -> PathBuf {
        self.path("var/run/kubevirt-ephemeral-disks")
    }

    /// Where image volume number `index` is mounted.
    pub(crate) fn image_volume(&self, index: u32) -> PathBuf {
        self.path(&format!("var/run/kubevirt-image-volume/disk_{index}"))
    }

    /// XDG_RUNTIME_DIR.
    pub(crate) fn runtime(&self) -> PathBuf {
        self.path("var/run")
    }

    pub(crate) fn termination_log(&self) -> PathBuf {
        self.path("dev/termination-log")
    }
}
