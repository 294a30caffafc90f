//! Which permits are there? A strategy for every permit that toolkit 2.0 can carry.
//!
//! What the model never holds is never made: no blank text, no empty aggregate. A field that comes out empty is absent.

use epix_core::id::Amount;
use epix_core::permit::{
    Address, Appendix, Authentication, Coded, Consignment, ContextParameter, Document, DocumentContext, DocumentType,
    DocumentVersion, Examination, Identifier, Item, LineItem, Location, Moment, Package, Period, Permit, Person,
    Purpose, Quantity, ReferencedDocument, RegulatoryProcedure, ShippingMarks, SignatoryRole, Source, Text,
    TradeCountry, TradeParty, TradeProduct, Word, is_xml_char,
};
use proptest::prelude::*;

/// A strategy for one type; boxed, or the types of the nested tuples would take minutes to compile.
type Any<T> = BoxedStrategy<T>;

fn opt<T: std::fmt::Debug + Clone + 'static>(content: Any<T>) -> Any<Option<T>> {
    proptest::option::weighted(0.4, content).boxed()
}

fn many<T: std::fmt::Debug + Clone + 'static>(content: Any<T>) -> Any<Vec<T>> {
    prop_oneof![3 => Just(Vec::new()), 2 => proptest::collection::vec(content, 1..3)].boxed()
}

/// An aggregate at most once: absent when nothing stands in it.
fn opt_filled<T: Default + PartialEq + std::fmt::Debug + Clone + 'static>(content: Any<T>) -> Any<Option<T>> {
    opt(content).prop_map(|found| found.filter(|content| *content != T::default())).boxed()
}

/// Aggregates in any number, none of them empty.
fn many_filled<T: Default + PartialEq + std::fmt::Debug + Clone + 'static>(content: Any<T>) -> Any<Vec<T>> {
    many(content).prop_map(|found| found.into_iter().filter(|content| *content != T::default()).collect()).boxed()
}

fn characters() -> Any<String> {
    let marks = proptest::sample::select("\r\n\t \u{A0}\u{85}\u{2028}\u{FEFF}&<>\"'?]-;#".chars().collect::<Vec<_>>());
    let letter = prop_oneof![
        6 => proptest::char::range('A', 'z'),
        2 => marks,
        1 => any::<char>().prop_filter("XML can carry it", |c| is_xml_char(*c)),
    ];
    let piece =
        prop_oneof![8 => letter.prop_map(String::from), 1 => Just("]]>".to_owned()), 1 => Just("\r\n".to_owned())];
    proptest::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat()).boxed()
}

fn word() -> Any<Word> {
    characters().prop_map(|text| Word::parse(&text).unwrap_or_else(|_| Word::parse("word").unwrap())).boxed()
}

/// A value of an attribute; `?` means none on the wire, so no reader ever puts it into the model.
fn attribute() -> Any<Option<Word>> {
    opt(word()).prop_map(|found| found.filter(|word| word.as_str() != "?")).boxed()
}

/// A language as `xsd:language` spells it.
fn language() -> Any<Option<Word>> {
    let tags = proptest::sample::select(vec!["EN", "fr", "es-419", "la", "zh-Hant-TW", "x-klingon", "abcdefgh-1"]);
    opt(tags.prop_map(|tag| Word::parse(tag).unwrap()).boxed())
}

fn text() -> Any<Text> {
    let parsed = characters().prop_map(|text| Text::parse(&text).unwrap_or_else(|_| Text::parse("text").unwrap()));
    (parsed, language())
        .prop_map(|(mut text, language)| {
            text.language = language;
            text
        })
        .boxed()
}

fn identifier() -> Any<Identifier> {
    (word(), attribute(), attribute())
        .prop_map(|(value, scheme, scheme_agency)| Identifier { value, scheme, scheme_agency })
        .boxed()
}

/// A code of a list, or one that is on none.
fn code<C: std::fmt::Debug + Clone + 'static>(listed: &'static [&'static str], parse: fn(&str) -> C) -> Any<C> {
    let listed = proptest::sample::select(listed).prop_map(str::to_owned);
    prop_oneof![3 => listed, 1 => word().prop_map(String::from)].prop_map(move |text| parse(&text)).boxed()
}

fn coded<C: std::fmt::Debug + Clone + 'static>(code: Any<C>) -> Any<Coded<C>> {
    (code, attribute(), attribute()).prop_map(|(code, list, list_agency)| Coded { code, list, list_agency }).boxed()
}

