//! One document on its way into the books: sent until there is an answer, or no hope of one.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use epix_client::gateway::{Gateway, GatewayError, Problem, Stored, Submission};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::journal::{Journal, Settled, Word};
use crate::cmd::files;
use crate::cmd::many::documents::{Document, Stdin};
use crate::exit::Trouble;

/// How long is waited before the same is sent again; a gateway that restarts, or a limit that was reached, is back by then.
const PAUSES: [Duration; 7] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

/// Longer than this nobody is made to wait by a word of the gateway.
const LONGEST: Duration = Duration::from_secs(60);

/// What became of a document.
pub(super) enum Outcome {
    /// It is settled now.
    Settled(Settled, Option<Box<Problem>>),
    /// It was settled before, as the journal says.
    Earlier(Settled),
    /// The work was ended before its turn came, or before it was known what became of it.
    NotSent,
    /// It could not be read, or nobody answered.
    Trouble(Trouble),
}

/// Sends documents from many threads.
pub(super) struct Sender<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) journal: &'a Mutex<Journal>,
    pub(super) runtime: Handle,
    /// True when nothing more is to be sent.
    pub(super) stop: watch::Sender<bool>,
}

impl Sender<'_> {
    /// Sends a document, unless it was settled before.
    pub(super) fn send(&self, document: &Document, stdin: &Stdin<'_>, bytes: &mut Vec<u8>) -> Outcome {
        if *self.stop.borrow() {
            return Outcome::NotSent;
        }
        let signature = match document.read(stdin, bytes).and_then(|()| document.signature()) {
            Ok(signature) => signature,
            Err(trouble) => return Outcome::Trouble(trouble),
        };
        let digest = files::digest(bytes, signature.as_deref());
        let key = {
            let journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(settled) = journal.settled(&digest) {
                return Outcome::Earlier(Settled { document: document.name(), ..settled.clone() });
            }
            journal.key(&digest)
        };
        let submission = Submission { document: bytes, signature: signature.as_deref(), attachments: &[], key: &key };
        let settled =
            |outcome, number, reason| Settled { document: document.name(), sha256: digest, outcome, number, reason };
        match self.runtime.block_on(self.deliver(submission)) {
            None => Outcome::NotSent,
            Some(Ok(Stored { number, is_new })) => {
                let word = if is_new { Word::Stored } else { Word::Unchanged };
                Outcome::Settled(settled(word, number, None), None)
            }
            Some(Err(GatewayError::Problem(problem))) if problem.is_about_the_document() && !problem.is_under_way() => {
                let reason = Some(problem.to_string());
                Outcome::Settled(settled(Word::Refused, None, reason), Some(problem))
            }
            Some(Err(cause)) => {
                // What keeps this document from the gateway keeps all others too.
                self.stop.send_replace(true);
                Outcome::Trouble(Trouble::Vain { gateway: self.gateway.address().to_owned(), cause })
            }
        }
    }

    /// Sends until there is an answer; `None` when the work is to end meanwhile.
    async fn deliver(&self, submission: Submission<'_>) -> Option<Result<Stored, GatewayError>> {
        let mut pauses = PAUSES.into_iter();
        let (mut key, mut turn) = (submission.key.to_owned(), 0);
        loop {
            let error = match self.gateway.store(Submission { key: &key, ..submission }).await {
                Err(error) if error.may_pass() => error,
                ended => return Some(ended),
            };
            // An earlier sending is at work, or was cut off with the gateway that it had come to. The gateway does not hold one
            // for the other for minutes; under another key it tells by the bytes whether they are kept.
            if matches!(&error, GatewayError::Problem(problem) if problem.is_under_way()) {
                turn += 1;
                key = format!("{}-{turn}", submission.key);
            }
            let Some(pause) = pauses.next() else { return Some(Err(error)) };
            let told = match &error {
                GatewayError::Problem(problem) => problem.retry_after.map(Duration::from_secs),
                _ => None,
            };
            let mut stop = self.stop.subscribe();
            tokio::select! {
                () = tokio::time::sleep(told.unwrap_or(pause).min(LONGEST)) => {}
                _ = stop.wait_for(|stop| *stop) => return None,
            }
        }
    }
}
