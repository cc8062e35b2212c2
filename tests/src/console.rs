//! A guest's serial console through `virtctl console`.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::namespace::Namespace;
use crate::wait::BOOT;

/// An open console session. It ends with the value.
#[derive(Debug)]
pub struct Console {
    child: Child,
    input: ChildStdin,
    output: Arc<Mutex<String>>,
    /// How much of the output was already matched.
    position: usize,
    commands: u32,
}

impl Console {
    /// Attaches to the console of a virtual machine, waiting for it to run.
    pub fn open(namespace: &Namespace, name: &str) -> anyhow::Result<Self> {
        let mut child = namespace
            .virtctl_command()
            .args(["console", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("cannot run virtctl")?;
        let input = child.stdin.take().context("no standard input")?;
        let mut stdout = child.stdout.take().context("no standard output")?;
        let output = Arc::new(Mutex::new(String::new()));
        let collected = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut buffer = [0_u8; 4096];
            while let Ok(count) = stdout.read(&mut buffer) {
                if count == 0 {
                    return;
                }
                locked(&collected).push_str(&String::from_utf8_lossy(
                    buffer.get(..count).unwrap_or_default(),
                ));
            }
        });
        Ok(Self {
            child,
            input,
            output,
            position: 0,
            commands: 0,
        })
    }

    /// Types text as it is.
    pub fn type_text(&mut self, text: &str) -> anyhow::Result<()> {
        self.input
            .write_all(text.as_bytes())
            .context("virtctl console has ended")?;
        self.input.flush().context("virtctl console has ended")
    }

    /// Waits for text that was not matched before, and returns what came before it.
    pub fn expect(&mut self, text: &str, limit: Duration) -> anyhow::Result<String> {
        let end = Instant::now() + limit;
        loop {
            {
                let output = locked(&self.output);
                let rest = output.get(self.position..).unwrap_or_default();
                if let Some(found) = rest.find(text) {
                    let before = rest.get(..found).unwrap_or_default().to_owned();
                    self.position += found + text.len();
                    return Ok(before);
                }
                if Instant::now() >= end {
                    let tail: String = rest
                        .chars()
                        .rev()
                        .take(3000)
                        .collect::<Vec<_>>()
                        .into_iter()
                        .rev()
                        .collect();
                    bail!(
                        "the console did not show {text:?} within {}s, but:\n{tail}",
                        limit.as_secs()
                    );
                }
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "virtctl console ended ({status}) before it showed {text:?}:\n{}",
                    locked(&self.output)
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for a prompt, pressing Enter now and then in case it was printed before we came.
    pub fn prompt(&mut self, text: &str) -> anyhow::Result<()> {
        let end = Instant::now() + BOOT;
        while self.expect(text, Duration::from_secs(10)).is_err() {
            anyhow::ensure!(
                self.child.try_wait()?.is_none(),
                "virtctl console ended before it showed {text:?}"
            );
            if Instant::now() >= end {
                return self.expect(text, Duration::from_secs(1)).map(|_| ());
            }
            self.type_text("\n")?;
        }
        Ok(())
    }

    /// Waits for the login prompt and logs in as root.
    pub fn log_in(&mut self) -> anyhow::Result<()> {
        self.prompt("login: ")?;
        self.type_text("root\n")?;
        self.expect("assword: ", Duration::from_secs(30))?;
        self.type_text("guest\n")?;
        self.expect("# ", Duration::from_secs(60)).map(|_| ())
    }

    /// Runs a shell command in the logged-in guest and returns its output; fails when the command does.
    pub fn run(&mut self, command: &str) -> anyhow::Result<String> {
        self.commands += 1;
        let mark = format!("mark{}", self.commands);
        // The quotes keep the echo of the typed line from looking like the answer.
        self.type_text(&format!(
            "echo 'b'egin-{mark}; {command}; echo 'e'nd-{mark}=$?=\n"
        ))?;
        self.expect(&format!("begin-{mark}"), Duration::from_secs(60))?;
        let output = self.expect(&format!("end-{mark}="), Duration::from_secs(120))?;
        let status = self.expect("=", Duration::from_secs(30))?;
        anyhow::ensure!(
            status.trim() == "0",
            "{command:?} failed in the guest with {status}:\n{output}"
        );
        Ok(output.replace('\r', "").trim().to_owned())
    }

    /// All that was shown so far.
    pub fn shown(&self) -> String {
        locked(&self.output).clone()
    }

    /// Waits for virtctl to end by itself and tells whether it succeeded.
    pub fn wait_end(&mut self, limit: Duration) -> anyhow::Result<bool> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            anyhow::ensure!(
                Instant::now() < end,
                "virtctl console did not end within {}s",
                limit.as_secs()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn locked(output: &Mutex<String>) -> MutexGuard<'_, String> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}
