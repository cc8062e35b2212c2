//! The tables of the contract: every kind, and every field of every definition.

use std::collections::BTreeMap;

const KINDS: &str = include_str!("../data/kinds.tsv");
const FIELDS: &str = include_str!("../data/fields.tsv");

/// A row of the table of fields.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) type_: &'static str,
    pub(crate) required: bool,
    /// The values that the field may have; empty when any will do.
    pub(crate) values: Vec<&'static str>,
    pub(crate) list_type: &'static str,
    pub(crate) list_map_keys: &'static str,
    /// Defaults, bounds and the like, such as `minimum=1`.
    pub(crate) other: Vec<&'static str>,
}

/// A row of the table of kinds.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) group: &'static str,
    pub(crate) versions: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) short_names: &'static str,
    pub(crate) categories: &'static str,
    pub(crate) scope: &'static str,
    pub(crate) subresources: &'static str,
    pub(crate) columns: &'static str,
}

/// Group and version, and name of a definition.
pub(crate) type Definition = (&'static str, &'static str);

pub(crate) type Table = BTreeMap<Definition, Vec<Field>>;

fn rows(table: &'static str, columns: usize) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(move |line| {
        let mut row: Vec<_> = line.split('\t').collect();
        assert!(row.len() <= columns, "bad row {row:?}");
        row.resize(columns, "");
        row
    })
}

pub(crate) fn fields() -> Table {
    let mut table = Table::new();
    for row in rows(FIELDS, 9) {
        table.entry((row[0], row[1])).or_default().push(Field {
            name: row[2],
            type_: row[3],
            required: row[4] == "y",
            values: row[5]
                .split('|')
                .filter(|value| !value.is_empty())
                .collect(),
            list_type: row[6],
            list_map_keys: row[7],
            other: row[8].split("; ").filter(|text| !text.is_empty()).collect(),
        });
    }
    table
}

pub(crate) fn kinds() -> Vec<Kind> {
    rows(KINDS, 10)
        .map(|row| Kind {
            group: row[0],
            versions: row[1],
            kind: row[2],
            plural: row[3],
            singular: row[4],
            short_names: none(row[5]),
            categories: none(row[6]),
            scope: row[7],
            subresources: row[8],
            columns: none(row[9]),
        })
        .collect()
}

fn none(cell: &'static str) -> &'static str {
    if cell == "-" { "" } else { cell }
}

/// The definition that a type names when it is used in a group and version; none for one of Kubernetes.
pub(crate) fn definition(within: &'static str, type_: &'static str) -> Option<Definition> {
    match type_.rsplit_once('.') {
        None => Some((within, type_)),
        Some((package, name)) => match package {
            "core/v1" | "meta/v1" => None,
            _ if package.contains("containerized-data-importer") => {
                Some(("cdi.kubevirt.io/v1beta1", name))
            }
            _ => Some((package, name)),
        },
    }
}
