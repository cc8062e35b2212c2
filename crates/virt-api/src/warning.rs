//! Warnings beside an answer, which Kubernetes' clients show to the user.

use axum::response::Response;
use http::HeaderValue;

/// The answer with a warning: 299 is a lasting one, `-` stands for who warns.
pub(crate) fn warned(mut answer: Response, text: &str) -> Response {
    if let Some(value) = value(text) {
        answer.headers_mut().append(http::header::WARNING, value);
    }
    answer
}

fn value(text: &str) -> Option<HeaderValue> {
    let quoted: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .flat_map(|letter| {
            let escape = matches!(letter, '"' | '\\').then_some('\\');
            escape.into_iter().chain([letter])
        })
        .collect();
    HeaderValue::from_bytes(format!("299 - \"{quoted}\"").as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_quoted_string() {
        assert_eq!(
            value("the guest \"web\" runs\nnow").unwrap(),
            "299 - \"the guest \\\"web\\\" runs now\""
        );
        assert_eq!(value("a\\b").unwrap(), "299 - \"a\\\\b\"");
    }
}
