//! Memory, and the resources of the pod.

use std::collections::BTreeMap;

use kubevirt_api::{k8s_openapi::apimachinery::pkg::api::resource::Quantity, quantity::Amount};

use super::{Faults, Path, growth, text, vmi::Context};

/// Smallest request of memory in bytes; less is a forgotten unit.
const LEAST_REQUEST: i64 = 1_000_000;

pub(super) fn validate(faults: &mut Faults, context: &Context<'_>) {
    resources(faults, context);
    let path = context.domain().field("memory");
    let memory = context.spec.domain.memory.as_ref();
    let Some(guest) = memory.and_then(|memory| memory.guest.as_ref()) else {
        faults.required(
            &path.field("guest"),
            "the guest has no memory: set domain.memory.guest, or request memory in domain.resources, for example 1Gi",
        );
        return;
    };
    let Some(guest) = amount(faults, &path.field("guest"), guest) else {
        return;
    };
    if guest <= Amount::default() {
        faults.invalid(&path.field("guest"), "must be more than 0, for example 1Gi");
        return;
    }
    if guest < Amount::whole(LEAST_REQUEST) {
        faults.invalid(
            &path.field("guest"),
            "is less than 1M, too little for any guest: give a unit, for example 64Mi",
        );
    }
    within_limit(faults, context, &path.field("guest"), guest);
    if let Some(most) = memory.and_then(|memory| memory.max_guest.as_ref()) {
        growth::validate(faults, context, &path.field("maxGuest"), guest, most);
    }
    if let Some(size) = memory
        .and_then(|m| m.hugepages.as_ref())
        .map(|pages| pages.page_size.clone().unwrap_or_default())
    {
        huge_pages(
            faults,
            &path.field("hugepages").field("pageSize"),
            &size,
            guest,
        );
    }
}

/// Where guests do not grow, one that is larger than its pod may be was never right.
fn within_limit(faults: &mut Faults, context: &Context<'_>, path: &Path, guest: Amount) {
    let limit = context
        .spec
        .domain
        .resources
        .as_ref()
        .and_then(|resources| resources.limit("memory"))
        .and_then(|limit| Amount::parse(limit).ok());
    if !context.config.live_update.enabled && limit.is_some_and(|limit| guest > limit) {
        faults.invalid(
            path,
            "is more than domain.resources.limits.memory: raise the limit or lower it",
        );
    }
}

fn huge_pages(faults: &mut Faults, path: &Path, size: &str, guest: Amount) {
    if size.is_empty() {
        faults.required(
            path,
            "huge pages need a size: write one that the node has, such as 2Mi",
        );
        return;
    }
    let Some(page) = amount(faults, path, &Quantity(size.to_owned())) else {
        return;
    };
    if page <= Amount::default() || !page.is_whole() {
        faults.invalid(
            path,
            format!("{size:?} is not a size of pages: write one that the node has, such as 2Mi"),
        );
    } else if page > guest {
        faults.invalid(path, format!("a page of {size} is larger than the guest's memory: use smaller pages or give more memory"));
    } else if guest.ceil() % page.ceil() != 0 {
        faults.invalid(
            path,
            format!("the guest's memory is not a multiple of {size}: change domain.memory.guest"),
        );
    }
}

fn resources(faults: &mut Faults, context: &Context<'_>) {
    let Some(resources) = &context.spec.domain.resources else {
        return;
    };
    let path = context.domain().field("resources");
    let requests = amounts(faults, &path.field("requests"), &resources.requests);
    let limits = amounts(faults, &path.field("limits"), &resources.limits);
    for (name, limit) in &limits {
        if requests.get(name).is_some_and(|request| request > limit) {
            faults.invalid(
                &path.field("requests").field(name),
                format!("is more than the limit: raise limits.{name} or lower requests.{name}"),
            );
        }
    }
    for (field, amounts) in [("requests", &requests), ("limits", &limits)] {
        let Some(memory) = amounts.get("memory") else {
            continue;
        };
        if !memory.is_zero() && *memory < Amount::whole(LEAST_REQUEST) {
            faults.invalid(
                &path.field(field).field("memory"),
                "is less than 1M: give a unit, for example 64Mi",
            );
        }
    }
}

fn amounts<'a>(
    faults: &mut Faults,
    path: &Path,
    given: &'a BTreeMap<String, Quantity>,
) -> BTreeMap<&'a str, Amount> {
    let mut amounts = BTreeMap::new();
    for (name, quantity) in given {
        let path = path.field(name);
        if !text::is_label_name(name) {
            faults.invalid(
                &path,
                format!("{name:?} is not the name of a resource: use cpu or memory"),
            );
        }
        let Some(amount) = amount(faults, &path, quantity) else {
            continue;
        };
        if amount.is_negative() {
            faults.invalid(&path, "must not be negative");
        } else {
            amounts.insert(name.as_str(), amount);
        }
    }
    amounts
}

pub(super) fn amount(faults: &mut Faults, path: &Path, quantity: &Quantity) -> Option<Amount> {
    Amount::parse(quantity)
        .map_err(|error| faults.invalid(path, error.to_string()))
        .ok()
}
