//! How a permit is laid out in the WCO draft, and what of it has a place there: the way out and the way back.
//!
//! What has no field here is lost: the context, copy or original, all signatures but the name of the authority, box 14, quotas
//! and acquisition, common names, term codes and appendix (they would need a code for the kind of classification, and its
//! list is not known), all attributes but units. So is what is longer than its element, and all but the first where the
//! draft has room for one.

use super::super::stands::stands_as;
use super::names::{Wco, longest};
use super::values::{Date, Function, Sequence};
use crate::permit::{
    self, Coded, Consignment, Document, DocumentType, Identifier, Item, LineItem, Location, Package, Period, Permit,
    Person, Purpose, Quantity, ReferencedDocument, ShippingMarks, Source, Text, TradeCountry, TradeParty, TradeProduct,
    Word,
};

/// Declares the parts of the message: each is a struct whose fields may be absent.
macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct $name {
            $(pub(super) $field: $type),+
        }
    )+};
}

parts! {
    /// The message.
    CitesEPermit {
        effective: Option<Date>,
        expiration: Option<Date>,
        function: Function,
        function_name: Option<Text>,
        id: Option<Word>,
        issued: Option<Date>,
        place_of_issue: Option<Word>,
        name: Option<Text>,
        document_type: Option<Word>,
        authentication: Option<Authentication>,
        submitter: Option<Party>,
        references: Vec<AdditionalDocument>,
        conditions: Vec<AdditionalInformation>,
        exporter: Option<Party>,
        items: Vec<GoodsItem>,
        importer: Option<Party>,
        transport_document: Option<TransportDocument>,
    }
    /// The security stamp and the issuing authority.
    Authentication { authentication: Option<Word>, authenticator: Option<Authenticator> }
    Authenticator { name: Option<Text> }
    Party { name: Option<Text>, id: Option<Word>, address: Option<Address>, contact: Option<Contact> }
    Address {
        city: Option<Text>,
        country: Option<Word>,
        subdivision: Option<Text>,
        line: Option<Text>,
        postcode: Option<Word>,
    }
    Contact { name: Option<Text> }
    AdditionalDocument {
        effective: Option<Date>,
        id: Option<Word>,
        name: Option<Text>,
        document_type: Option<Word>,
    }
    AdditionalInformation { statement: Option<Text> }
    /// One line of the form.
    GoodsItem {
        sequence: Option<Sequence>,
        commodity: Option<Commodity>,
        export_country: Option<ExportCountry>,
        origin: Option<Origin>,
        packaging: Vec<Packaging>,
        previous_documents: Vec<PreviousDocument>,
    }
    Commodity { description: Option<Text>, classifications: Vec<Classification>, measure: Option<GoodsMeasure> }
    Classification { id: Option<Text> }
    GoodsMeasure { quantity: Option<Quantity> }
    ExportCountry { id: Option<Word> }
    Origin { country: Option<Word>, source: Option<Word> }
    /// Marks, one on each line of the text.
    Packaging { marks: Option<Text> }
    PreviousDocument { id: Option<Word>, document_type: Option<Word> }
    TransportDocument { id: Option<Word>, document_type: Option<Word> }
}

stands_as! { Wco:
    Permit as CitesEPermit;
}

/// A part, when something stands in it.
fn filled<T: Default + PartialEq>(part: T) -> Option<T> {
    (part != T::default()).then_some(part)
}

fn word(word: Option<&Word>, longest: usize) -> Option<Word> {
    word.filter(|word| word.as_str().chars().count() <= longest).cloned()
}

fn id(ids: &[Identifier], longest: usize) -> Option<Word> {
    word(ids.first().map(|id| &id.value), longest)
}

fn text(text: Option<&Text>, longest: usize) -> Option<Text> {
    text.filter(|text| text.as_str().chars().count() <= longest).and_then(|text| Text::parse(text.as_str()).ok())
}

