//! A diagnosis for people.

use std::fmt::Write;

use super::diagnosis::{Diagnosis, State};

/// Column in which texts begin.
const INDENT: usize = 9;
/// Width of a line, when the terminal does not say another.
const WIDTH: usize = 100;

/// The text that `virtctl why` prints.
pub(crate) fn render(diagnosis: &Diagnosis) -> String {
    let mut out = format!("{} {}\n", diagnosis.name, diagnosis.summary);
    if !diagnosis.explanation.is_empty() {
        paragraph(&mut out, "why", &diagnosis.explanation);
    }
    let mut label = "do";
    for line in &diagnosis.remedy {
        paragraph(&mut out, label, line);
        label = "";
    }
    label = "chain";
    for link in &diagnosis.chain {
        paragraph(&mut out, label, &format!("{}: {}", link.object, link.says));
        label = "";
    }
    // Of a machine that runs nothing is missing.
    let unseen = diagnosis
        .hidden
        .iter()
        .filter(|_| diagnosis.state != State::Running);
    label = "unseen";
    for hidden in unseen {
        paragraph(&mut out, label, hidden);
        label = "";
    }
    out
}

/// A label, and a text that is broken at spaces. Commands are not broken, so that they can be copied.
fn paragraph(out: &mut String, label: &str, text: &str) {
    let mut line = String::new();
    let mut first = true;
    let mut flush = |line: &mut String| {
        let label = if first { label } else { "" };
        first = false;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {label:<width$}{line}", width = INDENT - 2);
        line.clear();
    };
    if text.starts_with("$ ") {
        line.push_str(text);
    } else {
        for word in text.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() + INDENT >= WIDTH {
                flush(&mut line);
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    flush(&mut line);
}
