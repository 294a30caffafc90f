//! Small permits for these tests: issued in XA for XB, with the positions that a test needs.

/// A permit with a number and positions (letter, quantity), for an importer in `destination`.
pub(crate) fn permit_to(destination: &str, number: &str, positions: &[(&str, &str)]) -> String {
    let items: String = positions.iter().map(|(id, quantity)| item(id, quantity, "")).collect();
    document(destination, number, VALID, &items)
}

/// The same for XB.
pub(crate) fn permit(number: &str, positions: &[(&str, &str)]) -> String {
    permit_to("XB", number, positions)
}

/// A permit that came with box 14 filled: one position A, 10 permitted, `left` certified.
pub(crate) fn endorsed(number: &str, left: &str) -> String {
    let found = format!(
        "<ram:ExaminationTransportEvent><ram:UnitQuantity>{left}</ram:UnitQuantity></ram:ExaminationTransportEvent>"
    );
    document("XB", number, VALID, &item("A", "10", &found))
}

/// A permit with a title in box 1, one position A of 10.
pub(crate) fn titled(number: &str, title: &str) -> String {
    let (before, behind) =
        (format!("<ram:ID>{number}</ram:ID>"), format!("<ram:ID>{number}</ram:ID><ram:Name>{title}</ram:Name>"));
    permit(number, &[("A", "10")]).replacen(&before, &behind, 1)
}

/// The same for a certificate that may be used in parts.
pub(crate) fn multi_use(number: &str) -> String {
    titled(number, "Travelling Exhibition Certificate")
}

/// A permit whose validity ended long ago.
pub(crate) fn expired(number: &str) -> String {
    document("XB", number, EXPIRED, &item("A", "10", ""))
}

/// Date of issue and last day, in the time of anybody who runs these tests.
const VALID: (&str, &str) = ("2099-01-01", "2099-06-30");
const EXPIRED: (&str, &str) = ("2019-08-01", "2020-01-31");

fn item(id: &str, quantity: &str, behind: &str) -> String {
    format!(
        "<ram:IncludedSupplyChainConsignmentItem><ram:ID>{id}</ram:ID><ram:TransportLogisticsPackage>\
         <ram:ItemQuantity unitCode=\"PCS\">{quantity}</ram:ItemQuantity></ram:TransportLogisticsPackage>\
         <ram:IncludedSupplyChainTradeLineItem><ram:TypeCode>II</ram:TypeCode>\
         <ram:TypeExtensionCode>W</ram:TypeExtensionCode><ram:SpecifiedTradeProduct><ram:TypeCode>SKI</ram:TypeCode>\
         <ram:ScientificName>Caiman yacare</ram:ScientificName></ram:SpecifiedTradeProduct>\
         </ram:IncludedSupplyChainTradeLineItem>{behind}</ram:IncludedSupplyChainConsignmentItem>"
    )
}

fn document(destination: &str, number: &str, (issued, ends): (&str, &str), items: &str) -> String {
    let address = |country: &str| {
        format!(
            "<ram:PostalTradeAddress><ram:CityName>City</ram:CityName><ram:CountryID>{country}</ram:CountryID>\
             </ram:PostalTradeAddress>"
        )
    };
    let (of_issuer, of_importer) = (address("XA"), address(destination));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <rsm:CITESEPermit xmlns:rsm=\"urn:un:unece:uncefact:data:standard:CITESEPermit:2\" \
         xmlns:ram=\"urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1\">\n\
         <rsm:SpecifiedExchangedDocumentContext/>\n\
         <rsm:HeaderExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>E</ram:TypeCode>\
         <ram:IssueDateTime>{issued}T00:00:00+01:00</ram:IssueDateTime><ram:PurposeCode>T</ram:PurposeCode>\
         <ram:EffectiveSpecifiedPeriod><ram:EndDateTime>{ends}T00:00:00+01:00</ram:EndDateTime>\
         </ram:EffectiveSpecifiedPeriod><ram:FirstSignatoryDocumentAuthentication><ram:ProviderTradeParty>\
         <ram:Name>Management Authority</ram:Name>{of_issuer}</ram:ProviderTradeParty>\
         </ram:FirstSignatoryDocumentAuthentication></rsm:HeaderExchangedDocument>\n\
         <rsm:SpecifiedSupplyChainConsignment><ram:ConsignorTradeParty><ram:Name>Exporter</ram:Name>{of_issuer}\
         </ram:ConsignorTradeParty><ram:ConsigneeTradeParty><ram:Name>Importer</ram:Name>{of_importer}\
         </ram:ConsigneeTradeParty>{items}</rsm:SpecifiedSupplyChainConsignment>\n</rsm:CITESEPermit>\n"
    )
}

/// A permit of toolkit 1.0 for XB with one position A.
pub(crate) fn permit_of_toolkit_1(number: &str) -> String {
    let renamed = permit(number, &[("A", "10")])
        .replace("CITESEPermit:2", "CBFShip:1")
        .replace("data:standard:CBFShip", "data:draft:CBFShip")
        .replace("CITESEPermit", "CBFShip");
    let country = "<ram:CountryIdentificationTradeCountry><ram:ID>";
    let end_of_country = "</ram:ID></ram:CountryIdentificationTradeCountry>";
    renamed.replace("<ram:CountryID>", country).replace("</ram:CountryID>", end_of_country)
}

/// A permit of the project's fixtures.
pub(crate) fn fixture(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name);
    std::fs::read_to_string(path).unwrap()
}
