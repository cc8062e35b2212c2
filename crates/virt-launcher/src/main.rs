//! The first process of a launcher pod: starts libvirtd, reaps what is orphaned, prepares the disks, passes SIGTERM on as a
//! guest shutdown, and stays until the guest is gone. `docs/architecture.md`, "The launcher pod", says what it promises.
//!
//! There is one per running VM, so it stays small: no async runtime, no serialization, no argument parser, one poll loop.

mod args;
mod children;
mod connection;
mod disks;
mod failure;
mod guest;
mod layout;
mod libvirt;
mod probe;
mod run;
mod supervisor;

use std::process::ExitCode;

use args::Invocation;
use layout::Layout;

fn main() -> ExitCode {
    let layout = Layout::from_environment();
    let invocation = match args::parse(std::env::args_os().skip(1)) {
        Ok(invocation) => invocation,
        Err(message) => {
            eprintln!("virt-launcher: {message}\nvirt-launcher --help lists the arguments");
            return ExitCode::from(2);
        }
    };
    let result = match invocation {
        Invocation::Help => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Invocation::Version => {
            println!("virt-launcher {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Invocation::Run(arguments) => run::run(&layout, arguments),
        Invocation::Probe { output } => probe::probe(&layout, &output).map(|()| 0),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.report(&layout);
            ExitCode::FAILURE
        }
    }
}
