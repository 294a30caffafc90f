//! The service description as it is served: with this host's address, and its schemas beside it or within.

use epix_core::wire::writer::escape_attribute;

const WSDL: &str = include_str!("../../../wsdl/v2/epix.wsdl");

/// The schemas that the description names, each after those it builds on: some tools warn about any other order.
const SCHEMAS: [(&str, &str); 3] = [
    ("components.xsd", include_str!("../../../xsd/v2/components.xsd")),
    ("CITESEPermit.xsd", include_str!("../../../xsd/v2/CITESEPermit.xsd")),
    ("exchange.xsd", include_str!("../../../wsdl/v2/exchange.xsd")),
];

/// The document that a query asks for: `wsdl`, `wsdl&inline` or `xsd=NAME`; `None` for anything else.
pub(super) fn document(query: &str, endpoint: &str) -> Option<String> {
    let parts: Vec<_> = query.split('&').map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
    let asks_for = |name: &str| parts.iter().any(|(part, _)| part.eq_ignore_ascii_case(name));
    if asks_for("wsdl") {
        let located = WSDL.replace("@ENDPOINT@", &escape_attribute(endpoint));
        return Some(if asks_for("inline") { inlined(&located) } else { linked(&located, endpoint) });
    }
    let wanted = parts.iter().find(|(part, _)| *part == "xsd").map(|(_, name)| *name)?;
    SCHEMAS.iter().find(|(name, _)| *name == wanted).map(|(_, text)| linked(text, endpoint))
}

/// Turns the plain file names of imports into addresses here.
fn linked(text: &str, endpoint: &str) -> String {
    let endpoint = escape_attribute(endpoint);
    SCHEMAS.iter().fold(text.to_owned(), |text, (name, _)| {
        let location = format!(" schemaLocation=\"{endpoint}?xsd={name}\"");
        text.replace(&format!(" schemaLocation=\"{name}\""), &location)
    })
}

/// Puts the schemas into the description, for tools that cannot follow imports.
fn inlined(text: &str) -> String {
    let (start, end) = ("<wsdl:types>", "</wsdl:types>");
    let (Some((before, _)), Some((_, after))) = (text.split_once(start), text.split_once(end)) else {
        return text.to_owned();
    };
    let schemas: String = SCHEMAS.iter().map(|(_, schema)| embedded(schema)).collect();
    format!("{before}{start}\n{schemas}{end}{after}")
}

/// A schema without its XML declaration and without places to import from.
fn embedded(schema: &str) -> String {
    let body = schema.split_once("?>").map_or(schema, |(_, body)| body).trim_start();
    SCHEMAS.iter().fold(body.to_owned(), |text, (name, _)| text.replace(&format!(" schemaLocation=\"{name}\""), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://localhost:8443/epix/v2";

    #[test]
    fn the_description_names_this_host_and_its_schemas() {
        let wsdl = document("wsdl", HERE).unwrap();

        assert!(wsdl.contains("location=\"https://localhost:8443/epix/v2\""));
        assert!(wsdl.contains("schemaLocation=\"https://localhost:8443/epix/v2?xsd=exchange.xsd\""));
        assert!(document("xsd=exchange.xsd", HERE).unwrap().contains("?xsd=CITESEPermit.xsd"));
    }

    #[test]
    fn the_self_contained_description_names_no_other_file() {
        let wsdl = document("WSDL&inline", HERE).unwrap();

        assert!(!wsdl.contains("schemaLocation"));
        assert_eq!(wsdl.matches("<xs:schema").count(), 3);
        assert_eq!(wsdl.matches("<?xml").count(), 1);
    }

    #[test]
    fn nothing_else_is_served() {
        for query in ["", "xsd=../Cargo.toml", "xsd=", "x=wsdl"] {
            assert!(document(query, HERE).is_none(), "{query}");
        }
    }
}