fn document_type() -> Any<Coded<DocumentType>> {
    coded(code(DocumentType::LISTED, |text| DocumentType::parse(text).unwrap()))
}

fn quantity() -> Any<Quantity> {
    let amount = (any::<u32>(), 0..9_usize).prop_map(|(number, scale)| {
        let digits = format!("{number:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let point = if scale == 0 { "" } else { "." };
        Amount::parse(&format!("{whole}{point}{fraction}")).unwrap()
    });
    let odd = proptest::sample::select(vec!["-0", "-0.00", "0.0", "5.00", "-2.750", "999999999999999999999999"]);
    let amount = prop_oneof![4 => amount, 1 => odd.prop_map(|text| Amount::parse(text).unwrap())];
    (amount, attribute()).prop_map(|(amount, unit)| Quantity { amount, unit }).boxed()
}

fn moment() -> Any<Moment> {
    let zone = proptest::sample::select(vec!["", "Z", "+00:00", "-00:00", "+02:00", "-11:30", "+14:00"]);
    let fraction = proptest::sample::select(vec!["", ".0", ".00", ".120", ".123456789012"]);
    let clock = prop_oneof![9 => (0..24_u8, 0..60_u8, 0..60_u8), 1 => Just((24, 0, 0))];
    ((1..10_000_u16, 1..13_u8, 1..29_u8), clock, fraction, zone)
        .prop_map(|((year, month, day), (hour, minute, second), fraction, zone)| {
            let fraction = if hour == 24 { "" } else { fraction };
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}");
            Moment::parse(&text).unwrap()
        })
        .boxed()
}

fn period() -> Any<Period> {
    (opt(moment()), opt(moment())).prop_map(|(start, end)| Period { start, end }).boxed()
}

fn location() -> Any<Location> {
    (many(identifier()), many(text())).prop_map(|(ids, names)| Location { ids, names }).boxed()
}

fn country() -> Any<TradeCountry> {
    (many(identifier()), many(text())).prop_map(|(ids, names)| TradeCountry { ids, names }).boxed()
}

fn person() -> Any<Person> {
    opt(text()).prop_map(|name| Person { name }).boxed()
}

fn address() -> Any<Address> {
    let postcodes = many(coded(word()));
    (postcodes, opt(text()), many(text()), opt(text()), opt(identifier()), many(text()), many(text()))
        .prop_map(|(postcodes, post_office_box, streets, city, country, country_names, subdivisions)| Address {
            postcodes,
            post_office_box,
            streets,
            city,
            country,
            country_names,
            subdivisions,
        })
        .boxed()
}

fn party() -> Any<TradeParty> {
    (many(identifier()), opt(text()), opt_filled(address()), opt_filled(person()), many_filled(person()))
        .prop_map(|(ids, name, address, representative, signatories)| TradeParty {
            ids,
            name,
            address,
            representative,
            signatories,
        })
        .boxed()
}

fn reference() -> Any<ReferencedDocument> {
    (opt(moment()), opt(document_type()), many(identifier()), many(text()), opt_filled(period()))
        .prop_map(|(issued, document_type, ids, names, validity)| ReferencedDocument {
            issued,
            document_type,
            ids,
            names,
            validity,
        })
        .boxed()
}

fn authentication() -> Any<Authentication> {
    let role = code(SignatoryRole::LISTED, |text| SignatoryRole::parse(text).unwrap());
    (opt(role), opt(moment()), many(identifier()), opt(text()), opt_filled(party()), opt_filled(location()))
        .prop_map(|(role, signed, ids, statement, provider, place)| Authentication {
            role,
            signed,
            ids,
            statement,
            provider,
            place,
        })
        .boxed()
}

fn context() -> Any<DocumentContext> {
    let version = (opt(identifier()), opt(moment())).prop_map(|(id, issued)| DocumentVersion { id, issued }).boxed();
    let parameter = (opt(identifier()), opt(text()), opt_filled(version))
        .prop_map(|(id, value, version)| ContextParameter { id, value, version })
        .boxed();
    (many_filled(parameter.clone()), many_filled(parameter))
        .prop_map(|(business_processes, information_models)| DocumentContext { business_processes, information_models })
        .boxed()
}

