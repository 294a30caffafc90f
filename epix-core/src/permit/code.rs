//! The closed lists of the form as types: document type, purpose, appendix, source, signatory role.
//!
//! A code that is on no list is a value too: it keeps its text and survives a round trip.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::value::{ValueError, Word};

/// Declares a coded list: one row per code, an unknown code keeps its text.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            $($(#[$row])* $variant,)+
            /// A code that is not on the list, kept as written.
            Unlisted(Word),
        }

        impl $name {
            /// The codes of the list, in its order.
            pub const LISTED: &'static [&'static str] = &[$($code),+];

            /// Reads a code; white space is collapsed, case matters.
            ///
            /// # Errors
            /// [`ValueError::Blank`] or [`ValueError::IllegalCharacter`]; an unknown code is no error.
            pub fn parse(text: &str) -> Result<$name, ValueError> {
                let word = Word::parse(text)?;
                Ok(match word.as_str() {
                    $($code => $name::$variant,)+
                    _ => $name::Unlisted(word),
                })
            }

            /// The code as it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $code,)+
                    $name::Unlisted(word) => word.as_str(),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.as_str().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = ValueError;
            fn try_from(text: String) -> Result<$name, ValueError> {
                $name::parse(&text)
            }
        }
    };
}

codes! {
    /// Type of document (box 1), and of a document that is referred to (boxes 12, 12a, 15).
    DocumentType {
        /// Export permit.
        Export = "E",
        /// Import permit.
        Import = "I",
        /// Other; its title stands in the document's name.
        Other = "O",
        /// Re-export certificate.
        ReExport = "R",
        /// UN/EDIFACT 1001 "certificate of origin": senders use it for the permit of the country of origin.
        CertificateOfOrigin = "861",
        /// UN/EDIFACT 1001 "export licence": senders use it for the last re-export certificate.
        ExportLicence = "811",
    }
}

impl DocumentType {
    /// True for the codes seen for the permit of the country of origin (box 12): `E`, and `861` in real messages.
    pub fn is_origin(&self) -> bool {
        matches!(self, DocumentType::Export | DocumentType::CertificateOfOrigin)
    }

    /// True for the codes seen for the certificate of last re-export (box 12a): `R`, and `811` in real messages.
    pub fn is_reexport(&self) -> bool {
        matches!(self, DocumentType::ReExport | DocumentType::ExportLicence)
    }
}

codes! {
    /// Purpose of the transaction (box 5a), Res. Conf. 12.3.
    Purpose {
        /// Breeding in captivity or artificial propagation.
        Breeding = "B",
        /// Educational.
        Educational = "E",
        /// Botanical garden.
        BotanicalGarden = "G",
        /// Hunting trophy.
        HuntingTrophy = "H",
        /// Law enforcement, judicial or forensic.
        LawEnforcement = "L",
        /// Medical, biomedical research included.
        Medical = "M",
        /// Reintroduction or introduction into the wild.
        Reintroduction = "N",
        /// Personal.
        Personal = "P",
        /// Circus or travelling exhibition.
        Circus = "Q",
        /// Scientific.
        Scientific = "S",
        /// Commercial.
        Commercial = "T",
        /// Zoo.
        Zoo = "Z",
    }
}

codes! {
    /// Appendix of the Convention (box 10).
    Appendix {
        /// Appendix I.
        One = "I",
        /// Appendix II.
        Two = "II",
        /// Appendix III.
        Three = "III",
        /// Not listed (a value of trade reports, accepted on reading).
        NotListed = "N",
    }
}

codes! {
    /// Source of the specimen (box 10), Res. Conf. 12.3.
    Source {
        /// Artificially propagated plants.
        ArtificiallyPropagated = "A",
        /// Bred in captivity.
        BredInCaptivity = "C",
        /// Appendix I animals bred, or plants propagated, for commercial purposes.
        CommerciallyBred = "D",
        /// Born in captivity, not meeting the definition of bred in captivity.
        BornInCaptivity = "F",
        /// Confiscated or seized.
        Confiscated = "I",
        /// Pre-Convention.
        PreConvention = "O",
        /// Ranched.
        Ranched = "R",
        /// Unknown; must be justified.
        Unknown = "U",
        /// Taken from the wild.
        Wild = "W",
        /// Taken in the marine environment outside any State's jurisdiction (since 2013).
        Marine = "X",
        /// Assisted production of plants (since 2019).
        AssistedProduction = "Y",
    }
}

codes! {
    /// Role of a signatory; the letter repeats what the element name says, and the element wins on conflict.
    SignatoryRole {
        /// Issuing Management Authority (box 6).
        IssuingAuthority = "A",
        /// Applicant (box 4).
        Applicant = "B",
        /// Issuing official (box 13).
        IssuingOfficial = "C",
        /// Examining authority (box 14).
        ExaminingAuthority = "D",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{List, entries};

    /// The codes of a list that are or were valid, sorted.
    fn of_list(list: List) -> Vec<&'static str> {
        let mut codes: Vec<&str> = entries(list).iter().map(|entry| entry.code).collect();
        codes.dedup();
        codes
    }

    fn sorted(listed: &[&'static str]) -> Vec<&'static str> {
        let mut listed = listed.to_vec();
        listed.sort_unstable();
        listed
    }

    #[test]
    fn the_types_name_the_codes_of_the_lists() {
        assert_eq!(sorted(Purpose::LISTED), of_list(List::Purposes));
        assert_eq!(sorted(Source::LISTED), of_list(List::Sources));
        assert_eq!(sorted(Appendix::LISTED), of_list(List::Appendices));
        assert_eq!(sorted(SignatoryRole::LISTED), of_list(List::SignatoryRoles));
    }

    // Real messages send two codes of UN/EDIFACT 1001 where the form wants a letter (boxes 12 and 12a); the type knows
    // these two, so that their roles can be asked for, and leaves the rest of 1001 unlisted.
    #[test]
    fn a_document_type_is_a_letter_of_box_1_or_one_of_two_codes_of_1001() {
        let of_1001 = ["811", "861"];

        let letters = DocumentType::LISTED.iter().copied().filter(|code| !of_1001.contains(code));

        assert_eq!(sorted(&letters.collect::<Vec<_>>()), of_list(List::DocumentTypes));
        assert!(of_1001.iter().all(|code| of_list(List::DocumentCodes).contains(code)));
        assert!(of_1001.iter().all(|code| DocumentType::LISTED.contains(code)));
    }

    #[test]
    fn an_unknown_code_survives() {
        let code = Purpose::parse(" YY ").unwrap();

        assert_eq!(code, Purpose::Unlisted(Word::parse("YY").unwrap()));
        assert_eq!(code.as_str(), "YY");
    }

    #[test]
    fn every_listed_code_reads_as_itself() {
        for code in Source::LISTED {
            let read = Source::parse(code).unwrap();
            assert!(!matches!(read, Source::Unlisted(_)), "{code}");
            assert_eq!(read.as_str(), *code);
        }
    }
}
