//! Answers in XML as JSON, led by the operation's schema, so that pages are followed and errors are told as with every
//! other service.
//!
//! An element with elements becomes an object, one without becomes a text. What the schema calls an array is one, also
//! with a single element; what it calls a number or a truth value is one. `xml.name`, `xml.attribute` and
//! `xml.wrapped` are as OpenAPI 3.1 section 4.8.26 says; prefixes of namespaces are left out. There are no entities but
//! the five of XML 1.0 section 4.6 and numbers of signs: a document type is not read, so that nothing in it expands.

use std::collections::BTreeMap;

use quick_xml::{
    XmlVersion,
    events::{BytesRef, BytesStart, Event},
    reader::Reader,
};
use serde_json::{Map, Value, json};

use crate::{connector::Operation, limits::MAX_DEPTH};

/// The most elements of an answer.
const MAX_ELEMENTS: usize = 500_000;

/// Whether a media type is one of XML (RFC 7303).
#[must_use]
pub fn is_xml(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "application/xml" | "text/xml") || kind.ends_with("+xml")
}

/// The body of an answer in XML as JSON, by what the operation says of its answers; `schemas` has what that names. `None`
/// where it is no XML, or stays a text: a good answer that the operation gives no schema for. An error has none, and its
/// code has to be found.
#[must_use]
pub fn of_answer(
    operation: &Operation,
    schemas: &BTreeMap<String, Value>,
    (status, media_type): (u16, Option<&str>),
    text: &str,
) -> Option<Value> {
    let is_error = status >= 400;
    let schema = operation.output.as_ref().filter(|_| operation.answers_xml && !is_error);
    (media_type.is_some_and(is_xml) && (is_error || schema.is_some()))
        .then(|| value(text, schema, schemas))
        .flatten()
}

/// An element as it was read.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

/// The root element of a text as JSON. `schemas` has what the schema names as `#/$defs/NAME`.
#[must_use]
pub fn value(text: &str, schema: Option<&Value>, schemas: &BTreeMap<String, Value>) -> Option<Value> {
    let root = read(text)?;
    Some(led(&root, schema, schemas, MAX_DEPTH))
}

/// Reads a text that is well-formed as far as its elements go.
fn read(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    let mut count = 0;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                count += 1;
                if open.len() > MAX_DEPTH || count > MAX_ELEMENTS {
                    return None;
                }
                open.push(begun(&start)?);
            }
            Event::Empty(start) => {
                count += 1;
                if count > MAX_ELEMENTS {
                    return None;
                }
                let element = begun(&start)?;
                open.last_mut()?.children.push(element);
            }
            Event::End(_) => {
                let element = open.pop()?;
                open.last_mut()?.children.push(element);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text),
            Event::CData(text) => open.last_mut()?.text.push_str(&text),
            Event::GeneralRef(name) => {
                let sign = entity(&name)?;
                open.last_mut()?.text.push(sign);
            }
            Event::DocType(_) => return None,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    // What is left is the place around the root.
    let mut around = open.pop().filter(|_| open.is_empty())?;
    if around.children.len() == 1 { around.children.pop() } else { None }
}

fn begun(start: &BytesStart<'_>) -> Option<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.as_ref();
        if name == "xmlns" || name.starts_with("xmlns:") {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Some(Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() })
}

