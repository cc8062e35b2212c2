//! virtctl: the command line of KubeVirt, also `kubectl virt`.

mod cli;
mod client;
mod commands;
mod dry_run;
mod duration;
mod installation;
mod key_value;
mod machines;
mod objects;
mod output;
mod pod;
mod process;
mod progress;
mod quantity;
mod requests;
mod say;
mod signals;
mod subresource;
mod suggest;
mod target;
#[cfg(test)]
mod testing;
mod transfer;
mod websocket;

use std::process::ExitCode;

use clap::error::ErrorKind;

fn main() -> ExitCode {
    quiet_when_output_closes();
    let cli = match cli::Cli::read(cli::arguments()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    // What needs no cluster needs no asynchronous runtime either.
    if let Some(outcome) = commands::run_offline(&cli) {
        return match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        };
    }
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start the asynchronous runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(cli));
    // A read of the terminal cannot be cancelled: do not wait for the thread that sits in it.
    runtime.shutdown_background();
    code
}

async fn run(cli: cli::Cli) -> ExitCode {
    match commands::run(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(cli.command, cli::Command::Version(_)) {
                commands::version::warn_when_different(&cli.connection).await;
            }
            failed(&error)
        }
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("{error:#}");
    ExitCode::FAILURE
}

/// Help is a success, and goes to standard output; any other end of reading the arguments has status 1, as all failures.
fn usage(error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        print!("{error}");
        return ExitCode::SUCCESS;
    }
    let printed = error.print();
    if error.use_stderr() || printed.is_err() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// `virtctl ... | head` closes our standard output, which is no reason for a report of a crash.
fn quiet_when_output_closes() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let closed = panic
            .payload()
            .downcast_ref::<String>()
            .is_some_and(|text| text.contains("stdout") && text.contains("Broken pipe"));
        if closed {
            std::process::exit(1);
        }
        report(panic);
    }));
}
