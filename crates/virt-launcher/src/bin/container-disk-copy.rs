//! Copies the one disk of a container disk image into a volume, for clusters without image volumes: an init container of the
//! launcher pod runs it from the image that holds the disk. It uses the standard library alone, so that it can be linked
//! statically: such images often have nothing else in them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Copies the disk of a container disk image into a volume.

Usage: container-disk-copy --from /disk[/PATH] --to DIR   copy the file, or the one file in the folder, into DIR
       container-disk-copy --install DIR                  copy this program into DIR
";

/// O_NOFOLLOW of Linux on x86-64, arm64 has another.
#[cfg(target_arch = "aarch64")]
const NO_FOLLOW: i32 = 0o100_000;
#[cfg(not(target_arch = "aarch64"))]
const NO_FOLLOW: i32 = 0o400_000;

enum Invocation {
    Help,
    Version,
    Copy { from: PathBuf, to: PathBuf },
    Install { to: PathBuf },
}

fn main() -> ExitCode {
    let result = parse(std::env::args_os().skip(1)).and_then(|invocation| match invocation {
        Invocation::Help => {
            print!("{HELP}");
            Ok(())
        }
        Invocation::Version => {
            println!("container-disk-copy {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        Invocation::Copy { from, to } => copy(&from, &to),
        Invocation::Install { to } => install(&to),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("container-disk-copy: {message}");
            // Kubernetes takes a container's last message from there; without it the log has it.
            let _ = fs::write("/dev/termination-log", message);
            ExitCode::FAILURE
        }
    }
}

fn parse(words: impl Iterator<Item = std::ffi::OsString>) -> Result<Invocation, String> {
    let (mut from, mut to, mut install) = (None, None, None);
    let mut words = words;
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .map(PathBuf::from)
                .ok_or_else(|| format!("{} needs a value", word.display()))
        };
        match word.to_str() {
            Some("--help" | "-h") => return Ok(Invocation::Help),
            Some("--version" | "-V") => return Ok(Invocation::Version),
            Some("--from") => from = Some(value()?),
            Some("--to") => to = Some(value()?),
            Some("--install") => install = Some(value()?),
            _ => return Err(format!("there is no argument {}", word.display())),
        }
    }
    match (from, to, install) {
        (None, None, Some(to)) => Ok(Invocation::Install { to }),
        (Some(from), Some(to), None) => Ok(Invocation::Copy { from, to }),
        _ => Err("--from and --to are needed, or --install alone".to_owned()),
    }
}

fn install(to: &Path) -> Result<(), String> {
    let failed = |error| format!("cannot copy this program to {}: {error}", to.display());
    fs::create_dir_all(to).map_err(failed)?;
    // Carries the mode over too.
    fs::copy("/proc/self/exe", to.join("container-disk-copy"))
        .map(drop)
        .map_err(failed)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let source = find(from)?;
    let name = source
        .file_name()
        .ok_or_else(|| format!("{} names no file", source.display()))?;
    fs::create_dir_all(to)
        .map_err(|error| format!("cannot make directory {}: {error}", to.display()))?;
    let target = to.join(name);
    if target.exists() {
        // A restarted container; the copy got its name when it was whole.
        return Ok(());
    }
    let mut input = OpenOptions::new()
        .read(true)
        .custom_flags(NO_FOLLOW)
        .open(&source)
        .map_err(|error| format!("cannot open {} in the image: {error}", source.display()))?;
    let unfinished = to.join(".unfinished");
    let copied = File::create(&unfinished)
        .and_then(|mut output| copy_sparse(&mut input, &mut output))
        .and_then(|()| fs::rename(&unfinished, &target));
    copied.map_err(|error| {
        format!(
            "cannot copy {} to {}: {error}",
            source.display(),
            target.display()
        )
    })
}

fn find(from: &Path) -> Result<PathBuf, String> {
    let remedy =
        "a container disk image has exactly one disk in /disk, or containerDisk.path names it";
    let kind = fs::symlink_metadata(from)
        .map_err(|error| format!("{} in the image: {error}; {remedy}", from.display()))?
        .file_type();
    if kind.is_file() {
        return Ok(from.to_owned());
    }
    if !kind.is_dir() {
        return Err(format!(
            "{} in the image is neither a file nor a folder; {remedy}",
            from.display()
        ));
    }
    let entries: io::Result<Vec<_>> =
        fs::read_dir(from).and_then(|entries| entries.take(5).collect());
    let entries = entries.map_err(|error| format!("cannot list {}: {error}", from.display()))?;
    match entries.as_slice() {
        [only] if only.file_type().is_ok_and(|kind| kind.is_file()) => Ok(only.path()),
        [only] => Err(format!(
            "{} in the image is not a regular file",
            only.path().display()
        )),
        [] => Err(format!(
            "{} in the image is empty; {remedy}",
            from.display()
        )),
        several => {
            let mut names: Vec<_> = several
                .iter()
                .map(|entry| entry.file_name().display().to_string())
                .collect();
            names.sort();
            Err(format!(
                "{} in the image has several files ({}); {remedy}",
                from.display(),
                names.join(", ")
            ))
        }
    }
}

/// Blocks of zeros become holes.
fn copy_sparse(input: &mut File, output: &mut File) -> io::Result<()> {
    const BLOCK: usize = 64 * 1024;
    let mut buffer = vec![0; BLOCK];
    let mut length = 0;
    loop {
        let read = match io::Read::read(input, &mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let block = buffer.get(..read).unwrap_or_default();
        if block.iter().all(|byte| *byte == 0) {
            output.seek(SeekFrom::Current(
                i64::try_from(read).map_err(io::Error::other)?,
            ))?;
        } else {
            output.write_all(block)?;
        }
        length += read as u64;
    }
    output.set_len(length)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{copy, find};

    #[test]
    fn the_one_disk_is_copied_with_its_holes() {
        let image = tempfile::tempdir().unwrap();
        let volume = tempfile::tempdir().unwrap();
        let mut content = vec![0; 300_000];
        content[200_000] = 7;
        fs::write(image.path().join("a.img"), &content).unwrap();
        let to = volume.path().join("disk");
        copy(image.path(), &to).unwrap();
        assert_eq!(fs::read(to.join("a.img")).unwrap(), content);
        // Again: nothing changes.
        fs::write(to.join("a.img"), "kept").unwrap();
        copy(&image.path().join("a.img"), &to).unwrap();
        assert_eq!(fs::read(to.join("a.img")).unwrap(), b"kept");
    }

    #[test]
    fn anything_but_one_file_is_refused() {
        let image = tempfile::tempdir().unwrap();
        assert!(find(image.path()).unwrap_err().contains("is empty"));
        std::os::unix::fs::symlink("/etc/passwd", image.path().join("a")).unwrap();
        assert!(
            find(image.path())
                .unwrap_err()
                .contains("not a regular file")
        );
        fs::write(image.path().join("b"), "").unwrap();
        assert!(
            find(image.path())
                .unwrap_err()
                .contains("several files (a, b)")
        );
        assert!(find(&image.path().join("c")).is_err());
    }
}
