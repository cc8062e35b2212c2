use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// A longer line ends the conversation.
pub(super) const LINE_LIMIT: usize = 4096;

/// Reads one line without its end; `None` at the end of the stream. Never holds more than [`LINE_LIMIT`] bytes.
pub(super) async fn read_line(
    reader: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return if line.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        let end = available.iter().position(|&byte| byte == b'\n');
        let piece = end.unwrap_or(available.len());
        if line.len() + piece >= LINE_LIMIT {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line is too long",
            ));
        }
        line.extend(available.iter().take(piece));
        reader.consume(piece + usize::from(end.is_some()));
        if end.is_some() {
            return String::from_utf8(line)
                .map(Some)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::{LINE_LIMIT, read_line};

    #[tokio::test]
    async fn lines_are_bounded() {
        let mut good = BufReader::new(&b"ok\nevent sigterm\n"[..]);
        assert_eq!(read_line(&mut good).await.unwrap().unwrap(), "ok");
        assert_eq!(
            read_line(&mut good).await.unwrap().unwrap(),
            "event sigterm"
        );
        assert_eq!(read_line(&mut good).await.unwrap(), None);

        let endless = vec![b'x'; LINE_LIMIT * 2];
        let mut reader = BufReader::new(&endless[..]);
        assert!(read_line(&mut reader).await.is_err());
        let mut cut = BufReader::new(&b"half a li"[..]);
        assert!(read_line(&mut cut).await.is_err());
        let mut binary = BufReader::new(&b"\xff\xfe\n"[..]);
        assert!(read_line(&mut binary).await.is_err());
    }
}
