//! Where a download goes, and where is told of it.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::write::MultiGzDecoder;

/// Messages go to standard output, unless the download itself does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages {
    aside: bool,
}

impl Messages {
    /// For a download to `output`.
    pub(super) fn beside(output: &str) -> Self {
        Self {
            aside: is_stdout(output),
        }
    }

    /// One line.
    pub(super) fn tell(self, line: &str) {
        if self.aside {
            eprintln!("{line}")
        } else {
            println!("{line}")
        }
    }
}

fn is_stdout(output: &str) -> bool {
    output.is_empty() || output == "-"
}

/// A download in the making. A file gets its name when it is complete.
pub(super) struct Output {
    writer: Box<dyn Write + Send>,
    rename: Option<(PathBuf, PathBuf)>,
}

impl Output {
    /// A file; standard output for `-` or nothing.
    pub(super) fn open(output: &str) -> anyhow::Result<Self> {
        if is_stdout(output) {
            return Ok(Self {
                writer: Box::new(io::stdout()),
                rename: None,
            });
        }
        let path = Path::new(output);
        let plain = std::fs::metadata(path).map_or(true, |data| data.is_file());
        let context = || format!("cannot write {output}");
        if !plain {
            // A device or a pipe.
            let file = File::options()
                .write(true)
                .open(path)
                .with_context(context)?;
            return Ok(Self {
                writer: Box::new(file),
                rename: None,
            });
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(context)?;
        let writer = io::BufWriter::with_capacity(256 << 10, file);
        Ok(Self {
            writer: Box::new(writer),
            rename: Some((part, path.to_owned())),
        })
    }

    /// Unpacks gzip on the way.
    pub(super) fn unpacking(mut self) -> Self {
        let writer = std::mem::replace(&mut self.writer, Box::new(io::sink()));
        self.writer = Box::new(Unpack(MultiGzDecoder::new(writer)));
        self
    }

    pub(super) fn writer(&mut self) -> &mut (dyn Write + Send) {
        self.writer.as_mut()
    }

    /// All is there.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.writer
            .flush()
            .context("cannot write what was received")?;
        drop(std::mem::replace(&mut self.writer, Box::new(io::sink())));
        if let Some((part, whole)) = self.rename.take() {
            std::fs::rename(&part, &whole)
                .with_context(|| format!("cannot write {}", whole.display()))?;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some((part, _)) = &self.rename {
            // It was incomplete.
            let _ = std::fs::remove_file(part);
        }
    }
}

/// Its last flush tells of data that was cut off.
struct Unpack(MultiGzDecoder<Box<dyn Write + Send>>);

impl Write for Unpack {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.try_finish()?;
        self.0.get_mut().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_complete() {
        let path = std::env::temp_dir().join(format!("virtctl-output-{}", std::process::id()));
        let name = path.display().to_string();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"disk").unwrap();
        let packed = packed.finish().unwrap();

        let mut cut = Output::open(&name).unwrap().unpacking();
        cut.writer().write_all(&packed[..packed.len() - 6]).unwrap();
        assert!(cut.finish().is_err());
        assert!(!path.exists());

        let mut output = Output::open(&name).unwrap().unpacking();
        output.writer().write_all(&packed).unwrap();
        output.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"disk");
        std::fs::remove_file(&path).unwrap();
    }
}
