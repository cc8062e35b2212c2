use std::collections::BTreeSet;

use super::*;
use crate::aggregated::route::Subresource;

/// Calls `visit` with each object.
fn walk(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            visit(fields);
            fields.values().for_each(|field| walk(field, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn references(document: &Value) -> BTreeSet<String> {
    let mut references = BTreeSet::new();
    walk(document, &mut |fields| {
        if let Some(Value::String(reference)) = fields.get("$ref") {
            references.insert(reference.clone());
        }
    });
    references
}

#[test]
fn every_endpoint_is_told_once() {
    for document in [v2(), v3("v1"), v3("v1alpha3")] {
        let versions = if document.get("swagger").is_some() {
            2
        } else {
            1
        };
        let mut ids = Vec::new();
        walk(&document["paths"], &mut |fields| {
            if let Some(Value::String(id)) = fields.get("operationId") {
                ids.push(id.clone());
            }
        });
        // The two that forward a port are told with and without a protocol; seven paths are about no object.
        let expected = (Subresource::ALL.len() + 2 + 7) * versions;
        assert_eq!(ids.len(), expected);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), expected);
    }
}

#[test]
fn references_lead_somewhere() {
    for document in [v2(), v3("v1")] {
        let references = references(&document);
        assert!(references.len() > 10, "{references:?}");
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}

#[test]
fn bodies_and_answers_have_schemas() {
    let path = |tail: &str| {
        format!(
            "/paths/~1apis~1{GROUP}~1v1~1namespaces~1{{namespace}}~1{}",
            tail.replace('/', "~1")
        )
    };
    let two = v2();
    let start = two.pointer(&path("virtualmachines/{name}/start")).unwrap();
    let schema = &start["put"]["parameters"][0]["schema"]["$ref"];
    assert_eq!(schema, "#/definitions/v1.StartOptions");
    let properties = &two["definitions"]["v1.StartOptions"]["properties"];
    assert_eq!(properties["paused"]["type"], "boolean");

    let three = v3("v1");
    let info = three.pointer(&path("virtualmachineinstances/{name}/guestosinfo"));
    let schema =
        &info.unwrap()["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(
        schema,
        "#/components/schemas/v1.VirtualMachineInstanceGuestAgentInfo"
    );
    let picture = three.pointer(&path("virtualmachineinstances/{name}/vnc/screenshot"));
    let picture = &picture.unwrap()["get"];
    assert_eq!(picture["parameters"][0]["name"], "moveCursor");
    assert!(picture["responses"]["200"]["content"]["image/png"].is_object());
    let forward = three.pointer(&path(
        "virtualmachines/{name}/portforward/{port}/{protocol}",
    ));
    assert_eq!(forward.unwrap()["parameters"].as_array().unwrap().len(), 4);
}

#[test]
fn the_old_version_has_no_words_of_the_new() {
    walk(&v2()["definitions"], &mut |fields| {
        for word in ["anyOf", "oneOf", "allOf"] {
            assert!(!fields.contains_key(word), "{fields:?}");
        }
    });
}

#[test]
fn the_hash_follows_the_document() {
    let index = v3_index();
    let urls: Vec<_> = VERSIONS
        .iter()
        .map(|version| {
            index["paths"][format!("apis/{GROUP}/{version}")]["serverRelativeURL"].clone()
        })
        .collect();
    assert_ne!(urls[0], urls[1]);
    assert_eq!(v3_index(), index);
}
