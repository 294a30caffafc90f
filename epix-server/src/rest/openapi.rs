//! The description of the face (OpenAPI 3.1), made from the rows of its routes.

use serde_json::{Map, Value, json};

use super::BASE;
use super::routes::{Gives, ROUTES, Right, Route};

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
    let refusal = json!({ "$ref": "#/components/responses/Problem" });
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.about,
        "parameters": parameters(route),
        "responses": { "200": { "description": "done", "content": content(route.gives) }, "4XX": refusal, "5XX": refusal },
        "security": security(route.right),
    });
    if route.creates() {
        let place = json!({ "Location": { "schema": { "type": "string" } } });
        operation["responses"]["201"] = json!({ "description": "something new is there, at Location", "headers": place, "content": content(route.gives) });
    }
    if !route.is_unsafe {
        operation["responses"]["304"] = json!({ "description": "the caller has it already (If-None-Match)" });
        return operation;
    }
    let any = json!({ "schema": {} });
    operation["requestBody"] = match route.takes_json() {
        true => json!({ "required": true, "content": { "application/json": { "schema": wish(route) } } }),
        false => {
            json!({ "required": true, "content": { "application/xml": any, "application/json": any, "multipart/form-data": any } })
        }
    };
    operation
}

/// What a body in JSON says.
fn wish(route: &Route) -> Value {
    let text = json!({ "type": "string" });
    let of = |required: &[&str], members: Value| json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false });
    match route.path.rsplit('/').next() {
        Some("state") => of(&["change", "reason"], json!({ "change": text, "reason": text, "by": text })),
        Some("void") => of(&["reason"], json!({ "reason": text, "book": text })),
        _ => of(&["positions"], json!({ "positions": { "type": "object", "additionalProperties": text } })),
    }
}

/// What an answer brings, by its types.
fn content(gives: Gives) -> Value {
    let any = json!({ "schema": {} });
    match gives {
        Gives::Members(names) => json!({ "application/json": { "schema": { "type": "object", "required": names } } }),
        Gives::Document => {
            json!({ "application/xml": any, "application/json": { "schema": { "type": "object" } } })
        }
        Gives::Signature => json!({ "application/xml": any }),
        Gives::File => json!({ "application/octet-stream": any }),
        Gives::Page => json!({ "text/html": any }),
    }
}

/// Who may: one of these is enough.
fn security(right: Right) -> Value {
    match right {
        Right::Anybody => json!([]),
        Right::Key(scope) => json!([{ "key": [scope] }]),
        Right::KeyOrPartner(scope) => json!([{ "key": [scope] }, { "certificate": [] }]),
    }
}

/// The values of a parameter behind the question mark.
fn values(route: &Route, name: &str) -> Value {
    match name {
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 500 }),
        "shard" => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        // Of permits it is a number of theirs, of the audit the place of a line.
        "after" if route.path == "/audit" => json!({ "type": "integer", "minimum": 0 }),
        "issuedFrom" | "issuedUntil" | "validFrom" | "validUntil" => json!({ "type": "string", "format": "date" }),
        "country" => json!({ "type": "string", "pattern": "^[A-Z]{2}$" }),
        _ => json!({ "type": "string" }),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let text = json!({ "type": "string" });
    let of = |place: &str, name: &str, is_required: bool, about: &str| json!({ "name": name, "in": place, "required": is_required, "description": about, "schema": text });
    let segments = route.path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = segments.map(|name| of("path", name, true, "in the address, escaped")).collect();
    all.extend(route.query.iter().map(|(name, about)| {
        let mut told = of("query", name, false, about);
        told["schema"] = values(route, name);
        told
    }));
    if route.takes_token() {
        all.push(of(
            "header",
            "EPIX-Token",
            false,
            "for partners, and for permits of theirs: the security token of the permit",
        ));
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
