//! What becomes of one call? First what a well-behaved partner would answer, then what the script makes of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use epix_core::codes::Language;
use epix_core::id::{Country, Fingerprint, Operation};
use epix_core::soap::{Attachment, Call, Dialect, Fault, FaultCode, Request, answer, fault, request};

use super::http::{HttpRequest, HttpResponse};
use super::script::{Deed, Rule, Script, ScriptError, Variant};
use super::stock::{Draft, Stock};

/// The id under which every call is answered: there is no log to look into.
const REQUEST_ID: &str = "simulated";
/// Occurs in no attachment that it keeps.
const BOUNDARY: &str = "epix-simulated-5f1c7a";
const XML: &str = "text/xml; charset=utf-8";

/// The partner at work.
pub(super) struct Play {
    country: Country,
    importer: Country,
    first: Script,
    state: Mutex<State>,
}

struct State {
    script: Script,
    stock: Stock,
}

/// What happens on the connection.
pub(super) enum Reaction {
    /// An answer.
    Answer(HttpResponse),
    /// Half of one, and then the end.
    Cut(HttpResponse),
    /// The end.
    Close,
}

/// What becomes of a call, and what is told about it.
pub(super) struct Reacted {
    pub(super) wait: Duration,
    pub(super) reaction: Reaction,
    pub(super) told: String,
}

/// A call as it was understood.
struct Understood {
    operation: Option<Operation>,
    number: Option<String>,
    dialect: Dialect,
    draft: Draft,
    /// True for a caller that takes attachments in parts of their own.
    in_parts: bool,
}

impl Play {
    pub(super) fn new(script: Script, country: Country, importer: Country) -> Result<Play, ScriptError> {
        let stock = Stock::of(&script, country, importer)?;
        Ok(Play { country, importer, first: script.clone(), state: Mutex::new(State { script, stock }) })
    }

    /// Plays another script from its beginning, with the permits as they were.
    pub(super) fn replace(&self, script: Script) -> Result<(), ScriptError> {
        let stock = Stock::of(&script, self.country, self.importer)?;
        *self.state() = State { script, stock };
        Ok(())
    }

    /// Begins anew with the script of the start.
    pub(super) fn reset(&self) -> Result<(), ScriptError> {
        self.replace(self.first.clone())
    }

    /// Puts rules before those that hold.
    pub(super) fn add(&self, mut rules: Vec<Rule>) {
        let mut state = self.state();
        rules.append(&mut state.script.rules);
        state.script.rules = rules;
    }

