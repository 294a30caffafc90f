//! What can be wrong with a permit? One named mutation of `fixtures/rules/base.xml` for each rule.

mod document;
mod specimen;

use crate::fixture::swap;

/// One broken rule: the rule, what is wrong, and how the file is made of the base.
pub(crate) struct Row {
    pub(crate) rule: &'static str,
    pub(crate) slug: &'static str,
    pub(crate) change: fn(&str) -> String,
}

const fn row(rule: &'static str, slug: &'static str, change: fn(&str) -> String) -> Row {
    Row { rule, slug, change }
}

/// The rows in the order of the form.
pub(crate) fn table() -> impl Iterator<Item = &'static Row> {
    document::TABLE.iter().chain(specimen::TABLE)
}

const ITEM: &str = "    <ram:IncludedSupplyChainConsignmentItem>";
const ITEM_END: &str = "</ram:IncludedSupplyChainConsignmentItem>\n";

/// The positions of the base.
const A: usize = 0;
const B: usize = 1;

/// Changes one position.
fn within(xml: &str, position: usize, change: impl Fn(&str) -> String) -> String {
    let (start, _) = xml.match_indices(ITEM).nth(position).expect("the base has the position");
    let end = start + xml[start..].find(ITEM_END).expect("a position ends") + ITEM_END.len();
    format!("{}{}{}", &xml[..start], change(&xml[start..end]), &xml[end..])
}

/// The stretches that begin with one text and end with another.
fn stretch(xml: &str, from: &str, to: &str) -> Option<std::ops::Range<usize>> {
    let start = xml.find(from)?;
    let end = xml[start + from.len()..].find(to)? + start + from.len() + to.len();
    Some(start..end)
}

/// Takes out every stretch that begins with one text and ends with another; there must be one.
fn cut(xml: &str, from: &str, to: &str) -> String {
    let mut left = xml.to_owned();
    while let Some(range) = stretch(&left, from, to) {
        left.replace_range(range, "");
    }
    assert_ne!(left, xml, "{from:?} is not in the document");
    left
}

/// Writes a stretch twice.
fn double(xml: &str, from: &str, to: &str) -> String {
    let range = stretch(xml, from, to).unwrap_or_else(|| panic!("{from:?} is not in the document"));
    format!("{}{}", &xml[..range.end], &xml[range.start..])
}

/// Gives the exporter another country, or none.
fn exporter(xml: &str, country: &str) -> String {
    country_behind(xml, "    <ram:ConsignorTradeParty>", country)
}

/// Gives the Management Authority another country, or none.
fn authority(xml: &str, country: &str) -> String {
    country_behind(xml, "    <ram:FirstSignatoryDocumentAuthentication>", country)
}

fn country_behind(xml: &str, party: &str, country: &str) -> String {
    let (before, behind) = xml.split_at(xml.find(party).expect("the base has the party"));
    let range = stretch(behind, "<ram:CountryID", "</ram:CountryID>").expect("the base has a country");
    let element = if country.is_empty() {
        String::new()
    } else {
        format!("<ram:CountryID schemeID=\"3166-1\" schemeAgencyID=\"5\">{country}</ram:CountryID>")
    };
    format!("{before}{}{element}{}", &behind[..range.start], &behind[range.end..])
}

fn without_conditions(xml: &str) -> String {
    let eggs = within(xml, A, |a| swap(a, ">LIV<", ">EGG<"));
    cut(&eggs, "    <ram:Information", "</ram:Information>\n")
}

fn without_quota(item: &str) -> String {
    let item = cut(item, "        <ram:UsedToDateQuotaQuantity", "</ram:UsedToDateQuotaQuantity>\n");
    let item = cut(&item, "        <ram:AnnualQuotaQuantity", "</ram:AnnualQuotaQuantity>\n");
    let procedure = "ram:ApplicableCrossBorderRegulatoryProcedure>\n";
    item.replace(&format!("      <{procedure}      </{procedure}"), "")
}

/// An import permit of XB.
fn import(xml: &str) -> String {
    let xml = swap(&swap(&without_quota(xml), "\"6\">E<", "\"6\">I<"), "26XA000200/EX", "26XB000200/IM");
    authority(&xml, "XB")
}

