//! The description of the face for people: one page, made from the rows of its routes, that needs nothing from anywhere else.

use std::fmt::Write as _;

use super::BASE;
use super::routes::{ROUTES, Right, Route};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}summary{cursor:pointer;padding:.4rem 0}\
    details{border-bottom:1px solid #8884}b{display:inline-block;min-width:3.5rem}table{border-collapse:collapse}\
    td{padding:.2rem 1rem .2rem 0;vertical-align:top}";

/// The page.
pub(super) fn page() -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>epix: REST</title><style>{STYLE}</style><h1>CITES permits of an authority</h1>\
         <p>The authority's own systems call with a key (<code>Authorization: Bearer KEY</code>), partner Parties with their \
         certificate. For programs: <a href=\"{BASE}/openapi.json\">openapi.json</a>.</p>"
    );
    for route in ROUTES {
        entry(&mut page, route).expect("a text takes what is written to it");
    }
    page + "</html>\n"
}

fn entry(page: &mut String, route: &Route) -> std::fmt::Result {
    let method = if route.is_unsafe { "POST" } else { "GET" };
    let (path, about) = (escaped(route.path), escaped(route.about));
    let who = match route.right {
        Right::Anybody => "Anybody may call it.".to_owned(),
        Right::Key(scope) => format!("A key with the scope <code>{scope}</code> may."),
        Right::KeyOrPartner(scope) => {
            format!("A key with the scope <code>{scope}</code> may, or a partner by its certificate.")
        }
    };
    write!(page, "<details id=\"{}\"><summary><b>{method}</b> <code>{BASE}{path}</code></summary>", route.name)?;
    write!(page, "<p>{about}</p><p>{who}</p><table>")?;
    for (name, meaning) in route.query {
        write!(page, "<tr><td><code>?{name}=</code><td>{}", escaped(meaning))?;
    }
    page.write_str("</table></details>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
