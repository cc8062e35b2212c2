//! Whether the cluster mounts images as volumes.

use anyhow::Context as _;
use kube::Client;
use kubevirt_core::launcher_pod::ImageVolumes;

use crate::arguments::ImageVolumesOption;

/// First minor version of Kubernetes 1 that does it without being told to.
const SINCE: u32 = 35;

pub(crate) async fn decide(
    client: &Client,
    option: ImageVolumesOption,
) -> anyhow::Result<ImageVolumes> {
    match option {
        ImageVolumesOption::True => return Ok(ImageVolumes::Yes),
        ImageVolumesOption::False => return Ok(ImageVolumes::No),
        ImageVolumesOption::Auto => {}
    }
    let version = client
        .apiserver_version()
        .await
        .context("cannot read the version of the API server")?;
    let decision = by_version(&version.major, &version.minor);
    tracing::info!(major = %version.major, minor = %version.minor, image_volumes = ?decision, "API server");
    Ok(decision)
}

fn by_version(major: &str, minor: &str) -> ImageVolumes {
    // Vendors write things like `33+`.
    let number = |text: &str| -> u32 {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    match (number(major), number(minor)) {
        (1, minor) if minor < SINCE => ImageVolumes::No,
        (0, _) => ImageVolumes::No,
        _ => ImageVolumes::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_1_35() {
        assert_eq!(by_version("1", "36"), ImageVolumes::Yes);
        assert_eq!(by_version("1", "35+"), ImageVolumes::Yes);
        assert_eq!(by_version("1", "34"), ImageVolumes::No);
        assert_eq!(by_version("2", "0"), ImageVolumes::Yes);
        assert_eq!(by_version("", ""), ImageVolumes::No);
    }
}
