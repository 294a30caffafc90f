//! Does `epix validate` look at everything in folders and archives, and at nothing else?

#![allow(clippy::unwrap_used, reason = "test code outside of test functions")]

mod desk;
mod permit;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use desk::{Desk, Said};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use permit::{PERMIT, broken_permit};
use rawzip::path::EntryPath;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// Packs an archive with entries of these names and contents.
fn zip(path: &Path, entries: &[(&str, &[u8])]) {
    let mut archive = ZipArchiveWriter::new(File::create(path).unwrap());
    for (name, content) in entries {
        let name = EntryPath::verbatim(name.as_bytes());
        let method = CompressionMethod::DEFLATE;
        let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
}

/// Changes the bytes that stand at some distance behind each record that begins with a signature.
fn patch(path: &Path, signature: &[u8; 4], at: usize, bytes: &[u8]) {
    let mut content = std::fs::read(path).unwrap();
    let records: Vec<usize> = (0..content.len() - 4).filter(|start| content[*start..].starts_with(signature)).collect();
    assert!(!records.is_empty());
    for start in records {
        content[start + at..start + at + bytes.len()].copy_from_slice(bytes);
    }
    std::fs::write(path, content).unwrap();
}

const DIRECTORY: &[u8; 4] = b"PK\x01\x02";

fn names(said: &Said) -> Vec<String> {
    said.lines().iter().map(|line| line["file"].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn a_folder_is_searched_to_the_bottom_in_the_order_of_names() {
    let desk = Desk::new();
    for name in ["in/b.xml", "in/a.xml", "in/deep/er/c.XML", "in/.d.xml", "in/readme.txt", "in/old.zip"] {
        desk.put(name, PERMIT);
    }
    desk.put("in/deep/bad.xml", broken_permit());

    let human = desk.epix(&["validate", "in"]);
    let json = desk.epix(&["validate", "in", "--format", "json"]);

    assert_eq!((human.code, json.code), (1, 1));
    assert!(human.out.ends_with("\n4 documents: 3 accepted, 1 refused\n"), "{}", human.out);
    assert_eq!(names(&json), ["in/a.xml", "in/b.xml", "in/deep/bad.xml", "in/deep/er/c.XML"]);
}

#[test]
fn results_come_in_the_order_of_what_was_typed() {
    let desk = Desk::new();
    let large = PERMIT.replace("First condition", &"many conditions ".repeat(20_000));
    desk.put("large.xml", large);
    for number in 0..200 {
        desk.put(&format!("in/{number:03}.xml"), PERMIT);
    }
    zip(&desk.path().join("more.zip"), &[("z.xml", PERMIT.as_bytes()), ("a.xml", PERMIT.as_bytes())]);

    let said = desk.epix(&["validate", "large.xml", "in", "more.zip", "large.xml", "--format", "json"]);

    let inside = (0..200).map(|number| format!("in/{number:03}.xml"));
    let rest = ["more.zip!z.xml", "more.zip!a.xml", "large.xml"].map(str::to_owned);
    let expected: Vec<String> = ["large.xml".to_owned()].into_iter().chain(inside).chain(rest).collect();
    assert_eq!((said.code, names(&said)), (0, expected));
}

#[test]
fn nothing_looked_at_is_not_good() {
    let desk = Desk::new();
    desk.put("empty/readme.txt", "");
    zip(&desk.path().join("empty.zip"), &[("readme.txt", b"")]);

    for place in ["empty", "empty.zip"] {
        let said = desk.epix(&["validate", place]);
        assert_eq!(said.code, 2);
        assert!(
            said.err.starts_with(&format!("epix: no documents (*.xml, *.json) were found in {place}\n")),
            "{}",
            said.err
        );
        assert_eq!(said.out, "1 document: 0 accepted, 0 refused, 1 not read\n");
    }
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_not_followed_and_pipes_not_waited_for() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new();
    let permit = desk.put("in/a.xml", PERMIT);
    symlink(desk.path().join("in"), desk.path().join("in/loop")).unwrap();
    symlink(&permit, desk.path().join("in/link.xml")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(desk.path().join("in/pipe.xml")).status().unwrap();
    assert!(made.success());

    let said = desk.epix(&["validate", "in"]);

    assert_eq!(said.code, 0);
    let last = "2 documents: 2 accepted, 0 refused; a link to a folder was not followed\n";
    assert!(said.out.ends_with(last), "{}", said.out);
}

#[test]
fn an_archive_is_read_without_unpacking_whatever_its_names_are() {
    let desk = Desk::new();
    let names_inside = ["../../up.xml", "/etc/root.xml", "a\\b.xml", "in/\u{1b}[31m.xml", "dup.xml", "dup.xml"];
    let entries: Vec<(&str, &[u8])> = names_inside.iter().map(|name| (*name, PERMIT.as_bytes())).collect();
    zip(&desk.path().join("box.zip"), &entries);

    let human = desk.epix(&["validate", "box.zip"]);
    let json = desk.epix(&["validate", "box.zip", "--format", "json"]);

    assert_eq!((human.code, json.code), (0, 0));
    assert!(!human.out.contains('\u{1b}') && human.out.contains("box.zip!../../up.xml: accepted"), "{}", human.out);
    assert_eq!(names(&json), names_inside.map(|name| format!("box.zip!{name}")));
    assert_eq!(std::fs::read_dir(desk.path()).unwrap().count(), 1);
}

#[test]
fn only_documents_of_an_archive_are_looked_at() {
    let desk = Desk::new();
    let junk: &[u8] = b"\0\x05\x16\x07";
    let entries: [(&str, &[u8]); 4] =
        [("readme.txt", junk), ("__MACOSX/._p.xml", junk), ("in/p.XML", PERMIT.as_bytes()), ("inner.zip", junk)];
    zip(&desk.path().join("box.zip"), &entries);

    let said = desk.epix(&["validate", "box.zip", "--format", "json"]);

    assert_eq!((said.code, names(&said)), (0, vec!["box.zip!in/p.XML".to_owned()]));
}

#[test]
fn a_stored_document_is_read() {
    let desk = Desk::new();
    let mut archive = ZipArchiveWriter::new(File::create(desk.path().join("box.zip")).unwrap());
    let (mut entry, config) = archive.new_file("p.xml").compression_method(CompressionMethod::STORE).start().unwrap();
    let mut writer = config.wrap(&mut entry);
    writer.write_all(PERMIT.as_bytes()).unwrap();
    let (_, descriptor) = writer.finish().unwrap();
    entry.finish(descriptor).unwrap();
    archive.finish().unwrap();

    assert_eq!(desk.epix(&["validate", "box.zip"]).code, 0);
}

/// What the program says of an archive with one document that was tampered with.
fn tampered(tamper: impl Fn(&Path)) -> Said {
    let desk = Desk::new();
    let path = desk.path().join("box.zip");
    zip(&path, &[("p.xml", PERMIT.as_bytes())]);
    tamper(&path);
    desk.epix(&["validate", "box.zip", "--format", "json"])
}

fn complaint(said: &Said) -> String {
    assert_eq!(said.code, 2, "{}", said.out);
    said.lines()[0]["error"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_wrong_with_an_archive_is_told() {
    let cut = tampered(|path| {
        let content = std::fs::read(path).unwrap();
        std::fs::write(path, &content[..content.len() / 2]).unwrap();
    });
    let no_archive = tampered(|path| std::fs::write(path, PERMIT).unwrap());
    let nothing = tampered(|path| std::fs::write(path, "").unwrap());
    let encrypted = tampered(|path| patch(path, DIRECTORY, 8, &[0x09]));
    let by_bzip2 = tampered(|path| patch(path, DIRECTORY, 10, &[12]));
    let checksum = tampered(|path| patch(path, DIRECTORY, 16, &[1, 2, 3, 4]));
    let larger = tampered(|path| patch(path, DIRECTORY, 24, &[0xff, 0xff, 0, 0]));
    let smaller = tampered(|path| patch(path, DIRECTORY, 24, &[10, 0, 0, 0]));
    let elsewhere = tampered(|path| patch(path, DIRECTORY, 42, &[0, 0, 1, 0]));
    let more_entries = tampered(|path| patch(path, b"PK\x05\x06", 8, &[2, 0, 2, 0]));

    for said in [&cut, &no_archive, &nothing] {
        assert_eq!(complaint(said), "cannot read box.zip: it is no zip archive, or its end is missing");
    }
    assert_eq!(complaint(&encrypted), "cannot read box.zip!p.xml: it is encrypted");
    assert!(complaint(&by_bzip2).contains("it is compressed by method 12"), "{}", by_bzip2.out);
    assert!(complaint(&checksum).ends_with("the archive is damaged: the checksum is wrong"), "{}", checksum.out);
    for said in [&larger, &smaller] {
        assert!(complaint(said).contains("bytes came out where"), "{}", said.out);
    }
    assert!(complaint(&elsewhere).contains("cannot read box.zip!p.xml: the archive is damaged"), "{}", elsewhere.out);
    assert_eq!(names(&more_entries), ["box.zip!p.xml", "-"]);
    let said = more_entries.lines()[1]["error"].as_str().unwrap().to_owned();
    assert!(said.contains("the archive lists 2 entries, and 1 were found"), "{said}");
}

#[test]
fn a_document_that_would_expand_without_end_is_not_expanded() {
    let desk = Desk::new();
    let blank = vec![b' '; (24 << 20) + 1];
    zip(&desk.path().join("huge.zip"), &[("p.xml", &blank)]);
    zip(&desk.path().join("lie.zip"), &[("p.xml", &blank)]);
    patch(&desk.path().join("lie.zip"), DIRECTORY, 24, &[0, 1, 0, 0]);

    let huge = desk.epix(&["validate", "huge.zip", "--format", "json"]);
    let lie = desk.epix(&["validate", "lie.zip", "--format", "json"]);

    // One such document alone is over the factor, too.
    assert!(complaint(&huge).contains("expand to more than 200 times the size of the archive"), "{}", huge.out);
    assert!(complaint(&lie).contains("cannot read lie.zip!p.xml: the archive is damaged"), "{}", lie.out);
}

#[test]
fn a_document_larger_than_any_that_is_accepted_is_not_expanded() {
    let desk = Desk::new();
    // Digits in an order that deflate cannot foresee: nobody's idea of a bomb.
    let mut state = 1_u64;
    let digits = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        b"0123456789abcdef"[(state >> 60) as usize]
    });
    let large: Vec<u8> = digits.take((24 << 20) + 1).collect();
    zip(&desk.path().join("large.zip"), &[("p.xml", &large), ("q.xml", PERMIT.as_bytes())]);

    let said = desk.epix(&["validate", "large.zip", "--format", "json"]);

    assert!(complaint(&said).contains("it expands to 25165825 bytes; at most 25165824 are accepted"), "{}", said.out);
    assert_eq!(names(&said), ["-", "large.zip!q.xml"]);
}

#[test]
fn entries_that_share_their_bytes_do_not_multiply_without_end() {
    let desk = Desk::new();
    let path = desk.path().join("kernel.zip");
    // The guard refuses this at the first byte: the test is about what comes out of the archive.
    zip(&path, &[("p.xml", &vec![0; 1 << 20])]);
    let content = std::fs::read(&path).unwrap();
    let at = |signature: &[u8]| content.windows(4).position(|window| window == signature).unwrap();
    let (directory, end) = (at(DIRECTORY), at(b"PK\x05\x06"));
    let record = &content[directory..end];
    let count = 1_000_u16;
    let mut bomb = content[..directory].to_vec();
    bomb.extend(record.iter().copied().cycle().take(record.len() * usize::from(count)));
    let size = u32::try_from(record.len() * usize::from(count)).unwrap();
    bomb.extend(&content[end..]);
    let end = bomb.len() - 22;
    bomb[end + 8..end + 10].copy_from_slice(&count.to_le_bytes());
    bomb[end + 10..end + 12].copy_from_slice(&count.to_le_bytes());
    bomb[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    std::fs::write(&path, bomb).unwrap();

    let said = desk.epix(&["validate", "kernel.zip", "--format", "json"]);

    let lines = said.lines();
    let complaint = lines[lines.len() - 1]["error"].as_str().unwrap_or_default();
    assert_eq!(said.code, 2);
    assert!(complaint.contains("expand to more than 200 times"), "{complaint}");
    assert!(lines.len() < 30, "{}", lines.len());
}

#[test]
fn the_schema_alone_says_nothing_of_what_values_mean() {
    let desk = Desk::new();
    desk.put("good.xml", PERMIT);
    desk.put("bad.xml", broken_permit());
    desk.put("nameless.xml", PERMIT.replace("<ram:ID>XA-2026-0001</ram:ID>", ""));

    let human = desk.epix(&["validate", "--schema-only", "good.xml"]);
    let json = desk.epix(&["validate", "--schema-only", "bad.xml", "nameless.xml", "--format", "json"]);

    assert_eq!((human.code, human.out.as_str()), (0, "good.xml: obeys the schema: toolkit 2.0\n"));
    let lines = json.lines();
    assert_eq!((json.code, &lines[0]["accepted"], &lines[1]["accepted"]), (1, &false.into(), &true.into()));
    let layers: Vec<&str> =
        lines[0]["layers"].as_array().unwrap().iter().map(|layer| layer["layer"].as_str().unwrap()).collect();
    assert_eq!(layers, ["guard", "well-formed", "version", "schema"]);
}

#[test]
fn build_servers_get_one_test_case_for_each_document() {
    let desk = Desk::new();
    desk.put("in/<good> & \"plain\".xml", PERMIT);
    desk.put("in/bad.xml", broken_permit());
    desk.put("in/ctrl.xml", "<a>\u{1}</a>");
    desk.put("in/notes.xml", PERMIT.replace("<ram:ID>A</ram:ID>", "<ram:ID>A</ram:ID><ram:ID></ram:ID>"));

    let said = desk.epix(&["validate", "in", "missing.xml", "--format", "junit"]);

    assert_eq!((said.code, said.err.as_str()), (2, ""));
    let tree = roxmltree::Document::parse(&said.out).unwrap();
    let suite = tree.root_element();
    assert_eq!((suite.tag_name().name(), suite.attribute("name")), ("testsuite", Some("epix validate")));
    let cases: Vec<_> = suite.children().filter(|node| node.is_element()).collect();
    let inside = |index: usize| cases[index].first_element_child();
    let shown: Vec<&str> = cases.iter().map(|case| case.attribute("name").unwrap()).collect();
    assert_eq!(shown, ["in/<good> & \"plain\".xml", "in/bad.xml", "in/ctrl.xml", "in/notes.xml", "missing.xml"]);
    assert!(inside(0).is_none());
    let failure = inside(1).unwrap();
    assert_eq!((failure.tag_name().name(), failure.attribute("type")), ("failure", Some("EPIX-SCHEMA-01")));
    assert_eq!(failure.attribute("message"), Some("refused: 1 error, permit XA-2026-0001, toolkit 2.0"));
    assert!(failure.text().unwrap().contains("in/bad.xml:8:5: error: IssueDateTime: \"1 March\" is not"));
    assert_eq!(inside(2).unwrap().attribute("type"), Some("EPIX-GUARD-03"));
    assert_eq!(inside(3).unwrap().tag_name().name(), "system-out");
    let error = inside(4).unwrap();
    assert_eq!(error.tag_name().name(), "error");
    assert!(error.attribute("message").unwrap().starts_with("cannot read missing.xml: "));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_quietly() {
    use std::os::unix::process::ExitStatusExt as _;
    let desk = Desk::new();
    desk.put("p.xml", PERMIT);
    let files = vec!["p.xml"; 20_000];
    let arguments: Vec<&str> = ["validate", "--format", "json"].into_iter().chain(files).collect();
    let mut child = desk.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();

    // The pipe is full soon, so the program is still there.
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    // TERM, not INT: a shell that starts tests in the background has INT ignored below it. The shell's own kill: a small
    // machine has no program of that name.
    let kill = format!("kill -TERM {}", child.id());
    let sent = std::process::Command::new("sh").args(["-c", &kill]).status().unwrap();
    let ended = child.wait_with_output().unwrap();

    assert!(sent.success() && first.starts_with('{'));
    assert_eq!((ended.status.signal(), ended.stderr.as_slice()), (Some(15), &b""[..]));
}
