//! Name servers of the guest. The rules are those of pods.

use std::net::IpAddr;

use super::{Faults, text, vmi::Context};

const MOST_NAME_SERVERS: usize = 3;
const MOST_SEARCHES: usize = 6;
const MOST_SEARCH_CHARACTERS: usize = 256;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    let policy = context.spec.dns_policy.as_deref();
    let allowed = [
        "",
        "ClusterFirst",
        "ClusterFirstWithHostNet",
        "Default",
        "None",
    ];
    faults.one_of(&context.path.field("dnsPolicy"), policy, &allowed);
    let path = context.path.field("dnsConfig");
    let config = context.spec.dns_config.clone().unwrap_or_default();
    let servers = config.nameservers.unwrap_or_default();
    if policy == Some("None") && servers.is_empty() {
        faults.required(
            &path.field("nameservers"),
            "dnsPolicy None needs at least one name server: add its address",
        );
    }
    if servers.len() > MOST_NAME_SERVERS {
        faults.invalid(
            &path.field("nameservers"),
            format!("has more than {MOST_NAME_SERVERS} name servers: take some out"),
        );
    }
    for (index, server) in servers
        .iter()
        .enumerate()
        .filter(|(_, server)| server.parse::<IpAddr>().is_err())
    {
        faults.invalid(
            &path.field("nameservers").index(index),
            format!("{server:?} is not an IP address"),
        );
    }
    let searches = config.searches.unwrap_or_default();
    if searches.len() > MOST_SEARCHES {
        faults.invalid(
            &path.field("searches"),
            format!("has more than {MOST_SEARCHES} domains: take some out"),
        );
    }
    if searches.join(" ").len() > MOST_SEARCH_CHARACTERS {
        faults.invalid(
            &path.field("searches"),
            format!("has more than {MOST_SEARCH_CHARACTERS} characters together: shorten it"),
        );
    }
    for (index, search) in searches.iter().enumerate() {
        let name = search.strip_suffix('.').unwrap_or(search);
        if !text::is_dns_subdomain(name) && search != "." {
            faults.invalid(
                &path.field("searches").index(index),
                format!("{search:?} is not a domain: use {}", text::DNS_SUBDOMAIN),
            );
        }
    }
    for (index, option) in config.options.unwrap_or_default().iter().enumerate() {
        if option.name.as_deref().unwrap_or_default().is_empty() {
            faults.required(
                &path.field("options").index(index).field("name"),
                "an option needs a name, for example ndots",
            );
        }
    }
}
