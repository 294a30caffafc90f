//! Our JSON form in one table: every field of the model, its box and what it says. The names are those of the model.

use super::outline::outline;
use crate::permit::{
    Address, Appendix, Authentication, Coded, Consignment, ContextParameter, Document, DocumentContext, DocumentType,
    DocumentVersion, Examination, Identifier, Item, LineItem, Location, Moment, Package, Period, Permit, Person,
    Purpose, Quantity, ReferencedDocument, RegulatoryProcedure, ShippingMarks, SignatoryRole, Source, Text,
    TradeCountry, TradeParty, TradeProduct, Word,
};

outline! {
    Permit "A CITES permit or certificate." {
        context: opt DocumentContext, "", "The processing context of the message; nothing of the paper form.";
        document: opt Document, "", "The permit as a document.";
        consignment: opt Consignment, "", "What travels.";
    }
    DocumentContext "The processing context of the message." {
        business_processes: many ContextParameter, "", "Which business process the message belongs to.";
        information_models: many ContextParameter, "", "The library the message is built on.";
    }
    ContextParameter "One parameter of the context." {
        id: opt Identifier, "", "Identifier of the process or library release.";
        value: opt Text, "", "Its name.";
        version: opt DocumentVersion, "", "Its version.";
    }
    DocumentVersion "The version of a process or library." {
        id: opt Identifier, "", "Identifier of the version.";
        issued: opt Moment, "", "Date of the version.";
    }
    Document "The permit or certificate as a document." {
        number: opt Identifier, "1", "Number of the permit; a permit without one cannot be kept.";
        names: many Text, "1", "Title of the document when its type is other.";
        document_type: opt Coded<DocumentType>, "1", "Type of document.";
        issued: opt Moment, "13", "Date of issue.";
        is_copy: opt bool, "1", "True for a copy, false for the original.";
        purpose_text: opt Text, "5a", "Purpose in words.";
        purposes: many Purpose, "5a", "Purpose as code; the form knows one.";
        conditions: many Text, "5", "Special conditions, one entry each.";
        references: many ReferencedDocument, "1", "Documents this one refers to.";
        validity: opt Period, "2", "Validity.";
        place_of_issue: opt Location, "13", "Place of issue.";
        issuing_authority: opt Authentication, "6", "The issuing Management Authority; its identifier is the security stamp (box 5b).";
        applicant: opt Authentication, "4", "The applicant.";
        issuing_official: opt Authentication, "13", "The issuing official.";
        examining_authority: opt Authentication, "14", "The authority that examined the consignment.";
    }
    ReferencedDocument "A document that is referred to." {
        issued: opt Moment, "", "Its date.";
        document_type: opt Coded<DocumentType>, "", "Its type.";
        ids: many Identifier, "", "Its numbers.";
        names: many Text, "", "Its names.";
        validity: opt Period, "", "Its validity.";
    }
    Period "From and until." {
        start: opt Moment, "", "First moment.";
        end: opt Moment, "", "Last moment.";
    }
    Authentication "A signature block: who, when, where, in which role. No cryptography." {
        role: opt SignatoryRole, "", "Role of the signatory.";
        signed: opt Moment, "", "When it was signed.";
        ids: many Identifier, "", "Numbers of stamp or seal.";
        statement: opt Text, "", "Statement made with the signature.";
        provider: opt TradeParty, "", "Who signed.";
        place: opt Location, "", "Where it was signed.";
    }
    TradeParty "A person or organisation named on the permit." {
        ids: many Identifier, "", "Identifiers of the party.";
        name: opt Text, "", "Name of the party.";
        address: opt Address, "", "Postal address.";
        representative: opt Person, "", "Person representing the party.";
        signatories: many Person, "", "Persons who sign with authority.";
    }
    Person "A person." {
        name: opt Text, "", "The name.";
    }
    Address "A postal address." {
        postcodes: many Coded<Word>, "", "Postcodes.";
        post_office_box: opt Text, "", "Post office box.";
        streets: many Text, "", "Street, one entry per line.";
        city: opt Text, "", "City.";
        country: opt Identifier, "", "Country, ISO 3166-1 alpha-2.";
        further_countries: many Identifier, "", "Further countries.";
        country_names: many Text, "", "Names of the country.";
        subdivisions: many Text, "", "State or province.";
    }
    Location "A place." {
        ids: many Identifier, "", "Codes of the place.";
        names: many Text, "", "Names of the place.";
    }
    Consignment "The consignment covered by the permit." {
        consignor: opt TradeParty, "4", "Exporter or re-exporter.";
        consignee: opt TradeParty, "3", "Importer; the country of its address is the country of import (box 3a).";
        transport_document: opt ReferencedDocument, "15", "Bill of lading or air waybill.";
        examinations: many Examination, "14", "When, where and by whom the consignment was examined.";
        items: many Item, "", "The positions of the form.";
        import_country: opt TradeCountry, "3a", "Country of import where it is named apart from the consignee.";
    }
    Examination "An examination at the border." {
        occurred: opt Moment, "", "When.";
        quantity: opt Quantity, "", "Quantity found; on a position, what really left.";
        place: opt Location, "", "Where.";
        certifiers: many TradeParty, "", "Who certified it.";
    }
    Item "One position of the form." {
        ids: many Identifier, "", "Letter of the position.";
        marks: many ShippingMarks, "9", "Identifying marks, tags, rings, microchips.";
        origin: opt TradeCountry, "12", "Country of origin.";
        last_reexport: opt TradeCountry, "12a", "Country of last re-export.";
        documents: many ReferencedDocument, "12, 12a", "Permit of the country of origin and certificate of last re-export.";
        packages: many Package, "11", "Carriers of the permitted quantity.";
        lines: many LineItem, "", "Species and specimen.";
        examinations: many Examination, "14", "What was found at examination.";
        procedures: many RegulatoryProcedure, "", "Quota, operation, date of acquisition.";
    }
    ShippingMarks "Marks on a package or specimen." {
        markings: many Text, "", "One mark or number each.";
    }
    TradeCountry "A country of origin or of last re-export." {
        ids: many Identifier, "", "Country codes, ISO 3166-1 alpha-2 and the special codes of CITES.";
        names: many Text, "", "Names of the country.";
        subdivisions: many Text, "", "Parts of the country.";
    }
    Package "A package." {
        quantity: opt Quantity, "", "Permitted quantity with unit.";
    }
    LineItem "Species and specimen, Appendix and source." {
        appendix: opt Appendix, "10", "Appendix.";
        source: opt Source, "10", "Source.";
        product: opt TradeProduct, "", "The species and the specimen.";
    }
    TradeProduct "The species and the specimen." {
        seller_assigned_id: opt Identifier, "9", "Identifier given by the seller.";
        manufacturer_assigned_ids: many Identifier, "9", "Identifiers given by the producer.";
        descriptions: many Text, "9", "Description of the specimens in words.";
        terms: many Coded<Word>, "9", "Description of the specimens as term code.";
        common_names: many Text, "8", "Common names.";
        scientific_names: many Text, "7", "Scientific names.";
    }
    RegulatoryProcedure "Quota, operation, date of acquisition." {
        categories: many Coded<Word>, "12b", "Category; disputed.";
        used_to_date: opt Quantity, "11a", "Exported so far in the calendar year.";
        annual_quota: opt Quantity, "11a", "Annual quota.";
        acquired: opt Moment, "12b", "Date of acquisition of a pre-Convention specimen.";
        previous_documents: many ReferencedDocument, "12b", "Document naming the operation.";
    }
}
