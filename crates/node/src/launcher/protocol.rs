/// A line that virt-launcher sends on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LauncherEvent {
    /// kubelet wants the pod gone. Answer with `handling` within 2 s and shut the guest down.
    Sigterm,
    /// The guest's QEMU has exited: its exit status, or 128 + N when signal N killed it.
    QemuExited {
        /// 0 after a clean end.
        status: i32,
    },
    /// libvirtd has exited unasked; virt-launcher starts it again. Status as above.
    LibvirtdExited {
        /// The exit status.
        status: i32,
    },
}

/// One line from virt-launcher.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Event(LauncherEvent),
    /// An event of a later version: left out.
    UnknownEvent,
    Answer(Answer),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Ok(String),
    Error { subject: String, message: String },
    Other(String),
}

impl Line {
    pub(super) fn parse(text: &str) -> Self {
        if let Some(event) = text.strip_prefix("event ") {
            return match event_of(event) {
                Some(event) => Self::Event(event),
                None => Self::UnknownEvent,
            };
        }
        Self::Answer(answer_of(text))
    }
}

fn event_of(text: &str) -> Option<LauncherEvent> {
    match text.split_once(' ') {
        None if text == "sigterm" => Some(LauncherEvent::Sigterm),
        Some(("qemu-exited", status)) => Some(LauncherEvent::QemuExited {
            status: status.parse().ok()?,
        }),
        Some(("libvirtd-exited", status)) => Some(LauncherEvent::LibvirtdExited {
            status: status.parse().ok()?,
        }),
        _ => None,
    }
}

fn answer_of(text: &str) -> Answer {
    if text == "ok" {
        return Answer::Ok(String::new());
    }
    if let Some(rest) = text.strip_prefix("ok ") {
        return Answer::Ok(rest.to_owned());
    }
    if let Some((subject, message)) = text
        .strip_prefix("error ")
        .and_then(|rest| rest.split_once(": "))
    {
        return Answer::Error {
            subject: subject.to_owned(),
            message: message.to_owned(),
        };
    }
    Answer::Other(text.chars().take(80).collect())
}

#[cfg(test)]
mod tests {
    use super::{Answer, LauncherEvent, Line};

    #[test]
    fn lines_are_told_apart() {
        let cases = [
            ("event sigterm", Line::Event(LauncherEvent::Sigterm)),
            (
                "event qemu-exited 137",
                Line::Event(LauncherEvent::QemuExited { status: 137 }),
            ),
            (
                "event libvirtd-exited 1",
                Line::Event(LauncherEvent::LibvirtdExited { status: 1 }),
            ),
            ("event qemu-exited x", Line::UnknownEvent),
            ("event later 1", Line::UnknownEvent),
            ("ok", Line::Answer(Answer::Ok(String::new()))),
            ("ok 1", Line::Answer(Answer::Ok("1".to_owned()))),
            (
                "error disk root: no file: at all",
                Line::Answer(Answer::Error {
                    subject: "disk root".to_owned(),
                    message: "no file: at all".to_owned(),
                }),
            ),
            ("okay", Line::Answer(Answer::Other("okay".to_owned()))),
        ];
        for (text, line) in cases {
            assert_eq!(Line::parse(text), line, "{text}");
        }
    }
}
