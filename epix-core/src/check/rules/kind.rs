//! Box 1: is it said what sort of document this is?

use super::context::{is_kind, kind};
use super::row::Row;
use crate::codes::Grade::{Certain, Inferred};
use crate::permit::{DocumentType, at};
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: RuleId("EPIX-TYPE-01"),
        catalogue: "F01",
        form_box: "1",
        sentence: "a permit must say whether it is for export, re-export, import or other",
        remedy: "give the type of document: E, R, I or O",
        source: "UN/CEFACT CITES schema; Res. Conf. 12.3",
        test: |permit, _, found| {
            if kind(permit).is_none() {
                found.at(|| at!(document.document_type));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TYPE-02"),
        catalogue: "F01",
        form_box: "1",
        sentence: "the type of a permit must be E, R, I or O",
        remedy: "write E for export, R for re-export, I for import, O for other",
        source: "toolkit 2.0; UN/CEFACT CITES schema",
        test: |permit, _, found| match kind(permit) {
            None | Some(DocumentType::Export | DocumentType::ReExport | DocumentType::Import | DocumentType::Other) => {
            }
            Some(other) => found.add(|| (at!(document.document_type), format!("it is {:?}", other.as_str()))),
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TYPE-03"),
        catalogue: "F01",
        form_box: "1",
        sentence: "a document of type other must have its title",
        remedy: "name the document in words, such as certificate of origin",
        source: "UN/CEFACT CITES schema (box 1.1)",
        test: |permit, _, found| {
            if is_kind(permit, &DocumentType::Other) && permit.document.names.is_empty() {
                found.at(|| at!(document.names[0]));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TYPE-04"),
        form_box: "1",
        sentence: "a copy must not stand for the original",
        remedy: "ask the issuing authority for the original, or whether it meant a copy of a paper permit",
        source: "Convention Art. VI(4)",
        grade: Certain,
        severity: Severity::Warning,
        lenient: Some("a sender may mean that the message is a copy of a permit on paper"),
        test: |permit, _, found| {
            if permit.document.is_copy == Some(true) {
                found.at(|| at!(document.is_copy));
            }
        },
        ..Row::USUAL
    },
    Row {
        id: RuleId("EPIX-TYPE-05"),
        form_box: "1",
        sentence: "only a document of type other has a title of its own",
        remedy: "leave the title out, or write O as the type",
        source: "toolkit 2.0 (mapping of box 1)",
        grade: Inferred,
        severity: Severity::Note,
        test: |permit, _, found| {
            let is_listed = kind(permit).is_some_and(|kind| *kind != DocumentType::Other);
            if is_listed && !permit.document.names.is_empty() {
                found.at(|| at!(document.names[0]));
            }
        },
        ..Row::USUAL
    },
];