fn document() -> Any<Document> {
    let purpose = code(Purpose::LISTED, |text| Purpose::parse(text).unwrap());
    let first = (opt(identifier()), many(text()), opt(document_type()), opt(moment()), opt(any::<bool>().boxed()));
    let words = (opt(text()), many(purpose), many(text()), many_filled(reference()));
    let issue = (opt_filled(period()), opt_filled(location()));
    let signature = || opt_filled(authentication());
    (first, words, issue, (signature(), signature(), signature(), signature()))
        .prop_map(|(first, words, issue, signatures)| {
            let (number, names, document_type, issued, is_copy) = first;
            let (purpose_text, purposes, conditions, references) = words;
            let (validity, place_of_issue) = issue;
            let (issuing_authority, applicant, issuing_official, examining_authority) = signatures;
            Document {
                number,
                names,
                document_type,
                issued,
                is_copy,
                purpose_text,
                purposes,
                conditions,
                references,
                validity,
                place_of_issue,
                issuing_authority,
                applicant,
                issuing_official,
                examining_authority,
            }
        })
        .boxed()
}

fn examination() -> Any<Examination> {
    (opt(moment()), opt(quantity()), opt_filled(location()), many_filled(party()))
        .prop_map(|(occurred, quantity, place, certifiers)| Examination { occurred, quantity, place, certifiers })
        .boxed()
}

fn product() -> Any<TradeProduct> {
    (opt(identifier()), many(identifier()), many(text()), many(coded(word())), many(text()), many(text()))
        .prop_map(
            |(seller_assigned_id, manufacturer_assigned_ids, descriptions, terms, common_names, scientific_names)| {
                TradeProduct {
                    seller_assigned_id,
                    manufacturer_assigned_ids,
                    descriptions,
                    terms,
                    common_names,
                    scientific_names,
                }
            },
        )
        .boxed()
}

fn line() -> Any<LineItem> {
    let appendix = code(Appendix::LISTED, |text| Appendix::parse(text).unwrap());
    let source = code(Source::LISTED, |text| Source::parse(text).unwrap());
    (opt(appendix), opt(source), opt_filled(product()))
        .prop_map(|(appendix, source, product)| LineItem { appendix, source, product })
        .boxed()
}

fn procedure() -> Any<RegulatoryProcedure> {
    (many(coded(word())), opt(quantity()), opt(quantity()), opt(moment()), many_filled(reference()))
        .prop_map(|(categories, used_to_date, annual_quota, acquired, previous_documents)| RegulatoryProcedure {
            categories,
            used_to_date,
            annual_quota,
            acquired,
            previous_documents,
        })
        .boxed()
}

fn item() -> Any<Item> {
    let marks = many(text()).prop_map(|markings| ShippingMarks { markings }).boxed();
    let package = opt(quantity()).prop_map(|quantity| Package { quantity }).boxed();
    let first = (many(identifier()), many_filled(marks), opt_filled(country()), opt_filled(country()));
    let second = (many_filled(reference()), many_filled(package), many_filled(line()));
    (first, second, many_filled(examination()), many_filled(procedure()))
        .prop_map(|((ids, marks, origin, last_reexport), (documents, packages, lines), examinations, procedures)| {
            Item { ids, marks, origin, last_reexport, documents, packages, lines, examinations, procedures }
        })
        .boxed()
}

fn consignment() -> Any<Consignment> {
    let parties = (opt_filled(party()), opt_filled(party()));
    (parties, opt_filled(reference()), many_filled(examination()), many_filled(item()))
        .prop_map(|((consignor, consignee), transport_document, examinations, items)| Consignment {
            consignor,
            consignee,
            transport_document,
            examinations,
            items,
        })
        .boxed()
}

/// How often to throw the dice; a failure is printed, and a fixture is made of it, so no file is kept beside.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Any permit, good or senseless.
pub(crate) fn permit() -> Any<Permit> {
    (context(), document(), consignment())
        .prop_map(|(context, document, consignment)| Permit { context, document, consignment })
        .boxed()
}

/// A number under which a permit can be kept, as it is read.
pub(crate) fn number() -> Any<String> {
    let usable = |word: &Word| word.as_str().chars().count() <= 100 && !word.as_str().chars().any(char::is_control);
    let trimmed = |word: &Word| word.as_str().trim() == word.as_str() && !word.as_str().trim().is_empty();
    let visible = |word: &Word| word.as_str().chars().any(char::is_alphanumeric);
    word()
        .prop_filter("a number", move |word| usable(word) && trimmed(word) && visible(word))
        .prop_map(String::from)
        .boxed()
}
