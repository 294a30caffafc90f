//! Every route of the face: path, right, words, work. The order is that of the description.

use std::future::Future;
use std::pin::Pin;

use utoipa::ToSchema;
use utoipa::openapi::Ref;

use super::answer::Answer;
use super::call::Call;
use super::openapi::{Schemas, shape};
use super::problem::Problem;
use super::{batches, life, parties, partners, permits, told, tools};
use crate::service::{AUDIT, CONFIRM, EXCHANGE, PARTIES, READ, WRITE};

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Whoever asks: it holds no secrets.
    Anybody,
    /// A key with this scope.
    Key(&'static str),
    /// A key with this scope, or a partner by certificate, as far as SOAP would let it.
    KeyOrPartner(&'static str),
}

/// Tells the schema of a type.
pub(super) type Shape = fn(&mut Schemas) -> Ref;

/// What a call brings along.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// A document.
    Document,
    /// JSON of this shape.
    Json(Shape),
}

/// What an answer brings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    /// JSON of this shape.
    Json(Shape),
    /// A document, in XML or in our JSON form.
    Document,
    /// JSON that is described elsewhere.
    Object,
    /// The signature of a document.
    Signature,
    /// A file, whatever it is.
    File,
    /// A page for people.
    Page,
}

/// What a route does.
pub(super) type Work = for<'c> fn(&'c Call<'c>) -> Doing<'c>;
pub(super) type Doing<'c> = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + 'c>>;

/// One route.
pub(super) struct Route {
    /// Behind the base.
    pub(super) path: &'static str,
    /// POST, which changes something or takes a document; otherwise GET.
    pub(super) is_unsafe: bool,
    /// Its name in description, log, metrics and audit.
    pub(super) name: &'static str,
    /// Who may.
    pub(super) right: Right,
    /// What it does, in a sentence.
    pub(super) about: &'static str,
    /// What may stand behind the question mark.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// What comes with it, where it is unsafe.
    pub(super) takes: Takes,
    /// What it answers with.
    pub(super) gives: Gives,
    pub(super) work: Work,
}

const fn get(path: &'static str, name: &'static str, right: Right, about: &'static str, work: Work) -> Route {
    Route {
        path,
        is_unsafe: false,
        name,
        right,
        about,
        query: &[],
        takes: Takes::Document,
        gives: Gives::Document,
        work,
    }
}

const fn post(path: &'static str, name: &'static str, right: Right, about: &'static str, work: Work) -> Route {
    Route { is_unsafe: true, ..get(path, name, right, about, work) }
}

impl Route {
    /// Is it about a permit that may be protected by a token?
    pub(super) fn takes_token(&self) -> bool {
        matches!(self.right, Right::KeyOrPartner(_)) || self.path.starts_with("/partners/{party}/permits/")
    }

    /// Does it change anything?
    pub(super) fn changes(&self) -> bool {
        self.is_unsafe && !matches!(self.right, Right::Anybody | Right::Key(READ))
    }

    /// May there be something new afterwards, at an address of its own?
    pub(super) fn creates(&self) -> bool {
        self.is_unsafe && ["/permits", "/versions", "/batches"].iter().any(|end| self.path.ends_with(end))
    }

    const fn giving(self, gives: Gives) -> Route {
        Route { gives, ..self }
    }

    const fn telling<T: ToSchema>(self) -> Route {
        Route { gives: Gives::Json(shape::<T>), ..self }
    }

    const fn taking<T: ToSchema>(self) -> Route {
        Route { takes: Takes::Json(shape::<T>), ..self }
    }

    const fn asking(self, query: &'static [(&'static str, &'static str)]) -> Route {
        Route { query, ..self }
    }
}

const FORM: (&str, &str) = ("form", "v1, v2, v3, wco or json; without it as it is kept, or as Accept asks");
const COUNTRY: (&str, &str) =
    ("country", "for partners: the country whose authority issued it, where several are kept");
