//! What can go wrong in a call? One row per code: whose turn it is, the hub's word, and the sentence in three languages.

use std::fmt;

use crate::codes::Language;

/// Whose turn it is to act: becomes `faultcode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The caller has to change something (`Client`).
    Client,
    /// The service failed; the same call may succeed later (`Server`).
    Server,
    /// A header block must be understood and is not (`MustUnderstand`).
    MustUnderstand,
    /// The envelope is of another SOAP version (`VersionMismatch`).
    VersionMismatch,
}

impl Blame {
    /// The local part of `faultcode`.
    pub fn as_str(self) -> &'static str {
        match self {
            Blame::Client => "Client",
            Blame::Server => "Server",
            Blame::MustUnderstand => "MustUnderstand",
            Blame::VersionMismatch => "VersionMismatch",
        }
    }
}

/// Declares the fault codes as a table: code, blame, the hub's word where the public hub has one, and the sentence in
/// English, French and Spanish.
macro_rules! fault_codes {
    ($($(#[$doc:meta])* $code:ident, $blame:ident, $word:expr, $english:literal, $french:literal, $spanish:literal;)+) => {
        /// What went wrong, in one word for programs; the table is printed in `docs/contract.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultCode {
            $($(#[$doc])* $code,)+
        }

        impl FaultCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [FaultCode] = &[$(FaultCode::$code),+];

            /// The code as it stands in the fault detail.
            pub fn as_str(self) -> &'static str {
                match self { $(FaultCode::$code => stringify!($code),)+ }
            }

            /// Whose turn it is to act.
            pub fn blame(self) -> Blame {
                match self { $(FaultCode::$code => Blame::$blame,)+ }
            }

            /// The word that the public hub uses as `faultstring`, kept for clients that look for it.
            pub fn hub_word(self) -> Option<&'static str> {
                match self { $(FaultCode::$code => $word,)+ }
            }

            /// What the caller may know, in one sentence.
            pub fn sentence(self, language: Language) -> &'static str {
                let [english, french, spanish] = match self { $(FaultCode::$code => [$english, $french, $spanish],)+ };
                match language {
                    Language::English => english,
                    Language::French => french,
                    Language::Spanish => spanish,
                }
            }
        }
    };
}