/// Texts as the lines of one, as many as there is room for.
fn lines(texts: &[Text], longest: usize) -> Option<Text> {
    let mut joined = String::new();
    for text in texts {
        let line = text.as_str();
        let length = joined.chars().count() + usize::from(!joined.is_empty()) + line.chars().count();
        if line.contains('\n') || length > longest {
            break;
        }
        joined.extend((!joined.is_empty()).then_some('\n'));
        joined.push_str(line);
    }
    Text::parse(&joined).ok()
}

fn lines_of(text: Option<Text>) -> Vec<Text> {
    text.iter().flat_map(|text| text.as_str().split('\n')).filter_map(|line| Text::parse(line).ok()).collect()
}

fn kind(kind: Option<&Coded<DocumentType>>) -> Option<Word> {
    word(kind.and_then(|kind| Word::parse(kind.code.as_str()).ok()).as_ref(), longest::CODE)
}

/// A country of two letters.
fn country(country: Option<&Identifier>) -> Option<Word> {
    let is_code = |word: &&Word| word.as_str().len() == 2 && word.as_str().bytes().all(|b| b.is_ascii_alphabetic());
    country.map(|id| &id.value).filter(is_code).cloned()
}

fn identifier(value: Word) -> Identifier {
    Identifier { value, scheme: None, scheme_agency: None }
}

fn identifiers(value: Option<Word>) -> Vec<Identifier> {
    value.map(identifier).into_iter().collect()
}

fn document_type(code: Option<Word>) -> Option<Coded<DocumentType>> {
    code.and_then(|code| DocumentType::parse(code.as_str()).ok()).map(Coded::plain)
}

fn moment(date: Option<Date>) -> Option<permit::Moment> {
    date.map(|Date(moment)| moment)
}

/// The name of the function: the letter of the purpose, or the purpose in words.
fn function_name(document: &Document) -> Option<Text> {
    if let Some(purpose) = document.purposes.first() {
        let is_listed = !matches!(purpose, Purpose::Unlisted(_));
        return is_listed.then(|| Text::parse(purpose.as_str()).ok()).flatten();
    }
    let words = text(document.purpose_text.as_ref(), longest::FUNCTION_NAME)?;
    let is_letter = listed_purpose(&words).is_some();
    (!is_letter && !words.as_str().contains(['\n', '\r'])).then_some(words)
}

fn listed_purpose(words: &Text) -> Option<Purpose> {
    Purpose::parse(words.as_str()).ok().filter(|purpose| !matches!(purpose, Purpose::Unlisted(_)))
}

impl From<Permit> for CitesEPermit {
    fn from(permit: Permit) -> CitesEPermit {
        let Permit { document, consignment, .. } = permit;
        let date = |moment: &Option<permit::Moment>| moment.clone().map(Date);
        let authority = document.issuing_authority.as_ref();
        let provider = authority.and_then(|authority| authority.provider.as_ref());
        let name = text(provider.and_then(|provider| provider.name.as_ref()), longest::PARTY_NAME);
        let authentication = Authentication {
            authentication: authority.and_then(|authority| id(&authority.ids, longest::AUTHENTICATION)),
            authenticator: filled(Authenticator { name }),
        };
        let applicant = document.applicant.as_ref().and_then(|applicant| applicant.provider.as_ref());
        CitesEPermit {
            effective: document.validity.as_ref().and_then(|validity| date(&validity.start)),
            expiration: document.validity.as_ref().and_then(|validity| date(&validity.end)),
            function: Function::default(),
            function_name: function_name(&document),
            id: word(document.number.as_ref().map(|number| &number.value), longest::ID),
            issued: date(&document.issued),
            place_of_issue: document.place_of_issue.as_ref().and_then(|place| id(&place.ids, longest::PLACE)),
            name: text(document.names.first(), longest::DOCUMENT_NAME),
            document_type: kind(document.document_type.as_ref()),
            authentication: filled(authentication),
            submitter: applicant.and_then(Party::of),
            references: document.references.iter().map(AdditionalDocument::of).collect(),
            conditions: document
                .conditions
                .iter()
                .map(|condition| AdditionalInformation { statement: text(Some(condition), longest::STATEMENT) })
                .collect(),
            exporter: consignment.consignor.as_ref().and_then(Party::of),
            items: consignment.items.iter().map(GoodsItem::of).collect(),
            importer: consignment.consignee.as_ref().and_then(Party::of),
            transport_document: consignment.transport_document.as_ref().and_then(|document| {
                let number = id(&document.ids, longest::DOCUMENT_ID);
                filled(TransportDocument { id: number, document_type: kind(document.document_type.as_ref()) })
            }),
        }
    }
}

