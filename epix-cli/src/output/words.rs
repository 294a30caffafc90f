//! What do the codes of the form mean? For people; a code without a row is shown as it is.

use epix_core::permit::{Appendix, DocumentType, Purpose, Source};

/// A code with what it means, where that is known: `T (commercial)`.
fn explained(code: &str, meaning: Option<&str>) -> String {
    meaning.map_or_else(|| code.to_owned(), |meaning| format!("{code} ({meaning})"))
}

/// Type of document (box 1).
pub(super) fn document_type(kind: &DocumentType) -> String {
    let meaning = match kind {
        DocumentType::Export => Some("export permit"),
        DocumentType::Import => Some("import permit"),
        DocumentType::ReExport => Some("re-export certificate"),
        DocumentType::Other => Some("other"),
        DocumentType::CertificateOfOrigin => Some("certificate of origin"),
        DocumentType::ExportLicence => Some("export licence"),
        DocumentType::Unlisted(_) => None,
    };
    explained(kind.as_str(), meaning)
}

/// Purpose of the transaction (box 5a).
pub(super) fn purpose(purpose: &Purpose) -> String {
    let meaning = match purpose {
        Purpose::Breeding => Some("breeding or artificial propagation"),
        Purpose::Educational => Some("educational"),
        Purpose::BotanicalGarden => Some("botanical garden"),
        Purpose::HuntingTrophy => Some("hunting trophy"),
        Purpose::LawEnforcement => Some("law enforcement"),
        Purpose::Medical => Some("medical"),
        Purpose::Reintroduction => Some("reintroduction into the wild"),
        Purpose::Personal => Some("personal"),
        Purpose::Circus => Some("circus or travelling exhibition"),
        Purpose::Scientific => Some("scientific"),
        Purpose::Commercial => Some("commercial"),
        Purpose::Zoo => Some("zoo"),
        Purpose::Unlisted(_) => None,
    };
    explained(purpose.as_str(), meaning)
}

/// Source of the specimen (box 10).
pub(super) fn source(source: &Source) -> String {
    let meaning = match source {
        Source::ArtificiallyPropagated => Some("artificially propagated"),
        Source::BredInCaptivity => Some("bred in captivity"),
        Source::CommerciallyBred => Some("bred or propagated for commercial purposes"),
        Source::BornInCaptivity => Some("born in captivity"),
        Source::Confiscated => Some("confiscated or seized"),
        Source::PreConvention => Some("pre-Convention"),
        Source::Ranched => Some("ranched"),
        Source::Unknown => Some("unknown"),
        Source::Wild => Some("taken from the wild"),
        Source::Marine => Some("taken in the marine environment"),
        Source::AssistedProduction => Some("assisted production"),
        Source::Unlisted(_) => None,
    };
    explained(source.as_str(), meaning)
}

/// Appendix (box 10).
pub(super) fn appendix(appendix: &Appendix) -> String {
    let meaning = matches!(appendix, Appendix::NotListed).then_some("not listed");
    explained(appendix.as_str(), meaning)
}
