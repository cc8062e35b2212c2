//! `virtctl template`: the commands and flags of VirtualMachineTemplates. Their API (`template.kubevirt.io`) is not part of this
//! version, so each command says so instead of doing half of its work.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};

use crate::cli::Connection;

/// `virtctl template`.
#[derive(Debug, Args)]
pub(crate) struct Template {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the virtual machine that a template and its parameters make.
    Process(Process),
    /// Turn an OpenShift template into a VirtualMachineTemplate.
    Convert(Convert),
    /// Make a template from a virtual machine.
    Create(Create),
}

#[derive(Debug, Args)]
struct Process {
    /// Name of the template.
    #[arg(value_name = "NAME")]
    template: Option<String>,
    /// Name of the virtual machine.
    #[arg(long)]
    name: Option<String>,
    /// File with the template.
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// Format of the output: yaml or json.
    #[arg(short, long, default_value = "yaml")]
    output: String,
    /// A parameter, as KEY=VALUE; may be repeated.
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    param: Vec<String>,
    /// File with parameters.
    #[arg(long)]
    params_file: Option<PathBuf>,
    /// Process without asking the cluster.
    #[arg(long)]
    local: bool,
    /// Create the virtual machine.
    #[arg(long)]
    create: bool,
    /// Print the template's parameters.
    #[arg(long)]
    print_params: bool,
}

#[derive(Debug, Args)]
struct Convert {
    /// Name of the OpenShift template.
    #[arg(value_name = "NAME")]
    template: Option<String>,
    /// Name of the new template.
    #[arg(long)]
    name: Option<String>,
    /// File with the OpenShift template.
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// Format of the output: yaml or json.
    #[arg(short, long, default_value = "yaml")]
    output: String,
}

#[derive(Debug, Args)]
struct Create {
    /// Name of the virtual machine.
    #[arg(long)]
    vm_name: String,
    /// Namespace of the virtual machine.
    #[arg(long)]
    vm_namespace: Option<String>,
    /// Name of the request.
    #[arg(long)]
    name: Option<String>,
}

/// `virtctl template`.
pub(crate) async fn run(_flags: &Connection, arguments: &Template) -> anyhow::Result<()> {
    let command = match &arguments.action {
        Action::Process(_) => "process",
        Action::Convert(_) => "convert",
        Action::Create(_) => "create",
    };
    bail!(
        "virtctl template {command} needs VirtualMachineTemplates (template.kubevirt.io), which this version does not have; \
         use an instancetype and a preference with `virtctl create vm` instead"
    )
}
