//! In which ways does a partner differ from its dialect? Data first, two small pure hooks second.

use epix_core::id::{CallId, Operation};
use epix_core::soap::answer::{self, AnswerError};
use epix_core::soap::{Answer, Call, OriginalCaller, Package, request, with_call_id};

use super::{Login, Partner, czech};

/// A way of speaking. A partner that does what its dialect says needs none: it has [`STANDARD`].
#[derive(Debug)]
pub struct Profile {
    /// Its name, as registers and command lines give it.
    pub name: &'static str,
    /// Whom it is for, in words.
    pub what: &'static str,
    /// The operations that it has.
    pub operations: &'static [Operation],
    /// True when a user name and a password are needed besides the certificate.
    pub needs_login: bool,
    /// Each way in which it differs, and how that is known.
    pub deviations: &'static [Deviation],
    /// Writes the message for a question.
    pub(crate) ask: fn(&Question<'_>) -> Result<Message, Unaskable>,
    /// Reads what came back.
    pub(crate) understand: fn(&Package<'_>, Operation) -> Result<Answer, AnswerError>,
}

/// One way in which a partner differs, as it can be read in a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deviation {
    /// What it does otherwise.
    pub says: &'static str,
    /// Who says so, and how sure that is.
    pub source: &'static str,
}

/// A call, and whom it is for.
pub(crate) struct Question<'a> {
    pub(crate) call: &'a Call,
    pub(crate) partner: &'a Partner,
    /// Who asked us to call, where somebody did.
    pub(crate) original: Option<&'a OriginalCaller>,
    /// Our own id of the call, where it has one.
    pub(crate) call_id: Option<&'a CallId>,
}

/// A message that is ready to be sent.
pub(crate) struct Message {
    pub(crate) body: String,
    /// The value of the SOAPAction header, with its quotes.
    pub(crate) soap_action: String,
}

/// Says why a partner cannot be asked something. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unaskable {
    /// It has no such operation.
    #[error("a partner with the profile {profile} has no {}", .operation.name())]
    Operation {
        /// The profile.
        profile: &'static str,
        /// What was to be asked.
        operation: Operation,
    },
    /// It has no place for something that the call says.
    #[error("a partner with the profile {profile} takes no {what}")]
    Parameter {
        /// The profile.
        profile: &'static str,
        /// What there is no place for.
        what: &'static str,
    },
    /// It asks for a login and none is set.
    #[error("a partner with the profile {profile} asks for a user name and a password")]
    LoginMissing {
        /// The profile.
        profile: &'static str,
    },
}

/// Does what the dialect says.
pub static STANDARD: Profile = Profile {
    name: "standard",
    what: "any partner that does what its dialect says",
    operations: &Operation::ALL,
    needs_login: false,
    deviations: &[],
    ask: |question| {
        let (body, soap_action) = request::write(question.call, question.partner.dialect);
        let body = match (question.original, question.call_id) {
            (Some(original), _) => original.introduce(&body),
            (None, Some(id)) => with_call_id(&body, id),
            (None, None) => body,
        };
        Ok(Message { body, soap_action })
    },
    understand: answer::read_package,
};

/// Every profile. Another odd partner is another file and another row.
pub static PROFILES: &[&Profile] = &[&STANDARD, &czech::CZECH];

impl Profile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static Profile> {
        PROFILES.iter().copied().find(|profile| profile.name == name)
    }

    /// Writes the message for a question, when the partner can be asked it.
    pub(crate) fn message(&self, question: &Question<'_>) -> Result<Message, Unaskable> {
        let operation = question.call.operation();
        if !self.operations.contains(&operation) {
            return Err(Unaskable::Operation { profile: self.name, operation });
        }
        self.require_login(question.partner.login.as_ref())?;
        (self.ask)(question)
    }

    fn require_login(&self, login: Option<&Login>) -> Result<(), Unaskable> {
        match (self.needs_login, login) {
            (true, None) => Err(Unaskable::LoginMissing { profile: self.name }),
            (false, Some(_)) => Err(Unaskable::Parameter { profile: self.name, what: "user name and password" }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_profile_has_a_name_of_its_own_and_says_how_each_deviation_is_known() {
        let names: BTreeSet<_> = PROFILES.iter().map(|profile| profile.name).collect();

        assert_eq!(names.len(), PROFILES.len());
        for profile in PROFILES {
            assert!(std::ptr::eq(Profile::named(profile.name).unwrap(), *profile));
            assert!(profile.deviations.iter().all(|deviation| !deviation.source.is_empty()), "{}", profile.name);
        }
    }

    #[test]
    fn a_partner_without_login_takes_none() {
        let login = Login::parse("u\np").unwrap();

        assert!(STANDARD.require_login(Some(&login)).is_err());
        assert!(STANDARD.require_login(None).is_ok());
    }
}
