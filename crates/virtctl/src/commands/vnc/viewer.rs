//! The viewers that the command knows, where they are found, and how they are told where to connect.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::process;

/// Which viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// TigerVNC, and what takes the same arguments.
    Tiger,
    /// Chicken, on macOS.
    Chicken,
    /// RealVNC.
    Real,
    /// remote-viewer of virt-viewer.
    RemoteViewer,
}

/// A viewer that is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Viewer {
    pub(super) program: PathBuf,
    kind: Kind,
}

impl Viewer {
    /// The arguments that make it connect to a port of this machine.
    pub(super) fn arguments(&self, port: u16) -> Vec<OsString> {
        let words = match self.kind {
            Kind::Tiger => vec![format!("127.0.0.1::{port}")],
            Kind::Chicken => vec![format!("127.0.0.1:{port}")],
            // The stream is encrypted by Kubernetes.
            Kind::Real => vec![
                format!("127.0.0.1::{port}"),
                "-WarnUnencrypted=0".to_owned(),
                "-Shared=1".to_owned(),
                "-SecurityNotificationTimeout=0".to_owned(),
            ],
            Kind::RemoteViewer => vec![format!("vnc://127.0.0.1:{port}")],
        };
        words.into_iter().map(OsString::from).collect()
    }
}

/// The viewer to start: the user's choice, or the first that is found.
///
/// # Errors
/// When there is none, with what was looked for.
pub(super) fn find(kind: Option<Kind>, program: Option<&Path>) -> anyhow::Result<Viewer> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(program) = program {
        let kind = kind.unwrap_or_else(|| guess(program));
        let found = if program.components().count() == 1 {
            program.to_str().and_then(|name| process::find(&path, name))
        } else {
            Some(program.to_owned()).filter(|file| process::executable(file))
        };
        let program =
            found.with_context(|| format!("--vnc-path: {} is no program", program.display()))?;
        return Ok(Viewer { program, kind });
    }
    let places = if cfg!(target_os = "macos") {
        mac()
    } else {
        others()
    };
    choose(&places, kind, &path)
}

/// Where one kind of viewer may be.
struct Place {
    kind: Kind,
    /// The name of a program in `$PATH`, or an absolute path whose last directories may end in `*`.
    program: &'static str,
}

const fn place(kind: Kind, program: &'static str) -> Place {
    Place { kind, program }
}

/// In the order in which they are tried on Linux and Windows.
fn others() -> Vec<Place> {
    vec![
        place(Kind::RemoteViewer, "remote-viewer"),
        place(Kind::Tiger, "vncviewer"),
        place(Kind::Tiger, "xtigervncviewer"),
        place(Kind::Real, "vncviewer"),
    ]
}

/// In the order in which they are tried on macOS.
fn mac() -> Vec<Place> {
    vec![
        place(
            Kind::Tiger,
            "/Applications/TigerVNC Viewer*.app/Contents/MacOS/TigerVNC Viewer",
        ),
        place(
            Kind::Chicken,
            "/Applications/Chicken.app/Contents/MacOS/Chicken",
        ),
        place(
            Kind::Real,
            "/Applications/VNC Viewer.app/Contents/MacOS/vncviewer",
        ),
        place(Kind::RemoteViewer, "remote-viewer"),
    ]
}

fn choose(places: &[Place], kind: Option<Kind>, path: &OsStr) -> anyhow::Result<Viewer> {
    let wanted = |place: &&Place| kind.is_none_or(|kind| kind == place.kind);
    let mut missing: Vec<&str> = Vec::new();
    for place in places.iter().filter(wanted) {
        let found = if place.program.starts_with('/') {
            installed(place.program)
        } else {
            process::find(path, place.program)
        };
        if let Some(program) = found {
            return Ok(Viewer {
                program,
                kind: place.kind,
            });
        }
        if !missing.contains(&place.program) {
            missing.push(place.program);
        }
    }
    let remedy = "install a VNC viewer, name one with --vnc-path, or use --proxy-only with any";
    if missing.is_empty() {
        bail!("there is no such viewer for this operating system: {remedy}");
    }
    bail!(
        "no viewer found, looked for {}: {remedy}",
        missing.join(", ")
    )
}

/// The program of an absolute path, one of whose directories may carry a version in the place of a `*`.
fn installed(pattern: &str) -> Option<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return Some(PathBuf::from(pattern)).filter(|file| process::executable(file));
    };
    let (directory, begin) = before.rsplit_once('/')?;
    let (end, rest) = after.split_once('/')?;
    let mut found: Vec<PathBuf> = std::fs::read_dir(directory)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end)
        })
        .map(|entry| entry.path().join(rest))
        .filter(|file| process::executable(file))
        .collect();
    // The highest version.
    found.sort();
    found.pop()
}

/// The kind of a program whose kind was not told.
fn guess(program: &Path) -> Kind {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    if name.contains("remote-viewer") {
        Kind::RemoteViewer
    } else if name.contains("chicken") {
        Kind::Chicken
    } else {
        Kind::Tiger
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    struct Programs(PathBuf);

    impl Programs {
        fn new(test: &str, names: &[&str]) -> Self {
            let name = format!("virtctl-viewer-{test}-{}", std::process::id());
            let directory = std::env::temp_dir().join(name);
            for name in names {
                let file = directory.join(name);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(&file, "").unwrap();
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
            Self(directory)
        }

        fn choose(&self, kind: Option<Kind>) -> anyhow::Result<Viewer> {
            choose(&others(), kind, self.0.as_os_str())
        }
    }

    impl Drop for Programs {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn remote_viewer_comes_first_and_then_vncviewer() {
        let both = Programs::new("both", &["vncviewer", "remote-viewer"]);
        assert_eq!(both.choose(None).unwrap().kind, Kind::RemoteViewer);
        assert_eq!(both.choose(Some(Kind::Real)).unwrap().kind, Kind::Real);
        let one = Programs::new("one", &["vncviewer"]);
        assert_eq!(one.choose(None).unwrap().kind, Kind::Tiger);
        assert!(one.choose(Some(Kind::RemoteViewer)).is_err());
        let error = one.choose(Some(Kind::Chicken)).unwrap_err().to_string();
        assert!(error.contains("--proxy-only"), "{error}");
        let none = Programs::new("none", &["other"]);
        let error = none.choose(None).unwrap_err().to_string();
        assert!(error.contains("remote-viewer, vncviewer"), "{error}");
    }

    #[test]
    fn the_newest_of_an_application_is_found() {
        let names = ["A 1.2.app/bin/a", "A 1.3.app/bin/a", "B.app/bin/a"];
        let programs = Programs::new("mac", &names);
        let pattern = format!("{}/A*.app/bin/a", programs.0.display());
        assert_eq!(installed(&pattern), Some(programs.0.join(names[1])));
        let pattern = format!("{}/C*.app/bin/a", programs.0.display());
        assert_eq!(installed(&pattern), None);
    }

    #[test]
    fn a_given_program_is_taken() {
        let programs = Programs::new("given", &["my-remote-viewer"]);
        let program = programs.0.join("my-remote-viewer");
        let viewer = find(None, Some(&program)).unwrap();
        assert_eq!(viewer.arguments(5900), ["vnc://127.0.0.1:5900"]);
        let viewer = find(Some(Kind::Tiger), Some(&program)).unwrap();
        assert_eq!(viewer.arguments(5900), ["127.0.0.1::5900"]);
        assert!(find(None, Some(&programs.0.join("none"))).is_err());
    }
}
