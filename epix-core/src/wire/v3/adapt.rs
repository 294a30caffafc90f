//! Where the draft of 3.0 is built otherwise than the model: parties, referenced documents, and dates in digits.

use super::super::stands::stands_as;
use super::names::Version3;
use crate::permit::{
    Address, Coded, DocumentType, Identifier, Moment, Period, Person, ReferencedDocument, Text, TradeParty,
};

/// A moment that is written in digits with a format (`qdt:FormattedDateTimeType`).
#[derive(Debug, Clone)]
pub(super) struct Formatted(pub(super) Moment);

/// A contact person of a party, in the order and under the name of D22A.
#[derive(Debug, Clone, Default)]
pub(super) struct Contact {
    pub(super) name: Option<Text>,
}

/// A party in the order of D22A.
#[derive(Debug, Clone, Default)]
pub(super) struct Party {
    pub(super) ids: Vec<Identifier>,
    pub(super) name: Option<Text>,
    pub(super) representative: Option<Contact>,
    pub(super) address: Option<Address>,
    pub(super) signatories: Vec<Person>,
}

impl From<TradeParty> for Party {
    fn from(party: TradeParty) -> Party {
        let TradeParty { ids, name, address, representative, signatories } = party;
        Party {
            ids,
            name,
            representative: representative.map(|Person { name }| Contact { name }),
            address,
            signatories,
        }
    }
}

impl From<Party> for TradeParty {
    fn from(party: Party) -> TradeParty {
        let Party { ids, name, representative, address, signatories } = party;
        TradeParty {
            ids,
            name,
            address,
            representative: representative.map(|Contact { name }| Person { name }),
            signatories,
        }
    }
}

/// A referenced document in the order of D22A.
#[derive(Debug, Clone, Default)]
pub(super) struct Reference {
    pub(super) document_type: Option<Coded<DocumentType>>,
    pub(super) ids: Vec<Identifier>,
    pub(super) names: Vec<Text>,
    pub(super) issued: Option<Formatted>,
    pub(super) validity: Option<Period>,
}

impl From<ReferencedDocument> for Reference {
    fn from(document: ReferencedDocument) -> Reference {
        let ReferencedDocument { issued, document_type, ids, names, validity } = document;
        Reference { document_type, ids, names, issued: issued.map(Formatted), validity }
    }
}

impl From<Reference> for ReferencedDocument {
    fn from(reference: Reference) -> ReferencedDocument {
        let Reference { document_type, ids, names, issued, validity } = reference;
        ReferencedDocument { issued: issued.map(|Formatted(moment)| moment), document_type, ids, names, validity }
    }
}

stands_as! { Version3:
    TradeParty as Party;
    ReferencedDocument as Reference;
}
