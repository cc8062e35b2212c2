//! The rows of the list.

use std::sync::OnceLock;

const LIST: &str = include_str!("fields.tsv");
/// In place of a field: the kind as a whole.
const WHOLE_KIND: &str = "*";

/// One field, or one kind, that nothing acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The kind. Rows of VirtualMachineInstance hold for the templates that instances are made from too.
    pub kind: &'static str,
    /// The field with all that is in it, such as `spec.domain.devices.gpus[]`; `[]` stands for the items of a list, `{}` for
    /// the values of a map. None: the whole kind.
    pub field: Option<&'static str>,
    /// When a value counts as a wish.
    pub counts_when: CountsWhen,
    /// What happens to an object that has it.
    pub effect: Effect,
    /// The feature that it waits for.
    pub waits_for: &'static str,
}

/// When a field counts as wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsWhen {
    /// It holds something: not null, false, an empty text, an empty list or an empty object.
    Set,
    /// It is there: `sriov: {}` and `logSerialConsole: false` mean something.
    Present,
}

/// What happens to an object with a field that nothing acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Everything goes on as if the field were not there.
    Ignored,
    /// The guest is not started.
    NotStarted,
}

/// The list, in the order of the file.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    // A line that cannot be read is left out; a test counts them.
    ROWS.get_or_init(|| LIST.lines().skip(1).filter_map(parse).collect())
}

fn parse(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (kind, field) = (columns.next()?, columns.next()?);
    let counts_when = match columns.next()? {
        "set" => CountsWhen::Set,
        "present" => CountsWhen::Present,
        _ => return None,
    };
    let effect = match columns.next()? {
        "ignored" => Effect::Ignored,
        "not-started" => Effect::NotStarted,
        _ => return None,
    };
    let waits_for = columns.next().filter(|text| !text.is_empty())?;
    columns.next().is_none().then_some(Row {
        kind,
        field: (field != WHOLE_KIND).then_some(field),
        counts_when,
        effect,
        waits_for,
    })
}

/// How many lines the list has beside its heading.
#[cfg(test)]
pub(super) fn lines() -> usize {
    LIST.lines().count() - 1
}