/// One of the five entities of XML, or a number of a sign.
fn entity(name: &BytesRef<'_>) -> Option<char> {
    if let Some(sign) = name.resolve_char_ref().ok()? {
        return Some(sign);
    }
    Some(match &**name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// A schema, or the one that it names.
fn resolved<'s>(schema: Option<&'s Value>, schemas: &'s BTreeMap<String, Value>) -> Option<&'s Value> {
    let mut schema = schema?;
    for _ in 0..MAX_DEPTH {
        match schema.as_object().and_then(crate::schema::named) {
            Some(name) => schema = schemas.get(name)?,
            None => return Some(schema),
        }
    }
    None
}

fn is(schema: Option<&Value>, name: &str) -> bool {
    match schema.and_then(|schema| schema.get("type")) {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(many)) => many.iter().any(|one| one == name),
        _ => false,
    }
}

/// An element by its schema; without one, by its form.
fn led(element: &Element, schema: Option<&Value>, schemas: &BTreeMap<String, Value>, left: usize) -> Value {
    let schema = resolved(schema, schemas);
    if left == 0 {
        return Value::Null;
    }
    if is(schema, "array") {
        let items = schema.and_then(|schema| schema.get("items"));
        return element.children.iter().map(|child| led(child, items, schemas, left - 1)).collect();
    }
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    if element.children.is_empty() && element.attributes.is_empty() && properties.is_none() {
        return leaf(&element.text, schema);
    }
    let mut members = Map::new();
    for (name, property) in properties.into_iter().flatten() {
        let property_schema = resolved(Some(property), schemas);
        let xml = property.get("xml").or_else(|| property_schema.and_then(|schema| schema.get("xml")));
        let wire = xml.and_then(|xml| xml["name"].as_str()).unwrap_or(name);
        let says = |word: &str| xml.is_some_and(|xml| xml[word] == Value::Bool(true));
        let mut named = element.children.iter().filter(|child| child.name == wire);
        let found = if says("attribute") {
            element
                .attributes
                .iter()
                .find(|(known, _)| known == wire)
                .map(|(_, text)| leaf(text, property_schema))
        } else if is(property_schema, "array") && !says("wrapped") {
            let items = property_schema.and_then(|schema| schema.get("items"));
            Some(named.map(|child| led(child, items, schemas, left - 1)).collect())
        } else {
            named.next().map(|child| led(child, property_schema, schemas, left - 1))
        };
        if let Some(found) = found {
            members.insert(name.clone(), found);
        }
    }
    rest(element, properties, schemas, left, &mut members);
    Value::Object(members)
}

/// What the schema does not name: repeated elements become a list.
fn rest(
    element: &Element,
    properties: Option<&Map<String, Value>>,
    schemas: &BTreeMap<String, Value>,
    left: usize,
    members: &mut Map<String, Value>,
) {
    let is_named = |name: &str| {
        properties.into_iter().flatten().any(|(known, property)| {
            known == name || property.pointer("/xml/name").is_some_and(|wire| wire == name)
        })
    };
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for child in element.children.iter().filter(|child| !is_named(&child.name)) {
        lists.entry(&child.name).or_default().push(led(child, None, schemas, left - 1));
    }
    for (name, mut values) in lists {
        let value = if values.len() == 1 { values.remove(0) } else { Value::Array(values) };
        members.insert(name.to_owned(), value);
    }
    for (name, text) in element.attributes.iter().filter(|(name, _)| !is_named(name)) {
        members.entry(name.clone()).or_insert_with(|| json!(text));
    }
    if !element.text.trim().is_empty() && members.is_empty() {
        members.insert("value".to_owned(), json!(element.text.trim()));
    }
}

/// A text by its type.
fn leaf(text: &str, schema: Option<&Value>) -> Value {
    let trimmed = text.trim();
    if is(schema, "integer") || is(schema, "number") {
        if let Ok(number @ Value::Number(_)) = serde_json::from_str::<Value>(trimmed) {
            return number;
        }
    } else if is(schema, "boolean") && matches!(trimmed, "true" | "false") {
        return json!(trimmed == "true");
    } else if trimmed.is_empty() && is(schema, "null") {
        return Value::Null;
    }
    json!(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_led_by_its_schema() {
        let schemas = BTreeMap::from([(
            "Object".to_owned(),
            json!({"type": "object", "properties": {"Key": {"type": "string"}, "Size": {"type": "integer"}}}),
        )]);
        let schema = json!({"type": "object", "properties": {
            "Contents": {"type": "array", "items": {"$ref": "#/$defs/Object"}},
            "Buckets": {"type": "array", "items": {"type": "object"}, "xml": {"wrapped": true}},
            "IsTruncated": {"type": "boolean"}, "kind": {"type": "string", "xml": {"name": "Type", "attribute": true}}}});
        let text = r#"<?xml version="1.0"?><s:List xmlns:s="urn:x" Type="a&amp;b"><!-- c --><IsTruncated>true</IsTruncated>
            <Contents><Key> a &lt;b&#62; </Key><Size>11</Size></Contents><Next><![CDATA[<x>]]></Next>
            <Buckets><Bucket><Name>one</Name></Bucket></Buckets><Odd/><Odd>2</Odd></s:List>"#;
        assert_eq!(
            value(text, Some(&schema), &schemas).unwrap(),
            json!({"Contents": [{"Key": " a <b> ", "Size": 11}], "Buckets": [{"Name": "one"}], "IsTruncated": true,
                "kind": "a&b", "Next": "<x>", "Odd": ["", "2"]})
        );
        let error = value("<Error><Code>NoSuchKey</Code></Error>", None, &schemas).unwrap();
        assert_eq!(error, json!({"Code": "NoSuchKey"}));
    }

    #[test]
    fn documents_that_grow_are_refused() {
        let none = BTreeMap::new();
        let bomb = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><l>&b;</l>";
        let deep = "<a>".repeat(100_000);
        for text in [bomb, &deep, "<a>&unknown;</a>", "<a></b>", "<a/><b/>", "", "text", "<a"] {
            assert_eq!(value(text, None, &none), None, "{:.40}", text);
        }
        let many = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS + 1));
        assert_eq!(value(&many, None, &none), None);
    }
}
