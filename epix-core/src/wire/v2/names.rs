//! The whole of toolkit 2.0 in one table: every element, its namespace, order and occurrence, and the field it fills.
//!
//! Order and occurrence are those of the open schema (plain library cardinalities): 253 paths below and with the root.

use super::super::describe::{Message, Names, describe};
use crate::permit::{
    Address, Appendix, Authentication, Coded, Consignment, ContextParameter, Document, DocumentContext, DocumentType,
    DocumentVersion, Examination, Identifier, Item, LineItem, Location, Moment, Package, Period, Permit, Person,
    Purpose, Quantity, ReferencedDocument, RegulatoryProcedure, ShippingMarks, SignatoryRole, Source, Text,
    TradeCountry, TradeParty, TradeProduct, Word,
};
use crate::version::V2;

/// The message `CITESEPermit` 2.0.
pub(in crate::wire) struct Version2;

impl Message for Version2 {
    const NAMES: Names = Names::Exact;
}

const MESSAGE: &str = V2.message_namespace;
const COMPONENTS: &str = V2.component_namespace;

/// The prefixes that we write.
pub(super) const PREFIXES: &[(&str, &str)] = &[(MESSAGE, "rsm"), (COMPONENTS, "ram")];

describe! { Version2:
    Permit in MESSAGE {
        context: one DocumentContext = "SpecifiedExchangedDocumentContext",
        document: one Document = "HeaderExchangedDocument",
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
    ReferencedDocument in COMPONENTS {
        issued: opt Moment = "IssueDateTime",
        document_type: opt Coded<DocumentType> = "TypeCode",
        ids: many Identifier = "ID",
        names: many Text = "Name",
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
    TradeParty in COMPONENTS {
        ids: many Identifier = "ID",
        name: opt Text = "Name",
        address: opt Address = "PostalTradeAddress",
        representative: opt Person = "SpecifiedRepresentativePerson",
        signatories: many Person = "SpecifiedAuthoritativeSignatoryPerson",
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
