//! virt-handler's connection. One at a time; nothing in it ever blocks.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use crate::failure::Failure;
use crate::layout::Layout;
use crate::libvirt::make_directory;

/// Longer lines end the connection.
const LINE_LIMIT: usize = 4096;
/// Commands are answered one by one; one who sends more without reading is cut off.
const OUT_LIMIT: usize = 64 * 1024;

/// The socket that virt-handler connects to.
#[derive(Debug)]
pub(crate) struct Listener(UnixListener);

impl Listener {
    pub(crate) fn open(layout: &Layout) -> Result<Self, Failure> {
        let directory = layout.public().join("sockets");
        make_directory(&directory, 0o755)?;
        let (new, path) = (
            directory.join("launcher-sock.new"),
            directory.join("launcher-sock"),
        );
        // It appears under its name when it is ready: a client that finds it can connect.
        let made = remove(&new)
            .and_then(|()| UnixListener::bind(&new))
            .and_then(|listener| {
                fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
                listener.set_nonblocking(true)?;
                fs::rename(&new, &path)?;
                Ok(Self(listener))
            });
        made.map_err(|error| {
            Failure::new(
                "pod",
                format!("cannot listen on {}: {error}", path.display()),
            )
        })
    }

    /// The next client. Who may speak is decided by the socket's mode: its owner, which is this pod's user, and root on the
    /// node. The credentials of a peer cannot be asked for here: virt-handler's process has no number in this PID namespace,
    /// and rustix cannot express one without.
    pub(crate) fn accept(&self) -> Option<Connection> {
        let (stream, _) = self.0.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some(Connection {
            stream,
            input: Vec::new(),
            output: Vec::new(),
        })
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn remove(path: &std::path::Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Connection {
    /// The lines that have come; an error, also the end of the stream, ends the connection.
    pub(crate) fn read(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut buffer = [0; LINE_LIMIT];
        // A few reads, so that one who never stops does not keep the loop.
        for _ in 0..4 {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.split(buffer.get(..length).unwrap_or_default(), &mut lines)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(lines)
    }

    fn split(&mut self, bytes: &[u8], lines: &mut Vec<String>) -> io::Result<()> {
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.input);
                let line = String::from_utf8(line)
                    .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
                lines.push(line);
            } else if self.input.len() + 1 >= LINE_LIMIT {
                return Err(io::Error::new(ErrorKind::InvalidData, "a line is too long"));
            } else {
                self.input.push(byte);
            }
        }
        Ok(())
    }

    /// Sends a line, as far as it goes now; the rest follows with [`Self::flush`].
    pub(crate) fn send(&mut self, line: &str) -> io::Result<()> {
        // A line of ours with an end in it would be two; the limit holds for both sides.
        let mut text: String = line.replace(['\n', '\r'], " ");
        let mut end = text.len().min(LINE_LIMIT - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        self.output.extend(text.as_bytes());
        self.output.push(b'\n');
        if self.output.len() > OUT_LIMIT {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "the peer does not read",
            ));
        }
        self.flush()
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(length) => drop(self.output.drain(..length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(crate) fn wants_to_write(&self) -> bool {
        !self.output.is_empty()
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::{Connection, LINE_LIMIT};

    fn pair() -> (Connection, UnixStream) {
        let (stream, other) = UnixStream::pair().unwrap();
        stream.set_nonblocking(true).unwrap();
        let connection = Connection {
            stream,
            input: Vec::new(),
            output: Vec::new(),
        };
        (connection, other)
    }

    #[test]
    fn lines_come_whole() {
        let (mut connection, mut other) = pair();
        other.write_all(b"hello 1\nsta").unwrap();
        assert_eq!(connection.read().unwrap(), ["hello 1"]);
        other.write_all(b"rt\nexit\n").unwrap();
        assert_eq!(connection.read().unwrap(), ["start", "exit"]);
        drop(other);
        assert!(connection.read().is_err());
    }

    #[test]
    fn lines_are_bounded_both_ways() {
        let (mut connection, mut other) = pair();
        connection.send(&"ä\n".repeat(LINE_LIMIT)).unwrap();
        let mut answer = vec![0; LINE_LIMIT * 2];
        let length = other.read(&mut answer).unwrap();
        assert!(length <= LINE_LIMIT);
        assert_eq!(answer.iter().filter(|byte| **byte == b'\n').count(), 1);
        other.write_all(&[b'x'; LINE_LIMIT]).unwrap();
        assert!(connection.read().is_err());
    }

    #[test]
    fn one_who_does_not_read_is_cut_off() {
        let (mut connection, _other) = pair();
        let line = "x".repeat(4000);
        assert!((0..1000).any(|_| connection.send(&line).is_err()));
    }
}
