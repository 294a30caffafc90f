//! What does one call to a partner bring back: an answer, a refusal in words, or trouble?

use std::time::Duration;

use epix_core::id::{CallId, Operation};
use epix_core::soap::answer::AnswerError;
use epix_core::soap::{Answer, Call, OriginalCaller, Package};

use crate::partner::{Message, Partner, Question, Unaskable};
use crate::transport::{Outgoing, Reply, Transport, TransportError, WhoActs};

/// What a partner answered. A fault is an answer too.
#[derive(Debug)]
pub struct Answered {
    /// The SOAP message exactly as it came; without the parts beside it, where it came in several.
    pub bytes: Vec<u8>,
    /// What it says.
    pub answer: Answer,
}

/// Says why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The partner cannot be asked this; nothing was sent.
    #[error(transparent)]
    Unaskable(#[from] Unaskable),
    /// Nothing came back.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An HTTP status, and no SOAP message that explains it.
    #[error("the partner answers with HTTP status {status} and no EPIX message{}", moved(.location.as_deref()))]
    Status {
        /// The status.
        status: u16,
        /// Where the partner wants us to go instead; never followed.
        location: Option<String>,
        /// Why the body is no answer; `None` when there was no body, or the body says that all is well.
        #[source]
        cause: Option<AnswerError>,
    },
    /// Success by status, with nothing inside. Never read as success.
    #[error("the partner answers with HTTP status {status} and an empty body")]
    Empty {
        /// The status.
        status: u16,
    },
    /// Success by status, with something else than an answer inside. Never read as success.
    #[error("the partner answers with {} instead of an answer to {}", named(.content_type.as_deref()), .operation.name())]
    Unreadable {
        /// What was asked.
        operation: Operation,
        /// What the partner says it is.
        content_type: Option<String>,
        /// Why it is no answer.
        #[source]
        cause: AnswerError,
    },
}

fn moved(location: Option<&str>) -> String {
    location.map(|location| format!(", pointing to {location}")).unwrap_or_default()
}

fn named(content_type: Option<&str>) -> &str {
    content_type.unwrap_or("something unnamed")
}

impl CallError {
    /// Whose turn it is to act, as far as it can be told from here.
    pub fn who_acts(&self) -> WhoActs {
        match self {
            CallError::Unaskable(_) => WhoActs::We,
            CallError::Transport(error) => error.who_acts(),
            // Not found, moved: most often the path in our address is wrong.
            CallError::Status { status: 300..=399 | 404 | 405 | 410, .. } => WhoActs::We,
            CallError::Status { .. } | CallError::Empty { .. } | CallError::Unreadable { .. } => WhoActs::Partner,
        }
    }

    /// True for a trouble that may be over in a moment. Waiting in vain for an answer is none: asking again would make it longer.
    fn may_pass(&self) -> bool {
        match self {
            CallError::Transport(error) => matches!(
                error,
                TransportError::Refused { .. } | TransportError::Unreachable { .. } | TransportError::Closed { .. }
            ),
            CallError::Status { status, .. } => matches!(status, 502..=504),
            _ => false,
        }
    }
}

/// How long is waited before the first repetition; each further one waits twice as long, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Calls a partner; a read may be sent again, as often as the partner's entry says, and a confirmation never is.
///
/// The body decides, not the HTTP status: partners send faults with any status, 200 included. A success without a
/// readable answer is an error, so nothing is ever taken for done that the partner did not say.
///
/// # Errors
/// [`CallError`] when there is no answer. A fault is no error: it comes back as [`Answer::Fault`].
pub async fn call(transport: &dyn Transport, partner: &Partner, call: Call) -> Result<Answered, CallError> {
    call_for(transport, partner, call, None).await
}

/// Calls a partner as [`call`] does, on behalf of somebody: a hub tells the partner who asked it.
///
/// # Errors
/// As for [`call`].
pub async fn call_for(
    transport: &dyn Transport,
    partner: &Partner,
    mut call: Call,
    original: Option<&OriginalCaller>,
) -> Result<Answered, CallError> {
    address(&mut call, partner);
    asked(transport, &Question { call: &call, partner, original, call_id: None }).await
}

