//! The service descriptions as they are served: with this host's address, and their schemas beside them or within.

use epix_core::soap::Dialect;
use epix_core::wire::writer::escape_attribute;

use super::address::Address;

/// The description of a dialect.
struct Description {
    wsdl: &'static str,
    /// The schemas that it names, each after those it builds on: some tools warn about any other order.
    schemas: [(&'static str, &'static str); 3],
}

const PERMIT_2: [(&str, &str); 2] = [
    ("components.xsd", include_str!("../../../xsd/v2/components.xsd")),
    ("CITESEPermit.xsd", include_str!("../../../xsd/v2/CITESEPermit.xsd")),
];

static V1: Description = Description {
    wsdl: include_str!("../../../wsdl/v1/epix.wsdl"),
    schemas: [
        ("components.xsd", include_str!("../../../xsd/v1/components.xsd")),
        ("CBFShip.xsd", include_str!("../../../xsd/v1/CBFShip.xsd")),
        ("exchange.xsd", include_str!("../../../wsdl/v1/exchange.xsd")),
    ],
};

static V2: Description = Description {
    wsdl: include_str!("../../../wsdl/v2/epix.wsdl"),
    schemas: [PERMIT_2[0], PERMIT_2[1], ("exchange.xsd", include_str!("../../../wsdl/v2/exchange.xsd"))],
};

static HUB: Description = Description {
    wsdl: include_str!("../../../wsdl/hub/epix.wsdl"),
    schemas: [PERMIT_2[0], PERMIT_2[1], ("exchange.xsd", include_str!("../../../wsdl/hub/exchange.xsd"))],
};

fn description(dialect: Dialect) -> &'static Description {
    match dialect {
        Dialect::V1 => &V1,
        Dialect::V2 => &V2,
        Dialect::Hub | Dialect::HubAsWas => &HUB,
    }
}

