//! `type/name[/namespace]`: which machine a command reaches.

use anyhow::{Context, bail};

/// The two kinds that have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    VirtualMachine,
    VirtualMachineInstance,
}

impl Kind {
    /// Reads a kind as kubectl would: short, singular or plural.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "vm" | "vms" | "virtualmachine" | "virtualmachines" => Self::VirtualMachine,
            "vmi" | "vmis" | "virtualmachineinstance" | "virtualmachineinstances" => {
                Self::VirtualMachineInstance
            }
            _ => bail!("{text:?} is not a kind that this command knows: use vm or vmi"),
        })
    }

    /// The shortest name.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::VirtualMachine => "vm",
            Self::VirtualMachineInstance => "vmi",
        }
    }

    /// The name in paths of the API.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::VirtualMachine => "virtualmachines",
            Self::VirtualMachineInstance => "virtualmachineinstances",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::VirtualMachine => "VirtualMachine",
            Self::VirtualMachineInstance => "VirtualMachineInstance",
        })
    }
}

/// A machine, perhaps in a namespace of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
}

impl Target {
    /// Reads `type/name[/namespace]`.
    ///
    /// # Errors
    /// Tells the form when the text has not got it.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let form = || format!("{text:?} names no machine: use type/name or type/name/namespace");
        let mut parts = text.split('/');
        let kind = parts.next().unwrap_or_default();
        let name = parts.next().with_context(form)?;
        let namespace = parts.next();
        let empty = name.is_empty() || namespace.is_some_and(str::is_empty);
        if empty || parts.next().is_some() {
            bail!(form());
        }
        Ok(Self {
            kind: Kind::parse(kind)?,
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
        })
    }
}

/// A machine and who to be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) target: Target,
}

impl Login {
    /// Reads `[user@]type/name[/namespace]`.
    ///
    /// # Errors
    /// Tells the form when the text has not got it.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        // A user's name may contain an @, a machine's may not.
        let (user, target) = match text.rsplit_once('@') {
            Some(("", _)) => bail!("{text:?}: there is no user before the @"),
            Some((user, target)) => (Some(user.to_owned()), target),
            None => (None, text),
        };
        Ok(Self {
            user,
            target: Target::parse(target)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_may_be_short_singular_or_plural() {
        for text in ["vm", "vms", "virtualmachine", "VirtualMachines"] {
            assert_eq!(Kind::parse(text).unwrap(), Kind::VirtualMachine, "{text}");
        }
        for text in [
            "vmi",
            "vmis",
            "virtualmachineinstance",
            "virtualmachineinstances",
        ] {
            assert_eq!(
                Kind::parse(text).unwrap(),
                Kind::VirtualMachineInstance,
                "{text}"
            );
        }
        assert!(Kind::parse("pod").unwrap_err().to_string().contains("vmi"));
    }

    #[test]
    fn a_target_is_a_kind_a_name_and_perhaps_a_namespace() {
        let target = Target::parse("vm/one").unwrap();
        assert_eq!((target.name.as_str(), target.namespace), ("one", None));
        let target = Target::parse("vmis/one/two").unwrap();
        assert_eq!(target.kind, Kind::VirtualMachineInstance);
        assert_eq!(target.namespace.as_deref(), Some("two"));
        for wrong in ["one", "vm/", "vm/one/", "vm/one/two/three", "/one", ""] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_login_may_have_a_user() {
        assert_eq!(Login::parse("vm/one").unwrap().user, None);
        let login = Login::parse("a@b@vm/one").unwrap();
        assert_eq!(login.user.as_deref(), Some("a@b"));
        assert_eq!(login.target.name, "one");
        assert!(Login::parse("@vm/one").is_err());
    }
}
