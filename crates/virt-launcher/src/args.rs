use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const HELP: &str = "\
The first process of a launcher pod: starts libvirtd, prepares the VM's disks and stays until the guest is gone.

Usage: virt-launcher --name NAME --namespace NAMESPACE --uid UID --grace-period-seconds N [OPTION]...
       virt-launcher probe --output DIR

  --name NAME                          the VirtualMachineInstance's name
  --namespace NAMESPACE                its namespace
  --uid UID                            its UID
  --grace-period-seconds N             how long the guest has to shut down after SIGTERM
  --start-timeout SECONDS              end when no guest runs after that long [300]
  --container-disk VOLUME=INDEX[=PATH] overlay the disk of image volume INDEX (at PATH, or the one file under /disk)
  --empty-disk VOLUME=BYTES            make an empty disk
  --filesystem-disk VOLUME=BYTES       make disk.img in the volume where it is missing
  --help, --version

  probe --output DIR                   ask libvirt what this node can do and leave the answers in DIR
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    Run(Arguments),
    Probe { output: PathBuf },
    Help,
    Version,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) uid: String,
    pub(crate) grace_period: Duration,
    pub(crate) start_timeout: Duration,
    pub(crate) disks: Vec<Disk>,
}

impl Arguments {
    /// The domain's name in libvirt.
    pub(crate) fn domain(&self) -> String {
        format!("{}_{}", self.namespace, self.name)
    }
}

/// A disk to prepare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    /// The volume's name in the VM's spec.
    pub(crate) volume: String,
    pub(crate) source: Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The image volume's number, and the path of the disk in it where the VM names one.
    Container {
        index: u32,
        path: Option<String>,
    },
    Empty {
        bytes: u64,
    },
    Filesystem {
        bytes: u64,
    },
}

/// Longer grace periods than ten years are taken as that.
const LONGEST: u64 = 10 * 366 * 24 * 3600;

pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, String> {
    let mut words = Words(words.into_iter().peekable());
    if words.0.next_if(|word| word == "probe").is_some() {
        return parse_probe(words);
    }
    let (mut name, mut namespace, mut uid, mut grace) = (None, None, None, None);
    let mut start_timeout = Duration::from_secs(300);
    let mut disks: Vec<Disk> = Vec::new();
    while let Some(option) = words.option()? {
        match option.name.as_str() {
            "--help" | "-h" => return Ok(Invocation::Help),
            "--version" | "-V" => return Ok(Invocation::Version),
            "--name" => name = Some(object_name(&option.name, words.value(&option)?)?),
            "--namespace" => namespace = Some(object_name(&option.name, words.value(&option)?)?),
            "--uid" => uid = Some(object_name(&option.name, words.value(&option)?)?),
            "--grace-period-seconds" => {
                grace = Some(seconds(&option.name, &words.value(&option)?)?);
            }
            "--start-timeout" => start_timeout = seconds(&option.name, &words.value(&option)?)?,
            "--container-disk" | "--empty-disk" | "--filesystem-disk" => {
                let disk = disk(&option.name, &words.value(&option)?)?;
                if disks.iter().any(|other| other.volume == disk.volume) {
                    return Err(format!("volume {} is given twice", disk.volume));
                }
                disks.push(disk);
            }
            other => return Err(format!("there is no argument {other}")),
        }
    }
    let missing = |option: &str| format!("{option} is missing");
    Ok(Invocation::Run(Arguments {
        name: name.ok_or_else(|| missing("--name"))?,
        namespace: namespace.ok_or_else(|| missing("--namespace"))?,
        uid: uid.ok_or_else(|| missing("--uid"))?,
        grace_period: grace.ok_or_else(|| missing("--grace-period-seconds"))?,
        start_timeout,
        disks,
    }))
}

fn parse_probe<I: Iterator<Item = OsString>>(mut words: Words<I>) -> Result<Invocation, String> {
    let mut output = None;
    while let Some(option) = words.option()? {
        match option.name.as_str() {
            "--help" | "-h" => return Ok(Invocation::Help),
            "--output" => output = Some(PathBuf::from(words.value(&option)?)),
            other => return Err(format!("probe has no argument {other}")),
        }
    }
    let output = output.ok_or("--output is missing")?;
    Ok(Invocation::Probe { output })
}

struct Words<I: Iterator<Item = OsString>>(std::iter::Peekable<I>);

struct OptionWord {
    name: String,
    /// For `--name=value`.
    value: Option<String>,
}

