//! Sessions of users go on while the parts that carry them are replaced.

use kubevirt_tests::kubectl::{kubectl, run};
use kubevirt_tests::wait::STEP;
use kubevirt_tests::{Console, Guest, Namespace};

/// Deletes all pods of a component at once.
fn replace(component: &str) -> anyhow::Result<()> {
    let label = format!("kubevirt.io={component}");
    let arguments = [
        "delete",
        "pod",
        "-n",
        "kubevirt",
        "-l",
        &label,
        "--grace-period=1",
    ];
    run(&mut kubectl(), &arguments)?.text().map(|_| ())
}

#[test]
fn a_console_goes_on_after_virt_handler_and_virt_api_were_replaced() -> anyhow::Result<()> {
    let namespace = Namespace::new("reconnect")?;
    namespace.apply(&Guest::new("vm1").vm())?;
    let mut console = Console::open(&namespace, "vm1")?;
    console.log_in()?;
    for component in ["virt-handler", "virt-api"] {
        replace(component)?;
        // One and the same virtctl: what is typed meanwhile may be lost, so it is typed until it is answered.
        let mark = format!("after-{component}");
        kubevirt_tests::within(STEP * 3, "an answer in the same session", || {
            console.type_text(&format!("echo 'a'fter-{component}\n"))?;
            Ok(console
                .expect(&mark, std::time::Duration::from_secs(5))
                .is_ok())
        })?;
    }
    Ok(())
}
