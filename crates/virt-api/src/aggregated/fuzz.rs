//! Paths that were damaged at random: what is found is exactly what was asked for, so that what is authorized is what a
//! reader of the path, a proxy or an audit log takes it for.

use std::time::Duration;

use kubevirt_testkit::Cases;

use super::route::{GROUP, Protocol, Route, Subresource, Target, parse};

const CASES: u64 = 200_000;
const LIMIT: Duration = Duration::from_secs(5);

/// What paths are made of, and what has fooled others before.
const PIECES: [&str; 30] = [
    "/",
    "//",
    ".",
    "..",
    "%2f",
    "%2F",
    "%2e",
    "%00",
    "%",
    "?",
    "#",
    ";",
    "\\",
    "*",
    " ",
    "A",
    "a",
    "0",
    "-",
    "1",
    "65536",
    "tcp",
    "udp",
    "start",
    "console",
    "vnc",
    "portforward",
    "namespaces",
    "virtualmachines",
    "expand-vm-spec",
];

/// The path that means `target`, the only one.
fn path(target: &Target) -> String {
    let (resource, name) = target.subresource.names();
    let mut path = format!(
        "/apis/{GROUP}/{}/namespaces/{}/{resource}",
        target.version, target.namespace
    );
    if !name.is_empty() {
        path.push_str(&format!("/{}/{name}", target.name));
    }
    if let Some(forward) = target.forward {
        path.push_str(&format!("/{}", forward.port));
    }
    path
}

/// A generator of numbers that is good enough for this.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap()
    }
}

fn damaged(seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        random.below(2);
    }
    let subresource = Subresource::ALL[random.below(Subresource::ALL.len())];
    let target = Target {
        version: ["v1", "v1alpha3"][random.below(2)],
        namespace: "default".to_owned(),
        name: "web.example".to_owned(),
        subresource,
        forward: None,
    };
    let mut path = path(&target);
    if subresource.has_port() {
        path.push_str(["/22", "/22/tcp", "/53/udp", ""][random.below(4)]);
    }
    for _ in 0..random.below(4) {
        let at = random.below(path.len() + 1);
        match random.below(3) {
            0 => path.insert_str(at, PIECES[random.below(PIECES.len())]),
            1 => path.truncate(at.max(1)),
            _ if at < path.len() => drop(path.remove(at)),
            _ => {}
        }
    }
    path
}

#[test]
fn what_is_found_is_what_was_asked_for() {
    let mut found = 0_u64;
    let cases = Cases::new(CASES, LIMIT).run("a path", |seed| {
        let asked = damaged(seed);
        let Some(Route::Object(target)) = parse(&asked) else {
            return Ok(());
        };
        found += 1;
        let mut meant = path(&target);
        if let Some(forward) = target.forward
            && asked != meant
        {
            meant.push_str(match forward.protocol {
                Protocol::Tcp => "/tcp",
                Protocol::Udp => "/udp",
            });
        }
        match asked == meant {
            true => Ok(()),
            false => Err(format!("{asked:?} is taken for {meant:?}")),
        }
    });
    let cases = cases.unwrap();
    assert!(found > cases / 10, "only {found} of {cases} paths exist");
}
