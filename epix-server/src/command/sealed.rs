//! `epix-server reverify`: do kept signatures still hold?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clap::Args;
use epix_core::id::PermitNumber;
use epix_core::report::Severity;
use epix_core::sign::Verdict;

use super::{CommandError, Office, Outcome};
use crate::notary::{Notary, SIGNATURE};
use crate::store::{Authority, StoredDocument, VersionRow};

fn other(error: impl std::error::Error + Send + Sync + 'static) -> CommandError {
    CommandError::Other(Box::new(error))
}

#[derive(Debug, Args)]
pub(super) struct Reverify {
    /// One permit; all of them when left out.
    #[arg(value_name = "NUMBER")]
    number: Option<String>,
    /// The authority whose permit it is; needed where several are kept.
    #[arg(long)]
    authority: Option<String>,
    /// Judge by today's roots, lists and rules and for now, instead of repeating each verdict with the chain, the revocation
    /// lists and the rules that were kept with it.
    #[arg(long)]
    now: bool,
}

/// How many numbers are asked for at once.
const PAGE: usize = 500;

/// Repeats the verification of every signature that is kept, on the stored bytes.
pub(super) async fn reverify(office: &Office, arguments: &Reverify) -> Result<Outcome, CommandError> {
    let authority = office.named_authority(arguments.authority.as_deref())?;
    let look = Look { office, authority, notary: office.notary()?, now: arguments.now };
    let mut tally = BTreeMap::new();
    if let Some(typed) = &arguments.number {
        let number = PermitNumber::parse(typed).map_err(|error| CommandError::Usage(error.to_string()))?;
        look.permit(&number, &mut tally).await?;
    } else {
        let mut last: Option<PermitNumber> = None;
        loop {
            let page = office.store.numbers(&authority.id, last.as_ref(), PAGE).await?;
            for number in &page {
                look.permit(number, &mut tally).await?;
            }
            match page.last() {
                Some(number) => last = Some(number.clone()),
                None => break,
            }
        }
    }
    let words: Vec<String> = tally.iter().map(|(word, count)| format!("{count} {word}")).collect();
    say!("documents: {}", if words.is_empty() { "none".to_owned() } else { words.join(", ") });
    Ok(if tally.contains_key(REFUSED) { Outcome::Refused } else { Outcome::Done })
}

const REFUSED: &str = "refused";

struct Look<'o> {
    office: &'o Office,
    authority: &'o Authority,
    notary: Notary,
    now: bool,
}

impl Look<'_> {
    async fn permit(
        &self,
        number: &PermitNumber,
        tally: &mut BTreeMap<&'static str, usize>,
    ) -> Result<(), CommandError> {
        let record = self.office.store.find(&self.authority.id, number).await?;
        let unknown = || CommandError::Usage(format!("there is no permit {number}"));
        for version in record.ok_or_else(unknown)?.versions {
            let word = self.version(number, &version).await?;
            *tally.entry(word).or_default() += 1;
        }
        Ok(())
    }

    async fn version(&self, number: &PermitNumber, version: &VersionRow) -> Result<&'static str, CommandError> {
        let document = self.office.store.document(&self.authority.id, number, version.ordinal).await?;
        let Some(document) = document else { return Ok("missing") };
        let Some(signature) = document.attachments.iter().find(|file| file.name == SIGNATURE) else {
            return Ok("not signed");
        };
        let Some(verdict) = self.verdict(number, version, &document, &signature.content).await? else {
            return Ok("not looked at: nobody is trusted");
        };
        if verdict.is_trusted() {
            return Ok("trusted");
        }
        let digest = document.digest;
        say!("{number}, document {} ({digest}): refused", version.ordinal);
        for finding in verdict.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            say!("  {} [{}]", finding.sentence, finding.rule);
        }
        Ok(REFUSED)
    }

    /// The verdict as it was reached when the document was received, or of today. What the gateway signed itself was never
    /// received: it is looked at by today's roots.
    async fn verdict(
        &self,
        number: &PermitNumber,
        version: &VersionRow,
        document: &StoredDocument,
        signature: &[u8],
    ) -> Result<Option<Verdict>, CommandError> {
        let country = self.authority.country;
        if !self.now
            && let Some(proven) = self.office.store.proven(&self.authority.id, number, version.ordinal).await?
            && let Some(verdict) =
                Notary::repeat(&document.bytes, signature, &proven, country, version.at).map_err(other)?
        {
            return Ok(Some(verdict));
        }
        let at: DateTime<Utc> = if self.now { Utc::now() } else { version.at };
        self.notary.look_again(&document.bytes, signature, country, at).map_err(other)
    }
}