fault_codes! {
    /// The call came without a certificate.
    CertificateMissing, Client, Some("CertificateMissing"),
        "the call carries no certificate of the caller",
        "l’appel ne porte aucun certificat de l’appelant",
        "la llamada no lleva ningún certificado de quien llama";
    /// The certificate is trusted but registered for nobody.
    CallerNotFound, Client, Some("CallerNotFound"),
        "the certificate of the caller is not registered with this authority",
        "le certificat de l’appelant n’est pas enregistré auprès de cette autorité",
        "el certificado de quien llama no está registrado ante esta autoridad";
    /// No authority of that country is kept here, or several are and none was named.
    CalleeNotFound, Client, Some("CalleeNotFound"),
        "no authority of the country in IsoCountryCode answers here",
        "aucune autorité du pays indiqué dans IsoCountryCode ne répond ici",
        "aquí no responde ninguna autoridad del país indicado en IsoCountryCode";
    /// The caller is known and may not do this, in general or with this permit.
    AdapterNotAvailable, Client, Some("AdapterNotAvailable"),
        "the caller has no right to this operation on this permit",
        "l’appelant n’a pas droit à cette opération sur ce permis",
        "quien llama no tiene derecho a esta operación sobre este permiso";
    /// No such permit, or a missing or wrong token: the same answer, so that numbers cannot be tried out.
    PermitNotFound, Client, None,
        "no permit with this number and token is kept here",
        "aucun permis portant ce numéro et ce jeton n’est conservé ici",
        "aquí no se conserva ningún permiso con este número y esta clave";
    /// `GetFinal` on a permit whose quantities are not certified.
    NotFinal, Client, None,
        "the permit is not final: no export quantities are certified yet",
        "le permis n’est pas définitif : aucune quantité exportée n’est encore certifiée",
        "el permiso no es definitivo: aún no se ha certificado ninguna cantidad exportada";
    /// The permit was cancelled.
    PermitCancelled, Client, None,
        "the permit was cancelled by the authority that issued it",
        "le permis a été annulé par l’autorité qui l’a délivré",
        "el permiso fue anulado por la autoridad que lo expidió";
    /// The permit was replaced by another one.
    PermitReplaced, Client, None,
        "the permit was replaced by another one",
        "le permis a été remplacé par un autre",
        "el permiso fue sustituido por otro";
    /// The permit is suspended for the time being.
    PermitSuspended, Client, None,
        "the permit is suspended by the authority that issued it",
        "le permis est suspendu par l’autorité qui l’a délivré",
        "el permiso está suspendido por la autoridad que lo expidió";
    /// The permit was reported as lost or stolen.
    PermitLost, Client, None,
        "the permit was reported as lost or stolen",
        "le permis a été déclaré perdu ou volé",
        "el permiso fue declarado perdido o robado";
    /// The permit was given back unused.
    PermitReturned, Client, None,
        "the permit was returned unused to the authority that issued it",
        "le permis a été restitué sans avoir été utilisé à l’autorité qui l’a délivré",
        "el permiso fue devuelto sin usar a la autoridad que lo expidió";
    /// The permit is past its last day, and the policy of the authority does not answer then.
    PermitExpired, Client, None,
        "the permit is past its last day of validity",
        "le permis n’est plus valable",
        "el permiso ha dejado de ser válido";
    /// A position that the permit does not have.
    PositionUnknown, Client, None,
        "the permit has no position with this letter",
        "le permis n’a pas de position portant cette lettre",
        "el permiso no tiene ninguna posición con esta letra";
    /// A position without letter, with white space in it, or given twice.
    PositionIdInvalid, Client, Some("XML structure is not valid. ID must be a token"),
        "each position must be named once, by a letter without white space",
        "chaque position doit être nommée une seule fois, par une lettre sans espace",
        "cada posición debe nombrarse una sola vez, con una letra sin espacios";
    /// A quantity that is no decimal number, or negative.
    QuantityInvalid, Client, None,
        "a quantity must be a decimal number, zero or more",
        "une quantité doit être un nombre décimal, nul ou positif",
        "una cantidad debe ser un número decimal, cero o mayor";
    /// More than was permitted, or imported more than exported.
    QuantityExceeded, Client, None,
        "more is confirmed than the permit allows",
        "la quantité confirmée dépasse ce que le permis autorise",
        "se confirma más de lo que el permiso autoriza";
    /// No positions in the call: never read as "everything" or "nothing".
    NothingToConfirm, Client, None,
        "the call names no positions to confirm",
        "l’appel ne nomme aucune position à confirmer",
        "la llamada no nombra ninguna posición que confirmar";
    /// Quantities were confirmed before, and these are others.
    AlreadyConfirmed, Client, None,
        "other quantities are already confirmed for this permit",
        "d’autres quantités sont déjà confirmées pour ce permis",
        "ya se han confirmado otras cantidades para este permiso";
    /// Import quantities for a permit whose export is not certified.
    NotExported, Client, None,
        "import cannot be confirmed before the export quantities are certified",
        "l’importation ne peut être confirmée avant que les quantités exportées soient certifiées",
        "la importación no puede confirmarse antes de certificarse las cantidades exportadas";
    /// A permit that may be used in parts, and a call without an id of the caller: a repeat could not be told from a part.
    CallIdMissing, Client, None,
        "this permit may be used in parts, so each confirmation needs the caller’s own call id",
        "ce permis peut être utilisé en plusieurs fois : chaque confirmation doit porter un identifiant d’appel propre à l’appelant",
        "este permiso puede usarse por partes: cada confirmación necesita un identificador de llamada propio de quien llama";
    /// Not a message that can be answered.
    InvalidRequest, Client, Some("Invalid Request"),
        "the message is not a request of this service",
        "le message n’est pas une demande de ce service",
        "el mensaje no es una solicitud de este servicio";
    /// More than the service takes in one message.
    RequestTooLarge, Client, Some("Invalid Request"),
        "the message is larger than this service takes",
        "le message dépasse la taille que ce service accepte",
        "el mensaje supera el tamaño que admite este servicio";
    /// What came is not announced as something that can hold a SOAP message.
    MediaTypeNotSupported, Client, Some("Invalid Request"),
        "the Content-Type is not one of a SOAP 1.1 message",
        "le Content-Type n’est pas celui d’un message SOAP 1.1",
        "el Content-Type no es el de un mensaje SOAP 1.1";
    /// SOAPAction names another operation than the body.
    OperationMismatch, Client, Some("Invalid Request"),
        "SOAPAction and the body name different operations",
        "SOAPAction et le corps du message nomment des opérations différentes",
        "SOAPAction y el cuerpo del mensaje nombran operaciones distintas";
    /// A dialect that is not answered here, or a permit that the version of the dialect cannot carry.
    VersionNotSupported, Client, None,
        "this version of the service cannot answer this call",
        "cette version du service ne peut pas répondre à cet appel",
        "esta versión del servicio no puede responder a esta llamada";
    /// The caller asks more often than it may.
    RateLimited, Client, None,
        "the caller asks more often than it may; later it will be answered again",
        "l’appelant interroge plus souvent qu’il n’y est autorisé ; il recevra de nouveau réponse plus tard",
        "quien llama pregunta con más frecuencia de la permitida; más tarde volverá a recibir respuesta";
    /// A header block must be understood and is not.
    MustUnderstand, MustUnderstand, None,
        "a header block that must be understood is not",
        "un bloc d’en-tête à comprendre obligatoirement n’est pas compris",
        "un bloque de cabecera que debe entenderse no se entiende";
    /// The envelope is of another SOAP version.
    VersionMismatch, VersionMismatch, None,
        "only SOAP 1.1 is answered",
        "seul SOAP 1.1 reçoit une réponse",
        "solo se responde a SOAP 1.1";
    /// The service of the country that was called did not answer in time.
    UpstreamTimeout, Server, Some("This request took too long to process..."),
        "the service of the country that was called did not answer in time",
        "le service du pays appelé n’a pas répondu à temps",
        "el servicio del país al que se llamó no respondió a tiempo";
    /// The service of the country that was called cannot be reached.
    UpstreamUnreachable, Server, None,
        "the service of the country that was called cannot be reached",
        "le service du pays appelé est injoignable",
        "no se puede llegar al servicio del país al que se llamó";
    /// The two ends did not accept one another's certificates, or found no common TLS.
    UpstreamTls, Server, None,
        "no secure connection to the service of the country that was called could be made",
        "aucune connexion sécurisée au service du pays appelé n’a pu être établie",
        "no se pudo establecer una conexión segura con el servicio del país al que se llamó";
    /// The service that was called answered with something that is no answer of EPIX.
    UpstreamHttp, Server, None,
        "the service of the country that was called answered with something that is no EPIX message",
        "le service du pays appelé a répondu par autre chose qu’un message EPIX",
        "el servicio del país al que se llamó respondió con algo que no es un mensaje EPIX";
    /// The country that was called does not offer this operation.
    OperationNotAvailable, Server, None,
        "the service of the country that was called does not offer this operation",
        "le service du pays appelé n’offre pas cette opération",
        "el servicio del país al que se llamó no ofrece esta operación";
    /// The service failed.
    Internal, Server, Some("Something went wrong"),
        "the service could not answer; nothing was changed",
        "le service n’a pas pu répondre ; rien n’a été modifié",
        "el servicio no pudo responder; no se modificó nada";
}

