//! What can be wrong with the specimens, and with what left: boxes 7 to 12b, 14 and 15?

use super::{
    A, B, Row, cut, double, endorsed, falcon, import, leopard, reexport, reexport_with_quota, row, seahorse, within,
    without_conditions, without_origin_number, without_quota,
};
use crate::fixture::swap;

pub(super) const TABLE: &[Row] = &[
    row("EPIX-SPECIES-01", "no-scientific-name", |xml| {
        within(xml, B, |b| {
            swap(b, "          <ram:ScientificName languageID=\"la\">Crocodylus niloticus</ram:ScientificName>\n", "")
        })
    }),
    row("EPIX-SPECIES-02", "a-genus", |xml| swap(xml, "Crocodylus niloticus", "Crocodylus spp.")),
    row("EPIX-SPECIES-03", "a-slip-of-the-pen", |xml| swap(xml, "Crocodylus niloticus", "Crocodylus niloticos")),
    row("EPIX-SPECIES-04", "a-synonym", |xml| swap(xml, "Python regius", "Boa regia")),
    row("EPIX-SPECIES-05", "a-hybrid-oddly-written", |xml| {
        swap(xml, "Crocodylus niloticus", "Crocodylus niloticus hyb.")
    }),
    row("EPIX-SPECIES-06", "a-hybrid-in-the-milder-appendix", |xml| {
        swap(xml, "Python regius", "Falco rusticolus x Falco cherrug")
    }),
    row("EPIX-TERM-01", "nothing-described", |xml| {
        within(&within(xml, B, |b| swap(b, "          <ram:TypeCode>SKI</ram:TypeCode>\n", "")), B, |b| {
            swap(b, "          <ram:Description languageID=\"EN\">Salted skins, whole</ram:Description>\n", "")
        })
    }),
    row("EPIX-TERM-02", "a-term-of-no-list", |xml| within(xml, B, |b| swap(b, ">SKI<", ">live skin<"))),
    row("EPIX-TERM-03", "a-term-of-former-days", |xml| within(xml, B, |b| swap(b, ">SKI<", ">WAT<"))),
    row("EPIX-TERM-04", "cosmetics-once-coral-sand", |xml| within(xml, B, |b| swap(b, ">SKI<", ">COS<"))),
    row("EPIX-TERM-05", "bark-of-an-animal", |xml| within(xml, A, |a| swap(a, ">LIV<", ">BAR<"))),
    row("EPIX-TERM-06", "a-tusk-of-a-python", |xml| within(xml, A, |a| swap(a, ">LIV<", ">TUS<"))),
    row("EPIX-TERM-07", "seeds-that-no-listing-covers", |xml| {
        within(xml, B, |b| swap(&swap(b, "Crocodylus niloticus", "Aquilaria malaccensis"), ">SKI<", ">SEE<"))
    }),
    row("EPIX-TERM-08", "two-terms", |xml| {
        within(xml, B, |b| {
            swap(
                b,
                "          <ram:TypeCode>SKI</ram:TypeCode>\n",
                "          <ram:TypeCode>SKI</ram:TypeCode>\n          <ram:TypeCode>SKP</ram:TypeCode>\n",
            )
        })
    }),
    row("EPIX-MARK-01", "a-leopard-without-a-tag", |xml| {
        within(&leopard(xml), B, |b| {
            cut(b, "      <ram:PhysicalLogisticsShippingMarks>", "</ram:PhysicalLogisticsShippingMarks>\n")
        })
    }),
    row("EPIX-MARK-02", "a-leopard-without-a-quota", |xml| within(&leopard(xml), B, without_quota)),
    row("EPIX-MARK-03", "tusks-without-marks", |xml| {
        within(xml, B, |b| {
            swap(
                &swap(
                    &cut(b, "      <ram:PhysicalLogisticsShippingMarks>", "</ram:PhysicalLogisticsShippingMarks>\n"),
                    "Crocodylus niloticus",
                    "Loxodonta africana",
                ),
                ">SKI<",
                ">TUS<",
            )
        })
    }),
    row("EPIX-MARK-04", "caviar-without-a-label", |xml| {
        within(xml, B, |b| swap(&swap(b, "Crocodylus niloticus", "Acipenser baerii"), ">SKI<", ">CAV<"))
    }),
    row("EPIX-MARK-05", "skins-without-tags", |xml| {
        within(xml, B, |b| {
            cut(b, "      <ram:PhysicalLogisticsShippingMarks>", "</ram:PhysicalLogisticsShippingMarks>\n")
        })
    }),
    row("EPIX-APPENDIX-01", "no-appendix", |xml| {
        within(xml, B, |b| swap(b, "        <ram:TypeCode>II</ram:TypeCode>\n", ""))
    }),
    row("EPIX-APPENDIX-02", "an-annex-of-no-appendix", |xml| {
        within(xml, B, |b| swap(b, "<ram:TypeCode>II<", "<ram:TypeCode>N<"))
    }),
    row("EPIX-APPENDIX-03", "an-appendix-of-another-species", |xml| {
        within(xml, B, |b| swap(b, "<ram:TypeCode>II<", "<ram:TypeCode>III<"))
    }),
    row("EPIX-SOURCE-01", "no-source", |xml| {
        within(xml, B, |b| swap(b, "        <ram:TypeExtensionCode>W</ram:TypeExtensionCode>\n", ""))
    }),
    row("EPIX-SOURCE-02", "a-source-of-no-list", |xml| {
        within(xml, B, |b| swap(b, "<ram:TypeExtensionCode>W", "<ram:TypeExtensionCode>K"))
    }),
    row("EPIX-SOURCE-03", "from-the-sea-before-2013", |xml| swap(&seahorse(xml), "2026-", "2012-")),
    row("EPIX-SOURCE-04", "an-animal-artificially-propagated", |xml| {
        within(xml, B, |b| swap(&swap(b, "TypeExtensionCode>W", "TypeExtensionCode>A"), ">SKI<", ">SPE<"))
    }),
    row("EPIX-SOURCE-05", "source-d-in-appendix-ii", |xml| {
        within(xml, A, |a| swap(a, "<ram:TypeExtensionCode>C", "<ram:TypeExtensionCode>D"))
    }),
    row("EPIX-SOURCE-06", "source-d-without-an-operation", |xml| {
        within(xml, A, |a| {
            swap(
                &cut(&falcon(a), "        <ram:PreviousReferencedDocument>", "</ram:PreviousReferencedDocument>\n"),
                "TypeExtensionCode>C",
                "TypeExtensionCode>D",
            )
        })
    }),
    row("EPIX-SOURCE-07", "pre-convention-without-a-date", |xml| {
        within(xml, B, |b| swap(b, "<ram:TypeExtensionCode>W", "<ram:TypeExtensionCode>O"))
    }),
    row("EPIX-SOURCE-08", "acquired-after-the-listing", |xml| {
        within(&within(xml, B, |b| swap(b, "<ram:TypeExtensionCode>W", "<ram:TypeExtensionCode>O")), B, |b| {
            swap(
                b,
                "<ram:AnnualQuotaQuantity unitCode=\"NAR\">1000</ram:AnnualQuotaQuantity>\n",
                "<ram:AnnualQuotaQuantity unitCode=\"NAR\">1000</ram:AnnualQuotaQuantity>\n        <ram:AcquisitionDateTime>1990-11-05T00:00:00+01:00</ram:AcquisitionDateTime>\n",
            )
        })
    }),
    row("EPIX-SOURCE-09", "acquired-after-the-issue", |xml| {
        within(xml, B, |b| {
            swap(
                b,
                "<ram:AnnualQuotaQuantity unitCode=\"NAR\">1000</ram:AnnualQuotaQuantity>\n",
                "<ram:AnnualQuotaQuantity unitCode=\"NAR\">1000</ram:AnnualQuotaQuantity>\n        <ram:AcquisitionDateTime>2026-02-10T00:00:00+01:00</ram:AcquisitionDateTime>\n",
            )
        })
    }),
    row("EPIX-SOURCE-10", "unknown-and-not-justified", |xml| {
        without_conditions(&within(xml, B, |b| swap(b, "<ram:TypeExtensionCode>W", "<ram:TypeExtensionCode>U")))
    }),
    row("EPIX-SOURCE-11", "import-of-a-wild-leopard-for-trade", |xml| {
        swap(&import(&leopard(xml)), "PurposeCode>P", "PurposeCode>T").replace(">TRO<", ">SKI<")
    }),
    row("EPIX-SOURCE-12", "export-of-a-wild-leopard-for-trade", |xml| {
        swap(&leopard(xml), "PurposeCode>P", "PurposeCode>T").replace(">TRO<", ">SKI<")
    }),
    row("EPIX-SOURCE-13", "a-falcon-bred-for-trade", |xml| within(xml, A, falcon)),
    row("EPIX-SOURCE-14", "from-the-sea-of-no-flag", |xml| {
        within(&seahorse(xml), B, |b| cut(b, "      <ram:OriginTradeCountry>", "</ram:OriginTradeCountry>\n"))
    }),
    row("EPIX-SOURCE-15", "a-crocodile-from-the-high-seas", |xml| {
        within(xml, B, |b| swap(b, "<ram:TypeExtensionCode>W", "<ram:TypeExtensionCode>X"))
    }),
    row("EPIX-QUANTITY-01", "no-quantity", |xml| {
        within(xml, B, |b| cut(b, "      <ram:TransportLogisticsPackage>", "</ram:TransportLogisticsPackage>\n"))
    }),
    row("EPIX-QUANTITY-02", "nothing", |xml| within(xml, B, |b| swap(b, ">20<", ">0.0<"))),
    row("EPIX-QUANTITY-03", "half-a-python", |xml| within(xml, A, |a| swap(a, ">10<", ">10.5<"))),
    row("EPIX-QUANTITY-04", "two-quantities", |xml| {
        within(xml, B, |b| double(b, "      <ram:TransportLogisticsPackage>", "</ram:TransportLogisticsPackage>\n"))
    }),
    row("EPIX-QUANTITY-05", "half-a-trophy", |xml| within(&leopard(xml), B, |b| swap(b, ">20<", ">2.5<"))),
    row("EPIX-UNIT-01", "a-unit-of-no-list", |xml| swap(xml, "unitCode=\"NAR\"", "unitCode=\"Stück\"")),
    row("EPIX-UNIT-02", "pieces-of-former-days", |xml| swap(xml, "unitCode=\"NAR\"", "unitCode=\"PCS\"")),
    row("EPIX-UNIT-03", "a-unit-of-rec-20-alone", |xml| swap(xml, "unitCode=\"NAR\"", "unitCode=\"H87\"")),
    row("EPIX-UNIT-04", "centimetres-or-carats", |xml| swap(xml, "unitCode=\"NAR\"", "unitCode=\"CTM\"")),
    row("EPIX-UNIT-05", "litres-of-skins", |xml| within(xml, B, |b| swap(b, "unitCode=\"NAR\"", "unitCode=\"LTR\""))),
    row("EPIX-QUOTA-01", "more-than-the-quota", |xml| within(xml, B, |b| swap(b, ">300<", ">1300<"))),
    row("EPIX-QUOTA-02", "a-total-without-a-quota", |xml| {
        within(xml, B, |b| cut(b, "        <ram:AnnualQuotaQuantity", "</ram:AnnualQuotaQuantity>\n"))
    }),
    row("EPIX-QUOTA-03", "a-quota-in-another-unit", |xml| {
        within(xml, B, |b| swap(b, "QuotaQuantity unitCode=\"NAR\"", "QuotaQuantity unitCode=\"KGM\""))
    }),
    row("EPIX-QUOTA-04", "a-total-below-the-quantity", |xml| within(xml, B, |b| swap(b, ">300<", ">19<"))),
    row("EPIX-QUOTA-05", "a-quota-on-a-re-export", reexport_with_quota),
    row("EPIX-QUOTA-06", "no-quota-where-one-is-set", |xml| within(xml, A, without_quota)),
    row("EPIX-QUOTA-07", "more-than-the-published-quota", |xml| {
        within(xml, A, |a| swap(&swap(a, ">120<", ">620<"), ">500<", ">700<"))
    }),
    row("EPIX-QUOTA-08", "a-suspended-trade", |xml| {
        within(xml, B, |b| swap(b, "<ram:TypeExtensionCode>W", "<ram:TypeExtensionCode>R"))
    }),
    row("EPIX-ORIGIN-01", "last-re-export-on-an-export-permit", |xml| {
        within(xml, B, |b| {
            swap(
                b,
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n",
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n      <ram:ExportTradeCountry>\n        <ram:ID>XB</ram:ID>\n      </ram:ExportTradeCountry>\n",
            )
        })
    }),
    row("EPIX-ORIGIN-02", "permit-of-origin-on-an-export-permit", |xml| {
        within(xml, B, |b| {
            swap(
                b,
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n",
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n      <ram:AssociatedReferencedDocument>\n        <ram:IssueDateTime>2025-11-20T00:00:00+01:00</ram:IssueDateTime>\n        <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">E</ram:TypeCode>\n        <ram:ID>25XA000077/EX</ram:ID>\n      </ram:AssociatedReferencedDocument>\n",
            )
        })
    }),
    row("EPIX-ORIGIN-03", "another-origin-on-an-export-permit", |xml| {
        within(xml, B, |b| {
            swap(
                b,
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n",
                "      <ram:OriginTradeCountry>\n        <ram:ID>XC</ram:ID>\n        <ram:Name languageID=\"EN\">Xcoria</ram:Name>\n      </ram:OriginTradeCountry>\n",
            )
        })
    }),
    row("EPIX-ORIGIN-04", "re-export-without-permit-of-origin", |xml| {
        without_conditions(&within(&reexport(xml), B, without_origin_number))
    }),
    row("EPIX-ORIGIN-05", "re-export-without-permit-of-origin-and-a-text", |xml| {
        within(&reexport(xml), B, without_origin_number)
    }),
    row("EPIX-ORIGIN-06", "last-re-export-without-a-date", |xml| {
        within(&reexport(xml), B, |b| {
            swap(b, "        <ram:IssueDateTime>2025-06-05T00:00:00+02:00</ram:IssueDateTime>\n", "")
        })
    }),
    row("EPIX-ORIGIN-07", "re-export-of-own-specimens", |xml| {
        within(&reexport(xml), B, |b| swap(b, "<ram:ID>XC</ram:ID>", "<ram:ID>XA</ram:ID>"))
    }),
    row("EPIX-ORIGIN-08", "re-exported-before-the-export", |xml| {
        within(&reexport(xml), B, |b| swap(b, "2025-06-05T", "2023-06-05T"))
    }),
    row("EPIX-ORIGIN-09", "an-origin-of-no-list", |xml| {
        within(xml, B, |b| swap(b, "        <ram:ID>XA</ram:ID>", "        <ram:ID>Xania</ram:ID>"))
    }),
    row("EPIX-ORIGIN-10", "a-last-re-export-of-no-list", |xml| {
        within(&reexport(xml), B, |b| swap(b, "<ram:ID>XB</ram:ID>", "<ram:ID>UK</ram:ID>"))
    }),
    row("EPIX-ORIGIN-11", "a-document-of-another-kind", |xml| {
        within(xml, B, |b| {
            swap(
                b,
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n",
                "      <ram:OriginTradeCountry>\n        <ram:ID>XA</ram:ID>\n        <ram:Name languageID=\"EN\">Republic of Xa</ram:Name>\n      </ram:OriginTradeCountry>\n      <ram:AssociatedReferencedDocument>\n        <ram:IssueDateTime>2025-11-20T00:00:00+01:00</ram:IssueDateTime>\n        <ram:TypeCode listID=\"1001\" listAgencyID=\"6\">911</ram:TypeCode>\n        <ram:ID>25XB000050/IM</ram:ID>\n      </ram:AssociatedReferencedDocument>\n",
            )
        })
    }),
    row("EPIX-ORIGIN-12", "two-permits-of-origin", |xml| {
        within(&reexport(xml), B, |b| {
            double(
                b,
                "      <ram:AssociatedReferencedDocument>\n        <ram:IssueDateTime>2024",
                "</ram:AssociatedReferencedDocument>\n",
            )
        })
    }),
    row("EPIX-ORIGIN-13", "a-wild-crocodile-from-switzerland", |xml| {
        within(&reexport(xml), B, |b| {
            swap(&swap(b, "<ram:ID>XC</ram:ID>", "<ram:ID>CH</ram:ID>"), "Xcoria", "Switzerland")
        })
    }),
    row("EPIX-ORIGIN-14", "appendix-i-without-an-import-permit", |xml| {
        swap(&within(xml, A, falcon), "PurposeCode>T", "PurposeCode>E")
    }),
    row("EPIX-ENDORSE-01", "more-left-than-permitted", |xml| swap(&endorsed(xml), ">18<", ">21<")),
    row("EPIX-ENDORSE-02", "no-date-of-export", |xml| {
        cut(&endorsed(xml), "      <ram:ActualOccurrenceDateTime>", "</ram:ActualOccurrenceDateTime>\n")
    }),
    row("EPIX-ENDORSE-03", "no-port-of-export", |xml| {
        cut(&endorsed(xml), "      <ram:OccurrenceLogisticsLocation>", "</ram:OccurrenceLogisticsLocation>\n")
    }),
    row("EPIX-ENDORSE-04", "nobody-examined", |xml| {
        cut(&endorsed(xml), "      <ram:CertifyingTradeParty>", "</ram:CertifyingTradeParty>\n")
    }),
    row("EPIX-ENDORSE-05", "left-after-the-last-day", |xml| swap(&endorsed(xml), "2026-02-20T", "2026-08-20T")),
    row("EPIX-ENDORSE-06", "left-before-the-issue", |xml| swap(&endorsed(xml), "2026-02-20T", "2026-01-20T")),
    row("EPIX-ENDORSE-07", "left-in-another-unit", |xml| {
        swap(&endorsed(xml), "UnitQuantity unitCode=\"NAR\">18", "UnitQuantity unitCode=\"KGM\">18")
    }),
    row("EPIX-ENDORSE-08", "no-waybill", |xml| {
        cut(
            &endorsed(xml),
            "    <ram:TransportContractReferencedDocument>",
            "</ram:TransportContractReferencedDocument>\n",
        )
    }),
    row("EPIX-ENDORSE-09", "less-than-nothing-left", |xml| swap(&endorsed(xml), ">18<", ">-1<")),
    row("EPIX-MESSAGE-01", "another-process", |xml| swap(xml, "CITES PERMITTING", "PERMITS")),
];
