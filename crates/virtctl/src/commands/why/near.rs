//! The name that was probably meant.

/// The least likeness of a name that is worth suggesting.
const LIKENESS: f64 = 0.75;
/// The most names that are suggested.
const SUGGESTIONS: usize = 3;

/// The names that are most like `name`, the nearest first.
pub(crate) fn names<'a>(name: &str, all: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = all
        .into_iter()
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(score, other)| *score >= LIKENESS && *other != name)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by_key(|(_, other)| *other);
    scored
        .into_iter()
        .take(SUGGESTIONS)
        .map(|(_, other)| other)
        .collect()
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first() {
        let all = ["database", "web-1", "web-2", "mail"];
        assert_eq!(names("web1", all), ["web-1", "web-2"]);
        assert!(names("zzz", all).is_empty());
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
    }
}
