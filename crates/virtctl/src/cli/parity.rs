//! Our commands and flags, held against `commands.tsv`, both ways.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::Cli;

const TABLE: &str = include_str!("commands.tsv");
/// The row of a command that tells how many arguments it takes.
const ARGUMENTS: &str = "ARGUMENTS";

/// What only our virtctl has: whole commands, and the flags of others.
const OUR_COMMANDS: &[&str] = &["why", "top", "wait", "image build", "completion", "man"];
const OUR_FLAGS: &[(&str, &str)] = &[
    ("guestosinfo", "output"),
    ("userlist", "output"),
    ("fslist", "output"),
    ("permitted-devices", "output"),
    ("version", "output"),
];

/// One flag, or the arguments of a command.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    short: String,
    value: String,
    default: String,
    required: bool,
}

type Rows = BTreeMap<(String, String), Row>;

fn theirs() -> Rows {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [command, flag, short, value, default, required] = columns[..] else {
            panic!("{line:?} has not six columns");
        };
        let row = Row {
            short: short.to_owned(),
            value: value.to_owned(),
            default: default.to_owned(),
            required: required == "yes",
        };
        ((command.to_owned(), flag.to_owned()), row)
    })
    .collect()
}

fn ours() -> Rows {
    let mut root = Cli::command();
    // Else nobody has told yet how many values there are.
    root.build();
    let mut rows = Rows::new();
    let global = root.get_arguments().filter(|flag| flag.is_global_set());
    for flag in global {
        rows.insert(("-".to_owned(), long(flag)), row(flag));
    }
    walk(&root, "", &mut rows);
    rows
}

fn walk(command: &Command, path: &str, rows: &mut Rows) {
    for below in command.get_subcommands() {
        let name = below.get_name();
        if name == "help" {
            continue;
        }
        let path = format!("{path} {name}").trim().to_owned();
        let runs = !below.has_subcommands() || below.get_positionals().count() > 0;
        if runs && !OUR_COMMANDS.contains(&path.as_str()) {
            of_command(below, &path, rows);
        }
        walk(below, &path, rows);
    }
}

fn of_command(command: &Command, path: &str, rows: &mut Rows) {
    let arguments = Row {
        short: "-".to_owned(),
        value: count(command),
        default: "-".to_owned(),
        required: false,
    };
    rows.insert((path.to_owned(), ARGUMENTS.to_owned()), arguments);
    for flag in command.get_opts().chain(switches(command)) {
        if !flag.is_global_set() && flag.get_id() != "help" {
            rows.insert((path.to_owned(), long(flag)), row(flag));
        }
    }
}

/// Flags without a value, which clap does not count among the options.
fn switches(command: &Command) -> impl Iterator<Item = &Arg> {
    command
        .get_arguments()
        .filter(|flag| !flag.is_positional() && !flag.get_action().takes_values())
}

fn long(flag: &Arg) -> String {
    flag.get_long().unwrap_or("has no long form").to_owned()
}

fn row(flag: &Arg) -> Row {
    let defaults: Vec<_> = flag
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    let default = match defaults.join(",") {
        none if none.is_empty() || none == "false" => "-".to_owned(),
        default => default,
    };
    Row {
        short: flag.get_short().map_or("-".to_owned(), String::from),
        value: value(flag).to_owned(),
        default,
        required: flag.is_required_set(),
    }
}

fn value(flag: &Arg) -> &'static str {
    let bare = flag
        .get_num_args()
        .is_some_and(|range| range.min_values() == 0);
    let boolean = flag.get_value_parser().type_id() == std::any::TypeId::of::<bool>();
    match flag.get_action() {
        ArgAction::SetTrue => "bool",
        ArgAction::Set if bare && !flag.is_require_equals_set() => "greedy",
        ArgAction::Set if bare && boolean => "bool",
        ArgAction::Set if bare => "optional",
        ArgAction::Set => "text",
        ArgAction::Append => "texts",
        _ => "unknown",
    }
}

/// How many arguments a command takes, as `1`, `0..2` or `2..`.
fn count(command: &Command) -> String {
    let (mut least, mut most) = (0_usize, 0_usize);
    for argument in command.get_positionals() {
        let range = argument.get_num_args().unwrap_or_else(|| 1_usize.into());
        if argument.is_required_set() {
            least += range.min_values();
        }
        most = most.saturating_add(range.max_values());
    }
    match most {
        usize::MAX => format!("{least}.."),
        most if most == least => least.to_string(),
        most => format!("{least}..{most}"),
    }
}