    /// Takes all rules away.
    pub(super) fn behave(&self) {
        self.state().script.rules.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a call and decides; whoever called waits outside, so that others are not kept.
    pub(super) fn react(&self, http: &HttpRequest, caller: Option<Fingerprint>) -> Reacted {
        let mut state = self.state();
        let understood = state.understand(http);
        let asked = understood.operation.map_or("not understood", Operation::name);
        let rule = state.script.take(|rule| fits(rule, &understood, caller));
        let instead = if rule.is_some() { ", and the script says otherwise" } else { "" };
        let told = format!("{asked}: {}{instead}", understood.draft.word());
        let wait = Duration::from_secs_f32(rule.as_ref().map_or(0.0, |rule| rule.wait.clamp(0.0, 3600.0)));
        let deed = rule.map_or(Deed::Well, |rule| rule.deed);
        Reacted { wait, reaction: perform(deed, understood, &state.stock), told }
    }
}

impl State {
    fn understand(&mut self, http: &HttpRequest) -> Understood {
        let in_parts = http.header("Accept").is_some_and(|accept| accept.contains("multipart/related"));
        match request::read(&http.body, http.header("SOAPAction")) {
            Ok(Request { dialect, call, .. }) => {
                let draft = self.stock.answer(&call, dialect);
                Understood { operation: Some(call.operation()), number: number_of(&call), dialect, draft, in_parts }
            }
            Err(refused) => {
                let (operation, dialect) = (refused.operation, refused.dialect.unwrap_or(Dialect::V2));
                Understood { operation, number: None, dialect, draft: Draft::Fault(refused.fault), in_parts }
            }
        }
    }
}

fn number_of(call: &Call) -> Option<String> {
    call.key().map(|key| key.number.raw().to_owned())
}

fn fits(rule: &Rule, understood: &Understood, caller: Option<Fingerprint>) -> bool {
    let Rule { operation, number, outcome, caller: wanted, .. } = rule;
    operation.is_none_or(|operation| Some(operation) == understood.operation)
        && number.as_ref().is_none_or(|number| Some(number) == understood.number.as_ref())
        && outcome.as_ref().is_none_or(|outcome| outcome == understood.draft.word())
        && wanted.is_none_or(|wanted| Some(wanted) == caller)
}

fn perform(deed: Deed, understood: Understood, stock: &Stock) -> Reaction {
    let Understood { operation, dialect, draft, mut in_parts, .. } = understood;
    let draft = match deed {
        Deed::Close => return Reaction::Close,
        Deed::CloseMidway => return Reaction::Cut(written(&draft, dialect, in_parts)),
        Deed::Reply(reply) => {
            let body = reply.body.into_bytes();
            return Reaction::Answer(HttpResponse { status: reply.status, content_type: reply.content_type, body });
        }
        Deed::Fault(deed) => {
            let response = written(&Draft::Fault(Fault::of(deed.code)), dialect, false);
            return Reaction::Answer(HttpResponse { status: deed.status.unwrap_or(response.status), ..response });
        }
        Deed::Dialect(other) => return Reaction::Answer(written(&draft, other, in_parts)),
        Deed::Well => draft,
        Deed::Confirm => Draft::Confirmed,
        Deed::State(word) => Draft::State(word),
        Deed::Serve(number) => {
            let operation = operation.unwrap_or(Operation::GetNonFinal);
            stock.issued(&number, operation, dialect).unwrap_or(draft)
        }
        Deed::Attachments(Variant::Broken) => return Reaction::Answer(with_broken_attachment(&draft, dialect)),
        Deed::Attachments(variant) => {
            in_parts = variant == Variant::Mtom || (in_parts && variant != Variant::Inline);
            with_attachments(draft, variant)
        }
    };
    Reaction::Answer(written(&draft, dialect, in_parts))
}

fn with_attachments(draft: Draft, variant: Variant) -> Draft {
    let Draft::Permit(operation, document, attachments) = draft else { return draft };
    let change = |attachment: Attachment| match variant {
        Variant::EvilName => Attachment { name: format!("../../{}", attachment.name), ..attachment },
        Variant::Changed => Attachment { content: b"other bytes".to_vec(), ..attachment },
        Variant::None | Variant::Broken | Variant::Mtom | Variant::Inline => attachment,
    };
    let kept = if variant == Variant::None { Vec::new() } else { attachments };
    Draft::Permit(operation, document, kept.into_iter().map(change).collect())
}

/// An answer with an attachment whose content is no base64.
fn with_broken_attachment(draft: &Draft, dialect: Dialect) -> HttpResponse {
    let response = written(draft, dialect, false);
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let (begin, end) = ("<AttachmentContent>", "</AttachmentContent>");
    let body = match (body.find(begin), body.find(end)) {
        (Some(at), Some(to)) => format!("{}!{}", &body[..at + begin.len()], &body[to..]),
        _ => body,
    };
    HttpResponse { body: body.into_bytes(), ..response }
}

fn written(draft: &Draft, dialect: Dialect, in_parts: bool) -> HttpResponse {
    if let (Draft::Permit(operation, document, attachments), true) = (draft, in_parts)
        && !attachments.is_empty()
        && let Ok((content_type, body)) = answer::write_packed(*operation, dialect, document, attachments, BOUNDARY)
    {
        return HttpResponse { status: 200, content_type, body };
    }
    let broken = |_| fault::write(&Fault::of(FaultCode::Internal), dialect, Language::English, REQUEST_ID);
    let body = match draft {
        Draft::Permit(operation, document, attachments) => {
            answer::write_certificate(*operation, dialect, document, attachments).unwrap_or_else(broken)
        }
        Draft::Confirmed => answer::write_confirmed(dialect),
        Draft::State(word) => answer::write_state(dialect, word),
        Draft::Fault(fault) => fault::write(fault, dialect, Language::English, REQUEST_ID),
    };
    let status = if let Draft::Fault(fault) = draft { fault.code.http_status() } else { 200 };
    HttpResponse { status, content_type: XML.to_owned(), body: body.into_bytes() }
}
