//! How a look is answered: from memory, or by three questions that do not wait for one another.

use super::counted::Counted;
use super::documents::{self, documents_where};
use super::known::key;
use super::parties::{self, parties_where};
use super::permits::{self, permits_where};
use super::readers::Readers;
use crate::store::remembered::Remembered;
use crate::store::{Basis, Looked, Memory, PermitRecord, Sought, StoreError};

/// A document that is larger with what travels with it does not come along unasked.
const AT_HAND: i64 = 256 * 1024;

const REGISTERED: &str = parties_where!(
    "(authority, id) IN (SELECT authority, party FROM party_certificate WHERE fingerprint = $1) ORDER BY authority"
);

/// Of a caller with a certificate, in the books of those only who know it.
const PERMITS: &str = permits_where!(
    "number = $2 AND authority = ANY ($1::text[])
     AND ($3::bytea IS NULL OR authority IN (SELECT authority FROM party_certificate WHERE fingerprint = $3))"
);

/// The newest document is what is asked for next, as a rule.
const DOCUMENTS: &str = documents_where!(
    "version.number = $2 AND version.authority = ANY ($1::text[])
     AND ($3::bytea IS NULL OR version.authority IN (SELECT authority FROM party_certificate WHERE fingerprint = $3))
     AND version.ordinal = (SELECT max(ordinal) FROM permit_version AS other
                            WHERE other.authority = version.authority AND other.number = version.number)
     AND version.size + (SELECT coalesce(sum(size), 0) FROM attachment AS other
                         WHERE other.authority = version.authority AND other.number = version.number
                         AND other.ordinal = version.attachments_of) <= $4::bigint"
);

/// Looks who calls and which permit is meant.
pub(super) async fn look(
    readers: &Readers,
    remembered: &Remembered,
    counted: &Counted,
    sought: &Sought<'_>,
    memory: Memory,
) -> Result<Looked, StoreError> {
    if memory == Memory::Used
        && let Some(looked) = remembered.look(sought)
    {
        counted.remembered.inc();
        return Ok(looked);
    }
    counted.asked.inc();
    ask(readers, remembered, sought).await
}

async fn ask(readers: &Readers, remembered: &Remembered, sought: &Sought<'_>) -> Result<Looked, StoreError> {
    let authorities: Vec<&str> = sought.authorities.iter().map(|id| id.as_str()).collect();
    let number = sought.number.normalised();
    let certificate = sought.certificate.map(|fingerprint| fingerprint.as_bytes().as_slice());
    let [registered, permits, documents] = readers
        .ask_at_once([
            (REGISTERED, &[&certificate]),
            (PERMITS, &[&authorities, &number, &certificate]),
            (DOCUMENTS, &[&authorities, &number, &certificate, &AT_HAND]),
        ])
        .await?;
    let registrations = registered.iter().map(parties::read).collect::<Result<Vec<_>, _>>()?;
    let permits: Vec<PermitRecord> = permits.iter().map(permits::record).collect::<Result<_, _>>()?;
    if let (Some(certificate), Some(row)) = (sought.certificate, registered.first()) {
        remembered.learn_registrations(*certificate, parties::registers(row)?, &registrations);
    }
    permits.iter().for_each(|permit| remembered.learn_permit(permit));
    for (authority, ordinal, document) in documents::read(&documents)? {
        remembered.learn_document(key(&authority, sought.number), ordinal, document);
    }
    Ok(Looked { registrations, permits, basis: Basis::default() })
}
