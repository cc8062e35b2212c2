//! virtctl: the command line of KubeVirt, also `kubectl virt`.

mod cli;
mod client;
mod commands;
mod process;
mod progress;
mod signals;
mod subresource;
mod target;
#[cfg(test)]
mod testing;
mod transfer;
mod websocket;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse_from(cli::arguments());
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
    let checks_version = !matches!(cli.command, cli::Command::Version(_));
    match commands::run(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if checks_version {
                commands::version::warn_when_different(&cli.connection).await;
            }
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
