use super::*;

fn lease(holder: Option<&str>, seconds: Option<i32>) -> Lease {
    let spec = LeaseSpec {
        holder_identity: holder.map(str::to_owned),
        lease_duration_seconds: seconds,
        lease_transitions: Some(3),
        acquire_time: Some(MicroTime(Timestamp::UNIX_EPOCH)),
        ..LeaseSpec::default()
    };
    Lease {
        metadata: ObjectMeta::default(),
        spec: Some(spec),
    }
}

#[test]
fn a_lease_is_free_when_released_or_ones_own() {
    assert!(is_free(&lease(None, None), "a"));
    assert!(is_free(&lease(Some(""), None), "a"));
    assert!(is_free(&lease(Some("a"), None), "a"));
    assert!(!is_free(&lease(Some("b"), None), "a"));
}

#[test]
fn others_never_wait_less_than_the_duration() {
    let ours = Duration::from_secs(15);
    assert_eq!(duration_of(&lease(None, Some(1)), ours), ours);
    assert_eq!(
        duration_of(&lease(None, Some(20)), ours),
        Duration::from_secs(20)
    );
    assert_eq!(
        duration_of(&lease(None, Some(i32::MAX)), ours),
        Duration::from_secs(60)
    );
    assert_eq!(duration_of(&lease(None, Some(-1)), ours), ours);
}

#[test]
fn transitions_count_changes_of_the_holder() {
    let election = Election::new("kubevirt", "virt-controller", "a");
    let now = Timestamp::from_second(1_000).unwrap();
    let renewed = election.spec(lease(Some("a"), Some(15)).spec.as_ref(), now);
    assert_eq!(renewed.lease_transitions, Some(3));
    assert_eq!(renewed.acquire_time, Some(MicroTime(Timestamp::UNIX_EPOCH)));
    let taken = election.spec(lease(Some("b"), Some(15)).spec.as_ref(), now);
    assert_eq!(taken.lease_transitions, Some(4));
    assert_eq!(taken.acquire_time, Some(MicroTime(now)));
    assert_eq!(taken.lease_duration_seconds, Some(15));
}

#[test]
fn the_holder_stops_before_another_may_start() {
    let election = Election::new("kubevirt", "virt-controller", "a");
    assert!(
        election.renew_period < election.renew_deadline
            && election.renew_deadline < election.duration
    );
}
