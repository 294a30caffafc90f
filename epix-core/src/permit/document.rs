//! The permit as a document: context, number, type, validity, signatories (boxes 1, 2, 5, 5a, 5b, 6, 13).

use serde::{Deserialize, Serialize};

use super::code::{DocumentType, Purpose, SignatoryRole};
use super::moment::Moment;
use super::party::{Location, TradeParty};
use super::value::{Coded, Identifier, Text};

/// The processing context of the message; nothing of the paper form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentContext {
    /// Which business process the message belongs to (the guide's fixed text is `CITES PERMITTING`, any case).
    pub business_processes: Vec<ContextParameter>,
    /// The library the message is built on (`09A` in real messages).
    pub information_models: Vec<ContextParameter>,
}

/// One parameter of the context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextParameter {
    /// Identifier of the process or library release.
    pub id: Option<Identifier>,
    /// Its name.
    pub value: Option<Text>,
    /// Its version.
    pub version: Option<DocumentVersion>,
}

/// The version of a process or library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentVersion {
    /// Identifier of the version.
    pub id: Option<Identifier>,
    /// Date of the version.
    pub issued: Option<Moment>,
}

/// The permit or certificate as a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Number of the permit (box 1).
    pub number: Option<Identifier>,
    /// Title of the document when its type is "other" (box 1).
    pub names: Vec<Text>,
    /// Type of document (box 1).
    pub document_type: Option<Coded<DocumentType>>,
    /// Date of issue (box 13).
    pub issued: Option<Moment>,
    /// True for a copy, false for the original (box 1).
    pub is_copy: Option<bool>,
    /// Purpose in words (box 5a).
    pub purpose_text: Option<Text>,
    /// Purpose as code (box 5a); the form knows one.
    pub purposes: Vec<Purpose>,
    /// Special conditions, one entry each (box 5).
    pub conditions: Vec<Text>,
    /// Documents this one refers to; senders also repeat the validity here.
    pub references: Vec<ReferencedDocument>,
    /// Validity (box 2).
    pub validity: Option<Period>,
    /// Place of issue (box 13).
    pub place_of_issue: Option<Location>,
    /// First signatory: the issuing Management Authority (box 6); its identifier is the security stamp (box 5b).
    pub issuing_authority: Option<Authentication>,
    /// Second signatory: the applicant (box 4).
    pub applicant: Option<Authentication>,
    /// Third signatory: the issuing official (box 13).
    pub issuing_official: Option<Authentication>,
    /// Fourth signatory: the authority that examined the consignment (box 14).
    pub examining_authority: Option<Authentication>,
}

/// A document that is referred to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferencedDocument {
    /// Its date.
    pub issued: Option<Moment>,
    /// Its type: `E`/`861` origin permit, `R`/`811` last re-export, UN/EDIFACT 1001 for transport documents.
    pub document_type: Option<Coded<DocumentType>>,
    /// Its numbers.
    pub ids: Vec<Identifier>,
    /// Its names.
    pub names: Vec<Text>,
    /// Its validity.
    pub validity: Option<Period>,
}

/// From and until.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Period {
    /// First moment.
    pub start: Option<Moment>,
    /// Last moment; where a day is meant, its calendar date as written is the last day.
    pub end: Option<Moment>,
}

/// A signature block: who, when, where, in which role. No cryptography.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authentication {
    /// Role of the signatory.
    pub role: Option<SignatoryRole>,
    /// When it was signed.
    pub signed: Option<Moment>,
    /// Numbers of stamp or seal.
    pub ids: Vec<Identifier>,
    /// Statement made with the signature.
    pub statement: Option<Text>,
    /// Who signed.
    pub provider: Option<TradeParty>,
    /// Where it was signed.
    pub place: Option<Location>,
}
