//! What is special about one case of a fault: facts with a name for programs and a label in three languages.

use crate::codes::Language;

/// Declares the facts: name, and the label in English, French and Spanish.
macro_rules! facts {
    ($($(#[$doc:meta])* $fact:ident, $english:literal, $french:literal, $spanish:literal;)+) => {
        /// What a fault can say of its case beyond its code. A value is data: never a secret, a path or a personal name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fact {
            $($(#[$doc])* $fact,)+
        }

        impl Fact {
            /// The fact with a name, as it stands in a fault detail.
            pub fn named(name: &str) -> Option<Fact> {
                [$(Fact::$fact),+].into_iter().find(|fact| fact.as_str() == name)
            }

            /// The name as it stands in the fault detail.
            pub fn as_str(self) -> &'static str {
                match self { $(Fact::$fact => stringify!($fact),)+ }
            }

            /// The label that people read.
            pub fn label(self, language: Language) -> &'static str {
                let [english, french, spanish] = match self { $(Fact::$fact => [$english, $french, $spanish],)+ };
                match language {
                    Language::English => english,
                    Language::French => french,
                    Language::Spanish => spanish,
                }
            }
        }
    };
}

facts! {
    /// The letter of a position.
    Position, "position", "position", "posición";
    /// A quantity that was to be confirmed.
    Confirmed, "confirmed", "confirmé", "confirmado";
    /// The quantity that is allowed.
    Allowed, "allowed", "autorisé", "autorizado";
    /// The toolkit version of the document that is kept.
    Toolkit, "the permit is kept in toolkit", "le permis est conservé en toolkit", "el permiso se conserva en toolkit";
    /// A box of the form that the version cannot carry.
    Box, "box", "case", "casilla";
    /// Where a part of the permit stands that is in no box of the form, and that the version cannot carry.
    Part, "part", "partie", "parte";
    /// The number of the permit that stands in the place of this one.
    ReplacedBy, "replaced by", "remplacé par", "sustituido por";
    /// After how many seconds the caller may ask again.
    RetryAfter, "seconds to wait", "secondes d’attente", "segundos de espera";
    /// The country whose service was called.
    Country, "country", "pays", "país";
    /// The header block that is not understood.
    Header, "header", "en-tête", "cabecera";
}
