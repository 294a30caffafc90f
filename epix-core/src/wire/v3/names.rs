//! The whole of our draft of toolkit 3.0 (UN/CEFACT, D22A) in one table: every element, namespace, order and occurrence.
//!
//! **An inferred draft.** No page of the UN/CEFACT model of 3.0 could be read. Order and names are those of library D22A for
//! the elements that 2.0 uses. When the official pages are at hand, this table (with the namespaces in `version.rs` and
//! `xsd/v3`) is what changes. How sure each row is:
//!
//! * B: name, order and occurrence are published in D22A; that 3.0 uses the element is taken over from 2.0. Every row that
//!   bears no other letter.
//! * C: follows from naming rules or from the master message of D22A.
//! * D: a guess.

use super::super::describe::{Message, Names, describe};
use super::adapt::{Contact, Formatted, Party, Reference};
use crate::permit::{
    Address, Appendix, Authentication, Coded, Consignment, ContextParameter, Document, DocumentContext, DocumentType,
    DocumentVersion, Examination, Identifier, Item, LineItem, Location, Moment, Package, Period, Permit, Person,
    Purpose, Quantity, ReferencedDocument, RegulatoryProcedure, ShippingMarks, SignatoryRole, Source, Text,
    TradeCountry, TradeParty, TradeProduct, Word,
};
use crate::version::V3_DRAFT;

/// The message `CITESEPermit` 3.0, as drafted.
pub(super) struct Version3;

impl Message for Version3 {
    const NAMES: Names = Names::Exact;
}

/// D: the pattern of 2.0 with the number raised. `CITESePermit:3` is as likely.
const MESSAGE: &str = V3_DRAFT.message_namespace;
/// D: number 31 is extrapolated for D22A; subsets of the reference model use 131.
pub(super) const COMPONENTS: &str = V3_DRAFT.component_namespace;
/// D: as above.
pub(super) const UNQUALIFIED: &str = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:31";
/// D: as above; some releases write `data:Standard`.
pub(super) const QUALIFIED: &str = "urn:un:unece:uncefact:data:standard:QualifiedDataType:31";

/// The prefixes that we write.
pub(super) const PREFIXES: &[(&str, &str)] =
    &[(MESSAGE, "rsm"), (COMPONENTS, "ram"), (UNQUALIFIED, "udt"), (QUALIFIED, "qdt")];

/// What stands in a date of type `udt:DateTimeType`, one of the two (fact of the data types). We write the second, which
/// keeps a moment as it is.
pub(super) const DATE_TIME_STRING: &str = "DateTimeString";
/// See [`DATE_TIME_STRING`].
pub(super) const DATE_TIME: &str = "DateTime";
/// The attribute of a date written in digits: a code of UN/EDIFACT 2379.
pub(super) const FORMAT: &str = "format";
/// What stands in `udt:IndicatorType`, one of the two. We write the second.
pub(super) const INDICATOR_STRING: &str = "IndicatorString";
/// See [`INDICATOR_STRING`].
pub(super) const INDICATOR: &str = "Indicator";