#[test]
fn all_of_upstreams_commands_and_flags_are_there_and_no_others() {
    let (theirs, ours) = (theirs(), ours());
    let mut wrong = Vec::new();
    for ((command, flag), their) in &theirs {
        let place = format!("{command} --{flag}");
        let Some(our) = ours.get(&(command.clone(), flag.clone())) else {
            wrong.push(format!("{place}: is missing"));
            continue;
        };
        // What stands in parentheses is no default for clap, as the command looks whether the flag was given.
        let later = their.default.starts_with('(') && our.default == "-";
        let same = Row {
            default: if later {
                their.default.clone()
            } else {
                our.default.clone()
            },
            short: our.short.clone(),
            value: our.value.clone(),
            required: our.required,
        };
        if same != *their {
            wrong.push(format!("{place}: must be {their:?}, is {our:?}"));
        }
    }
    for (command, flag) in ours.keys() {
        let known = theirs.contains_key(&(command.clone(), flag.clone()));
        if !known && !OUR_FLAGS.contains(&(command.as_str(), flag.as_str())) {
            wrong.push(format!("{command} --{flag}: nobody knows it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_listed_as_ours_is_there() {
    let mut root = Cli::command();
    root.build();
    for path in OUR_COMMANDS {
        let mut command = &root;
        for name in path.split(' ') {
            command = command.find_subcommand(name).expect(path);
        }
    }
    let ours = ours();
    for (command, flag) in OUR_FLAGS {
        let output = &ours[&((*command).to_owned(), (*flag).to_owned())];
        assert_eq!(output.short, "o", "{command} --{flag}");
    }
    let options = root.find_subcommand("options").unwrap();
    assert!(options.is_hide_set());
}

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::read(std::iter::once("virtctl").chain(line.split(' ')))
}

#[test]
fn lines_that_users_write_are_read() {
    for line in [
        "start vm1 --dry-run -n ns",
        "-n ns start --paused vm1",
        "start vm1 -n one -n two",
        "-v 9 start vm1",
        "start vm1 -v=9",
        "start vm1 --v=9 --request-timeout=5s",
        "start vm1 --as a --as-group b --as-group c -s https://x:1",
        "stop vm1 --grace-period=0 --force",
        "stop vm1 --grace-period -1 --force",
        "migrate vm1 --addedNodeSelector a=b,c=d --addedNodeSelector e=",
        "evacuate-cancel virtualmachineinstances vm1",
        "pause virtualmachine vm1",
        "addvolume vm1 --volume-name v --persist --cache writeback --disk-type lun",
        "memory-dump get vm1 --claim-name c --create-claim --access-mode ReadWriteMany",
        "image-upload dv d --image-path x --size 1Gi --wait-secs=60",
        "image-upload --pvc-name d --pvc-size 1Gi --image-path x --block-volume",
        "vmexport download e --output - --volume v --retry 3",
        "vnc vm1 --proxy-only --port 5900 --address 0.0.0.0",
        "vnc vm1 --proxy-only=true",
        "vnc screenshot vm1 -f a.png -m",
        "port-forward --stdio=true vm/vm1 22",
        "port-forward vmi/vm1/ns 8080:80 udp/53 tcp/1:2",
        "ssh -l root -i key -p 2222 -t -oA=b -t -v vmi/vm1 -c ls",
        "ssh root@vm/vm1 --local-ssh-opts=-oStrictHostKeyChecking=no",
        "scp -r --preserve ./a root@vmi/vm1:/b",
        "usbredir --no-launch vm1",
        "usbredir 046d:c077 vm1",
        "expose vmirs rs --name s --type NodePort --port 80 --target-port http",
        "expand --vm vm1 -o json",
        "expand -f - ",
        "objectgraph vm1 --selector a=b,c=d --vmi",
        "version -c",
        "adm log-verbosity --all",
        "adm log-verbosity --virt-api=3 --virt-handler=0",
        "adm logVerbosity --reset --virt-api=1",
        "credentials set-password -u root -p secret vm1",
        "create vm --infer-instancetype=false --infer-preference",
        "create vm --ssh-key a,b --ssh-key c --user u",
    ] {
        if let Err(error) = parse(line.trim()) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn lines_that_mean_nothing_are_refused() {
    for line in [
        "start",
        "start a b",
        "stop vm1 --force",
        "stop vm1 --grace-period 1",
        "pause pod vm1",
        "pause vm1",
        "addvolume vm1",
        "addvolume vm1 --volume-name v --bus sata",
        "removevolume vm1",
        "image-upload dv d",
        "image-upload dv d --image-path x --archive-path y",
        "vmexport create e --vm a --pvc b",
        "vmexport download e --keep-vme --delete-vme",
        "vnc screenshot vm1",
        "port-forward vm/vm1",
        "scp ./a",
        "expose vm vm1",
        "expand",
        "expand --vm a --file b",
        "adm log-verbosity --all=11",
        "credentials add-ssh-key vm1 --value k",
        "credentials add-ssh-key vm1 -u u",
        "credentials add-ssh-key vm1 -u u --value k --file f",
        "credentials add-ssh-key vm1 -u u --value k --create-secret --update-secret",
        "credentials set-password vm1 -u u",
        "create vm --memory 1Gi --instancetype u1.small",
        "create vm --user u --cloud-init-user-data YQ==",
        "create instancetype --cpu 1",
        "create clone",
        "template create",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn a_commands_own_user_is_not_kubeconfigs() {
    for line in [
        "credentials add-ssh-key vm1 --user guest --value k",
        "credentials set-password vm1 -u guest -p secret",
        "create vm --user guest",
    ] {
        assert_eq!(parse(line).unwrap().connection.user, None, "{line}");
    }
    let other = parse("start vm1 --user admin").unwrap();
    assert_eq!(other.connection.user.as_deref(), Some("admin"));
}

#[test]
fn the_last_of_two_values_counts() {
    let cli = parse("-n one start vm1 -n two --dry-run --dry-run").unwrap();
    assert_eq!(cli.connection.namespace.as_deref(), Some("two"));
}
