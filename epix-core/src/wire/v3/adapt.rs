//! Where the draft of 3.0 is built otherwise than the model: parties, referenced documents, and dates in digits.

use roxmltree::Node;

use super::super::carry::Carrier;
use super::super::describe::{Content, Shape};
use super::super::reader::Reader;
use super::super::writer::Writer;
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

/// Types of the model that stand in the message as another type does.
macro_rules! stands_as {
    ($($type:ty as $other:ty;)+) => {$(
        impl Content<Version3> for $type {
            fn shape() -> Shape {
                <$other as Content<Version3>>::shape()
            }
            fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<$type> {
                <$other as Content<Version3>>::read(node, reader).map(<$type>::from)
            }
            fn write(&self, name: &str, writer: &mut Writer) {
                Content::<Version3>::write(&<$other>::from(self.clone()), name, writer);
            }
            fn carried(&self, carrier: &mut Carrier<'_>) -> Option<$type> {
                Content::<Version3>::carried(&<$other>::from(self.clone()), carrier).map(<$type>::from)
            }
        }
    )+};
}

stands_as! {
    TradeParty as Party;
    ReferencedDocument as Reference;
}
