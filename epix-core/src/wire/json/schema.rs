//! What does the JSON Schema of our form say? Printed from the table that reads and writes.

use std::collections::BTreeMap;

use super::super::describe::Occurs;
use super::outline::{Content, Field, Shape};
use super::{FORMAT, VERSION, quoted};
use crate::permit::Permit;

/// The JSON Schema (2020-12) of our form, as it is published in `docs/schema/`.
pub fn schema() -> String {
    let mut definitions = BTreeMap::new();
    define(<Permit as Content>::shape(), &mut definitions);
    let definitions: Vec<String> =
        definitions.into_iter().map(|(name, definition)| format!("    {}: {definition}", quoted(name))).collect();
    format!(
        r##"{{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:epix:schema:{FORMAT}:{VERSION}",
  "title": "CITES permit, the JSON form of epix",
  "description": "A form of this project, no publication of CITES. Names are those of the model of epix-core; boxes are those of the permit form of Res. Conf. 12.3, Annex 2. What is absent is left out. Printed from a table: do not edit.",
  "type": "object",
  "properties": {{
    "format": {{ "const": "{FORMAT}" }},
    "version": {{ "const": {VERSION} }},
    "permit": {{ "$ref": "#/$defs/Permit" }}
  }},
  "required": ["format", "version", "permit"],
  "additionalProperties": false,
  "$defs": {{
{}
  }}
}}
"##,
        definitions.join(",\n")
    )
}

fn define(shape: Shape, definitions: &mut BTreeMap<&'static str, String>) {
    match shape {
        Shape::Flag => {}
        Shape::Text(kind) => {
            let listed = kind.listed.iter().map(|code| quoted(code)).collect::<Vec<_>>().join(", ");
            let examples = if listed.is_empty() { listed } else { format!(", \"examples\": [{listed}]") };
            let (says, pattern) = (quoted(kind.says), quoted(kind.pattern));
            let text = format!("{{ \"description\": {says}, \"type\": \"string\", \"pattern\": {pattern}{examples} }}");
            definitions.insert(kind.name, text);
        }
        Shape::Object(name, _, _) if definitions.contains_key(name) => {}
        Shape::Object(name, is, fields) => {
            definitions.insert(name, object(name, is, fields));
            fields.iter().for_each(|field| define((field.shape)(), definitions));
        }
    }
}

fn object(name: &str, is: &str, fields: &[Field]) -> String {
    let properties: Vec<String> =
        fields.iter().map(|field| format!("        {}: {}", quoted(field.name), property(field))).collect();
    let required: Vec<String> =
        fields.iter().filter(|field| field.occurs == Occurs::Once).map(|field| quoted(field.name)).collect();
    let required =
        if required.is_empty() { String::new() } else { format!("      \"required\": [{}],\n", required.join(", ")) };
    // Only the permit as a whole may say nothing.
    let filled = if name == "Permit" { "" } else { "      \"minProperties\": 1,\n" };
    format!(
        "{{\n      \"description\": {},\n      \"type\": \"object\",\n      \"properties\": {{\n{}\n      }},\n{required}{filled}      \"additionalProperties\": false\n    }}",
        quoted(is),
        properties.join(",\n")
    )
}

fn property(field: &Field) -> String {
    let form_box = if field.form_box.is_empty() { String::new() } else { format!(" (box {})", field.form_box) };
    let says = quoted(&format!("{}{form_box}", field.says));
    let content = match (field.shape)() {
        Shape::Flag => "\"type\": \"boolean\"".to_owned(),
        Shape::Text(kind) => format!("\"$ref\": \"#/$defs/{}\"", kind.name),
        Shape::Object(name, _, _) => format!("\"$ref\": \"#/$defs/{name}\""),
    };
    if field.occurs == Occurs::Many {
        return format!(
            "{{ \"description\": {says}, \"type\": \"array\", \"minItems\": 1, \"items\": {{ {content} }} }}"
        );
    }
    format!("{{ \"description\": {says}, {content} }}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permit::boxes::box_of;

    /// The fields with a box of their own, from the permit down.
    fn boxed(path: &str, fields: &[Field], found: &mut Vec<(String, &'static str)>) {
        for field in fields {
            let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
            if !field.form_box.is_empty() {
                found.push((path.clone(), field.form_box));
            }
            if let Shape::Object(_, _, fields) = (field.shape)() {
                boxed(&path, fields, found);
            }
        }
    }

    #[test]
    fn the_boxes_of_the_form_are_those_of_the_model() {
        let Shape::Object(_, _, fields) = <Permit as Content>::shape() else { panic!("a permit is an object") };
        let mut found = Vec::new();
        boxed("", fields, &mut found);

        assert!(found.len() > 30, "{found:?}");
        for (path, form_box) in found {
            assert_eq!(box_of(&path), Some(form_box), "{path}");
        }
    }
}
