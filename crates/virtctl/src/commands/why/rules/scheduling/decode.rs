//! The scheduler's message: `0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint(s). preemption: ...`.

/// Why a node does not take a pod.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Obstacle {
    /// Not enough of a resource.
    Resource(String),
    /// Node selector or node affinity.
    Selector,
    /// A taint that the pod does not tolerate.
    Taint,
    /// The node is cordoned.
    Cordoned,
    /// Affinity or anti-affinity to other pods.
    Affinity,
    /// Topology spread constraints.
    Spread,
    /// A volume that is bound to other nodes.
    VolumeNode,
    /// A claim that is not bound.
    UnboundClaim,
    /// As many pods as the node may have.
    PodCount,
    /// Anything else.
    Other,
}

/// The message's parts.
pub(super) struct Decoded {
    /// How many nodes there are.
    pub(super) nodes: u64,
    /// The obstacles, the number of nodes that each concerns, and the scheduler's words; the weightiest first.
    pub(super) obstacles: Vec<(Obstacle, u64, String)>,
}

/// Takes the message apart.
pub(super) fn decode(message: &str) -> Decoded {
    let Some((before, rest)) = message.split_once("nodes are available: ") else {
        return unbound_only(message);
    };
    let nodes = before
        .rsplit_once('/')
        .and_then(|(_, count)| count.trim().parse().ok())
        .unwrap_or_default();
    let mut obstacles: Vec<(Obstacle, u64, String)> = segments(rest)
        .into_iter()
        .map(|segment| {
            let (count, words) = segment
                .split_once(' ')
                .and_then(|(count, words)| Some((count.parse().ok()?, words)))
                .unwrap_or((nodes, segment));
            (obstacle(words), count, words.to_owned())
        })
        .collect();
    // A sort keeps the order of equals: the scheduler's.
    obstacles.sort_by_key(|(obstacle, count, words)| {
        (
            std::cmp::Reverse(if is_control_plane(words) { 0 } else { *count }),
            *obstacle == Obstacle::Other,
        )
    });
    Decoded { nodes, obstacles }
}

/// A taint that keeps all pods off control-plane nodes says nothing about this pod.
fn is_control_plane(words: &str) -> bool {
    words.contains("node-role.kubernetes.io/control-plane")
}

fn unbound_only(message: &str) -> Decoded {
    let obstacles = if message.contains("unbound immediate PersistentVolumeClaims") {
        vec![(Obstacle::UnboundClaim, 0, message.to_owned())]
    } else {
        Vec::new()
    };
    Decoded {
        nodes: 0,
        obstacles,
    }
}

/// The list's parts, up to the full stop that ends it. Braces hold a taint, with dots and commas of its own.
fn segments(list: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut depth = 0_u32;
    let mut begin = 0;
    let mut end = list.len();
    for (index, letter) in list.char_indices() {
        let after = list.get(index + 1..).unwrap_or_default();
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 && after.starts_with(' ') => {
                found.push(list.get(begin..index).unwrap_or_default().trim());
                begin = index + 1;
            }
            '.' if depth == 0
                && (after.is_empty() || after.starts_with(' ') || after.starts_with(')')) =>
            {
                end = index;
                break;
            }
            _ => {}
        }
    }
    found.push(list.get(begin..end).unwrap_or_default().trim());
    found.retain(|segment| !segment.is_empty());
    found
}

fn obstacle(words: &str) -> Obstacle {
    if let Some(resource) = words.strip_prefix("Insufficient ") {
        return Obstacle::Resource(resource.trim().to_owned());
    }
    let lower = words.to_lowercase();
    let has = |part: &str| lower.contains(part);
    if has("unbound immediate persistentvolumeclaims") {
        Obstacle::UnboundClaim
    } else if has("volume node affinity") || has("persistentvolume's node affinity") {
        Obstacle::VolumeNode
    } else if has("pod's node affinity/selector") || has("node affinity") || has("node selector") {
        Obstacle::Selector
    } else if has("untolerated taint") || has("taint") {
        Obstacle::Taint
    } else if has("unschedulable") {
        Obstacle::Cordoned
    } else if has("topology spread") {
        Obstacle::Spread
    } else if has("affinity") {
        Obstacle::Affinity
    } else if has("too many pods") {
        Obstacle::PodCount
    } else {
        Obstacle::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weightiest_obstacle_comes_first() {
        let decoded = decode(
            "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, \
             1 node(s) had untolerated taint {a.b/c: d, e}, 2 Insufficient memory. no new claims to deallocate, \
             preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
        );
        assert_eq!(decoded.nodes, 4);
        let kinds: Vec<_> = decoded
            .obstacles
            .iter()
            .map(|(kind, count, _)| (kind.clone(), *count))
            .collect();
        assert_eq!(
            kinds,
            [
                (Obstacle::Resource("memory".into()), 2),
                (Obstacle::Taint, 1),
                (Obstacle::Taint, 1)
            ]
        );
    }

    #[test]
    fn a_message_that_is_none_has_no_obstacles() {
        assert!(decode("").obstacles.is_empty());
        assert!(decode("0/0 nodes are available").obstacles.is_empty());
    }

    #[test]
    fn our_own_words_before_the_schedulers_do_not_disturb() {
        let decoded = decode(
            "no node offers devices.kubevirt.io/kvm: enable it (scheduler: 0/2 nodes are available: \
             2 Insufficient devices.kubevirt.io/kvm. more)",
        );
        assert_eq!(decoded.nodes, 2);
        assert_eq!(
            decoded.obstacles.first().map(|(kind, ..)| kind.clone()),
            Some(Obstacle::Resource("devices.kubevirt.io/kvm".into()))
        );
    }
}