impl FaultCode {
    /// The code with a name, as it stands in a fault detail.
    pub fn named(name: &str) -> Option<FaultCode> {
        FaultCode::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// The code that a word of the public hub means; the most general one where several share the word.
    pub fn of_hub_word(word: &str) -> Option<FaultCode> {
        FaultCode::ALL.iter().copied().find(|code| code.hub_word() == Some(word.trim()))
    }

    /// The HTTP status under which the fault goes out.
    ///
    /// SOAP 1.1 (section 6.2) wants 500 for every fault, and strict stacks look into no other answer. What did not get as
    /// far as being a SOAP message is refused by HTTP itself.
    pub fn http_status(self) -> u16 {
        match self {
            FaultCode::RequestTooLarge => 413,
            FaultCode::MediaTypeNotSupported => 415,
            _ => 500,
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The row of a code as `docs/contract.md` prints it.
    fn row(code: FaultCode) -> String {
        let word = code.hub_word().map_or(String::new(), |word| format!("`{word}`"));
        let (blame, status) = (code.blame().as_str(), code.http_status());
        format!("| `{code}` | {blame} | {status} | {word} | {} |", code.sentence(Language::English))
    }

    fn translated(code: FaultCode) -> String {
        format!("| `{code}` | {} | {} |", code.sentence(Language::French), code.sentence(Language::Spanish))
    }

    #[test]
    fn the_contract_lists_every_fault_as_it_is() {
        let contract = include_str!("../../../../docs/contract.md");
        for print in [row, translated] {
            let table: Vec<String> = FaultCode::ALL.iter().map(|code| print(*code)).collect();

            assert!(
                contract.contains(&table.join("\n")),
                "docs/contract.md must hold these rows:\n{}",
                table.join("\n")
            );
        }
    }

    #[test]
    fn each_code_is_found_again_by_its_name_and_by_the_word_of_the_hub() {
        for code in FaultCode::ALL {
            assert_eq!(FaultCode::named(code.as_str()), Some(*code));
        }
        assert_eq!(FaultCode::named("TokenInvalid"), None);
        assert_eq!(FaultCode::of_hub_word("CalleeNotFound"), Some(FaultCode::CalleeNotFound));
        assert_eq!(FaultCode::of_hub_word(" Invalid Request"), Some(FaultCode::InvalidRequest));
        assert_eq!(FaultCode::of_hub_word("Savon::HTTPError"), None);
    }

    #[test]
    fn no_sentence_is_left_in_another_language() {
        for code in FaultCode::ALL {
            let sentences = [Language::English, Language::French, Language::Spanish].map(|l| code.sentence(l));
            assert!(
                sentences[0] != sentences[1] && sentences[1] != sentences[2] && sentences[0] != sentences[2],
                "{code}"
            );
        }
    }
}
