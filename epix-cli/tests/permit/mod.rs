//! Small permits and answers for the tests of the command line.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test program uses its part of this file")]
#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

use epix_core::id::Operation;
use epix_core::soap::{Attachment, Dialect, answer};

pub const NUMBER: &str = "XA-2026-0001";

/// A permit as issued: ten pieces at A, two and three quarters of a kilogram at B.
pub const PERMIT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rsm:CITESEPermit xmlns:rsm="urn:un:unece:uncefact:data:standard:CITESEPermit:2"
    xmlns:ram="urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1">
  <rsm:SpecifiedExchangedDocumentContext/>
  <rsm:HeaderExchangedDocument>
    <ram:ID>XA-2026-0001</ram:ID>
    <ram:TypeCode listID="1001" listAgencyID="6">E</ram:TypeCode>
    <ram:IssueDateTime>2026-03-01T09:30:00+01:00</ram:IssueDateTime>
    <ram:CopyIndicator>false</ram:CopyIndicator>
    <ram:PurposeCode>T</ram:PurposeCode>
    <ram:Information languageID="EN">First condition
Second condition</ram:Information>
    <ram:Information languageID="EN">Transport by the IATA regulations only</ram:Information>
    <ram:EffectiveSpecifiedPeriod>
      <ram:StartDateTime>2026-03-01T00:00:00+01:00</ram:StartDateTime>
      <ram:EndDateTime>2026-08-31T23:59:59+02:00</ram:EndDateTime>
    </ram:EffectiveSpecifiedPeriod>
    <ram:IssueLogisticsLocation><ram:Name>Capital</ram:Name></ram:IssueLogisticsLocation>
    <ram:FirstSignatoryDocumentAuthentication>
      <ram:ID>STAMP-7</ram:ID>
      <ram:ProviderTradeParty>
        <ram:Name>Management Authority of XA</ram:Name>
        <ram:PostalTradeAddress>
          <ram:CityName>Capital</ram:CityName><ram:CountryID>XA</ram:CountryID>
        </ram:PostalTradeAddress>
      </ram:ProviderTradeParty>
    </ram:FirstSignatoryDocumentAuthentication>
    <ram:ThirdSignatoryDocumentAuthentication>
      <ram:ProviderTradeParty>
        <ram:SpecifiedAuthoritativeSignatoryPerson>
          <ram:Name>An Official</ram:Name>
        </ram:SpecifiedAuthoritativeSignatoryPerson>
      </ram:ProviderTradeParty>
    </ram:ThirdSignatoryDocumentAuthentication>
  </rsm:HeaderExchangedDocument>
  <rsm:SpecifiedSupplyChainConsignment>
    <ram:ConsignorTradeParty>
      <ram:Name>Breeder of XA</ram:Name>
      <ram:PostalTradeAddress>
        <ram:CityName>Capital</ram:CityName><ram:CountryID>XA</ram:CountryID>
      </ram:PostalTradeAddress>
    </ram:ConsignorTradeParty>
    <ram:ConsigneeTradeParty>
      <ram:Name>Garden of XB</ram:Name>
      <ram:PostalTradeAddress>
        <ram:CityName>Harbour</ram:CityName>
        <ram:CountryID>XB</ram:CountryID><ram:CountryName>Wonderland</ram:CountryName>
      </ram:PostalTradeAddress>
    </ram:ConsigneeTradeParty>
    <ram:IncludedSupplyChainConsignmentItem>
      <ram:ID>A</ram:ID>
      <ram:TransportLogisticsPackage><ram:ItemQuantity unitCode="NAR">10</ram:ItemQuantity></ram:TransportLogisticsPackage>
      <ram:IncludedSupplyChainTradeLineItem>
        <ram:TypeCode>II</ram:TypeCode>
        <ram:TypeExtensionCode>W</ram:TypeExtensionCode>
        <ram:SpecifiedTradeProduct>
          <ram:TypeCode>LIV</ram:TypeCode>
          <ram:CommonName>panther chameleon</ram:CommonName>
          <ram:ScientificName>Furcifer pardalis</ram:ScientificName>
        </ram:SpecifiedTradeProduct>
      </ram:IncludedSupplyChainTradeLineItem>
    </ram:IncludedSupplyChainConsignmentItem>
    <ram:IncludedSupplyChainConsignmentItem>
      <ram:ID>B</ram:ID>
      <ram:TransportLogisticsPackage><ram:ItemQuantity unitCode="KGM">2.750</ram:ItemQuantity></ram:TransportLogisticsPackage>
      <ram:IncludedSupplyChainTradeLineItem>
        <ram:TypeCode>I</ram:TypeCode>
        <ram:TypeExtensionCode>A</ram:TypeExtensionCode>
        <ram:SpecifiedTradeProduct>
          <ram:TypeCode>SAW</ram:TypeCode>
          <ram:ScientificName>Dalbergia nigra</ram:ScientificName>
        </ram:SpecifiedTradeProduct>
      </ram:IncludedSupplyChainTradeLineItem>
    </ram:IncludedSupplyChainConsignmentItem>
  </rsm:SpecifiedSupplyChainConsignment>
</rsm:CITESEPermit>
"#;

/// The same permit after customs certified eight of the ten pieces.
pub fn final_permit() -> String {
    let endorsement = "<ram:ExaminationTransportEvent><ram:UnitQuantity unitCode=\"NAR\">8</ram:UnitQuantity></ram:ExaminationTransportEvent>";
    let end_of_item = "</ram:IncludedSupplyChainTradeLineItem>";
    PERMIT.replacen(end_of_item, &format!("{end_of_item}{endorsement}"), 1)
}

/// The permit with a date that is none.
pub fn broken_permit() -> String {
    PERMIT.replace("2026-03-01T09:30:00+01:00", "1 March")
}

/// The answer to a question for a permit.
pub fn answer(operation: Operation, document: &str, attachments: &[(&str, &[u8])]) -> String {
    let attachments: Vec<Attachment> = attachments
        .iter()
        .map(|(name, content)| Attachment { name: (*name).to_owned(), content: content.to_vec() })
        .collect();
    answer::write_certificate(operation, Dialect::V2, document, &attachments).unwrap()
}
