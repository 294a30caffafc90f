//! Under which names are attachments saved, so that no partner chooses where our files go?

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use epix_core::id::{Operation, Sha256Digest};
use epix_core::soap::{Answer, Attachment, Attachments, answer};

use crate::exit::Trouble;
use crate::output::json::AttachmentLine;
use crate::output::plain;

/// Longest name in bytes: file systems take 255, and a number may be added.
const LONGEST: usize = 120;

/// What travels beside the permit, where the document is the answer to one of the two questions for a permit.
pub(super) fn within(bytes: &[u8]) -> Attachments {
    // Most documents are permits alone: they are not read a second time.
    let may_be_answer = bytes.windows(SOAP.len()).any(|window| window == SOAP);
    for operation in [Operation::GetNonFinal, Operation::GetFinal].into_iter().filter(|_| may_be_answer) {
        if let Ok(Answer::Certificate(attachments)) = answer::read(bytes, operation) {
            return attachments;
        }
    }
    Attachments::default()
}

/// What every envelope names.
const SOAP: &[u8] = b"http://schemas.xmlsoap.org/soap/envelope/";

/// `  scan.pdf, 1234 bytes, sha-256 …`
pub(super) fn line(attachment: &AttachmentLine) -> String {
    let AttachmentLine { name, size, sha256 } = attachment;
    format!("  {name}, {size} bytes, sha-256 {sha256}\n")
}

/// Names attachments without saving them.
pub(super) fn name_all(attachments: &[Attachment]) -> Vec<AttachmentLine> {
    let mut taken: Vec<String> = Vec::new();
    let mut named = Vec::new();
    for attachment in attachments {
        let name = free(&safe_name(&attachment.name), |name| taken.contains(&name.to_lowercase()));
        taken.push(name.to_lowercase());
        named.push(described(name, attachment));
    }
    named
}

/// What people are told about attachments whose content is not in the answer; empty where there are none.
pub(super) fn complaint(unreadable: &[String]) -> String {
    let named = |name: &String| if name.is_empty() { "without a name".to_owned() } else { plain(name) };
    let line = |name: &String| format!("warning: attachment {}: its content is not in the answer\n", named(name));
    unreadable.iter().map(line).collect()
}

/// Saves attachments in a folder, which is made where it is missing. Nothing that is there is replaced.
pub(super) fn save_all(attachments: &[Attachment], folder: &Path) -> Result<Vec<AttachmentLine>, Trouble> {
    fs::create_dir_all(folder).map_err(|cause| Trouble::Write { file: folder.to_owned(), cause })?;
    let mut saved = Vec::new();
    for attachment in attachments {
        let name = save(attachment, folder).map_err(|cause| Trouble::Write { file: folder.to_owned(), cause })?;
        saved.push(described(name, attachment));
    }
    Ok(saved)
}

fn described(name: String, attachment: &Attachment) -> AttachmentLine {
    AttachmentLine { name, size: attachment.content.len(), sha256: Sha256Digest::of(&attachment.content) }
}

fn save(attachment: &Attachment, folder: &Path) -> io::Result<String> {
    let wanted = safe_name(&attachment.name);
    loop {
        let name = free(&wanted, |name| folder.join(name).symlink_metadata().is_ok());
        let path = folder.join(&name);
        // Made only where nothing is, a link included: a file that came in between gets its number in the next round.
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(&attachment.content).and_then(|()| file.sync_all());
                if written.is_err() {
                    let _ = fs::remove_file(&path);
                }
                return written.map(|()| name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// The name itself, or the first numbered one that is free: `scan.pdf`, `scan-2.pdf`.
fn free(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (stem, extension) = split(wanted);
    let numbered = (2_u32..).map(|number| format!("{stem}-{number}{extension}"));
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_else(|| wanted.to_owned())
}

/// Name and extension, the dot with the extension; a long extension is none.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 12 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// What is left of a name when everything that could do harm is taken off: folders, dots in front, control characters,
/// characters that some file systems or shells take for something else, names of devices, and length.
pub(super) fn safe_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).map(mild).collect();
    let trimmed = harmless.trim_matches(|c: char| c == '.' || c == '-' || c.is_whitespace());
    let short = shortened(trimmed);
    if short.is_empty() || is_device(&short) { format!("attachment{}", lead(&short)) } else { short }
}

fn lead(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("-{name}") }
}

fn mild(c: char) -> char {
    if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\'' | '`' | '$' | '&' | ';') { '_' } else { c }
}

/// True for characters that turn the direction of writing, or that nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// True for names that Windows keeps for devices, whatever their extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = |kind: &str| stem.strip_prefix(kind).is_some_and(|n| n.len() == 1 && n.chars().all(char::is_numeric));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || is_port("COM") || is_port("LPT")
}

/// Cuts the name and leaves its extension.
fn shortened(name: &str) -> String {
    let (stem, extension) = split(name);
    let mut end = stem.len().min(LONGEST - extension.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", &stem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(name: &str, content: &[u8]) -> Attachment {
        Attachment { name: name.to_owned(), content: content.to_vec() }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for (sent, name) in [
            ("scan.pdf", "scan.pdf"),
            ("../../etc/passwd", "passwd"),
            ("/etc/passwd", "passwd"),
            ("C:\\temp\\a.doc", "a.doc"),
            ("..\\..\\b", "b"),
            ("..", "attachment"),
            (".", "attachment"),
            ("", "attachment"),
            ("a/", "attachment"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("a\u{0}b\nc.pdf", "abc.pdf"),
            ("gpj\u{202e}exe.pdf", "gpjexe.pdf"),
            ("permis été.pdf", "permis été.pdf"),
            ("a:b*?.txt", "a_b__.txt"),
            ("$(x);`y`", "_(x)__y_"),
            ("NUL.txt", "attachment-NUL.txt"),
            ("com1", "attachment-com1"),
        ] {
            assert_eq!(safe_name(sent), name, "{sent:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_extension() {
        let name = safe_name(&format!("{}.pdf", "é".repeat(300)));

        assert!(name.len() <= LONGEST && name.ends_with("é.pdf"), "{name}");
    }

    #[test]
    fn equal_names_are_numbered_whatever_their_case() {
        let all = [attachment("a.pdf", b"1"), attachment("x/A.pdf", b"2"), attachment("a.pdf", b"3")];

        let names: Vec<String> = name_all(&all).into_iter().map(|saved| saved.name).collect();

        assert_eq!(names, ["a.pdf", "A-2.pdf", "a-3.pdf"]);
    }

    #[test]
    fn nothing_that_is_there_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("new");
        save_all(&[attachment("a.pdf", b"old")], &there).unwrap();

        let saved = save_all(&[attachment("../a.pdf", b"new")], &there).unwrap();

        assert_eq!(saved[0].name, "a-2.pdf");
        assert_eq!(saved[0].sha256, Sha256Digest::of(b"new"));
        assert_eq!(fs::read(there.join("a.pdf")).unwrap(), b"old");
        assert_eq!(fs::read(there.join("a-2.pdf")).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside");
        let there = folder.path().join("there");
        fs::create_dir(&there).unwrap();
        std::os::unix::fs::symlink(&outside, there.join("a.pdf")).unwrap();

        let saved = save_all(&[attachment("a.pdf", b"x")], &there).unwrap();

        assert_eq!(saved[0].name, "a-2.pdf");
        assert!(!outside.exists());
    }
}
