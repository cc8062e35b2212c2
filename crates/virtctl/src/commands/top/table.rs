//! The table.

use std::cmp::Ordering;
use std::fmt::Write;

use serde::Serialize;

use super::Sort;
use super::collect::Shown;
use crate::commands::why::look::size;

/// A machine and what it uses. What is not known is left out.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) node: String,
    #[serde(skip)]
    pub(super) uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vcpus: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_cores: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_bytes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guest_memory_bytes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) received_bytes_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sent_bytes_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_bytes_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) written_bytes_per_second: Option<f64>,
}

const HEADER: [&str; 12] = [
    "NAMESPACE",
    "NAME",
    "STATUS",
    "NODE",
    "CPU",
    "VCPU",
    "MEMORY",
    "GUEST",
    "RX/S",
    "TX/S",
    "READ/S",
    "WRITE/S",
];
/// Columns from here on are numbers, and stand to the right.
const NUMBERS: usize = 4;

/// Puts the rows in order: by name, or the most first, with what is not known at the end.
pub(super) fn sort(rows: &mut [Row], by: Sort) {
    let sum = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (None, None) => None,
        (a, b) => Some(a.unwrap_or_default() + b.unwrap_or_default()),
    };
    let weight = |row: &Row| match by {
        Sort::Name => None,
        Sort::Cpu => row.cpu_cores,
        Sort::Memory => row.memory_bytes,
        Sort::Network => sum(row.received_bytes_per_second, row.sent_bytes_per_second),
        Sort::Disk => sum(row.read_bytes_per_second, row.written_bytes_per_second),
    };
    rows.sort_by(|a, b| {
        let by_weight = match (weight(a), weight(b)) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_weight.then_with(|| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)))
    });
}

/// The lines of the table, with the notes beneath.
pub(super) fn render(shown: &Shown, with_namespace: bool) -> String {
    if shown.rows.is_empty() {
        return "There are no virtual machines here; -A shows those of all namespaces.\n"
            .to_owned();
    }
    let cells: Vec<[String; 12]> = std::iter::once(HEADER.map(str::to_owned))
        .chain(shown.rows.iter().map(cells))
        .collect();
    let first = usize::from(!with_namespace);
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|column| {
            cells
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut out = String::new();
    for row in &cells {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate().skip(first) {
            let gap = if column == first { "" } else { "   " };
            // Writing to a String cannot fail.
            let _ = if column >= NUMBERS {
                write!(line, "{gap}{cell:>width$}")
            } else {
                write!(line, "{gap}{cell:<width$}")
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for note in &shown.notes {
        let _ = writeln!(out, "- {note}");
    }
    out
}

fn cells(row: &Row) -> [String; 12] {
    let or_dash = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    let amount = |value: Option<f64>| value.map_or("-".to_owned(), size);
    [
        row.namespace.clone(),
        row.name.clone(),
        or_dash(&row.status),
        or_dash(&row.node),
        row.cpu_cores
            .map_or("-".to_owned(), |cores| format!("{cores:.2}")),
        row.vcpus.map_or("-".to_owned(), |count| count.to_string()),
        amount(row.memory_bytes),
        amount(row.guest_memory_bytes),
        amount(row.received_bytes_per_second),
        amount(row.sent_bytes_per_second),
        amount(row.read_bytes_per_second),
        amount(row.written_bytes_per_second),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |name: &str, cpu: Option<f64>| Row {
            namespace: "a".to_owned(),
            name: name.to_owned(),
            status: "Running".to_owned(),
            cpu_cores: cpu,
            memory_bytes: cpu.map(|cpu| 1024.0 * 1024.0 * cpu),
            ..Row::default()
        };
        vec![
            row("idle", None),
            row("busy", Some(150.0)),
            row("calm", Some(0.5)),
        ]
    }

    #[test]
    fn the_most_comes_first_and_the_unknown_last() {
        let mut rows = rows();
        sort(&mut rows, Sort::Cpu);
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["busy", "calm", "idle"]);
        sort(&mut rows, Sort::Name);
        assert_eq!(rows.first().map(|row| row.name.as_str()), Some("busy"));
    }

    #[test]
    fn numbers_stand_to_the_right() {
        let shown = Shown {
            rows: rows(),
            notes: ["a note".to_owned()].into(),
        };
        let text = render(&shown, false);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "NAME   STATUS    NODE      CPU   VCPU   MEMORY   GUEST   RX/S   TX/S   READ/S   WRITE/S"
        );
        assert_eq!(
            lines[2],
            "busy   Running   -      150.00      -    150Mi       -      -      -        -         -"
        );
        assert_eq!(lines[4], "- a note");
        assert!(render(&shown, true).starts_with("NAMESPACE   NAME"));
        assert!(render(&Shown::default(), true).contains("no virtual machines"));
    }
}
