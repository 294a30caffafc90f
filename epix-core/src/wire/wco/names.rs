//! The whole of our draft of toolkit 3.0 (WCO) in one table: every element, namespace, order, occurrence, and WCO id.
//!
//! **A draft.** Of the published page only the root's name and its first six elements could be read; they are marked A. All
//! else is inferred from a profile of the WCO data model 3.6 for declarations: its names, order and formats are facts of that
//! profile (C: the CITES message probably uses it for this box; D: a guess). When the official page is at hand, this table
//! (with the namespaces in `version.rs` and `xsd/wco`) is what changes.

use super::super::describe::{Message, Names, describe};
use super::shape::{
    AdditionalDocument, AdditionalInformation, Address, Authentication, Authenticator, CitesEPermit, Classification,
    Commodity, Contact, ExportCountry, GoodsItem, GoodsMeasure, Origin, Packaging, Party, PreviousDocument,
    TransportDocument,
};
use super::values::{Date, Function, Sequence};
use crate::permit::{Quantity, Text, Word};
use crate::version::WCO_DRAFT;

/// The message `CITESePermit`, as drafted.
pub(super) struct Wco;

impl Message for Wco {
    const NAMES: Names = Names::Exact;
}

/// D: the pattern of siblings (`urn:wco:datamodel:WCO:GoodsDeclaration:1`).
const MESSAGE: &str = WCO_DRAFT.message_namespace;
/// D for the name; that dates stand in a namespace of data types is a fact of the siblings (C).
pub(super) const DATA_TYPES: &str = "urn:wco:datamodel:WCO:CITESePermit_DS:1";

/// The prefixes that we write.
pub(super) const PREFIXES: &[(&str, &str)] = &[(MESSAGE, "wco"), (DATA_TYPES, "ds")];

/// What stands in a date: A.
pub(super) const DATE_TIME_STRING: &str = "DateTimeString";
/// The attribute of it: the page shows the short name `sc1` (A); siblings call it so (C). Both are read.
pub(super) const FORMAT_CODE: &str = "formatCode";
/// See [`FORMAT_CODE`].
pub(super) const FORMAT_CODE_AS_SHOWN: &str = "sc1";

/// How long texts may be, in characters: A for the first two, else formats of the sibling profile.
pub(super) mod longest {
    pub(in crate::wire::wco) const ID: usize = 35;
    pub(in crate::wire::wco) const FUNCTION_NAME: usize = 35;
    pub(in crate::wire::wco) const PLACE: usize = 5;
    pub(in crate::wire::wco) const DOCUMENT_NAME: usize = 35;
    pub(in crate::wire::wco) const CODE: usize = 3;
    pub(in crate::wire::wco) const AUTHENTICATION: usize = 256;
    pub(in crate::wire::wco) const DOCUMENT_ID: usize = 70;
    pub(in crate::wire::wco) const STATEMENT: usize = 512;
    pub(in crate::wire::wco) const PARTY_NAME: usize = 70;
    pub(in crate::wire::wco) const PARTY_ID: usize = 17;
    pub(in crate::wire::wco) const CITY: usize = 35;
    pub(in crate::wire::wco) const SUBDIVISION: usize = 35;
    pub(in crate::wire::wco) const LINE: usize = 70;
    pub(in crate::wire::wco) const POSTCODE: usize = 9;
    pub(in crate::wire::wco) const DESCRIPTION: usize = 512;
    pub(in crate::wire::wco) const MARKS: usize = 512;
    pub(in crate::wire::wco) const ORIGIN: usize = 4;
}

