//! What does a well-informed authority know? A few invented facts, enough for every rule that asks.

use chrono::NaiveDate;
use epix_core::check::knowledge::{Authorities, Kingdom, Permits, Quotas, Species, Suspensions, Taxon, Trade};
use epix_core::id::{Amount, Country, PermitNumber};
use epix_core::permit::{Appendix, Item, Permit, Purpose, Quantity, Source, Word};

use Appendix::{One, Two};
use Kingdom::{Animals, Plants};

/// Knows all that the fixtures need.
pub(crate) struct Known;

/// Name, accepted name, kingdom, lives in the sea, Appendices. No listing of real life is claimed.
const TAXA: &[(&str, &str, Kingdom, bool, &[Appendix])] = &[
    ("Acipenser baerii", "Acipenser baerii", Animals, false, &[Two]),
    ("Aquilaria malaccensis", "Aquilaria malaccensis", Plants, false, &[Two]),
    ("Boa regia", "Python regius", Animals, false, &[Two]),
    ("Crocodylus niloticus", "Crocodylus niloticus", Animals, false, &[One, Two]),
    ("Crocodylus niloticus hyb.", "Crocodylus niloticus hyb.", Animals, false, &[Two]),
    ("Falco cherrug", "Falco cherrug", Animals, false, &[Two]),
    ("Falco rusticolus", "Falco rusticolus", Animals, false, &[One]),
    ("Hippocampus kuda", "Hippocampus kuda", Animals, true, &[Two]),
    ("Loxodonta africana", "Loxodonta africana", Animals, false, &[One, Two]),
    ("Panthera pardus", "Panthera pardus", Animals, false, &[One]),
    ("Python regius", "Python regius", Animals, false, &[Two]),
];

fn listed(name: &str) -> Option<&'static [Appendix]> {
    TAXA.iter().find(|(known, ..)| *known == name).map(|(.., appendices)| *appendices)
}

impl Species for Known {
    fn named(&self, name: &str) -> Option<Taxon> {
        let (_, accepted, kingdom, is_marine, _) = TAXA.iter().find(|(known, ..)| *known == name)?;
        Some(Taxon { accepted: (*accepted).to_owned(), kingdom: *kingdom, is_marine: *is_marine })
    }

    fn listed(&self, name: &str, _: Option<Country>, _: NaiveDate) -> Option<Vec<Appendix>> {
        listed(name).map(<[Appendix]>::to_vec)
    }

    fn first_listed(&self, name: &str) -> Option<NaiveDate> {
        listed(name).and_then(|_| NaiveDate::from_ymd_opt(1975, 7, 1))
    }

    fn lives_in(&self, name: &str, country: Country) -> Option<bool> {
        (name == "Crocodylus niloticus").then(|| country.as_str() != "CH")
    }

    fn yields(&self, name: &str, term: &str) -> Option<bool> {
        (name == "Python regius").then_some(term != "TUS")
    }

    fn annotation_covers(&self, name: &str, term: &str, _: NaiveDate) -> Option<bool> {
        (name == "Aquilaria malaccensis").then_some(term != "SEE")
    }
}

impl Quotas for Known {
    fn quota(&self, exporter: Country, name: &str, _: Option<&str>, _: i32) -> Option<Quantity> {
        let is_quoted = exporter.as_str() == "XA" && name == "Python regius";
        is_quoted.then(|| Quantity { amount: Amount::from(500), unit: Word::parse("NAR").ok() })
    }
}

impl Suspensions for Known {
    fn against(&self, trade: &Trade<'_>) -> Option<String> {
        let is_suspended = trade.name == "Crocodylus niloticus" && trade.source == Some(&Source::Ranched);
        is_suspended.then(|| "Notification 2026/000 suspends it".to_owned())
    }
}

impl Permits for Known {
    fn is_taken(&self, issuer: Country, number: &PermitNumber) -> bool {
        issuer.as_str() == "XA" && number.raw() == "26XA000299/EX"
    }

    fn import_is_granted(&self, permit: &Permit, _: &Item) -> bool {
        permit.document.purposes != [Purpose::Educational]
    }
}

impl Authorities for Known {
    fn uses_stamps(&self, country: Country, _: NaiveDate) -> Option<bool> {
        (country.as_str() == "XA").then_some(true)
    }
}
