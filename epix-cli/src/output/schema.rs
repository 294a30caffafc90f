//! What does the JSON Schema of the report say? `docs/schema/epix-report-1.json` is printed from here.

use epix_core::report::{Layer, Severity};
use epix_core::version::VERSIONS;
use serde_json::{Value, json};

/// The layers, in the order in which a report may name them.
const LAYERS: [Layer; 7] =
    [Layer::Guard, Layer::WellFormed, Layer::Version, Layer::Signature, Layer::Schema, Layer::Read, Layer::Rules];

/// The JSON Schema (2020-12) of a line of `epix validate --format json`.
pub fn report_schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:epix:schema:epix-report:1",
        "title": "A line of `epix validate --format json`",
        "description": "A report on a document, or what kept it from being read. Fields are never left out; new ones may come. Printed by epix: do not edit.",
        "oneOf": [ { "$ref": "#/$defs/Report" }, { "$ref": "#/$defs/Error" } ],
        "$defs": {
            "Report": report(),
            "Error": object(json!({
                "kind": { "const": "error" },
                "error": { "type": "string", "description": "What went wrong, with its causes." },
            })),
            "Layer": object(json!({
                "layer": { "enum": LAYERS.map(|layer| layer.to_string()) },
                "outcome": { "enum": ["passed", "failed", "skipped"] },
                "reason": optional("string", "Why it was skipped."),
            })),
            "Finding": finding(),
            "SkippedRule": object(json!({
                "rule": { "$ref": "#/$defs/RuleId" },
                "because": { "type": "string", "description": "What would have to be known." },
            })),
            "Edition": object(json!({
                "id": { "type": "string", "description": "Name and number, such as rules-1." },
                "date": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
            })),
            "RuleId": { "type": "string", "pattern": "^EPIX-[A-Z0-9]+-[0-9]+$", "description": "The permanent id of a rule: docs/rules.md." },
            "Attachment": object(json!({
                "name": { "type": "string", "description": "As saved, or as it would be saved." },
                "size": { "type": "integer", "minimum": 0 },
                "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            })),
            "Seal": seal(),
            "Holder": holder(),
        },
    });
    format!("{schema:#}\n")
}

fn report() -> Value {
    let labels = VERSIONS.map(|spec| Value::from(spec.label));
    let versions: Vec<Value> = labels.into_iter().chain([Value::Null]).collect();
    object(json!({
        "kind": { "const": "report" },
        "file": optional("string", "The document that was looked at."),
        "accepted": { "type": "boolean", "description": "The verdict, by the policy that was given." },
        "version": { "enum": versions, "description": "The version, where it is one." },
        "number": optional("string", "The number of the permit as written (box 1)."),
        "layers": list("Layer"),
        "refused_for": list("RuleId"),
        "findings": list("Finding"),
        "skipped": list("SkippedRule"),
        "seal": { "oneOf": [ { "$ref": "#/$defs/Seal" }, { "type": "null" } ] },
        "attachments": list("Attachment"),
        "judges": list("Edition"),
    }))
}

fn finding() -> Value {
    let severities = [Severity::Note, Severity::Warning, Severity::Error].map(|severity| severity.to_string());
    object(json!({
        "rule": { "$ref": "#/$defs/RuleId" },
        "severity": { "enum": severities },
        "box": optional("string", "The box of the paper form, such as 12a."),
        "line": { "type": "integer", "minimum": 1 },
        "column": { "type": "integer", "minimum": 1, "description": "In characters." },
        "path": { "type": "string", "description": "Element path with local names, or JSON path; empty where no element is meant." },
        "sentence": { "type": "string", "minLength": 1 },
        "remedy": optional("string", "What to do."),
    }))
}

fn seal() -> Value {
    object(json!({
        "chain": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/Holder" } },
        "algorithm": { "type": "string" },
        "key": { "type": "string" },
        "covers": { "type": "string", "description": "SHA-256 over the bytes that the signature covers." },
        "stated": optional("string", "When the signer says to have signed; never trusted."),
        "judged_at": { "type": "string" },
        "judged_by": { "enum": ["time-stamp", "receipt", "asked", "now"] },
        "original": optional("object", "What the document was made from, where the signer says so."),
    }))
}

fn holder() -> Value {
    object(json!({
        "subject": { "type": "string" },
        "issuer": { "type": "string" },
        "serial": { "type": "string" },
        "fingerprint": { "type": "string" },
        "country": optional("string", "Two letters."),
        "from": optional("string", "From when it is valid."),
        "until": optional("string", "Until when."),
    }))
}

/// An object that has all these fields.
fn object(properties: Value) -> Value {
    let names: Vec<&String> = properties.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
    let required = json!(names);
    json!({ "type": "object", "required": required, "properties": properties })
}

fn optional(kind: &str, says: &str) -> Value {
    json!({ "type": [kind, "null"], "description": says })
}

fn list(of: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/$defs/{of}") } })
}
