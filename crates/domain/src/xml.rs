//! A small builder of XML. Values are escaped by the library; what XML cannot hold is an error that names the place.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::Error;

/// An element: attributes, then either text or children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Element>,
    text: Option<String>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
            text: None,
        }
    }

    pub(crate) fn attribute(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// An attribute that is left out when there is no value.
    pub(crate) fn optional(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Any number of children, or an optional one.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    pub(crate) fn text(mut self, text: impl ToString) -> Self {
        self.text = Some(text.to_string());
        self
    }

    /// True when it says nothing, so that it can be left out.
    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.children.is_empty() && self.text.is_none()
    }

    /// The document with this element as its root, indented by two spaces.
    pub(crate) fn write(&self) -> Result<String, Error> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        self.write_into(&mut writer, "")?;
        String::from_utf8(writer.into_inner())
            .map_err(|error| Error::new(self.name, error.to_string()))
    }

    fn write_into(&self, writer: &mut Writer<Vec<u8>>, parent: &str) -> Result<(), Error> {
        let path = format!("{parent}/{}", self.name);
        let mut start = BytesStart::new(self.name);
        for (name, value) in &self.attributes {
            check(value, || format!("{path}/@{name}"))?;
            start.push_attribute((*name, value.as_str()));
        }
        let write = |writer: &mut Writer<Vec<u8>>, event: Event<'_>| {
            writer
                .write_event(event)
                .map_err(|error| Error::new(path.as_str(), error.to_string()))
        };
        if self.children.is_empty() && self.text.is_none() {
            return write(writer, Event::Empty(start));
        }
        write(writer, Event::Start(start))?;
        if let Some(text) = &self.text {
            check(text, || path.clone())?;
            write(writer, Event::Text(BytesText::new(text)))?;
        }
        for child in &self.children {
            child.write_into(writer, &path)?;
        }
        write(writer, Event::End(BytesEnd::new(self.name)))
    }
}

/// XML 1.0 has no way to write most control characters.
fn check(value: &str, place: impl Fn() -> String) -> Result<(), Error> {
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match value.chars().find(|&character| !allowed(character)) {
        Some(character) => Err(Error::new(
            place(),
            format!(
                "the character {} is not possible here, remove it",
                character.escape_unicode()
            ),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_a_value() {
        let element = Element::new("a")
            .attribute("b", "'/><x y=\"\n&")
            .child(Element::new("c").text("</a>]]><!--"))
            .child(Element::new("d"));
        assert_eq!(
            element.write().unwrap(),
            "<a b=\"&apos;/&gt;&lt;x y=&quot;&#10;&amp;\">\n  <c>&lt;/a&gt;]]&gt;&lt;!--</c>\n  <d/>\n</a>"
        );
    }

    #[test]
    fn control_characters_are_refused_with_their_place() {
        let element = Element::new("a").child(Element::new("b").attribute("c", "x\u{1}"));
        assert_eq!(
            element.write().unwrap_err().to_string(),
            "/a/b/@c: the character \\u{1} is not possible here, remove it"
        );
        let element = Element::new("a").text("\0");
        assert_eq!(element.write().unwrap_err().field, "/a");
    }
}
