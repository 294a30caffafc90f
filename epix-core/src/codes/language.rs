//! Which language does somebody want to read?

/// A language in which names and sentences are kept: those of the Convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English, which everything has.
    English,
    /// French.
    French,
    /// Spanish.
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::English, Language::French, Language::Spanish];

    /// The tag of the language (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::French => "fr",
            Language::Spanish => "es",
        }
    }

    /// The language that an `Accept-Language` header (RFC 9110, section 12.5.4) prefers among these; English where it
    /// names none of them or is not written as one.
    ///
    /// ```
    /// use epix_core::codes::Language;
    /// assert_eq!(Language::preferred("de, fr-CH;q=0.8, en;q=0.5"), Language::French);
    /// assert_eq!(Language::preferred("de"), Language::English);
    /// ```
    pub fn preferred(accepted: &str) -> Language {
        let mut best = (Language::English, 0.0);
        for range in accepted.split(',') {
            let Some((language, weight)) = weighed(range) else { continue };
            // Among equals the first one named.
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// One range such as `fr-CH;q=0.8`, where it means one of our languages.
fn weighed(range: &str) -> Option<(Language, f32)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, "q=1"));
    let primary = tag.trim().split('-').next().unwrap_or_default();
    let language = Language::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))?;
    let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok())?;
    (0.0..=1.0).contains(&weight).then_some((language, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_range_wins_and_among_equals_the_first() {
        assert_eq!(Language::preferred("en;q=0.2, es;q=0.9, fr;q=0.9"), Language::Spanish);
        assert_eq!(Language::preferred("FR"), Language::French);
        assert_eq!(Language::preferred("es-419 ; q=0.1"), Language::Spanish);
    }

    #[test]
    fn what_is_not_understood_is_english() {
        for header in ["", "*", "de, it", "fr;q=0", "fr;q=7", "fr;q=x", "fr;level=1", ",;,;q=", "\u{0}é"] {
            assert_eq!(Language::preferred(header), Language::English, "{header}");
        }
    }
}