/// The document that a query at an address asks for: `wsdl`, `wsdl&inline` or `xsd=NAME`; `None` for anything else.
///
/// Where several dialects are spoken, `wsdl=v1` and its like say which one. `base` is what stands before the paths.
pub(super) fn document(address: &Address, query: &str, base: &str) -> Option<String> {
    let parts: Vec<_> = query.split('&').map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
    let value = |name: &str| parts.iter().find(|(part, _)| part.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let wanted = value("wsdl").or(address.describes_itself().then_some(""));
    if let Some(schema) = value("xsd") {
        let dialect = address.usual();
        let found = description(dialect).schemas.iter().find(|(name, _)| *name == schema);
        return found.map(|(_, text)| linked(text, dialect, base));
    }
    let dialect = match (wanted?, address.dialect) {
        ("", _) => address.usual(),
        (name, fixed) => Dialect::named(name).filter(|dialect| fixed.is_none_or(|fixed| fixed == *dialect))?,
    };
    let place = escape_attribute(&format!("{base}{}", address.call));
    let located = description(dialect).wsdl.replace("@ENDPOINT@", &place);
    Some(if value("inline").is_some() { inlined(&located, dialect) } else { linked(&located, dialect, base) })
}

/// Turns the plain file names of imports into addresses here.
fn linked(text: &str, dialect: Dialect, base: &str) -> String {
    let endpoint = escape_attribute(&format!("{base}/epix/{dialect}"));
    description(dialect).schemas.iter().fold(text.to_owned(), |text, (name, _)| {
        let location = format!(" schemaLocation=\"{endpoint}?xsd={name}\"");
        text.replace(&format!(" schemaLocation=\"{name}\""), &location)
    })
}

/// Puts the schemas into the description, for tools that cannot follow imports.
fn inlined(text: &str, dialect: Dialect) -> String {
    let (start, end) = ("<wsdl:types>", "</wsdl:types>");
    let (Some((before, _)), Some((_, after))) = (text.split_once(start), text.split_once(end)) else {
        return text.to_owned();
    };
    let schemas: String = description(dialect).schemas.iter().map(|(_, schema)| embedded(schema, dialect)).collect();
    format!("{before}{start}\n{schemas}{end}{after}")
}

/// A schema without its XML declaration and without places to import from.
fn embedded(schema: &str, dialect: Dialect) -> String {
    let body = schema.split_once("?>").map_or(schema, |(_, body)| body).trim_start();
    description(dialect)
        .schemas
        .iter()
        .fold(body.to_owned(), |text, (name, _)| text.replace(&format!(" schemaLocation=\"{name}\""), ""))
}

#[cfg(test)]
mod tests {
    use super::super::address::{ADDRESSES, HUB_DESCRIPTION};
    use super::*;

    const BASE: &str = "https://localhost:8443";

    fn at(path: &str) -> &'static Address {
        ADDRESSES.into_iter().chain([&HUB_DESCRIPTION]).find(|address| address.path == path).unwrap()
    }

    fn served(path: &str, query: &str) -> String {
        document(at(path), query, BASE).unwrap()
    }

    #[test]
    fn the_description_names_this_host_and_its_schemas() {
        for (path, query, call, schema) in [
            ("/epix/v2", "wsdl", "/epix/v2", "/epix/v2?xsd=exchange.xsd"),
            ("/epix/v1", "WSDL", "/epix/v1", "/epix/v1?xsd=exchange.xsd"),
            ("/epix", "wsdl", "/epix", "/epix/v2?xsd=exchange.xsd"),
            ("/epix", "wsdl=v1", "/epix", "/epix/v1?xsd=exchange.xsd"),
            ("/api/v1/soap_api/wsdl", "", "/api/v1/soap_api/action", "/epix/hub?xsd=exchange.xsd"),
        ] {
            let wsdl = served(path, query);
            assert!(wsdl.contains(&format!("location=\"{BASE}{call}\"")), "{path}?{query}");
            assert!(wsdl.contains(&format!("schemaLocation=\"{BASE}{schema}\"")), "{path}?{query}");
        }
        assert!(served("/epix/v2", "xsd=exchange.xsd").contains("/epix/v2?xsd=CITESEPermit.xsd"));
        assert!(served("/epix/v1", "xsd=exchange.xsd").contains("/epix/v1?xsd=CBFShip.xsd"));
    }

    #[test]
    fn the_self_contained_description_names_no_other_file() {
        for path in ["/epix/v1", "/epix/v2", "/epix/hub"] {
            let wsdl = served(path, "wsdl&inline");

            assert!(!wsdl.contains("schemaLocation"), "{path}");
            assert_eq!(wsdl.matches("<xs:schema").count(), 3, "{path}");
            assert_eq!(wsdl.matches("<?xml").count(), 1, "{path}");
        }
    }

    #[test]
    fn nothing_else_is_served() {
        for query in ["", "xsd=../Cargo.toml", "xsd=", "x=wsdl", "wsdl=v1", "wsdl=../x", "xsd=CBFShip.xsd"] {
            assert!(document(at("/epix/v2"), query, BASE).is_none(), "{query}");
        }
    }

    /// The description of version 1 is that of version 2 with other names: what is mended in one is mended in both.
    #[test]
    fn both_national_versions_are_described_alike() {
        let other_names = |text: &str| {
            [
                ("urn:CitesDataExchange/v2/", "urn:CitesDataExchange/v1/"),
                ("standard:CITESEPermit:2", "draft:CBFShip:1"),
                ("CITESEPermit", "CBFShip"),
                ("version 2", "version 1"),
                ("toolkit 2.0", "toolkit 1.0"),
                ("version=\"2.0\"", "version=\"1.0\""),
            ]
            .iter()
            .fold(text.to_owned(), |text, (of_2, of_1)| text.replace(of_2, of_1))
        };

        assert_eq!(V1.wsdl, other_names(V2.wsdl));
        assert_eq!(V1.schemas[2].1, other_names(V2.schemas[2].1));
    }
}
