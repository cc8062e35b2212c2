//! Names of the guest's disks (`vda`, `sdb`), which stay with a disk once it has one.

use std::collections::BTreeSet;

use kubevirt_api::VirtualMachineInstance;

use crate::disks::bus;

/// The name of each disk, in the order of spec.domain.devices.disks.
pub(crate) fn targets(vmi: &VirtualMachineInstance) -> Vec<String> {
    let disks = &vmi.spec.domain.devices.disks;
    let mut taken = BTreeSet::new();
    let mut names: Vec<Option<String>> = disks
        .iter()
        .map(|disk| {
            let known = known_target(vmi, &disk.name)?;
            let fits = known.starts_with(prefix(bus(disk))) && taken.insert(known.to_owned());
            fits.then(|| known.to_owned())
        })
        .collect();
    for (disk, name) in disks.iter().zip(&mut names) {
        if name.is_none() {
            let prefix = prefix(bus(disk));
            // One more candidate than there are disks, so one is free.
            *name = (0..=disks.len())
                .map(|index| format!("{prefix}{}", letters(index)))
                .find(|name| taken.insert(name.clone()));
        }
    }
    names.into_iter().flatten().collect()
}

/// The name that the disk had before, by the status.
fn known_target<'a>(vmi: &'a VirtualMachineInstance, disk: &str) -> Option<&'a str> {
    let status = vmi
        .status
        .as_ref()?
        .volume_status
        .iter()
        .find(|status| status.name == disk)?;
    Some(status.target.as_str()).filter(|target| !target.is_empty())
}

/// libvirt's prefix for a bus.
fn prefix(bus: &str) -> &'static str {
    if bus == "virtio" { "vd" } else { "sd" }
}

/// 0 is `a`, 25 `z`, 26 `aa`.
fn letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index;
    loop {
        // The remainder is below 26.
        letters.push(b'a' + (rest % 26) as u8);
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters
        .iter()
        .rev()
        .map(|&letter| char::from(letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn names_go_on_after_z() {
        let names: Vec<_> = [0, 1, 25, 26, 27, 51, 52, 701, 702]
            .into_iter()
            .map(letters)
            .collect();
        assert_eq!(names, ["a", "b", "z", "aa", "ab", "az", "ba", "zz", "aaa"]);
    }
}