impl Party {
    fn of(party: &TradeParty) -> Option<Party> {
        let address = party.address.as_ref().and_then(|address| {
            filled(Address {
                city: text(address.city.as_ref(), longest::CITY),
                country: country(address.country.as_ref()),
                subdivision: text(address.subdivisions.first(), longest::SUBDIVISION),
                line: lines(&address.streets, longest::LINE),
                postcode: word(address.postcodes.first().map(|postcode| &postcode.code), longest::POSTCODE),
            })
        });
        let representative = party.representative.as_ref().and_then(|person| person.name.as_ref());
        filled(Party {
            name: text(party.name.as_ref(), longest::PARTY_NAME),
            id: id(&party.ids, longest::PARTY_ID),
            address,
            contact: filled(Contact { name: text(representative, longest::PARTY_NAME) }),
        })
    }
}

impl From<Party> for TradeParty {
    fn from(party: Party) -> TradeParty {
        let Party { name, id, address, contact } = party;
        TradeParty {
            ids: identifiers(id),
            name,
            address: address.map(permit::Address::from),
            representative: contact.map(|Contact { name }| Person { name }),
            ..TradeParty::default()
        }
    }
}

impl From<Address> for permit::Address {
    fn from(address: Address) -> permit::Address {
        let Address { city, country, subdivision, line, postcode } = address;
        permit::Address {
            postcodes: postcode.map(Coded::plain).into_iter().collect(),
            streets: lines_of(line),
            city,
            country: country.map(identifier),
            subdivisions: subdivision.into_iter().collect(),
            ..permit::Address::default()
        }
    }
}

impl AdditionalDocument {
    fn of(document: &ReferencedDocument) -> AdditionalDocument {
        AdditionalDocument {
            effective: document.validity.as_ref().and_then(|validity| validity.start.clone()).map(Date),
            id: id(&document.ids, longest::DOCUMENT_ID),
            name: text(document.names.first(), longest::DOCUMENT_NAME),
            document_type: kind(document.document_type.as_ref()),
        }
    }
}

impl From<AdditionalDocument> for ReferencedDocument {
    fn from(document: AdditionalDocument) -> ReferencedDocument {
        let AdditionalDocument { effective, id, name, document_type: code } = document;
        ReferencedDocument {
            document_type: document_type(code),
            ids: identifiers(id),
            names: name.into_iter().collect(),
            validity: filled(Period { start: moment(effective), end: None }),
            ..ReferencedDocument::default()
        }
    }
}

/// What a document that is known by number and type says.
fn numbered(id: Option<Word>, code: Option<Word>) -> ReferencedDocument {
    ReferencedDocument { ids: identifiers(id), document_type: document_type(code), ..ReferencedDocument::default() }
}

impl GoodsItem {
    fn of(item: &Item) -> GoodsItem {
        let line = item.lines.first();
        let product = line.and_then(|line| line.product.as_ref());
        let names = product.map(|product| product.scientific_names.as_slice()).unwrap_or_default();
        let quantity = item.packages.first().and_then(|package| package.quantity.clone());
        let description = product.and_then(|product| text(product.descriptions.first(), longest::DESCRIPTION));
        let commodity = Commodity {
            description,
            classifications: names.iter().map(|name| Classification { id: text(Some(name), usize::MAX) }).collect(),
            measure: filled(GoodsMeasure { quantity }),
        };
        let source = line.and_then(|line| line.source.as_ref()).and_then(|source| Word::parse(source.as_str()).ok());
        let origin = Origin {
            country: item.origin.as_ref().and_then(|country| id(&country.ids, longest::ORIGIN)),
            source: word(source.as_ref(), longest::CODE),
        };
        let previous = |document: &ReferencedDocument| PreviousDocument {
            id: id(&document.ids, longest::DOCUMENT_ID),
            document_type: kind(document.document_type.as_ref()),
        };
        let reexport = item.last_reexport.as_ref().and_then(|found| country(found.ids.first()));
        GoodsItem {
            sequence: item.id().and_then(|id| Sequence::of(id.as_str())),
            commodity: filled(commodity),
            export_country: filled(ExportCountry { id: reexport }),
            origin: filled(origin),
            packaging: item
                .marks
                .iter()
                .map(|marks| Packaging { marks: lines(&marks.markings, longest::MARKS) })
                .collect(),
            previous_documents: item.documents.iter().map(previous).collect(),
        }
    }
}

