//! What becomes of each number of the catalogue that the rules were drawn from: answered, or why it is not?

use std::fmt::Write as _;

use super::rows;

/// The parts of the catalogue: letter, how many numbers, what they speak of.
const PARTS: &[(char, usize, &str)] = &[
    ('F', 47, "the permit as it was issued"),
    ('L', 13, "what happens to it afterwards"),
    ('R', 31, "annual reports"),
];

/// Numbers that no rule answers, from and until, and why.
const UNANSWERED: &[(&str, &str, &str)] = &[
    ("F27", "F27", "toolkits 1.0 and 2.0 have no place for a second source code"),
    (
        "F42",
        "F42",
        "a signature is a layer of its own, with rules of its own (EPIX-SIGN); stamp and paper are for the eye",
    ),
    (
        "L02",
        "L02",
        "whether a permit was cancelled, replaced or used is in the register of its authority, not in the document",
    ),
    ("L04", "L07", "they speak of a border crossing: who clears the consignment knows it, no document does"),
    ("L08", "L08", "a document does not show what it said before; the store keeps every version"),
    ("L09", "L09", "no toolkit says of a document that it is retrospective"),
    ("L10", "L10", "no toolkit says of a document that it extends another one"),
    ("L11", "L11", "box 1 says \"other\" in words, not whether it is a passport, an instrument or an exhibition"),
    ("L12", "L13", "they are duties of an authority; no document shows that they were done"),
    ("R01", "R31", "they are for annual reports, made of many permits; what of them holds for one permit is under F"),
];

/// The table, Markdown: one line for each number, those in a row together that are unanswered for one reason.
pub(super) fn table() -> String {
    let mut table = String::from("| catalogue | answered by | skipped when |\n|---|---|---|\n");
    for (letter, count, about) in PARTS {
        let _ = writeln!(table, "| **{letter}** | *{about}* | |");
        for number in (1..=*count).map(|number| format!("{letter}{number:02}")) {
            match unanswered(&number) {
                Some((from, until, why)) if *from == number => {
                    let numbers = if from == until { (*from).to_owned() } else { format!("{from} to {until}") };
                    let _ = writeln!(table, "| {numbers} | no rule: {why} | |");
                }
                Some(_) => {}
                None => table.push_str(&answered(&number)),
            }
        }
    }
    table
}

fn unanswered(number: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    UNANSWERED.iter().find(|(from, until, _)| (*from..=*until).contains(&number))
}

fn answered(number: &str) -> String {
    let of_number = || rows().filter(|row| row.catalogue == number);
    let ids: Vec<&str> = of_number().map(|row| row.id.0).collect();
    let mut needs: Vec<&str> = of_number().flat_map(|row| row.needs).map(|need| need.because()).collect();
    needs.sort_unstable();
    needs.dedup();
    format!("| {number} | {} | {} |\n", ids.join(", "), needs.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_answered_or_has_its_reason_and_never_both() {
        for (letter, count, _) in PARTS {
            for number in (1..=*count).map(|number| format!("{letter}{number:02}")) {
                let is_answered = rows().any(|row| row.catalogue == number);
                assert!(is_answered != unanswered(&number).is_some(), "{number}");
            }
        }
    }

    #[test]
    fn no_row_names_a_number_that_the_catalogue_has_not() {
        for row in rows().filter(|row| row.catalogue != "-") {
            let (letter, number) = row.catalogue.split_at(1);
            let part = PARTS.iter().find(|(part, ..)| letter == part.to_string());
            assert!(part.is_some_and(|(_, count, _)| (1..=*count).contains(&number.parse().unwrap())), "{}", row.id);
        }
    }
}