/// A certificate of another kind.
fn other(xml: &str) -> String {
    let number = "    <ram:ID>26XA000200/EX</ram:ID>\n";
    let title = "    <ram:Name languageID=\"EN\">Travelling exhibition certificate</ram:Name>\n";
    swap(&swap(xml, "\"6\">E<", "\"6\">O<"), number, &format!("{number}{title}"))
}

/// A re-export certificate: origin XC, last re-export XB.
fn reexport(xml: &str) -> String {
    reexport_with_quota(&without_quota(xml))
}

fn reexport_with_quota(xml: &str) -> String {
    let xml = swap(&swap(xml, "\"6\">E<", "\"6\">R<"), "26XA000200/EX", "26XA000200/RE");
    let document = |code: &str, moment: &str, number: &str| {
        format!(
            "      <ram:AssociatedReferencedDocument>\n        <ram:IssueDateTime>{moment}</ram:IssueDateTime>\n        \
             <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">{code}</ram:TypeCode>\n        <ram:ID>{number}</ram:ID>\n      \
             </ram:AssociatedReferencedDocument>\n"
        )
    };
    let own = "        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      \
               </ram:OriginTradeCountry>\n";
    let foreign = "        <ram:ID>XC</ram:ID>\n        <ram:Name languageID=\"EN\">Xcoria</ram:Name>\n      \
                   </ram:OriginTradeCountry>\n      <ram:ExportTradeCountry>\n        <ram:ID>XB</ram:ID>\n      \
                   </ram:ExportTradeCountry>\n";
    let origin = document("E", "2024-03-04T00:00:00+01:00", "24XC000310/EX");
    let last = document("R", "2025-06-05T00:00:00+02:00", "25XB000411/RE");
    swap(&xml, own, &format!("{foreign}{origin}{last}"))
}

fn without_origin_number(item: &str) -> String {
    swap(item, "        <ram:ID>24XC000310/EX</ram:ID>\n", "")
}

/// Position B becomes the trophies of leopards.
fn leopard(xml: &str) -> String {
    let xml = swap(xml, "<ram:PurposeCode>T", "<ram:PurposeCode>P");
    within(&xml, B, |b| {
        let b = swap(&swap(b, "Crocodylus niloticus", "Panthera pardus"), ">SKI<", ">TRO<");
        swap(&b, "<ram:TypeCode>II<", "<ram:TypeCode>I<")
    })
}

/// A position becomes falcons of Appendix I.
fn falcon(item: &str) -> String {
    swap(&swap(item, "Python regius", "Falco rusticolus"), "<ram:TypeCode>II<", "<ram:TypeCode>I<")
}

/// Position B becomes seahorses from the high seas.
fn seahorse(xml: &str) -> String {
    within(xml, B, |b| {
        let b = swap(&swap(b, "Crocodylus niloticus", "Hippocampus kuda"), ">SKI<", ">BOD<");
        swap(&b, "TypeExtensionCode>W", "TypeExtensionCode>X")
    })
}

/// Box 14 is filled.
fn endorsed(xml: &str) -> String {
    let event = "    <ram:ExaminationTransportEvent>\n      \
                 <ram:ActualOccurrenceDateTime>2026-02-20T08:00:00+01:00</ram:ActualOccurrenceDateTime>\n      \
                 <ram:OccurrenceLogisticsLocation>\n        <ram:Name languageID=\"EN\">Port Xavier</ram:Name>\n      \
                 </ram:OccurrenceLogisticsLocation>\n      <ram:CertifyingTradeParty>\n        \
                 <ram:Name languageID=\"EN\">Customs of Xa</ram:Name>\n      </ram:CertifyingTradeParty>\n    \
                 </ram:ExaminationTransportEvent>\n";
    let xml = xml.replacen(ITEM, &format!("{event}{ITEM}"), 1);
    let left = |item: &str, quantity: &str| {
        let line = "      </ram:IncludedSupplyChainTradeLineItem>\n";
        let found = format!(
            "      <ram:ExaminationTransportEvent>\n        <ram:UnitQuantity unitCode=\"NAR\">{quantity}</ram:UnitQuantity>\n      \
             </ram:ExaminationTransportEvent>\n"
        );
        swap(item, line, &format!("{line}{found}"))
    };
    within(&within(&xml, A, |a| left(a, "8")), B, |b| left(b, "18"))
}
