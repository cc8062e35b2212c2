//! VirtualMachineClone.

use kubevirt_api::VirtualMachineClone;

use super::json_patch::patches;
use super::reference::{SNAPSHOT, VIRTUAL_MACHINE, is, reference};
use super::{Fault, Faults, Path};
use crate::validation::text;

/// What is wrong with a clone.
pub fn validate_clone(clone: &VirtualMachineClone) -> Vec<Fault> {
    let mut faults = Faults::default();
    let path = Path::new("spec");
    let spec = &clone.spec;
    reference(
        &mut faults,
        &path.field("source"),
        &spec.source,
        &[VIRTUAL_MACHINE, SNAPSHOT],
    );
    if let Some(target) = &spec.target {
        let path = path.field("target");
        reference(&mut faults, &path, target, &[VIRTUAL_MACHINE]);
        if is(target, VIRTUAL_MACHINE)
            && is(&spec.source, VIRTUAL_MACHINE)
            && target.name == spec.source.name
            && !target.name.is_empty()
        {
            faults.invalid(
                &path.field("name"),
                format!("{:?} is the source: name another virtual machine, or take target out to get a new name", target.name),
            );
        }
        if !target.name.is_empty() && !text::is_dns_subdomain(&target.name) {
            faults.invalid(
                &path.field("name"),
                format!(
                    "{:?} cannot be the name of a virtual machine: use {}",
                    target.name,
                    text::DNS_SUBDOMAIN
                ),
            );
        }
    }
    let template = spec.template.clone().unwrap_or_default();
    let template_path = path.field("template");
    for (path, list) in [
        (path.field("annotationFilters"), &spec.annotation_filters),
        (path.field("labelFilters"), &spec.label_filters),
        (
            template_path.field("annotationFilters"),
            &template.annotation_filters,
        ),
        (template_path.field("labelFilters"), &template.label_filters),
    ] {
        filters(&mut faults, &path, list);
    }
    for (interface, address) in &spec.new_mac_addresses {
        if text::mac_address(address).is_none() {
            faults.invalid(
                &path.field("newMacAddresses").key(interface),
                format!(
                    "{address:?} is not a MAC address: write six bytes such as 02:00:00:00:00:01"
                ),
            );
        }
    }
    patches(&mut faults, &path.field("patches"), &spec.patches, &[]);
    faults.into_vec()
}

/// Keys with `!` in front and `*` at the end.
fn filters(faults: &mut Faults, path: &Path, filters: &[String]) {
    for (index, filter) in filters.iter().enumerate() {
        let key = filter.strip_prefix('!').unwrap_or(filter);
        let key = key.strip_suffix('*').unwrap_or(key);
        let problem = if filter.is_empty() || filter == "!" {
            Some("is empty: write a key, or * for all".to_owned())
        } else if key.contains('!') {
            Some("has ! within: it may stand in front only".to_owned())
        } else if key.contains('*') {
            Some("has * within: it may stand at the end only".to_owned())
        } else {
            key.chars()
                .find(|c| !c.is_ascii_alphanumeric() && !"-_./".contains(*c))
                .map(|c| format!("has {c:?}, which no key has: use letters, digits, -, _, . and /"))
        };
        if let Some(problem) = problem {
            faults.invalid(&path.index(index), format!("{filter:?} {problem}"));
        }
    }
}
