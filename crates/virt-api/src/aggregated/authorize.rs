//! Whether who asks may do what is asked: one SubjectAccessReview for each request.

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::api::PostParams;
use kube::{Api, Client};

use super::front_proxy::User;
use super::route::{GROUP, Target};

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// With a reason for who asked.
    Denied(String),
}

/// Asks the cluster.
pub(crate) async fn ask(client: &Client, review: &SubjectAccessReview) -> Result<Verdict, String> {
    let api: Api<SubjectAccessReview> = Api::all(client.clone());
    let answer = api
        .create(&PostParams::default(), review)
        .await
        .map_err(|error| error.to_string())?;
    let status = answer.status.ok_or("the API server's answer is empty")?;
    if status.allowed && status.denied != Some(true) {
        return Ok(Verdict::Allowed);
    }
    Ok(Verdict::Denied(
        status
            .reason
            .or(status.evaluation_error)
            .unwrap_or_default(),
    ))
}

/// What to ask. `None` for methods that no role can grant. The port of a subresource that forwards one is not part of what
/// is asked: roles cannot name ports.
pub(crate) fn review(
    user: &User,
    method: &http::Method,
    target: &Target,
) -> Option<SubjectAccessReview> {
    let named = !target.name.is_empty();
    let verb = match *method {
        http::Method::GET | http::Method::HEAD if named => "get",
        http::Method::GET | http::Method::HEAD => "list",
        http::Method::PUT => "update",
        http::Method::POST => "create",
        http::Method::PATCH => "patch",
        http::Method::DELETE => "delete",
        _ => return None,
    };
    let (resource, subresource) = target.subresource.names();
    let attributes = ResourceAttributes {
        group: Some(GROUP.to_owned()),
        version: Some(target.version.to_owned()),
        namespace: Some(target.namespace.clone()),
        resource: Some(resource.to_owned()),
        name: named.then(|| target.name.clone()),
        subresource: (!subresource.is_empty()).then(|| subresource.to_owned()),
        verb: Some(verb.to_owned()),
        ..ResourceAttributes::default()
    };
    let spec = SubjectAccessReviewSpec {
        user: Some(user.name.clone()),
        uid: user.uid.clone(),
        groups: Some(user.groups.clone()),
        extra: Some(user.extra.clone()),
        resource_attributes: Some(attributes),
        ..SubjectAccessReviewSpec::default()
    };
    Some(SubjectAccessReview {
        spec,
        ..SubjectAccessReview::default()
    })
}

/// The sentence of a denial, as the API server words its own.
pub(crate) fn denial(user: &User, review: &SubjectAccessReview, why: &str) -> String {
    let attributes = review.spec.resource_attributes.clone().unwrap_or_default();
    let text = |value: Option<String>| value.unwrap_or_default();
    let resource = text(attributes.resource);
    let object = match attributes.name {
        Some(name) => format!("{resource}.{GROUP} {name:?}"),
        None => format!("{resource}.{GROUP}"),
    };
    let path = match attributes.subresource {
        Some(subresource) => format!("{resource}/{subresource}"),
        None => resource,
    };
    let mut sentence = format!(
        "{object} is forbidden: User {:?} cannot {} resource {path:?} in API group {GROUP:?} in the namespace {:?}",
        user.name,
        text(attributes.verb),
        text(attributes.namespace),
    );
    if !why.is_empty() {
        sentence.push_str(": ");
        sentence.push_str(why);
    }
    sentence
}

#[cfg(test)]
mod tests;
