//! From a manifest to a login prompt.

use std::process::{Command, Stdio};
use std::time::Duration;

use kubevirt_tests::kubectl::{kubeconfig, virtctl_path};
use kubevirt_tests::wait::{BOOT, STEP};
use kubevirt_tests::{Console, Guest, Namespace};

#[test]
fn a_virtual_machine_boots_to_a_login_prompt_and_runs_its_user_data() -> anyhow::Result<()> {
    let namespace = Namespace::new("boot")?;
    let user_data =
        "#cloud-config\nhostname: named-by-user-data\nruncmd:\n- echo it-ran >/tmp/user-data-ran\n";
    namespace.apply(&Guest::new("vm1").user_data(user_data).vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    assert_eq!(console.run("cat /tmp/user-data-ran")?, "it-ran");
    assert_eq!(console.run("hostname")?, "named-by-user-data");

    namespace.wait_field(STEP, "vm", "vm1", "/status/printableStatus", "Running")?;
    assert_eq!(namespace.field("vm", "vm1", "/status/ready")?, "true");
    assert_eq!(namespace.field("vm", "vm1", "/status/created")?, "true");
    let (_, address) = namespace.launcher_pod("vm1")?;
    assert_eq!(
        namespace.field("vmi", "vm1", "/status/interfaces/0/ipAddress")?,
        address
    );
    let phases: Vec<String> = (0..4)
        .map(|index| {
            namespace.field(
                "vmi",
                "vm1",
                &format!("/status/phaseTransitionTimestamps/{index}/phase"),
            )
        })
        .collect::<anyhow::Result<_>>()?;
    assert_eq!(phases, ["Pending", "Scheduling", "Scheduled", "Running"]);

    // The columns that scripts read.
    let table = namespace.kubectl(&["get", "vm"])?.text()?;
    assert_eq!(
        table
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>(),
        ["NAME", "AGE", "STATUS", "READY"]
    );
    let table = namespace.kubectl(&["get", "vmi"])?.text()?;
    let header: Vec<_> = table
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(header, ["NAME", "AGE", "PHASE", "IP", "NODENAME", "READY"]);
    Ok(())
}

#[test]
fn the_console_works_on_a_terminal_and_ends_with_control_bracket() -> anyhow::Result<()> {
    let namespace = Namespace::new("pty")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    namespace.wait_field(BOOT, "vmi", "vm1", "/status/phase", "Running")?;
    // script(1) gives virtctl a terminal. What is typed ends with the escape, after which it must leave by itself.
    let line = format!(
        "{} -n {} console vm1",
        virtctl_path().display(),
        namespace.name()
    );
    let mut child = Command::new("script")
        .args(["-qfec", &line, "/dev/null"])
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().expect("piped");
    let (sender, received) = std::sync::mpsc::channel();
    let mut stdout = child.stdout.take().expect("piped");
    std::thread::spawn(move || {
        let mut all = String::new();
        let mut buffer = [0_u8; 1024];
        while let Ok(count) = std::io::Read::read(&mut stdout, &mut buffer) {
            if count == 0 {
                break;
            }
            all.push_str(&String::from_utf8_lossy(&buffer[..count]));
            let _ = sender.send(all.clone());
        }
    });
    kubevirt_tests::within(BOOT, "the login prompt in a terminal", || {
        std::io::Write::write_all(&mut input, b"\n")?;
        Ok(received
            .recv_timeout(Duration::from_secs(5))
            .is_ok_and(|all| all.contains("login:")))
    })?;
    std::io::Write::write_all(&mut input, b"\x1d")?;
    let mut status = None;
    kubevirt_tests::within(
        Duration::from_secs(15),
        "the end of virtctl console after Ctrl+]",
        || {
            status = child.try_wait()?;
            Ok(status.is_some())
        },
    )?;
    assert!(status.is_some_and(|status| status.success()));
    Ok(())
}

#[test]
fn several_viewers_share_one_console() -> anyhow::Result<()> {
    let namespace = Namespace::new("viewers")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut first = Console::open(&namespace, "vm1")?;
    first.log_in()?;
    let mut second = Console::open(&namespace, "vm1")?;
    second.type_text("\n")?;
    second.expect("# ", STEP)?;
    second.type_text("echo typed-by-'the'-second\n")?;
    first.expect("typed-by-the-second", STEP)?;
    second.expect("typed-by-the-second", STEP)?;
    Ok(())
}

#[test]
fn an_ordinary_distribution_boots_with_cloud_init() -> anyhow::Result<()> {
    let namespace = Namespace::new("debian")?;
    let user_data = "#cloud-config\nhostname: ordinary\npassword: guest\nchpasswd: {expire: false}\nruncmd:\n- echo cloud-init-ran >/dev/ttyS0\n";
    namespace.apply(
        &Guest::new("vm1")
            .image("debian", "512Mi")
            .user_data(user_data)
            .vm(),
    )?;
    let mut console = Console::open(&namespace, "vm1")?;
    // systemd, cloud-init and all, emulated: minutes.
    console.expect("cloud-init-ran", BOOT * 3)?;
    console.prompt("ordinary login: ")?;
    Ok(())
}
