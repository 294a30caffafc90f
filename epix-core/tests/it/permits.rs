//! Which permits are there? A strategy for every permit that the model can hold, and those that one version can carry.
//!
//! What the model never holds is never made: no blank text, no empty aggregate. A field that comes out empty is absent.

use epix_core::id::Amount;
use epix_core::permit::{
    Address, Appendix, Authentication, Coded, Consignment, ContextParameter, Document, DocumentContext, DocumentType,
    DocumentVersion, Examination, Identifier, Item, LineItem, Location, Moment, Package, Period, Permit, Person,
    Purpose, Quantity, ReferencedDocument, RegulatoryProcedure, ShippingMarks, SignatoryRole, Source, Text,
    TradeCountry, TradeParty, TradeProduct, Word, is_xml_char,
};
use epix_core::version::ToolkitVersion;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

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
    (many(identifier()), many(text()), many(text()))
        .prop_map(|(ids, names, subdivisions)| TradeCountry { ids, names, subdivisions })
        .boxed()
}

fn person() -> Any<Person> {
    opt(text()).prop_map(|name| Person { name }).boxed()
}

fn address() -> Any<Address> {
    let postcodes = many(coded(word()));
    (postcodes, opt(text()), many(text()), opt(text()), many(identifier()), many(text()), many(text()))
        .prop_map(|(postcodes, post_office_box, streets, city, countries, country_names, subdivisions)| {
            let mut countries = countries.into_iter();
            let (country, further_countries) = (countries.next(), countries.collect());
            Address {
                postcodes,
                post_office_box,
                streets,
                city,
                country,
                further_countries,
                country_names,
                subdivisions,
            }
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
    (parties, opt_filled(reference()), many_filled(examination()), many_filled(item()), opt_filled(country()))
        .prop_map(|((consignor, consignee), transport_document, examinations, items, import_country)| Consignment {
            consignor,
            consignee,
            transport_document,
            examinations,
            items,
            import_country,
        })
        .boxed()
}

/// How often to throw the dice; a failure is printed, and a fixture is made of it, so no file is kept beside.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    // The same cases in every run, so that a change is judged by itself; PROPTEST_RNG_SEED asks for others.
    let rng_seed = if config.rng_seed == RngSeed::Random { RngSeed::Fixed(2_026) } else { config.rng_seed };
    ProptestConfig { rng_seed, ..config }
}

/// Any permit, good or senseless, whether a version can carry it or not.
pub(crate) fn any_permit() -> Any<Permit> {
    (context(), document(), consignment())
        .prop_map(|(context, document, consignment)| Permit { context, document, consignment })
        .boxed()
}

/// Any permit that toolkit 2.0 can carry.
pub(crate) fn permit() -> Any<Permit> {
    permit_of(ToolkitVersion::V2)
}

/// Any permit that a version can carry.
pub(crate) fn permit_of(version: ToolkitVersion) -> Any<Permit> {
    any_permit().prop_map(move |permit| carriable(&permit, version)).boxed()
}

/// A permit without what a version has no place for, cut out by hand: the difference between the versions, said again.
pub(crate) fn carriable(permit: &Permit, version: ToolkitVersion) -> Permit {
    edited(permit, &mut |value| match version {
        ToolkitVersion::V1 => cut_for_1(value),
        ToolkitVersion::V2 => cut_for_2(value),
        ToolkitVersion::V3Draft => cut_for_3(value),
        ToolkitVersion::Json => {}
        ToolkitVersion::WcoDraft => panic!("what the WCO draft carries is said by its shape alone"),
    })
}

fn cut_for_1(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    let attributes = ["language", "scheme", "scheme_agency", "list", "list_agency"];
    let elements = ["marks", "manufacturer_assigned_ids", "categories", "signed"];
    attributes.iter().chain(&elements).for_each(|name| drop(fields.remove(*name)));
    if fields.contains_key("statement") {
        fields.remove("place");
    }
    if let Some(Value::Array(procedures)) = fields.get_mut("procedures") {
        procedures.truncate(1);
    }
}

fn cut_for_2(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    ["further_countries", "import_country"].iter().for_each(|name| drop(fields.remove(*name)));
    if !fields.contains_key("streets") {
        fields.remove("subdivisions");
    }
}

/// As 2.0; and the date of a referenced document is written in digits, which hold no fraction of a second.
fn cut_for_3(value: &mut Value) {
    cut_for_2(value);
    let Value::Object(fields) = value else { return };
    let is_reference = fields.contains_key("document_type") && fields.contains_key("ids");
    if let (true, Some(date)) = (is_reference, fields.get_mut("issued")) {
        cut_fraction(date);
    }
}

/// Takes the fraction of a second from a date; anything else stays.
pub(crate) fn cut_fraction(value: &mut Value) {
    let Some(moment) = value.as_str().and_then(|text| Moment::parse(text).ok()) else { return };
    let (whole, rest) = moment.as_str().split_at("YYYY-MM-DDThh:mm:ss".len());
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    *value = Value::from(format!("{whole}{zone}"));
}

/// A permit changed in its JSON form; what is empty then is taken out.
pub(crate) fn edited(permit: &Permit, edit: &mut dyn FnMut(&mut Value)) -> Permit {
    edited_value(serde_json::to_value(permit).unwrap(), edit)
}

/// The same, from the JSON form.
pub(crate) fn edited_value(mut value: Value, edit: &mut dyn FnMut(&mut Value)) -> Permit {
    walk(&mut value, edit);
    serde_json::from_value(value).unwrap()
}

fn walk(value: &mut Value, edit: &mut dyn FnMut(&mut Value)) {
    edit(value);
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| walk(field, edit));
            fields.retain(|_, field| !is_nothing(field));
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(|element| walk(element, edit));
            elements.retain(|element| !is_nothing(element));
        }
        _ => {}
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
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