const DOCUMENT: (&str, &str) = ("document", "issued (the default) or final");
const REASON: (&str, &str) = ("reason", "why, for the record");

/// The routes; those of one path stand together.
#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    get("/permits", "listPermits", Right::Key(READ), "List permits in the order of their numbers, page by page.", |call| Box::pin(permits::list(call))).asking(&[
        ("country", "the country of import"), ("number", "how the number begins"), ("state", "the state now, such as issued or final"),
        ("species", "words of a scientific name"), ("party", "words of the name of consignor or consignee"),
        ("q", "words of number, species, common names or parties"),
        ("issuedFrom", "issued on this day or later"), ("issuedUntil", "issued on this day or before"),
        ("validFrom", "valid until this day or later"), ("validUntil", "valid until this day or before"),
        ("after", "the cursor of the page before"), ("limit", "at most so many, 1 to 500"),
    ]).telling::<permits::PermitPage>(),
    post("/permits", "storePermit", Right::Key(WRITE), "Store a permit: XML of any version, our JSON form, or multipart/form-data with the parts permit, signature and attachment.", |call| Box::pin(permits::store(call))).telling::<permits::StoredPermit>(),
    get("/permits/{number}", "getPermit", Right::KeyOrPartner(READ), "The document of a permit; without form and Accept byte for byte as it was stored.", |call| Box::pin(permits::document(call))).asking(&[FORM, COUNTRY, ("document", "for partners: issued (the default) or final")]),
    get("/permits/{number}/signature", "getSignature", Right::KeyOrPartner(READ), "The detached signature of the document.", |call| Box::pin(permits::signature(call))).asking(&[COUNTRY]).giving(Gives::Signature),
    get("/permits/{number}/attachments", "listAttachments", Right::KeyOrPartner(READ), "What travels with the permit, by name, size and digest.", |call| Box::pin(permits::attachments(call))).asking(&[COUNTRY]).telling::<permits::Attachments>(),
    get("/permits/{number}/attachments/{name}", "getAttachment", Right::KeyOrPartner(READ), "One file that travels with the permit.", |call| Box::pin(permits::attachment(call))).asking(&[COUNTRY]).giving(Gives::File),
    get("/permits/{number}/versions", "listVersions", Right::Key(READ), "The documents of a permit, oldest first.", |call| Box::pin(life::versions(call))).telling::<life::Versions>(),
    post("/permits/{number}/versions", "reissuePermit", Right::Key(WRITE), "Replace the document by a corrected one under the same number.", |call| Box::pin(life::reissue(call))).asking(&[REASON]).telling::<life::ReissuedPermit>(),
    get("/permits/{number}/versions/{ordinal}", "getVersion", Right::Key(READ), "One document of a permit, byte for byte as it was stored.", |call| Box::pin(life::version(call))),
    get("/permits/{number}/events", "listEvents", Right::Key(READ), "What happened to a permit, oldest first.", |call| Box::pin(life::events(call))).telling::<life::Events>(),
    get("/permits/{number}/state", "getState", Right::Key(READ), "The state of a permit; its ETag is what If-Match takes.", |call| Box::pin(life::state(call))).telling::<life::PermitState>(),
    post("/permits/{number}/state", "changeState", Right::Key(WRITE), "Suspend, resume, cancel, replace a permit, or record it as lost or returned: {\"change\": \"suspend\", \"reason\": \"...\"}.", |call| Box::pin(life::change(call))).telling::<life::PermitState>().taking::<life::StateChange>(),
    post("/permits/{number}/confirmations", "confirm", Right::KeyOrPartner(CONFIRM), "Confirm quantities: {\"positions\": {\"A\": \"10\"}}. A key confirms what left; Idempotency-Key is the id of a part.", |call| Box::pin(life::confirm(call))).asking(&[COUNTRY]).telling::<life::AfterConfirmation>().taking::<life::Quantities>(),
    post("/permits/{number}/confirmations/void", "voidConfirmation", Right::Key(CONFIRM), "Declare the last confirmation void: {\"reason\": \"...\", \"book\": \"export\"}.", |call| Box::pin(life::void(call))).telling::<life::PermitState>().taking::<life::VoidRequest>(),
    post("/batches", "storeBatch", Right::Key(WRITE), "Store many permits: a zip archive of documents, or JSON lines, each our JSON form or {\"xml\": \"...\"}. Accepted ones are stored even if others are refused.", |call| Box::pin(batches::store(call))).telling::<batches::BatchReport>(),
    get("/batches/{id}", "getBatch", Right::Key(WRITE), "The outcome of each document of a batch; kept for seven days for the key that sent it.", |call| Box::pin(batches::show(call))).telling::<batches::BatchReport>(),
    post("/validate", "validate", Right::Key(READ), "Look at a document in every layer, and store nothing.", |call| Box::pin(tools::validate(call))).telling::<told::JudgedDocument>(),
    post("/convert", "convert", Right::Key(READ), "Write a document in another form; what that has no place for is told in EPIX-Losses.", |call| Box::pin(tools::convert(call))).asking(&[("to", "v1, v2, v2-guide, v3, wco or json")]),
    get("/parties", "listParties", Right::Key(PARTIES), "The register of parties, without what is secret.", |call| Box::pin(parties::list(call))).telling::<parties::Parties>(),
    get("/partners/{party}/state", "askState", Right::Key(EXCHANGE), "Ask a registered partner whether its service can answer.", |call| Box::pin(partners::state(call))).telling::<partners::PartnerState>(),
    get("/partners/{party}/permits/{number}", "fetchPermit", Right::Key(EXCHANGE), "Fetch a permit from a registered partner; without form and Accept byte for byte as it came. EPIX-Accepted and EPIX-Signature tell the verdict.", |call| Box::pin(partners::document(call))).asking(&[FORM, DOCUMENT]),
    get("/partners/{party}/permits/{number}/report", "inspectPermit", Right::Key(EXCHANGE), "Fetch a permit from a registered partner and look at it in every layer: the report, the verdict on its signature, and all that came.", |call| Box::pin(partners::report(call))).asking(&[DOCUMENT]).telling::<partners::InspectedPermit>(),
    post("/partners/{party}/permits/{number}/confirmations", "confirmWithPartner", Right::Key(EXCHANGE), "Tell a registered partner the quantities that arrived: {\"positions\": {\"A\": \"10\"}}. Idempotency-Key is the id of a part.", |call| Box::pin(partners::confirm(call))).telling::<life::QuantitiesTaken>().taking::<life::Quantities>(),
    get("/audit", "listAudit", Right::Key(AUDIT), "The lines of the audit, oldest first.", |call| Box::pin(parties::audit(call))).asking(&[
        ("after", "the sequence of the last line of the page before"), ("shard", "which part of the chain; 0 without it"), ("limit", "at most so many, 1 to 500"),
    ]).telling::<parties::AuditLines>(),
    get("/codes", "listCodeLists", Right::Anybody, "The code lists.", |call| Box::pin(tools::code_lists(call))).telling::<tools::CodeLists>(),
    get("/codes/{list}", "listCodes", Right::Anybody, "The codes of a list, with their meaning and for how long they hold.", |call| Box::pin(tools::codes(call))).asking(&[("language", "en, fr or es")]).telling::<tools::CodeList>(),
    get("/", "page", Right::Anybody, "This description, for people.", |call| Box::pin(tools::page(call))).giving(Gives::Page),
    get("/openapi.json", "describe", Right::Anybody, "This description.", |call| Box::pin(tools::describe(call))).giving(Gives::Object),
    get("/rules", "listRules", Right::Anybody, "The rules by which documents are judged.", |call| Box::pin(tools::rules(call))).telling::<tools::Rules>(),
];
