//! Compares schemas with the table of fields, and tells every difference.

use std::collections::BTreeSet;

use kubevirt_api::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::Value;

use crate::{
    DEVIATIONS,
    table::{Definition, Field, Table, definition},
};

pub(crate) struct Comparison<'a> {
    pub(crate) table: &'a Table,
    /// Compare names and types only: for older versions, which are stored as the newest one.
    pub(crate) shape_only: bool,
    /// Definitions that were found in a schema.
    pub(crate) seen: BTreeSet<Definition>,
    pub(crate) fields: usize,
    pub(crate) differences: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(table: &'a Table) -> Self {
        Self {
            table,
            shape_only: false,
            seen: BTreeSet::new(),
            fields: 0,
            differences: Vec::new(),
        }
    }

    fn differs(&mut self, of: Definition, name: &str, path: &str, what: String) {
        let deviates = DEVIATIONS
            .iter()
            .any(|(definition, field, _)| *definition == of.1 && *field == name);
        if !deviates {
            self.differences
                .push(format!("{} {}.{name} ({path}): {what}", of.0, of.1));
        }
    }

    /// Compares the fields of an object with the rows of its definition.
    pub(crate) fn object(&mut self, of: Definition, path: &str, schema: &JSONSchemaProps) {
        if schema.ref_path.is_some() {
            return;
        }
        let table = self.table;
        let Some(rows) = table.get(&of) else {
            self.differs(of, "", path, "the table has no such definition".to_owned());
            return;
        };
        self.seen.insert(of);
        if schema.type_.as_deref() != Some("object") {
            self.differs(
                of,
                "",
                path,
                format!("is {:?}, not an object", schema.type_),
            );
        }
        let properties = schema.properties.clone().unwrap_or_default();
        for row in rows.iter().filter(|row| row.type_ == "(CEL rule)") {
            let rule = row.list_map_keys.trim_start_matches("cel: ");
            if !self.shape_only && !rules(schema).contains(&rule.to_owned()) {
                self.differs(of, row.name, path, format!("lacks the rule {rule}"));
            }
        }
        let rows: Vec<_> = rows
            .iter()
            .filter(|row| !row.type_.starts_with('('))
            .collect();
        for name in properties.keys() {
            if !rows.iter().any(|row| row.name == name) {
                self.differs(of, name, path, "the table has no such field".to_owned());
            }
        }
        for row in rows {
            let path = format!("{path}.{}", row.name);
            let Some(property) = properties.get(row.name) else {
                self.differs(of, row.name, &path, "is missing".to_owned());
                continue;
            };
            self.fields += 1;
            if !self.shape_only {
                let required = schema
                    .required
                    .iter()
                    .flatten()
                    .any(|name| name == row.name);
                if required != row.required {
                    self.differs(of, row.name, &path, format!("required is {required}"));
                }
                self.constraints(of, row, &path, property);
            }
            self.type_(of, row, row.type_, &path, property);
        }
    }

    fn constraints(&mut self, of: Definition, row: &Field, path: &str, schema: &JSONSchemaProps) {
        let list_type = schema.x_kubernetes_list_type.as_deref().unwrap_or("");
        // Where upstream's lists are whole, ours let several owners each apply elements of their own.
        let named = [
            ("Devices", "disks"),
            ("Devices", "interfaces"),
            ("VirtualMachineInstanceSpec", "networks"),
            ("VirtualMachineInstanceSpec", "volumes"),
        ];
        let (wanted_type, wanted_keys) = match named.contains(&(of.1, row.name)) {
            true => ("map", "name"),
            false => (row.list_type, row.list_map_keys),
        };
        if list_type != wanted_type {
            self.differs(of, row.name, path, format!("list type is {list_type:?}"));
        }
        let keys = schema.x_kubernetes_list_map_keys.iter().flatten();
        let keys = keys.map(String::as_str).collect::<Vec<_>>().join(",");
        if keys != wanted_keys {
            self.differs(of, row.name, path, format!("keys are {keys:?}"));
        }
        let values = values(
            inner(schema)
                .filter(|_| row.type_ == "list<string>")
                .unwrap_or(schema),
        );
        // Values that stand for many, and types of conditions, to which others may add.
        let open = row
            .values
            .iter()
            .any(|value| value.contains(['<', '*', ' ']))
            || (of.1.ends_with("Condition") && row.name == "type");
        let expected: BTreeSet<_> = match open {
            true => BTreeSet::new(),
            false => row
                .values
                .iter()
                .map(|value| value.trim_matches('"').to_owned())
                .collect(),
        };
        // An empty text stands for an absent field, and is permitted where the table does not say so too.
        let empty = String::new();
        let more = values.difference(&expected).any(|value| *value != empty);
        if more || !expected.is_subset(&values) {
            self.differs(
                of,
                row.name,
                path,
                format!("values are {values:?}, the table has {expected:?}"),
            );
        }
        let given = others(schema);
        for other in &row.other {
            let holds = match other.split_once('=') {
                Some(("cel", wanted)) => serde_json::from_str::<Vec<String>>(wanted)
                    .is_ok_and(|wanted| wanted.iter().all(|rule| rules(schema).contains(rule))),
                Some(_) => given.iter().any(|text| text == other),
                None if *other == "deprecated" => schema.description.as_ref().is_none_or(|text| {
                    ["Deprecated", "Discontinued"]
                        .iter()
                        .any(|word| text.starts_with(word))
                }),
                None => true,
            };
            if !holds {
                self.differs(of, row.name, path, format!("is not {other}, but {given:?}"));
            }
        }
        for only in ["nullable=true", "preserveUnknown=true"] {
            if given.iter().any(|text| text == only) && !row.other.contains(&only) {
                self.differs(of, row.name, path, format!("is {only}"));
            }
        }
        if given.iter().any(|text| text.starts_with("default="))
            && !row.other.iter().any(|text| text.starts_with("default="))
        {
            self.differs(of, row.name, path, format!("has a default: {given:?}"));
        }
    }

    fn type_(
        &mut self,
        of: Definition,
        row: &Field,
        type_: &'static str,
        path: &str,
        schema: &JSONSchemaProps,
    ) {
        if schema.ref_path.is_some() {
            return;
        }
        let number_or_text = schema.x_kubernetes_int_or_string == Some(true);
        let shape = (schema.type_.as_deref(), schema.format.as_deref());
        let fits = match type_ {
            "string" | "duration" => shape == (Some("string"), None),
            "base64string" => shape.0 == Some("string"),
            "bool" => shape == (Some("boolean"), None),
            "time" => shape == (Some("string"), Some("date-time")),
            "float" | "double" => shape == (Some("number"), Some(type_)),
            "quantity" => number_or_text && schema.pattern.is_some(),
            "int-or-string" => number_or_text && schema.pattern.is_none(),
            _ if type_.starts_with("int32") => shape == (Some("integer"), Some("int32")),
            _ if type_.starts_with("int64") => shape == (Some("integer"), Some("int64")),
            _ if type_.starts_with("list<") => {
                shape == (Some("array"), None) && inner(schema).is_some()
            }
            _ if type_.starts_with("map<") => {
                shape == (Some("object"), None) && inner(schema).is_some()
            }
            _ => shape == (Some("object"), None),
        };
        if !fits {
            self.differs(
                of,
                row.name,
                path,
                format!("is {shape:?}, the table has {type_}"),
            );
            return;
        }
        if type_.contains("uint") && !type_.contains('<') && schema.minimum.is_none() {
            self.differs(of, row.name, path, "may be negative".to_owned());
        }
        let element = type_
            .strip_prefix("list<")
            .or_else(|| type_.strip_prefix("map<string,"));
        if let (Some(element), Some(inner)) = (element, inner(schema)) {
            let element = element.strip_suffix('>').unwrap_or(element);
            self.type_(of, row, element, &format!("{path}[]"), inner);
        } else if shape.0 == Some("object")
            && let Some(definition) = definition(of.0, type_)
        {
            self.object(definition, path, schema);
        }
    }
}

