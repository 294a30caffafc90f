//! What can be wrong with the document: boxes 1 to 6 and 13, and the positions as such?

use super::{A, B, ITEM, Row, authority, cut, double, exporter, import, other, row, within};
use crate::fixture::swap;

pub(super) const TABLE: &[Row] = &[
    row("EPIX-TYPE-01", "no-type", |xml| {
        swap(xml, "    <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">E</ram:TypeCode>\n", "")
    }),
    row("EPIX-TYPE-02", "a-type-of-no-list", |xml| swap(xml, "\"6\">E<", "\"6\">E2<")),
    row("EPIX-TYPE-03", "other-without-a-title", |xml| swap(xml, "\"6\">E<", "\"6\">O<")),
    row("EPIX-TYPE-04", "a-copy", |xml| swap(xml, ">false<", ">true<")),
    row("EPIX-TYPE-05", "export-permit-with-a-title", |xml| {
        swap(
            xml,
            "    <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">E</ram:TypeCode>\n",
            "    <ram:Name languageID=\"EN\">Export permit</ram:Name>\n    <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">E</ram:TypeCode>\n",
        )
    }),
    row("EPIX-NUMBER-01", "36-characters", |xml| swap(xml, "26XA000200/EX", "26XA000200/EX-WITH-ALL-ITS-ADDITIONS")),
    row("EPIX-NUMBER-02", "a-number-of-another-form", |xml| swap(xml, "26XA000200/EX", "XA-2026-200")),
    row("EPIX-NUMBER-03", "a-number-of-another-country", |xml| swap(xml, "26XA000200/EX", "26XB000200/EX")),
    row("EPIX-NUMBER-04", "a-number-of-last-year", |xml| swap(xml, "26XA000200/EX", "25XA000200/EX")),
    row("EPIX-NUMBER-05", "a-number-that-is-taken", |xml| swap(xml, "26XA000200/EX", "26XA000299/EX")),
    row("EPIX-DATE-01", "no-date-of-issue", |xml| {
        swap(xml, "    <ram:IssueDateTime>2026-02-02T10:15:00+01:00</ram:IssueDateTime>\n", "")
    }),
    row("EPIX-DATE-02", "issued-in-the-future", |xml| swap(xml, "2026-02-02T10:15", "2026-03-09T10:15")),
    row("EPIX-DATE-03", "no-end-of-validity", |xml| {
        swap(xml, "      <ram:EndDateTime>2026-08-01T23:59:59+02:00</ram:EndDateTime>\n", "")
    }),
    row("EPIX-DATE-04", "ends-before-it-is-issued", |xml| {
        swap(&swap(xml, "2026-02-02T00:00:00+01:00", "2026-01-01T00:00:00+01:00"), "2026-08-01T", "2026-01-31T")
    }),
    row("EPIX-DATE-05", "export-permit-of-six-months-and-a-day", |xml| swap(xml, "2026-08-01T", "2026-08-03T")),
    row("EPIX-DATE-06", "import-permit-of-a-year-and-a-day", |xml| swap(&import(xml), "2026-08-01T", "2027-02-03T")),
    row("EPIX-DATE-07", "certificate-of-three-years-and-a-day", |xml| swap(&other(xml), "2026-08-01T", "2029-02-03T")),
    row("EPIX-DATE-08", "begins-after-it-ends", |xml| {
        swap(xml, "2026-02-02T00:00:00+01:00", "2026-09-01T00:00:00+02:00")
    }),
    row("EPIX-DATE-09", "two-validities", |xml| {
        swap(
            xml,
            "    <ram:EffectiveSpecifiedPeriod>\n",
            "    <ram:ReferenceReferencedDocument>\n      <ram:EffectiveSpecifiedPeriod>\n        <ram:StartDateTime>2026-02-02T00:00:00+01:00</ram:StartDateTime>\n        <ram:EndDateTime>2026-07-31T23:59:59+02:00</ram:EndDateTime>\n      </ram:EffectiveSpecifiedPeriod>\n    </ram:ReferenceReferencedDocument>\n    <ram:EffectiveSpecifiedPeriod>\n",
        )
    }),
    row("EPIX-DATE-10", "signed-a-day-later", |xml| {
        swap(xml, "<ram:ActualDateTime>2026-02-02", "<ram:ActualDateTime>2026-02-03")
    }),
    row("EPIX-PARTY-01", "no-importer", |xml| {
        swap(xml, "      <ram:Name languageID=\"EN\">Botanical Trading House of Beit Xoro</ram:Name>\n", "")
    }),
    row("EPIX-PARTY-02", "no-address-of-the-importer", |xml| {
        swap(
            xml,
            "        <ram:PostcodeCode>XB-2010</ram:PostcodeCode>\n        <ram:StreetName languageID=\"EN\">7 Orchid Row</ram:StreetName>\n        <ram:CityName languageID=\"EN\">Beit Xoro</ram:CityName>\n",
            "",
        )
    }),
    row("EPIX-PARTY-03", "no-country-of-import", |xml| {
        swap(xml, "        <ram:CountryID schemeID=\"3166-1\" schemeAgencyID=\"5\">XB</ram:CountryID>\n", "")
    }),
    row("EPIX-PARTY-04", "no-exporter", |xml| {
        swap(
            xml,
            "    <ram:ConsignorTradeParty>\n      <ram:Name languageID=\"EN\">Xa Reptiles &amp; Plants Ltd.</ram:Name>\n",
            "    <ram:ConsignorTradeParty>\n",
        )
    }),
    row("EPIX-PARTY-05", "no-address-of-the-exporter", |xml| {
        swap(
            xml,
            "        <ram:PostcodeCode>1003</ram:PostcodeCode>\n        <ram:StreetName languageID=\"EN\">14 Harbour Lane</ram:StreetName>\n        <ram:CityName languageID=\"EN\">Port Xavier</ram:CityName>\n",
            "",
        )
    }),
    row("EPIX-PARTY-06", "no-country-of-export", |xml| exporter(xml, "")),
    row("EPIX-PARTY-07", "a-country-of-import-of-no-list", |xml| {
        swap(xml, ">XB</ram:CountryID>", ">UK</ram:CountryID>")
    }),
    row("EPIX-PARTY-08", "a-country-of-export-of-no-list", |xml| exporter(xml, "Xania")),
    row("EPIX-PARTY-09", "a-country-of-former-days", |xml| swap(xml, ">XB</ram:CountryID>", ">SU</ram:CountryID>")),
    row("EPIX-PARTY-10", "from-one-country-into-the-same", |xml| {
        swap(xml, ">XB</ram:CountryID>", ">XA</ram:CountryID>")
    }),
    row("EPIX-PARTY-11", "issued-in-another-country", |xml| {
        exporter(&cut(xml, "      <ram:OriginTradeCountry>", "</ram:OriginTradeCountry>\n"), "XC")
    }),
    row("EPIX-PARTY-12", "small-letters", |xml| swap(xml, ">XB</ram:CountryID>", ">xb</ram:CountryID>")),
    row("EPIX-CONDITION-01", "nothing-about-transport", |xml| {
        cut(xml, "    <ram:Information languageID=\"EN\">Valid for live", "</ram:Information>\n")
    }),
    row("EPIX-CONDITION-02", "a-language-that-few-read", |xml| {
        swap(xml, "<ram:Information languageID=\"EN\">", "<ram:Information languageID=\"cs\">")
    }),
    row("EPIX-PURPOSE-01", "no-purpose", |xml| swap(xml, "    <ram:PurposeCode>T</ram:PurposeCode>\n", "")),
    row("EPIX-PURPOSE-02", "a-purpose-of-no-list", |xml| swap(xml, "<ram:PurposeCode>T", "<ram:PurposeCode>YY")),
    row("EPIX-PURPOSE-03", "two-purposes", |xml| {
        swap(
            xml,
            "    <ram:PurposeCode>T</ram:PurposeCode>\n",
            "    <ram:PurposeCode>T</ram:PurposeCode>\n    <ram:PurposeCode>S</ram:PurposeCode>\n",
        )
    }),
    row("EPIX-PURPOSE-04", "live-hunting-trophies", |xml| swap(xml, "<ram:PurposeCode>T", "<ram:PurposeCode>H")),
    row("EPIX-AUTHORITY-01", "no-management-authority", |xml| {
        swap(
            xml,
            "        <ram:Name languageID=\"EN\">Ministry of Nature of Xa, CITES office</ram:Name>\n        <ram:PostalTradeAddress>\n",
            "        <ram:PostalTradeAddress>\n",
        )
    }),
    row("EPIX-AUTHORITY-02", "no-country-of-issue", |xml| authority(xml, "")),
    row("EPIX-AUTHORITY-03", "no-address-of-the-authority", |xml| {
        swap(
            xml,
            "          <ram:PostcodeCode>1001</ram:PostcodeCode>\n          <ram:StreetName languageID=\"EN\">1 Lighthouse Road</ram:StreetName>\n          <ram:CityName languageID=\"EN\">Port Xavier</ram:CityName>\n",
            "",
        )
    }),
    row("EPIX-AUTHORITY-04", "a-country-of-issue-of-no-list", |xml| authority(xml, "Xania")),
    row("EPIX-AUTHORITY-05", "no-name-of-the-official", |xml| {
        cut(
            xml,
            "        <ram:SpecifiedAuthoritativeSignatoryPerson>",
            "</ram:SpecifiedAuthoritativeSignatoryPerson>\n",
        )
    }),
    row("EPIX-AUTHORITY-06", "no-place-of-issue", |xml| {
        cut(
            &cut(xml, "    <ram:IssueLogisticsLocation>\n      <ram:ID", "\n    </ram:IssueLogisticsLocation>\n"),
            "      <ram:IssueLogisticsLocation>",
            "      </ram:IssueLogisticsLocation>\n",
        )
    }),
    row("EPIX-AUTHORITY-07", "no-stamp-number", |xml| swap(xml, "      <ram:ID>XA-0045900</ram:ID>\n", "")),
    row("EPIX-AUTHORITY-08", "a-role-of-another-place", |xml| {
        swap(xml, "<ram:TypeCode>A</ram:TypeCode>", "<ram:TypeCode>C</ram:TypeCode>")
    }),
    row("EPIX-AUTHORITY-09", "two-stamp-numbers", |xml| {
        swap(
            xml,
            "      <ram:ID>XA-0045900</ram:ID>\n",
            "      <ram:ID>XA-0045900</ram:ID>\n      <ram:ID>XA-0045901</ram:ID>\n",
        )
    }),
    row("EPIX-ITEM-01", "no-position", |xml| cut(xml, ITEM, "</ram:IncludedSupplyChainConsignmentItem>\n")),
    row("EPIX-ITEM-02", "no-letter", |xml| within(xml, B, |b| swap(b, "      <ram:ID>B</ram:ID>\n", ""))),
    row("EPIX-ITEM-03", "one-letter-twice", |xml| within(xml, B, |b| swap(b, "<ram:ID>B<", "<ram:ID>A<"))),
    row("EPIX-ITEM-04", "a-letter-with-white-space", |xml| within(xml, B, |b| swap(b, "<ram:ID>B<", "<ram:ID>B 1<"))),
    row("EPIX-ITEM-05", "letters-out-of-order", |xml| {
        within(&within(xml, B, |b| swap(b, "<ram:ID>B<", "<ram:ID>b<")), A, |a| swap(a, "<ram:ID>A<", "<ram:ID>c<"))
    }),
    row("EPIX-ITEM-06", "five-positions", |xml| {
        within(xml, B, |b| {
            ["B", "C", "D", "E"].map(|letter| swap(b, "<ram:ID>B<", &format!("<ram:ID>{letter}<"))).concat()
        })
    }),
    row("EPIX-ITEM-07", "two-letters", |xml| {
        within(xml, B, |b| {
            swap(b, "      <ram:ID>B</ram:ID>\n", "      <ram:ID>B</ram:ID>\n      <ram:ID>B1</ram:ID>\n")
        })
    }),
    row("EPIX-ITEM-08", "two-lines-in-a-position", |xml| {
        within(xml, B, |b| {
            double(b, "      <ram:IncludedSupplyChainTradeLineItem>", "</ram:IncludedSupplyChainTradeLineItem>\n")
        })
    }),
];