/// Calls a partner as [`call`] does, under an id of our own by which it tells a part of a permit from a repetition.
///
/// # Errors
/// As for [`call`].
pub async fn call_under(
    transport: &dyn Transport,
    partner: &Partner,
    mut call: Call,
    call_id: Option<&CallId>,
) -> Result<Answered, CallError> {
    address(&mut call, partner);
    asked(transport, &Question { call: &call, partner, original: None, call_id }).await
}

async fn asked(transport: &dyn Transport, question: &Question<'_>) -> Result<Answered, CallError> {
    let (partner, operation) = (question.partner, question.call.operation());
    let message = partner.profile.message(question)?;
    let is_read = operation != Operation::ConfirmQuantities;
    let mut left = if is_read { partner.retries } else { 0 };
    let mut pause = PAUSE;
    loop {
        match once(transport, partner, &message, operation).await {
            Err(error) if left > 0 && error.may_pass() => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                left -= 1;
            }
            ended => return ended,
        }
    }
}

async fn once(
    transport: &dyn Transport,
    partner: &Partner,
    message: &Message,
    operation: Operation,
) -> Result<Answered, CallError> {
    let Message { body, soap_action } = message;
    let reply = transport.send(Outgoing { url: partner.endpoint.as_str(), soap_action, body, headers: &[] }).await?;
    understand(reply, operation, partner)
}

/// Names the partner's country where the call names none.
fn address(call: &mut Call, partner: &Partner) {
    let country = match call {
        Call::GetNonFinal(key) | Call::GetFinal(key) | Call::ConfirmQuantities(key, _) => &mut key.country,
        Call::ServiceState(country) => country,
    };
    *country = country.or(partner.country);
}

fn understand(reply: Reply, operation: Operation, partner: &Partner) -> Result<Answered, CallError> {
    let Reply { status, content_type, location, body } = reply;
    let is_success = (200..300).contains(&status);
    if body.is_empty() {
        return Err(match is_success {
            true => CallError::Empty { status },
            false => CallError::Status { status, location, cause: None },
        });
    }
    let package = Package::open(content_type.as_deref(), &body).map_err(AnswerError::from);
    let read = package.and_then(|package| {
        let answer = (partner.profile.understand)(&package, operation)?;
        Ok(Answered { bytes: package.root().to_vec(), answer })
    });
    match read {
        Ok(answered) if is_success || matches!(answered.answer, Answer::Fault(_)) => Ok(answered),
        // An answer that says yes under a status that says no: not to be taken for done.
        Ok(_) => Err(CallError::Status { status, location, cause: None }),
        Err(cause) if is_success => Err(CallError::Unreadable { operation, content_type, cause }),
        Err(cause) => Err(CallError::Status { status, location, cause: Some(cause) }),
    }
}

#[cfg(test)]
mod tests {
    use epix_core::codes::Language;
    use epix_core::id::{Amount, Country, PermitNumber, PositionId};
    use epix_core::soap::{CertificateKey, Dialect, Fault, FaultCode, answer, fault};

    use super::*;
    use crate::transport::stub::StubTransport;

    fn partner() -> Partner {
        Partner::v2("https://partner.example/epix/v2", Country::parse("XA").ok()).unwrap()
    }

    async fn state(status: u16, body: &str) -> Result<Answered, CallError> {
        let stub = StubTransport::new();
        stub.then(status, body);
        call(&stub, &partner(), Call::ServiceState(None)).await
    }

    #[tokio::test]
    async fn an_answer_comes_with_its_bytes() {
        let message = answer::write_state(Dialect::V2, "OK");

        let answered = state(200, &message).await.unwrap();

        assert!(matches!(answered.answer, Answer::State(word) if word == "OK"));
        assert_eq!(answered.bytes, message.as_bytes());
    }

    #[tokio::test]
    async fn a_fault_is_an_answer_whatever_the_status() {
        let message = fault::write(&Fault::of(FaultCode::NotFinal), Dialect::V2, Language::English, "r-1");

        for status in [200, 202, 400, 500] {
            let answered = state(status, &message).await.unwrap();
            assert!(matches!(answered.answer, Answer::Fault(_)), "{status}");
        }
    }

