//! The description of the face (OpenAPI 3.1), made from the rows of its routes.

use serde_json::{Map, Value, json};

use super::BASE;
use super::routes::{ROUTES, Right, Route};

/// The description, as `/rest/v1/openapi.json` serves it and `docs/openapi.json` keeps it.
pub fn description() -> String {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[if route.is_unsafe { "post" } else { "get" }] = operation(route);
    }
    let whole = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "epix: CITES permits of an authority",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "For the authority's own systems and clerks by API key; for partner Parties by client certificate, with the rights that they have in SOAP.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": BASE }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "made by `epix-server keys add`" },
                "certificate": { "type": "mutualTLS", "description": "a certificate that stands in the register of parties" },
            },
            "schemas": { "Problem": problem() },
            "responses": { "Problem": {
                "description": "a refusal (RFC 9457)",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
        },
    });
    serde_json::to_string_pretty(&whole).expect("texts and maps with text keys always serialise") + "\n"
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["title", "status", "code"],
        "properties": {
            "title": { "type": "string", "description": "a sentence for people" },
            "status": { "type": "integer" },
            "code": { "type": "string", "description": "the word for programs" },
            "detail": { "type": "string" },
            "requestId": { "type": "string", "description": "under which the operator finds the call" },
            "findings": { "type": "array", "items": { "type": "object" }, "description": "as in the report of `epix validate`" },
            "facts": { "type": "object", "description": "as a SOAP fault states them" },
        },
    })
}

fn operation(route: &Route) -> Value {
    let answer = |what: &str| json!({ "description": what });
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.about,
        "parameters": parameters(route),
        "responses": { "200": answer("done"), "default": { "$ref": "#/components/responses/Problem" } },
        "security": security(route.right),
    });
    if !route.is_unsafe {
        operation["responses"]["304"] = answer("the caller has it already (If-None-Match)");
        return operation;
    }
    operation["responses"]["201"] = answer("something new is there, at Location");
    let any = json!({ "schema": {} });
    operation["requestBody"] = match route.takes_json() {
        true => json!({ "required": true, "content": { "application/json": { "schema": { "type": "object" } } } }),
        false => {
            json!({ "required": true, "content": { "application/xml": any, "application/json": any, "multipart/form-data": any } })
        }
    };
    operation
}

/// Who may: one of these is enough.
fn security(right: Right) -> Value {
    match right {
        Right::Anybody => json!([]),
        Right::Key(scope) => json!([{ "key": [scope] }]),
        Right::KeyOrPartner(scope) => json!([{ "key": [scope] }, { "certificate": [] }]),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let of = |place: &str, name: &str, is_required: bool, about: &str| json!({ "name": name, "in": place, "required": is_required, "description": about, "schema": text });
    let segments = route.path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = segments.map(|name| of("path", name, true, "in the address, escaped")).collect();
    all.extend(route.query.iter().map(|(name, about)| of("query", name, false, about)));
    if matches!(route.right, Right::KeyOrPartner(_)) {
        all.push(of("header", "EPIX-Token", false, "for partners: the security token of the permit"));
    }
    if route.changes() {
        all.push(of(
            "header",
            "Idempotency-Key",
            false,
            "the same key again gives the same answer and changes nothing",
        ));
    }
    if route.changes() && route.path.starts_with("/permits/{number}/") {
        all.push(of("header", "If-Match", false, "the ETag of the state on which the change was decided"));
    }
    all
}
