//! OpenSSH's `ProxyCommand`: this program again, in the words of the user's shell.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use crate::cli::Connection;

/// The value of `-o` that makes OpenSSH connect through `program`, with the user's choice of a cluster.
pub(super) fn option(program: &Path, flags: &Connection, target: &str, port: u16) -> OsString {
    let mut words: Vec<OsString> = vec![program.into()];
    words.extend(passed_on(flags));
    let port = port.to_string();
    words.extend(["port-forward", "--stdio=true", target, port.as_str()].map(OsString::from));
    let mut option = b"ProxyCommand=".to_vec();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            option.push(b' ');
        }
        quote(word, &mut option);
    }
    OsString::from_vec(option)
}

/// The value of `-o` for the file of known hosts. OpenSSH reads `~` in it.
pub(super) fn known_hosts(file: &Path) -> OsString {
    let mut option = b"UserKnownHostsFile=\"".to_vec();
    for byte in file.as_os_str().as_bytes() {
        match byte {
            b'"' | b'\\' => option.extend([b'\\', *byte]),
            b'%' => option.extend(b"%%"),
            _ => option.push(*byte),
        }
    }
    option.push(b'"');
    OsString::from_vec(option)
}

/// Writes one word so that neither OpenSSH nor the shell changes it. OpenSSH reads `%`, also between quotes.
fn quote(word: &OsStr, into: &mut Vec<u8>) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/.-_=:,@+".contains(byte);
    let bytes = word.as_bytes();
    if !bytes.is_empty() && bytes.iter().all(plain) {
        into.extend(bytes);
        return;
    }
    into.push(b'\'');
    for byte in bytes {
        match byte {
            b'\'' => into.extend(b"'\\''"),
            b'%' => into.extend(b"%%"),
            _ => into.push(*byte),
        }
    }
    into.push(b'\'');
}

/// The flags that choose the cluster and the user. The namespace is part of the target.
fn passed_on(flags: &Connection) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut pass = |name: &str, value: Option<&OsStr>| {
        if let Some(value) = value {
            let mut word = OsString::from(format!("--{name}="));
            word.push(value);
            words.push(word);
        }
    };
    let texts = [
        ("context", &flags.context),
        ("cluster", &flags.cluster),
        ("user", &flags.user),
        ("server", &flags.server),
        ("token", &flags.token),
        ("as", &flags.impersonate),
        ("as-uid", &flags.impersonate_uid),
        ("tls-server-name", &flags.tls_server_name),
    ];
    for (name, value) in texts {
        pass(name, value.as_deref().map(OsStr::new));
    }
    let files = [
        ("kubeconfig", &flags.kubeconfig),
        ("certificate-authority", &flags.certificate_authority),
        ("client-certificate", &flags.client_certificate),
        ("client-key", &flags.client_key),
    ];
    for (name, value) in files {
        pass(name, value.as_deref().map(Path::as_os_str));
    }
    for group in &flags.impersonate_groups {
        pass("as-group", Some(OsStr::new(group)));
    }
    if flags.insecure_skip_tls_verify {
        words.push("--insecure-skip-tls-verify".into());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn ordinary_words_stay_readable() {
        let flags = Connection {
            context: Some("east".to_owned()),
            ..Connection::default()
        };
        let option = option(Path::new("/usr/bin/virtctl"), &flags, "vmi/vm1/ns", 22);
        assert_eq!(
            option,
            "ProxyCommand=/usr/bin/virtctl --context=east port-forward --stdio=true vmi/vm1/ns 22"
        );
    }

    /// Real OpenSSH runs a program in a directory with every odd character, and with odd flags.
    #[test]
    fn odd_paths_survive_openssh_and_the_shell() {
        let version = Command::new("ssh").arg("-V").output();
        assert!(version.is_ok(), "there is no ssh: install openssh-client");
        let name = format!(
            "virtctl {} it's \"%h\" $HOME `id` ; & ~ * \\ ü",
            std::process::id()
        );
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let program = directory.join("virt ctl");
        let told = directory.join("told");
        let script = "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$(dirname \"$0\")/told\"\n";
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let flags = Connection {
            kubeconfig: Some("a b/%n.conf".into()),
            token: Some("it's $SECRET".to_owned()),
            ..Connection::default()
        };
        let option = option(&program, &flags, "vm/vm1/ns", 22);
        let known = known_hosts(&directory.join("known hosts"));
        let run = Command::new("ssh")
            .args(["-F", "/dev/null", "-o", "BatchMode=yes", "-o"])
            .arg(option)
            .arg("-o")
            .arg(known)
            .arg("root@vm.vm1.ns")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = std::fs::read_to_string(&told);
        std::fs::remove_dir_all(&directory).unwrap();
        let errors = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(
            words.expect(&errors),
            "--token=it's $SECRET\n--kubeconfig=a b/%n.conf\nport-forward\n--stdio=true\nvm/vm1/ns\n22\n",
            "{errors}"
        );
    }
}