impl From<GoodsItem> for Item {
    fn from(item: GoodsItem) -> Item {
        let GoodsItem { sequence, commodity, export_country, origin, packaging, previous_documents } = item;
        let Commodity { description, classifications, measure } = commodity.unwrap_or_default();
        let Origin { country, source } = origin.unwrap_or_default();
        let product = TradeProduct {
            descriptions: description.into_iter().collect(),
            scientific_names: classifications.into_iter().filter_map(|name| name.id).collect(),
            ..TradeProduct::default()
        };
        let line = LineItem {
            source: source.and_then(|code| Source::parse(code.as_str()).ok()),
            product: filled(product),
            ..LineItem::default()
        };
        let named = |code: Word| TradeCountry { ids: vec![identifier(code)], ..TradeCountry::default() };
        let id = sequence.and_then(|sequence| Identifier::parse(&sequence.id()).ok());
        Item {
            ids: id.into_iter().collect(),
            marks: packaging
                .into_iter()
                .map(|Packaging { marks }| ShippingMarks { markings: lines_of(marks) })
                .collect(),
            origin: country.map(named),
            last_reexport: export_country.and_then(|country| country.id).map(named),
            documents: previous_documents.into_iter().map(|found| numbered(found.id, found.document_type)).collect(),
            packages: measure.map(|GoodsMeasure { quantity }| Package { quantity }).into_iter().collect(),
            lines: filled(line).into_iter().collect(),
            ..Item::default()
        }
    }
}

impl From<CitesEPermit> for Permit {
    fn from(message: CitesEPermit) -> Permit {
        let Function(letter) = message.function;
        let purpose = message.function_name.as_ref().and_then(listed_purpose);
        let purpose_text = message.function_name.filter(|_| purpose.is_none());
        let authority = message.authentication.unwrap_or_default();
        let provider = TradeParty {
            name: authority.authenticator.and_then(|authenticator| authenticator.name),
            ..TradeParty::default()
        };
        let issuing_authority = permit::Authentication {
            ids: identifiers(authority.authentication),
            provider: filled(provider),
            ..permit::Authentication::default()
        };
        let applicant = permit::Authentication {
            provider: message.submitter.map(TradeParty::from),
            ..permit::Authentication::default()
        };
        let document = Document {
            number: message.id.map(identifier),
            names: message.name.into_iter().collect(),
            document_type: document_type(message.document_type),
            issued: moment(message.issued),
            purpose_text,
            purposes: purpose.or(letter).into_iter().collect(),
            conditions: message.conditions.into_iter().filter_map(|condition| condition.statement).collect(),
            references: message.references.into_iter().map(ReferencedDocument::from).collect(),
            validity: filled(Period { start: moment(message.effective), end: moment(message.expiration) }),
            place_of_issue: filled(Location { ids: identifiers(message.place_of_issue), ..Location::default() }),
            issuing_authority: filled(issuing_authority),
            applicant: filled(applicant),
            ..Document::default()
        };
        let consignment = Consignment {
            consignor: message.exporter.map(TradeParty::from),
            consignee: message.importer.map(TradeParty::from),
            transport_document: message.transport_document.map(|found| numbered(found.id, found.document_type)),
            items: message.items.into_iter().map(Item::from).collect(),
            ..Consignment::default()
        };
        Permit { document, consignment, ..Permit::default() }
    }
}