/// What elements of a list, or values of a map, are.
pub(crate) fn inner(schema: &JSONSchemaProps) -> Option<&JSONSchemaProps> {
    match (&schema.items, &schema.additional_properties) {
        (Some(JSONSchemaPropsOrArray::Schema(inner)), _)
        | (_, Some(JSONSchemaPropsOrBool::Schema(inner))) => Some(inner),
        _ => None,
    }
}

/// The values that a text may have.
fn values(schema: &JSONSchemaProps) -> BTreeSet<String> {
    schema
        .enum_
        .iter()
        .flatten()
        .filter_map(|value| value.0.as_str())
        .map(str::to_owned)
        .collect()
}

fn rules(schema: &JSONSchemaProps) -> Vec<String> {
    let rules = schema.x_kubernetes_validations.iter().flatten();
    rules.map(|rule| rule.rule.clone()).collect()
}

/// Bounds and the like, in the words of the table.
fn others(schema: &JSONSchemaProps) -> Vec<String> {
    let number = |number: Option<f64>| number.map(|number| format!("{number:.0}"));
    let length = |length: Option<i64>| length.map(|length| length.to_string());
    let default = schema.default.as_ref().map(|default| match &default.0 {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let flag = |flag: Option<bool>| flag.filter(|flag| *flag).map(|_| "true".to_owned());
    [
        ("minimum", number(schema.minimum)),
        ("maximum", number(schema.maximum)),
        ("minLength", length(schema.min_length)),
        ("maxLength", length(schema.max_length)),
        ("minItems", length(schema.min_items)),
        ("maxItems", length(schema.max_items)),
        ("pattern", schema.pattern.clone()),
        ("default", default),
        ("nullable", flag(schema.nullable)),
        (
            "preserveUnknown",
            flag(schema.x_kubernetes_preserve_unknown_fields),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
    .collect()
}
