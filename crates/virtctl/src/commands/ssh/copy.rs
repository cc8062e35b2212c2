//! The two sides of `scp`.

use anyhow::bail;

use crate::target::{Kind, Login};

/// What to copy from where to where.
#[derive(Debug)]
pub(super) struct Copy {
    /// The machine.
    pub(super) login: Login,
    /// The path in the guest.
    remote: String,
    /// The path on this side.
    local: String,
    /// Whether the machine is the destination.
    upload: bool,
}

impl Copy {
    /// Reads the two sides.
    ///
    /// # Errors
    /// When not exactly one of them is a machine's.
    pub(super) fn parse(source: &str, destination: &str) -> anyhow::Result<Self> {
        let (login, remote, local, upload) = match (remote(source)?, remote(destination)?) {
            (Some((login, path)), None) => (login, path, destination, false),
            (None, Some((login, path))) => (login, path, source, true),
            (Some(_), Some(_)) => {
                bail!(
                    "both sides are in a machine: copy to this side first, then to the other machine"
                )
            }
            (None, None) => bail!(
                "neither side is in a machine: one of them must be [user@]type/name[/namespace]:path"
            ),
        };
        Ok(Self {
            login,
            remote,
            local: local.to_owned(),
            upload,
        })
    }

    /// The two arguments of OpenSSH's scp for the machine that it knows as `login`.
    pub(super) fn arguments(&self, login: &str) -> [String; 2] {
        let remote = format!("{login}:{}", self.remote);
        // OpenSSH takes what has a colon for a host, and what begins with a dash for an option.
        let odd = self.local.contains(':') || self.local.starts_with('-');
        let local = if odd && !self.local.starts_with(['/', '.']) {
            format!("./{}", self.local)
        } else {
            self.local.clone()
        };
        if self.upload {
            [local, remote]
        } else {
            [remote, local]
        }
    }
}

/// The machine and the path, if this is a path in a machine: it begins with a kind and has a colon.
fn remote(text: &str) -> anyhow::Result<Option<(Login, String)>> {
    let Some((machine, path)) = text.split_once(':') else {
        return Ok(None);
    };
    let first = machine.split('/').next().unwrap_or_default();
    let kind = first.rsplit('@').next().unwrap_or_default();
    if !machine.contains('/') || Kind::parse(kind).is_err() {
        return Ok(None);
    }
    Ok(Some((Login::parse(machine)?, path.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_is_in_a_machine() {
        let copy = Copy::parse("./a", "root@vm/one/two:/tmp/b").unwrap();
        assert_eq!(copy.login.user.as_deref(), Some("root"));
        assert_eq!(
            copy.arguments("root@vm.one.two"),
            ["./a", "root@vm.one.two:/tmp/b"]
        );
        let copy = Copy::parse("vmi/one:", "here").unwrap();
        assert_eq!(copy.arguments("vmi.one.ns"), ["vmi.one.ns:", "here"]);
    }

    #[test]
    fn local_names_stay_local() {
        let copy = Copy::parse("vmi/one:a", "x:y").unwrap();
        assert_eq!(copy.arguments("h"), ["h:a", "./x:y"]);
        let copy = Copy::parse("-r", "vmi/one:a").unwrap();
        assert_eq!(copy.arguments("h"), ["./-r", "h:a"]);
        let copy = Copy::parse("/vm/a:b", "vmi/one:a").unwrap();
        assert_eq!(copy.arguments("h"), ["/vm/a:b", "h:a"]);
    }

    #[test]
    fn both_or_neither_is_an_error() {
        assert!(Copy::parse("vm/one:a", "vm/two:b").is_err());
        assert!(
            Copy::parse("a", "b")
                .unwrap_err()
                .to_string()
                .contains("type/name")
        );
        assert!(Copy::parse("vm/one/two/three:a", "b").is_err());
    }
}
