//! What happens to a document that was damaged on its way? It is refused, or it still says something: never a panic.

use epix_core::permit::Permit;
use epix_core::receive::{inspect, receive_again};
use epix_core::version::ToolkitVersion;
use epix_core::wire::codec;
use epix_core::wire::form::enveloped;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::{fixture, permits, soap};

const FILES: [&str; 7] = [
    "v1/valid/xa-export-permit.xml",
    "v1/tolerated/attributes-of-2-0.xml",
    "v2/valid/xa-export-permit-2.xml",
    "v2/valid/xa-default-namespaces.xml",
    "v2/valid/xa-endorsed-permit.xml",
    "v2/tolerated/inside-an-answer.xml",
    "v2/tolerated/unqualified-everything.xml",
];

const PIECES: [&str; 20] = [
    "<",
    ">",
    "/>",
    "</",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "<!DOCTYPE a>",
    "&",
    "&#13;",
    "\"",
    " xmlns=\"\"",
    " xmlns=\"urn:un:unece:uncefact:data:standard:CITESEPermit:2\"",
    "\r\n",
    "\u{A0}",
    "<CITESEPermit/>",
    "?",
    "<ram:Name/>",
];

#[derive(Debug, Clone)]
enum Damage {
    Delete(Index, Index),
    Double(Index, Index),
    Flip(Index, u8),
    Insert(Index, Index),
    Truncate(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    prop_oneof![
        3 => (index(), index()).prop_map(|(from, to)| Damage::Delete(from, to)),
        3 => (index(), index()).prop_map(|(from, to)| Damage::Double(from, to)),
        2 => (index(), any::<u8>()).prop_map(|(at, with)| Damage::Flip(at, with)),
        4 => (index(), index()).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        1 => index().prop_map(Damage::Truncate),
    ]
}

impl Damage {
    /// Does the damage; a stretch begins and ends at a tag mostly, or nothing would ever be accepted.
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let tags: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at] == b'<').chain([bytes.len()]).collect();
        let stretch = |from: &Index, to: &Index| {
            let from = from.index(tags.len());
            tags[from]..tags[(from + to.index(12)).min(tags.len() - 1)]
        };
        match self {
            Damage::Delete(from, to) => drop(bytes.drain(stretch(from, to))),
            Damage::Double(from, to) => {
                let range = stretch(from, to);
                let copy = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, copy);
            }
            Damage::Flip(at, with) => {
                let at = at.index(bytes.len());
                bytes[at] ^= with;
            }
            Damage::Insert(at, piece) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, PIECES[piece.index(PIECES.len())].bytes());
            }
            Damage::Truncate(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
}

/// What must hold of every accepted document, however it came about.
fn hold_promises(document: &str, permit: &Permit, version: ToolkitVersion) {
    let written = (codec(version).write)(permit);
    assert_eq!(written.losses, [], "{document}");
    let (written, report) = inspect(written.document.as_bytes());
    assert_eq!(report.findings, [], "{document}");
    assert_eq!(written.unwrap().permit, *permit, "{document}");
    let inside = soap::answer(&enveloped(document).unwrap());
    let (inside, report) = inspect(inside.as_bytes());
    assert!(report.is_clean(), "{report:#?}\n{document}");
    assert_eq!(inside.unwrap().permit, *permit, "{document}");
}

proptest! {
    #![proptest_config(permits::cases(512))]

    #[test]
    fn a_damaged_document_is_refused_with_a_reason_or_keeps_every_promise(
        file in proptest::sample::select(&FILES[..]),
        damages in proptest::collection::vec(damage(), 1..5),
    ) {
        let mut bytes = fixture::bytes(file);
        damages.iter().for_each(|damage| damage.apply(&mut bytes));

        match receive_again(&bytes) {
            Ok(accepted) => {
                hold_promises(std::str::from_utf8(accepted.bytes()).unwrap(), accepted.permit(), accepted.version());
            }
            Err(refused) => prop_assert!(refused.report.errors().next().is_some()),
        }
    }
}