impl<I: Iterator<Item = OsString>> Words<I> {
    fn option(&mut self) -> Result<Option<OptionWord>, String> {
        let Some(word) = self.0.next() else {
            return Ok(None);
        };
        let word = text(word)?;
        Ok(Some(match word.split_once('=') {
            Some((name, value)) => OptionWord {
                name: name.to_owned(),
                value: Some(value.to_owned()),
            },
            None => OptionWord {
                name: word,
                value: None,
            },
        }))
    }

    fn value(&mut self, option: &OptionWord) -> Result<String, String> {
        if let Some(value) = &option.value {
            return Ok(value.clone());
        }
        let word = self.0.next();
        text(word.ok_or_else(|| format!("{} needs a value", option.name))?)
    }
}

fn text(word: OsString) -> Result<String, String> {
    word.into_string()
        .map_err(|word| format!("argument {word:?} is not UTF-8"))
}

fn seconds(option: &str, value: &str) -> Result<Duration, String> {
    match value.parse::<u64>() {
        Ok(seconds) => Ok(Duration::from_secs(seconds.min(LONGEST))),
        Err(_) => Err(format!(
            "{option} is {value:?}, it must be a number of seconds"
        )),
    }
}

/// Names become parts of paths.
fn object_name(option: &str, value: String) -> Result<String, String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if value.is_empty() || value.len() > 253 || value.starts_with('.') || !value.bytes().all(good) {
        return Err(format!(
            "{option} is {value:?}, which is not the name of an object"
        ));
    }
    Ok(value)
}

fn disk(option: &str, value: &str) -> Result<Disk, String> {
    let form = if option == "--container-disk" {
        "VOLUME=INDEX or VOLUME=INDEX=PATH"
    } else {
        "VOLUME=BYTES"
    };
    let wrong = || format!("{option} is {value:?}, it must have the form {form}");
    let (volume, rest) = value.split_once('=').ok_or_else(wrong)?;
    let volume = object_name(option, volume.to_owned())?;
    let source = match option {
        "--container-disk" => {
            let (index, path) = match rest.split_once('=') {
                Some((index, path)) => (index, Some(path.to_owned())),
                None => (rest, None),
            };
            Source::Container {
                index: index.parse().map_err(|_| wrong())?,
                path,
            }
        }
        "--empty-disk" => Source::Empty {
            bytes: rest.parse().map_err(|_| wrong())?,
        },
        _ => Source::Filesystem {
            bytes: rest.parse().map_err(|_| wrong())?,
        },
    };
    Ok(Disk { volume, source })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{Disk, Invocation, Source, parse};

    fn words(text: &str) -> Result<Invocation, String> {
        parse(text.split_whitespace().map(Into::into))
    }

    const NEEDED: &str = "--name vm --namespace default --uid 12-34 --grace-period-seconds=30";

    #[test]
    fn what_virt_controller_says() {
        let all = format!(
            "{NEEDED} --container-disk root=0 --container-disk=tools=2=/disk/a=b.img --empty-disk e=1048576 --filesystem-disk data=5"
        );
        let Ok(Invocation::Run(arguments)) = words(&all) else {
            panic!("not understood");
        };
        assert_eq!(arguments.domain(), "default_vm");
        assert_eq!(arguments.grace_period, Duration::from_secs(30));
        assert_eq!(arguments.start_timeout, Duration::from_secs(300));
        let named = Disk {
            volume: "tools".to_owned(),
            source: Source::Container {
                index: 2,
                path: Some("/disk/a=b.img".to_owned()),
            },
        };
        assert_eq!(arguments.disks.len(), 4);
        assert_eq!(arguments.disks.get(1), Some(&named));
    }

    #[test]
    fn other_uses() {
        assert_eq!(words("--help"), Ok(Invocation::Help));
        assert_eq!(words("--version"), Ok(Invocation::Version));
        let probe = Invocation::Probe {
            output: Path::new("/x").to_owned(),
        };
        assert_eq!(words("probe --output /x"), Ok(probe));
    }

    #[test]
    fn errors_name_the_argument() {
        let cases = [
            ("", "--name is missing"),
            ("--name", "--name needs a value"),
            ("--name ../x", "--name is \"../x\""),
            ("--nam x", "there is no argument --nam"),
            ("probe", "--output is missing"),
            ("--grace-period-seconds x", "must be a number of seconds"),
        ];
        for (text, expected) in cases {
            let error = words(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        for (text, expected) in [
            ("--container-disk root", "VOLUME=INDEX"),
            ("--container-disk root=x", "VOLUME=INDEX"),
            ("--container-disk ..=1", "not the name"),
            ("--empty-disk e=-1", "VOLUME=BYTES"),
            ("--empty-disk e=1 --empty-disk e=2", "given twice"),
        ] {
            let error = words(&format!("{NEEDED} {text}")).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
