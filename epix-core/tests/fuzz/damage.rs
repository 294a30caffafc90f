//! How is a message damaged? By a named mutation of one of its elements, or by what befalls bytes.

use crate::mutants::{self, Mutation, Random};

/// What has a meaning in XML, JSON or MIME, and what nearly has.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    "null",
    "true",
    "\"\"",
    "\\u0000",
    "\\ud800",
    "\\n",
    "{}",
    "[]",
    "-1e999",
    "<",
    ">",
    "/>",
    "</",
    "<a>",
    "</a>",
    "<a/>",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    "&",
    ";",
    "&#13;",
    "&#x0;",
    "&#xD800;",
    "&#x10FFFF;",
    "&#99999999999;",
    "&amp;",
    "&b;",
    "\"",
    "'",
    "=",
    ":",
    " ",
    "\t",
    "\r\n",
    "\u{A0}",
    "\u{85}",
    "\u{FEFF}",
    "\u{FFFE}",
    "\u{1F40D}",
    "?",
    " xmlns=\"\"",
    " xmlns='urn:a'",
    " xmlns:a=\"\"",
    " xmlns:a='urn:a'",
    " a:xmlns='urn:a'",
    " xmlns:xmlns='urn:a'",
    " xmlns:xml='urn:a'",
    " xml:lang='en'",
    " a='?'",
    " a=''",
    "\0",
    "\u{1}",
    "--><CITESEPermit/><!--",
    "<CITESEPermit/>",
    " xmlns=\"urn:un:unece:uncefact:data:standard:CITESEPermit:2\"",
    "<ram:Name/>",
    "<ram:Name> </ram:Name>",
    " xmlns:rsm=\"urn:CitesDataExchange/v2/\"",
    "<Attachments/>",
    "99999999999999999999999999",
    "-0.0",
    "1e9",
    "0000-00-00T00:00:00",
    "--u-1\r\n",
    "--u-1--\r\n",
    "\r\n\r\n",
    "\r\nContent-ID: <0.u-1@epix>",
    "\r\nContent-Transfer-Encoding: base64",
    "; boundary=\"",
];

/// A message longer than this is not damaged further: it takes long and says nothing new.
const LONGEST: usize = 64 << 10;

/// Damages messages; knows all mutations.
pub(crate) struct Damage {
    mutations: Vec<Mutation>,
}

impl Damage {
    pub(crate) fn new() -> Damage {
        Damage { mutations: mutants::all() }
    }

    /// A damaged copy of a message; `others` are messages to borrow from, `root` where mutations look for elements.
    pub(crate) fn of(&self, message: &[u8], others: &[Vec<u8>], root: &str, random: &mut Random) -> Vec<u8> {
        let mut damaged = message.to_vec();
        for _ in 0..1 + random.below(3) {
            let mutated = if random.below(5) < 3 { self.mutated(&damaged, root, random) } else { None };
            match mutated {
                Some(text) => damaged = text.into_bytes(),
                None => befall(&mut damaged, others, random),
            }
            if damaged.len() > LONGEST {
                break;
            }
        }
        damaged
    }

    fn mutated(&self, message: &[u8], root: &str, random: &mut Random) -> Option<String> {
        let text = std::str::from_utf8(message).ok()?;
        random.pick(&self.mutations).of(text, root, random)
    }
}

/// One thing that befalls bytes.
fn befall(bytes: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    if bytes.is_empty() {
        return bytes.extend(random.pick(PIECES).bytes());
    }
    let at = random.below(bytes.len());
    match random.below(9) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.next().to_le_bytes()[0],
        2 => bytes.truncate(at),
        3 | 4 => drop(bytes.splice(at..at, random.pick(PIECES).bytes())),
        5 => drop(bytes.drain(stretch(bytes, random))),
        6 => {
            let copy = bytes[stretch(bytes, random)].repeat(1 + random.below(3));
            bytes.splice(at..at, copy);
        }
        7 => {
            let other = random.pick(others);
            let taken = other[stretch(other, random)].to_vec();
            let gap = stretch(bytes, random);
            bytes.splice(gap, taken);
        }
        _ => {
            let piece = random.pick(PIECES).repeat(1 + random.below(70));
            bytes.splice(at..at, piece.bytes());
        }
    }
}

/// A stretch of bytes that begins and ends at a tag, or in JSON at an entry, mostly, or nothing would ever be read.
fn stretch(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let tags: Vec<_> =
        (0..bytes.len()).filter(|at| matches!(bytes[*at], b'<' | b'{' | b'[' | b',')).chain([bytes.len()]).collect();
    let (from, length) = (random.below(tags.len()), random.below(12));
    let range = tags[from]..tags[(from + length).min(tags.len() - 1)];
    if random.below(4) == 0 {
        let start = random.below(bytes.len().max(1)).min(bytes.len());
        return start..(start + random.below(40)).min(bytes.len());
    }
    range
}
