//! The table that changes by itself.

use std::time::Duration;

use anyhow::Context;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

use super::collect::{Collector, Shown};
use super::screen::Screen;
use super::{Sort, Top, table};

/// What a key does.
#[derive(Debug, Eq, PartialEq)]
enum Key {
    Quit,
    Sort(Sort),
    None,
}

/// Shows the table until the user leaves.
pub(super) async fn run(collector: &mut Collector, arguments: &Top) -> anyhow::Result<()> {
    // The first look tells what is wrong before the screen is taken.
    let mut shown = collector.look().await?;
    let mut sort = arguments.sort_by;
    let mut trouble = None;
    let mut input = tokio::io::stdin();
    let mut buffer = [0_u8; 16];
    let mut resized = signal(SignalKind::window_change()).context("cannot wait for signals")?;
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let mut ticks = tokio::time::interval(Duration::from_secs(arguments.interval));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.reset();
    let screen = Screen::enter().context("cannot use the terminal")?;
    loop {
        table::sort(&mut shown.rows, sort);
        screen.draw(&text(&shown, sort, trouble.as_deref(), arguments))?;
        tokio::select! {
            _ = ticks.tick() => match collector.look().await {
                Ok(new) => {
                    shown = new;
                    trouble = None;
                }
                // The last numbers stay, and it is said that they are old.
                Err(error) => trouble = Some(format!("{error:#}")),
            },
            read = input.read(&mut buffer) => match read.context("cannot read the terminal")? {
                0 => return Ok(()),
                count => for byte in buffer.iter().take(count) {
                    match key(*byte) {
                        Key::Quit => return Ok(()),
                        Key::Sort(by) => sort = by,
                        Key::None => {}
                    }
                }
            },
            _ = resized.recv() => {}
            _ = terminated.recv() => return Ok(()),
        }
    }
}

/// q, Ctrl+C and Ctrl+D leave. Escape does not, as it begins the codes of other keys.
fn key(byte: u8) -> Key {
    match byte {
        b'q' | b'Q' | 3 | 4 => Key::Quit,
        b'c' => Key::Sort(Sort::Cpu),
        b'm' => Key::Sort(Sort::Memory),
        b'n' => Key::Sort(Sort::Network),
        b'd' => Key::Sort(Sort::Disk),
        b'a' => Key::Sort(Sort::Name),
        _ => Key::None,
    }
}

fn text(shown: &Shown, sort: Sort, trouble: Option<&str>, arguments: &Top) -> String {
    let sorted = match sort {
        Sort::Name => "name",
        Sort::Cpu => "CPU",
        Sort::Memory => "memory",
        Sort::Network => "network",
        Sort::Disk => "disk",
    };
    let running = shown.rows.iter().filter(|row| !row.node.is_empty()).count();
    let mut text = format!(
        "{running} of {} virtual machines run; every {}s, by {sorted}.  c CPU  m memory  n network  d disk  a name  q quit\n",
        shown.rows.len(),
        arguments.interval
    );
    if let Some(trouble) = trouble {
        text.push_str(&format!("These numbers are old: {trouble}\n"));
    }
    text.push('\n');
    text.push_str(&table::render(shown, arguments.all_namespaces));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_and_leave() {
        assert_eq!(key(b'q'), Key::Quit);
        assert_eq!(key(3), Key::Quit);
        assert_eq!(key(b'm'), Key::Sort(Sort::Memory));
        assert_eq!(key(0x1b), Key::None);
    }
}