    #[tokio::test]
    async fn success_without_an_answer_is_never_success() {
        assert!(matches!(state(200, "").await, Err(CallError::Empty { status: 200 })));
        assert!(matches!(state(200, "<html/>").await, Err(CallError::Unreadable { .. })));
        let confirmed = answer::write_confirmed(Dialect::V2);
        assert!(matches!(state(200, &confirmed).await, Err(CallError::Unreadable { .. })));
        let well = answer::write_state(Dialect::V2, "OK");
        assert!(matches!(state(503, &well).await, Err(CallError::Status { status: 503, .. })));
    }

    #[tokio::test]
    async fn a_status_without_a_message_says_who_must_act() {
        let not_found = state(404, "<html>gone</html>").await.unwrap_err();
        let broken = state(502, "").await.unwrap_err();

        assert_eq!(not_found.who_acts(), WhoActs::We);
        assert_eq!(broken.who_acts(), WhoActs::Partner);
    }

    #[tokio::test]
    async fn the_country_of_the_partner_is_sent_where_the_call_names_none() {
        let stub = StubTransport::new();
        let key = |country| CertificateKey { number: PermitNumber::parse("N1").unwrap(), token: None, country };

        let _ = call(&stub, &partner(), Call::GetFinal(key(None))).await;
        let _ = call(&stub, &partner(), Call::GetNonFinal(key(Country::parse("XB").ok()))).await;

        let sent = stub.sent();
        assert!(sent[0].body.contains("<IsoCountryCode>XA</IsoCountryCode>"));
        assert_eq!(sent[0].soap_action, "\"urn:GetFinalCitesCertificate\"");
        assert_eq!(sent[0].url, "https://partner.example/epix/v2");
        assert!(sent[1].body.contains("<IsoCountryCode>XB</IsoCountryCode>"));
    }

    /// How often a call is sent to a partner that fails three times, and how it ends.
    async fn sent_to_a_weak_partner(retries: u8, message: Call) -> (usize, bool) {
        let stub = StubTransport::new();
        stub.then(503, "");
        stub.then_result(Err(TransportError::Refused { host: "h".to_owned() }));
        stub.then(502, "<html/>");
        stub.then(200, answer::write_state(Dialect::V2, "OK"));
        let ended = call(&stub, &Partner { retries, ..partner() }, message).await;
        (stub.sent().len(), ended.is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_read_is_sent_again_and_only_as_often_as_the_partner_allows() {
        let key = CertificateKey { number: PermitNumber::parse("N1").unwrap(), token: None, country: None };
        let positions = vec![(PositionId::parse("A").unwrap(), Amount::parse("1").unwrap())];

        assert_eq!(sent_to_a_weak_partner(3, Call::ServiceState(None)).await, (4, true));
        assert_eq!(sent_to_a_weak_partner(2, Call::ServiceState(None)).await, (3, false));
        assert_eq!(sent_to_a_weak_partner(0, Call::ServiceState(None)).await, (1, false));
        assert_eq!(sent_to_a_weak_partner(9, Call::ConfirmQuantities(key, positions)).await, (1, false));
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_not_asked_again() {
        let limit = Duration::from_secs(1);
        for reply in [
            Err(TransportError::AnswerTimeout { host: "h".to_owned(), limit }),
            Err(TransportError::NotTls { host: "h".to_owned() }),
            Ok(Reply { status: 200, content_type: None, location: None, body: b"<html/>".to_vec() }),
            Ok(Reply { status: 404, content_type: None, location: None, body: Vec::new() }),
        ] {
            let stub = StubTransport::new();
            stub.then_result(reply);
            stub.then(200, answer::write_state(Dialect::V2, "OK"));

            let ended = call(&stub, &Partner { retries: 3, ..partner() }, Call::ServiceState(None)).await;

            assert_eq!((stub.sent().len(), ended.is_err()), (1, true));
        }
    }
}
