//! `virtctl options`: the flags that all commands have.

use std::fmt::Write;

use clap::{Args, CommandFactory};

use crate::cli::Cli;

/// `virtctl options`.
#[derive(Debug, Args)]
pub(crate) struct Options {}

/// `virtctl options`.
pub(crate) fn run() -> anyhow::Result<()> {
    print!("{}", text()?);
    Ok(())
}

fn text() -> anyhow::Result<String> {
    let command = Cli::command();
    let mut rows: Vec<(String, String)> = command
        .get_arguments()
        .filter(|argument| argument.is_global_set())
        .filter_map(|argument| {
            let short = argument
                .get_short()
                .map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
            let value = match argument.get_value_names() {
                Some([name, ..]) if argument.get_action().takes_values() => format!(" <{name}>"),
                _ => String::new(),
            };
            let flag = format!("{short}--{}{value}", argument.get_long()?);
            Some((
                flag,
                argument
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ))
        })
        .collect();
    rows.sort_by(|a, b| {
        a.0.trim_start_matches([' ', '-'])
            .cmp(b.0.trim_start_matches([' ', '-']))
    });
    let width = rows
        .iter()
        .map(|(flag, _)| flag.len())
        .max()
        .unwrap_or_default();
    let mut text = "The following options can be passed to any command:\n\n".to_owned();
    for (flag, help) in rows {
        writeln!(text, "  {flag:width$}  {help}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_flags_of_the_cluster_are_told() {
        let text = super::text().unwrap();
        for flag in [
            "-n, --namespace <",
            "    --as-uid <UID>",
            "-v, --v <LEVEL>",
            "--insecure-skip-tls-verify  ",
        ] {
            assert!(text.contains(flag), "{flag}: {text}");
        }
    }
}