describe! { Version3:
    Permit in MESSAGE {
        // C: 2.0 says SpecifiedExchangedDocumentContext and HeaderExchangedDocument; these are the names of the D22A master.
        context: one DocumentContext = "ExchangedDocumentContext",
        document: one Document = "ExchangedDocument",
        // C: the master allows any number; once is taken over from 2.0.
        consignment: one Consignment = "SpecifiedSupplyChainConsignment",
    }
    DocumentContext in COMPONENTS {
        business_processes: many ContextParameter = "BusinessProcessSpecifiedDocumentContextParameter",
        information_models: many ContextParameter = "BIMSpecifiedDocumentContextParameter",
    }
    ContextParameter in COMPONENTS {
        id: opt Identifier = "ID",
        value: opt Text = "Value",
        version: opt DocumentVersion = "SpecifiedDocumentVersion",
    }
    DocumentVersion in COMPONENTS {
        id: opt Identifier = "ID",
        issued: opt Moment = "IssueDateTime",
    }
    Document in COMPONENTS {
        number: opt Identifier = "ID",
        names: many Text = "Name",
        // The library's type is a closed list without E, R, I, O. Where the toolkit put the letters nobody could see; they
        // stay here, as in 2.0 (D for the letters, likewise in PurposeCode and in the TypeCode of a signature).
        document_type: opt Coded<DocumentType> = "TypeCode",
        issued: opt Moment = "IssueDateTime",
        is_copy: opt bool = "CopyIndicator",
        purpose_text: opt Text = "Purpose",
        purposes: many Purpose = "PurposeCode",
        conditions: many Text = "Information",
        references: many ReferencedDocument = "ReferenceReferencedDocument",
        validity: opt Period = "EffectiveSpecifiedPeriod",
        place_of_issue: opt Location = "IssueLogisticsLocation",
        issuing_authority: opt Authentication = "FirstSignatoryDocumentAuthentication",
        applicant: opt Authentication = "SecondSignatoryDocumentAuthentication",
        issuing_official: opt Authentication = "ThirdSignatoryDocumentAuthentication",
        examining_authority: opt Authentication = "FourthSignatoryDocumentAuthentication",
    }
    Reference in COMPONENTS {
        document_type: opt Coded<DocumentType> = "TypeCode",
        ids: many Identifier = "ID",
        names: many Text = "Name",
        // C: IssueDateTime of 2.0 is gone from D22A; this one has another type and stands behind the names.
        issued: opt Formatted = "FormattedIssueDateTime",
        validity: opt Period = "EffectiveSpecifiedPeriod",
    }
    Period in COMPONENTS {
        start: opt Moment = "StartDateTime",
        end: opt Moment = "EndDateTime",
    }
    Location in COMPONENTS {
        ids: many Identifier = "ID",
        names: many Text = "Name",
    }
    Authentication in COMPONENTS {
        role: opt SignatoryRole = "TypeCode",
        signed: opt Moment = "ActualDateTime",
        ids: many Identifier = "ID",
        statement: opt Text = "Statement",
        provider: opt TradeParty = "ProviderTradeParty",
        place: opt Location = "IssueLogisticsLocation",
    }
    Party in COMPONENTS {
        ids: many Identifier = "ID",
        name: opt Text = "Name",
        // D: SpecifiedRepresentativePerson of 2.0 is gone from D22A; the nearest element. D22A allows any number.
        representative: opt Contact = "DefinedTradeContact",
        address: opt Address = "PostalTradeAddress",
        signatories: many Person = "SpecifiedAuthoritativeSignatoryPerson",
    }
    Contact in COMPONENTS {
        // D, see above.
        name: opt Text = "PersonName",
    }
    Person in COMPONENTS {
        name: opt Text = "Name",
    }
    Address in COMPONENTS {
        postcodes: many Coded<Word> = "PostcodeCode",
        post_office_box: opt Text = "PostOfficeBox",
        streets: many Text = "StreetName",
        city: opt Text = "CityName",
        country: opt Identifier = "CountryID",
        country_names: many Text = "CountryName",
        subdivisions: many Text = "CountrySubDivisionName",
    }
    Consignment in COMPONENTS {
        consignor: opt TradeParty = "ConsignorTradeParty",
        consignee: opt TradeParty = "ConsigneeTradeParty",
        transport_document: opt ReferencedDocument = "TransportContractReferencedDocument",
        examinations: many Examination = "ExaminationTransportEvent",
        items: many Item = "IncludedSupplyChainConsignmentItem",
    }
    Examination in COMPONENTS {
        occurred: opt Moment = "ActualOccurrenceDateTime",
        quantity: opt Quantity = "UnitQuantity",
        place: opt Location = "OccurrenceLogisticsLocation",
        certifiers: many TradeParty = "CertifyingTradeParty",
    }
    Item in COMPONENTS {
        ids: many Identifier = "ID",
        marks: many ShippingMarks = "PhysicalLogisticsShippingMarks",
        origin: opt TradeCountry = "OriginTradeCountry",
        last_reexport: opt TradeCountry = "ExportTradeCountry",
        documents: many ReferencedDocument = "AssociatedReferencedDocument",
        packages: many Package = "TransportLogisticsPackage",
        lines: many LineItem = "IncludedSupplyChainTradeLineItem",
        examinations: many Examination = "ExaminationTransportEvent",
        procedures: many RegulatoryProcedure = "ApplicableCrossBorderRegulatoryProcedure",
    }
    ShippingMarks in COMPONENTS {
        markings: many Text = "Marking",
    }
    TradeCountry in COMPONENTS {
        ids: many Identifier = "ID",
        names: many Text = "Name",
    }
    Package in COMPONENTS {
        quantity: opt Quantity = "ItemQuantity",
    }
    LineItem in COMPONENTS {
        appendix: opt Appendix = "TypeCode",
        source: opt Source = "TypeExtensionCode",
        // D22A allows any number; at most one is taken over from 2.0.
        product: opt TradeProduct = "SpecifiedTradeProduct",
    }
    TradeProduct in COMPONENTS {
        seller_assigned_id: opt Identifier = "SellerAssignedID",
        manufacturer_assigned_ids: many Identifier = "ManufacturerAssignedID",
        descriptions: many Text = "Description",
        terms: many Coded<Word> = "TypeCode",
        common_names: many Text = "CommonName",
        scientific_names: many Text = "ScientificName",
    }
    RegulatoryProcedure in COMPONENTS {
        categories: many Coded<Word> = "CategoryCode",
        used_to_date: opt Quantity = "UsedToDateQuotaQuantity",
        annual_quota: opt Quantity = "AnnualQuotaQuantity",
        acquired: opt Moment = "AcquisitionDateTime",
        previous_documents: many ReferencedDocument = "PreviousReferencedDocument",
    }
}
