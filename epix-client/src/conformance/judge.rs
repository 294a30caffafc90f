//! Did a step end as it must?

use epix_core::id::PermitNumber;
use epix_core::permit::Permit;
use epix_core::receive;
use epix_core::soap::answer::{self, PartnerFault};
use epix_core::soap::{Answer, Attachments, Dialect, Package, package};

use super::ask::positions;
use super::case::{Expected, Quantities, Step};
use crate::transport::{Reply, TransportError};

/// What came back of a step.
pub(super) type Came = Result<Reply, TransportError>;

/// What is known beside a step when it is judged.
pub(super) struct Beside<'a> {
    /// In which dialect was asked.
    pub(super) dialect: Dialect,
    /// The number that was asked for.
    pub(super) number: Option<&'a PermitNumber>,
    /// The permit as issued.
    pub(super) issued: Option<&'a Permit>,
    /// The fault of the step before.
    pub(super) before: Option<&'a PartnerFault>,
}

/// Says what is wrong with what came; `Ok` gives the fault, where one was to come.
pub(super) fn judge(step: &Step, came: &Came, beside: &Beside<'_>) -> Result<Option<PartnerFault>, String> {
    let reply = match came {
        Err(error) if step.expect == Expected::Refused && is_refusal(error) => return Ok(None),
        Err(error) => return Err(format!("no answer: {error}")),
        Ok(reply) => reply,
    };
    if reply.body.is_empty() {
        return Err(format!("HTTP status {} with nothing inside", reply.status));
    }
    let unreadable = |error: &dyn std::error::Error| format!("no answer that can be read: {error}");
    let package = Package::open(reply.content_type.as_deref(), &reply.body).map_err(|error| unreadable(&error))?;
    let answer = answer::read_package(&package, step.ask).map_err(|error| unreadable(&error))?;
    let is_fault = matches!(answer, Answer::Fault(_));
    if !is_fault && !stands_in(package.root(), beside.dialect) {
        return Err(format!("an answer in another namespace than {}", beside.dialect.namespace()));
    }
    match (answer, step.expect) {
        (Answer::Fault(fault), Expected::Fault | Expected::Refused) => {
            fault_is_right(step, &fault, reply.status, beside)?;
            Ok(Some(fault))
        }
        (Answer::Fault(fault), _) => Err(format!("a fault: {}", word(&fault))),
        (_, Expected::Fault | Expected::Refused) => Err("an answer where a fault must come".to_owned()),
        (_, _) if reply.status != 200 => Err(format!("an answer with HTTP status {}", reply.status)),
        (Answer::State(_), Expected::State) => Ok(None),
        (Answer::Confirmed(Some(false)), _) => Err("it says that nothing is confirmed".to_owned()),
        (Answer::Confirmed(_), Expected::Confirmed) => Ok(None),
        (Answer::Certificate(_), Expected::Permit) if step.in_parts && !came_in_parts(reply) => {
            Err("attachments inside the message, where parts were asked for".to_owned())
        }
        (Answer::Certificate(files), Expected::Permit) => {
            permit_is_right(step, package.root(), &files, beside).map(|()| None)
        }
        _ => Err("an answer to another question".to_owned()),
    }
}

fn came_in_parts(reply: &Reply) -> bool {
    reply.content_type.as_deref().is_some_and(|kind| package::media_type(kind) == "multipart/related")
}

/// An answer is in the dialect of its request, so it names the namespace of that.
fn stands_in(body: &[u8], dialect: Dialect) -> bool {
    let text = String::from_utf8_lossy(body);
    ['"', '\''].iter().any(|quote| text.contains(&format!("{quote}{}{quote}", dialect.namespace())))
}

/// TLS alerts about a client certificate may come as a closed connection, when the answer is read first.
fn is_refusal(error: &TransportError) -> bool {
    matches!(error, TransportError::OurCertificate { .. } | TransportError::Closed { .. } | TransportError::Tls { .. })
}

fn word(fault: &PartnerFault) -> &str {
    fault.code.as_deref().unwrap_or(&fault.faultstring)
}

fn fault_is_right(step: &Step, fault: &PartnerFault, status: u16, beside: &Beside<'_>) -> Result<(), String> {
    if status < 400 {
        return Err(format!("a fault with HTTP status {status}"));
    }
    // A service may have codes of its own: one that is known must be right, one that is not cannot be compared.
    let known = fault.meaning().map(|code| code.as_str());
    if let Some(code) = known.filter(|code| !step.code.is_empty() && !step.code.iter().any(|right| right == code)) {
        return Err(format!("the fault {code} instead of {}", step.code.join(" or ")));
    }
    if step.same_as_before {
        let told = |fault: &PartnerFault| {
            (fault.faultcode.clone(), fault.faultstring.clone(), fault.code.clone(), fault.message.clone())
        };
        let is_same = beside.before.is_some_and(|before| told(before) == told(fault));
        return if is_same { Ok(()) } else { Err("another fault than the one before".to_owned()) };
    }
    Ok(())
}

fn permit_is_right(step: &Step, body: &[u8], files: &Attachments, beside: &Beside<'_>) -> Result<(), String> {
    let accepted = receive::receive(body).map_err(|rejected| {
        let first = rejected.report.errors().next().map(|finding| finding.sentence.clone());
        format!("a permit that is not valid: {}", first.unwrap_or_default())
    })?;
    if beside.number.is_some_and(|number| number.normalised() != accepted.number().normalised()) {
        return Err(format!("permit {} instead of the one that was asked for", accepted.number()));
    }
    let version = accepted.version().to_string();
    if step.version.as_ref().is_some_and(|wanted| *wanted != version) {
        return Err(format!("a permit of toolkit {version}"));
    }
    if let Some(certified) = step.certified {
        certifies(certified, accepted.permit(), beside)?;
    }
    if step.attachments { attachments_are_right(files) } else { Ok(()) }
}

fn certifies(wanted: Quantities, permit: &Permit, beside: &Beside<'_>) -> Result<(), String> {
    if wanted == Quantities::None {
        return if permit.is_endorsed() { Err("box 14 is filled".to_owned()) } else { Ok(()) };
    }
    for (id, amount) in positions(wanted, beside.issued) {
        let item = permit.consignment.items.iter().find(|item| item.id().is_some_and(|it| it.as_str() == id.as_str()));
        let found = item.and_then(|item| item.endorsed()).map(|quantity| quantity.amount);
        if found != Some(amount) {
            let found = found.map_or("nothing".to_owned(), |found| found.to_string());
            return Err(format!("box 14 certifies {found} at position {id}, and {amount} was confirmed"));
        }
    }
    Ok(())
}

fn attachments_are_right(files: &Attachments) -> Result<(), String> {
    if let Some(name) = files.unreadable.first() {
        return Err(format!("attachment {name:?} cannot be read"));
    }
    if files.files.is_empty() {
        return Err("no attachments".to_owned());
    }
    let is_plain = |name: &str| !name.is_empty() && !name.contains(['/', '\\', '\0']) && !name.starts_with('.');
    match files.files.iter().find(|file| !is_plain(&file.name)) {
        Some(file) => Err(format!("attachment {:?} has no plain name", file.name)),
        None => Ok(()),
    }
}
