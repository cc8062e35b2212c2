//! One module per command, or per few that share their code.

pub(crate) mod adm;
pub(crate) mod completion;
pub(crate) mod console;
pub(crate) mod create;
pub(crate) mod credentials;
pub(crate) mod expand;
pub(crate) mod export;
pub(crate) mod expose;
pub(crate) mod guest;
pub(crate) mod guestfs;
pub(crate) mod image;
pub(crate) mod image_upload;
pub(crate) mod lifecycle;
pub(crate) mod memory_dump;
pub(crate) mod migration;
pub(crate) mod object_graph;
pub(crate) mod options;
pub(crate) mod pause;
pub(crate) mod permitted_devices;
pub(crate) mod port_forward;
pub(crate) mod reset;
pub(crate) mod ssh;
pub(crate) mod template;
pub(crate) mod top;
pub(crate) mod usbredir;
pub(crate) mod version;
pub(crate) mod vnc;
pub(crate) mod volumes;
pub(crate) mod wait;
pub(crate) mod why;

#[cfg(test)]
mod tests;

use crate::cli::{Cli, Command};

/// Runs the command that was given if it needs no cluster and nothing else that takes its time.
pub(crate) fn run_offline(cli: &Cli) -> Option<anyhow::Result<()>> {
    match &cli.command {
        Command::Completion(arguments) => Some(completion::completion(arguments)),
        Command::Man(arguments) => Some(completion::man(arguments)),
        Command::Options(_) => Some(options::run()),
        Command::Version(arguments) if arguments.client => Some(version::of_client(arguments)),
        _ => None,
    }
}

/// Runs the command that was given.
pub(crate) async fn run(cli: &Cli) -> anyhow::Result<()> {
    let flags = &cli.connection;
    match &cli.command {
        Command::Start(arguments) => lifecycle::start(flags, arguments).await,
        Command::Stop(arguments) => lifecycle::stop(flags, arguments).await,
        Command::Restart(arguments) => lifecycle::restart(flags, arguments).await,
        Command::Console(arguments) => console::run(flags, arguments).await,
        Command::Version(arguments) => version::run(flags, arguments).await,
        Command::Migrate(arguments) => migration::migrate(flags, arguments).await,
        Command::MigrateCancel(arguments) => migration::migrate_cancel(flags, arguments).await,
        Command::EvacuateCancel(arguments) => migration::evacuate_cancel(flags, arguments).await,
        Command::Pause(arguments) => pause::pause(flags, arguments).await,
        Command::Unpause(arguments) => pause::unpause(flags, arguments).await,
        Command::SoftReboot(arguments) => reset::soft_reboot(flags, arguments).await,
        Command::Reset(arguments) => reset::reset(flags, arguments).await,
        Command::Addvolume(arguments) => volumes::addvolume(flags, arguments).await,
        Command::Removevolume(arguments) => volumes::removevolume(flags, arguments).await,
        Command::Guestosinfo(arguments) => guest::guestosinfo(flags, arguments).await,
        Command::Userlist(arguments) => guest::userlist(flags, arguments).await,
        Command::Fslist(arguments) => guest::fslist(flags, arguments).await,
        Command::Expand(arguments) => expand::run(flags, arguments).await,
        Command::Objectgraph(arguments) => object_graph::run(flags, arguments).await,
        Command::PermittedDevices(arguments) => permitted_devices::run(flags, arguments).await,
        Command::Adm(arguments) => adm::run(flags, arguments).await,
        Command::Options(_) => options::run(),
        Command::Completion(arguments) => completion::completion(arguments),
        Command::Man(arguments) => completion::man(arguments),
        Command::Vnc(arguments) => vnc::run(flags, arguments).await,
        Command::PortForward(arguments) => port_forward::run(flags, arguments).await,
        Command::Ssh(arguments) => ssh::ssh(flags, arguments).await,
        Command::Scp(arguments) => ssh::scp(flags, arguments).await,
        Command::Usbredir(arguments) => usbredir::run(flags, arguments).await,
        Command::Expose(arguments) => expose::run(flags, arguments).await,
        Command::Create(arguments) => create::run(flags, arguments).await,
        Command::Template(arguments) => template::run(flags, arguments).await,
        Command::Credentials(arguments) => credentials::run(flags, arguments).await,
        Command::Image(arguments) => image::run(flags, arguments).await,
        Command::ImageUpload(arguments) => image_upload::run(flags, arguments).await,
        Command::Vmexport(arguments) => export::run(flags, arguments).await,
        Command::MemoryDump(arguments) => memory_dump::run(flags, arguments).await,
        Command::Guestfs(arguments) => guestfs::run(flags, arguments).await,
        Command::Why(arguments) => why::run(flags, arguments).await,
        Command::Top(arguments) => top::run(flags, arguments).await,
        Command::Wait(arguments) => wait::run(flags, arguments).await,
    }
}
