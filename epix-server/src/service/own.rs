//! The authority's own systems: who calls by key, what the key may be used for, and how a change is made once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use epix_core::id::{AuthorityId, PartyId, Sha256Digest};

use super::error::CallError;
use super::{Exchange, TokenKey};
use crate::audit::{Actor, AuditEvent};
use crate::store::{
    Access, ApiKey, Authority, Claim, Claimed, KeyId, Party, Role, Standing, StoreError, Terms, TokenHash,
};

/// Read permits, their versions and events.
pub const READ: &str = Access::PermitsRead.word();
/// Store permits and change their state.
pub const WRITE: &str = Access::PermitsWrite.word();
/// Confirm quantities, and declare confirmations void.
pub const CONFIRM: &str = Access::Confirm.word();
/// Ask partners for permits, and confirm with them.
pub const EXCHANGE: &str = Access::Exchange.word();
/// Read the register of parties.
pub const PARTIES: &str = Access::Parties.word();
/// Read the audit.
pub const AUDIT: &str = Access::Audit.word();

/// What every key begins with, so that one that leaked is recognised.
const BRAND: &str = "epix";

/// A caller who holds a key of an authority.
#[derive(Debug, Clone)]
pub struct Clerk {
    /// Whose system it is.
    pub authority: Authority,
    key: ApiKey,
}

/// The same within the circumstances of a call.
#[derive(Debug, Clone)]
pub struct Own {
    /// Whose system calls.
    pub authority: AuthorityId,
    who: String,
}

impl Own {
    /// Who it is, for the audit.
    pub fn actor(&self) -> Actor {
        Actor { party: None, fingerprint: None, name: Some(self.who.clone()) }
    }
}

impl Clerk {
    /// May the key be used for what this word of a scope says?
    pub fn may(&self, scope: &str) -> bool {
        self.key.scopes.iter().any(|access| access.word() == scope)
    }

    /// The key in the audit: its public half and who holds it.
    pub fn own(&self) -> Own {
        Own { authority: self.authority.id.clone(), who: format!("key {} ({})", self.key.id, self.key.name) }
    }

    /// By what the limits count its calls.
    pub fn imprint(&self) -> Sha256Digest {
        imprint(&self.key.id)
    }
}

fn imprint(id: &KeyId) -> Sha256Digest {
    Sha256Digest::of(format!("api key {id}").as_bytes())
}

/// The authority as it acts on its own permits.
pub(super) fn party(authority: &Authority) -> Party {
    let id =
        PartyId::parse(authority.id.as_str()).expect("ids of authorities and of parties are made of the same letters");
    Party {
        id,
        name: authority.name.clone(),
        country: authority.country,
        roles: [Role::ManagementAuthority].into(),
        certificates: Default::default(),
        operations: None,
        suspended: false,
        terms: Terms::default(),
    }
}

/// A new key: its public half, what is kept of the secret half, and the text that its holder is given, once.
///
/// # Errors
/// What OpenSSL says when it has no random bytes.
pub fn new_key(token_key: &TokenKey) -> Result<(KeyId, TokenHash, String), openssl::error::ErrorStack> {
    let (mut id, mut secret) = ([0; KeyId::LETTERS / 2], [0; 32]);
    openssl::rand::rand_bytes(&mut id)?;
    openssl::rand::rand_bytes(&mut secret)?;
    let id = KeyId::parse(&hex::encode(id)).expect("these are as many hexadecimal digits as an id has");
    let secret = URL_SAFE_NO_PAD.encode(secret);
    let hash = token_key.hash(&format!("{id}.{secret}"));
    let text = format!("{BRAND}_{id}_{secret}");
    Ok((id, hash, text))
}

/// The two halves of a key.
fn halves(text: &str) -> Option<(KeyId, &str)> {
    let (id, secret) = text.trim().strip_prefix(BRAND)?.strip_prefix('_')?.split_once('_')?;
    Some((KeyId::parse(id)?, secret))
}

/// What comes of the wish to make a change once.
#[derive(Debug)]
pub enum Once {
    /// It is to be made now.
    Now(Claim),
    /// It was made, with this answer.
    Before(String),
    /// Somebody is making it.
    UnderWay,
    /// The key stood for another change.
    Another,
}

impl Exchange {
    /// Who holds this key, if it is taken now.
    ///
    /// # Errors
    /// [`CallError::CallerUnknown`], which is in the audit within the quota of strangers; [`CallError::TooOften`]; or the store's.
    pub async fn clerk(&self, text: &str, at: DateTime<Utc>, blank: AuditEvent) -> Result<Clerk, CallError> {
        let found = match halves(text) {
            Some((id, secret)) => self.store.key(&id).await?.map(|key| (key, secret)),
            None => None,
        };
        // A key that is unknown takes as long as one that is.
        let hash = |id: &str, secret: &str| self.token_key.hash(&format!("{id}.{secret}"));
        let Some((key, secret)) = found else {
            hash("", text);
            return Err(self.not_taken(blank).await);
        };
        let authority = self.authorities.iter().find(|authority| authority.id == key.authority);
        let is_taken = hash(key.id.as_str(), secret) == key.hash && key.holds(at);
        let Some(authority) = authority.filter(|_| is_taken) else { return Err(self.not_taken(blank).await) };
        self.meter.call(&imprint(&key.id), at).map_err(|seconds| CallError::TooOften { seconds })?;
        Ok(Clerk { authority: authority.clone(), key })
    }

    async fn not_taken(&self, blank: AuditEvent) -> CallError {
        let outcome = CallError::CallerUnknown.outcome().to_owned();
        let event = AuditEvent { authority: self.authorities[0].id.clone(), outcome, ..blank };
        match self.store.record(event, Standing::Stranger).await {
            Ok(()) => CallError::CallerUnknown,
            Err(error) => error.into(),
        }
    }

    /// The books in which callers stand who are not known yet.
    pub fn first_authority(&self) -> &AuthorityId {
        &self.authorities[0].id
    }

    /// Claims a change that is to be made once.
    ///
    /// # Errors
    /// What the store says.
    pub async fn once(
        &self,
        clerk: &Clerk,
        key: &str,
        request: Sha256Digest,
        at: DateTime<Utc>,
    ) -> Result<Once, StoreError> {
        let (authority, caller) = (clerk.authority.id.clone(), format!("key {}", clerk.key.id));
        let claim = Claim { authority, caller, key: key.to_owned(), request, at };
        Ok(match self.store.claim(claim.clone()).await? {
            Claimed::Yours => Once::Now(claim),
            Claimed::Answered(answer) => Once::Before(answer),
            Claimed::UnderWay => Once::UnderWay,
            Claimed::Another => Once::Another,
        })
    }

    /// Keeps the answer to a claimed change, or gives the claim up.
    ///
    /// # Errors
    /// What the store says.
    pub async fn settle(&self, claim: Claim, answer: Option<String>) -> Result<(), StoreError> {
        self.store.settle(claim, answer).await
    }
}