describe! { Wco:
    CitesEPermit in MESSAGE {
        effective: opt Date = "EffectiveDateTime",                        // A
        expiration: opt Date = "ExpirationDateTime",                      // A; the business view says mandatory
        function: one Function = "FunctionCode",                          // A 017
        function_name: opt Text = "FunctionName",                         // A
        id: one Word = "ID",                                              // A D014
        issued: opt Date = "IssueDateTime",                               // A
        place_of_issue: opt Word = "IssueLocationID",                     // C D012
        name: opt Text = "Name",                                          // C D032
        document_type: opt Word = "TypeCode",                             // C D013
        authentication: opt Authentication = "Authentication",            // C 61B
        submitter: opt Party = "Submitter",                               // D 17B
        references: many AdditionalDocument = "AdditionalDocument",       // C 02A
        conditions: many AdditionalInformation = "AdditionalInformation", // C 03A
        exporter: opt Party = "Exporter",                                 // C 57A; or Consignor
        items: many GoodsItem = "GovernmentAgencyGoodsItem",              // C 68A
        importer: opt Party = "Importer",                                 // C 74A; or Consignee
        transport_document: opt TransportDocument = "TransportContractDocument", // D
    }
    Authentication in MESSAGE {
        authentication: opt Word = "Authentication",                      // D 104 for the security stamp
        authenticator: opt Authenticator = "Authenticator",               // C 12A
    }
    Authenticator in MESSAGE {
        name: opt Text = "Name",                                          // C R007
    }
    Party in MESSAGE {
        name: opt Text = "Name",                                          // C R031, R037, R058
        id: opt Word = "ID",                                              // C R032, R038, R059
        address: opt Address = "Address",                                 // C 04A
        contact: opt Contact = "Contact",                                 // D 34A for the representative
    }
    Address in MESSAGE {
        city: opt Text = "CityName",                                      // C 241
        country: opt Word = "CountryCode",                                // C 242
        subdivision: opt Text = "CountrySubDivisionName",                 // C 243
        line: opt Text = "Line",                                          // C 239
        postcode: opt Word = "PostcodeID",                                // C 245
    }
    Contact in MESSAGE {
        name: opt Text = "Name",                                          // D 246
    }
    AdditionalDocument in MESSAGE {
        effective: opt Date = "EffectiveDateTime",                        // D 276
        id: opt Word = "ID",                                              // C D005
        name: opt Text = "Name",                                          // C D028
        document_type: opt Word = "TypeCode",                             // C D006
    }
    AdditionalInformation in MESSAGE {
        statement: opt Text = "StatementDescription",                     // C 225
    }
    GoodsItem in MESSAGE {
        sequence: opt Sequence = "SequenceNumeric",                       // C 006, A is 1
        commodity: opt Commodity = "Commodity",                           // C 23A
        export_country: opt ExportCountry = "ExportCountry",              // C 95B
        origin: opt Origin = "Origin",                                    // C 92A
        packaging: many Packaging = "Packaging",                          // C 93A
        previous_documents: many PreviousDocument = "PreviousDocument",   // C 99A
    }
    Commodity in MESSAGE {
        description: opt Text = "Description",                            // C 137
        classifications: many Classification = "Classification",          // C 21A
        measure: opt GoodsMeasure = "GoodsMeasure",                       // C 65A
    }
    Classification in MESSAGE {
        id: opt Text = "ID",                                              // D 145 for the scientific name; 346 is as likely
    }
    GoodsMeasure in MESSAGE {
        quantity: opt Quantity = "TariffQuantity",                        // C 130
    }
    ExportCountry in MESSAGE {
        id: opt Word = "ID",                                              // C 062
    }
    Origin in MESSAGE {
        country: opt Word = "CountryCode",                                // C 063
        source: opt Word = "TypeCode",                                    // D 501 for the source
    }
    Packaging in MESSAGE {
        marks: opt Text = "MarksNumbersID",                               // C 142
    }
    PreviousDocument in MESSAGE {
        id: opt Word = "ID",                                              // C D018
        document_type: opt Word = "TypeCode",                             // C D019
    }
    TransportDocument in MESSAGE {
        id: opt Word = "ID",                                              // D D023
        document_type: opt Word = "TypeCode",                             // D D024
    }
}
