use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

/// Why a path beneath a root could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// Nothing is there.
    #[error("{path} does not exist")]
    Missing {
        /// The path, with its root.
        path: PathBuf,
    },
    /// Something is there already and must not be replaced.
    #[error("{path} exists already and is not replaced")]
    Exists {
        /// The path, with its root.
        path: PathBuf,
    },
    /// A link stands in the way, or the path would leave its root.
    #[error(
        "{path} is refused: it goes through a link or out of its root, as only a manipulated pod or volume does"
    )]
    Refused {
        /// The path, with its root.
        path: PathBuf,
    },
    /// A file of another kind is there.
    #[error("{path} is {found} where {wanted} is needed")]
    WrongKind {
        /// The path, with its root.
        path: PathBuf,
        /// What is there, with its article.
        found: &'static str,
        /// What is needed, with its article.
        wanted: &'static str,
    },
    /// More is there than is read.
    #[error("{path} is larger than the {limit} that are read")]
    TooLarge {
        /// The path, with its root.
        path: PathBuf,
        /// The limit with its unit.
        limit: String,
    },
    /// The kernel said no.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path, with its root.
        path: PathBuf,
        /// The kernel's answer.
        source: io::Error,
    },
}

impl PathError {
    /// True when the path just is not there (yet).
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    pub(super) fn new(action: &'static str, path: &Path, errno: Errno) -> Self {
        let path = path.to_owned();
        match errno {
            Errno::NOENT => Self::Missing { path },
            Errno::EXIST => Self::Exists { path },
            // RESOLVE_NO_SYMLINKS and O_NOFOLLOW answer ELOOP, RESOLVE_BENEATH answers EXDEV.
            Errno::LOOP | Errno::XDEV => Self::Refused { path },
            errno => Self::Io {
                action,
                path,
                source: errno.into(),
            },
        }
    }
}
