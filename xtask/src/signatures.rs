//! Do the tools of others accept our signatures, and we theirs?

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::{Call, renew_folder, repository, work_folder};
use crate::test::{Verdict, python_with};
use crate::trouble::Trouble;

const FOLDER: &str = "conformance/signatures";
const KEYS: &str = "fixtures/signatures/keys";
const PERMIT: &str = "fixtures/v2/valid/xa-export-permit.xml";
const LIMIT: Duration = Duration::from_secs(120);
const INSTALL_LIMIT: Duration = Duration::from_secs(1200);

/// A tool of somebody else, called as `sign|verify detached|enveloped KEY CERT CA PERMIT SIGNATURE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Xmlsec1,
    Signxml,
    XmlCrypto,
    Jdk,
}

/// Every tool.
pub(crate) const TOOLS: [Tool; 4] = [Tool::Xmlsec1, Tool::Signxml, Tool::XmlCrypto, Tool::Jdk];

/// Every kind of key, by the name of the test key.
const SIGNERS: [&str; 2] = ["xa-rsa", "xa-p256"];
const PLACES: [&str; 2] = ["detached", "enveloped"];

impl Tool {
    /// How people know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tool::Xmlsec1 => "xmlsec1",
            Tool::Signxml => "signxml",
            Tool::XmlCrypto => "xml-crypto",
            Tool::Jdk => "JDK",
        }
    }

    /// Installs what it needs and gives the command without its arguments.
    fn make_ready(self, work: &Path) -> Result<Call, Trouble> {
        let folder = repository().join(FOLDER);
        Ok(match self {
            Tool::Xmlsec1 => Call::new("sh").arg(folder.join("xmlsec1/tool.sh")),
            Tool::Signxml => {
                let python = python_with(&folder.join("signxml/requirements.txt"), work)?;
                Call::new(python).arg(folder.join("signxml/tool.py"))
            }
            Tool::XmlCrypto => {
                let folder = folder.join("xml-crypto");
                let install = Call::new("npm").args(["ci", "--no-audit", "--no-fund"]).folder(&folder);
                install.within(INSTALL_LIMIT).must()?;
                Call::new("node").arg(folder.join("tool.js"))
            }
            Tool::Jdk => {
                let classes = work.join("classes");
                Call::new("javac").arg("-d").arg(&classes).arg(folder.join("jdk/Tool.java")).within(LIMIT).must()?;
                Call::new("java").arg("-cp").arg(classes).arg("Tool")
            }
        })
    }
}

/// Has one tool and us sign and verify with every kind of key at both places; each verifies a changed permit too, and has
/// to refuse it.
pub(crate) fn agree(tool: Tool, epix: &Path) -> Verdict {
    let work = work_folder().join("signatures").join(tool.name());
    fs::create_dir_all(&work).map_err(Trouble::file(&work))?;
    let files = work.join("files");
    renew_folder(&files)?;
    let matrix = Matrix { tool: tool.make_ready(&work)?.within(LIMIT), epix: epix.to_owned(), files };
    let mut wrong = Vec::new();
    for signer in SIGNERS {
        for place in PLACES {
            let cell = Cell::new(&matrix.files, signer, place)?;
            wrong.extend(matrix.cell(&cell)?.into_iter().map(|what| format!("{signer}, {place}: {what}")));
        }
    }
    println!(
        "{}: {} keys at {} places, both ways, and each time a changed permit",
        tool.name(),
        SIGNERS.len(),
        PLACES.len()
    );
    Ok(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) })
}

struct Matrix {
    tool: Call,
    epix: PathBuf,
    files: PathBuf,
}

/// One key at one place.
struct Cell {
    signer: &'static str,
    place: &'static str,
    permit: PathBuf,
    changed: PathBuf,
}

impl Cell {
    fn new(files: &Path, signer: &'static str, place: &'static str) -> Result<Cell, Trouble> {
        let original = repository().join(PERMIT);
        let text = fs::read_to_string(&original).map_err(Trouble::file(&original))?;
        let put = |name: &str, text: &str| {
            let path = files.join(format!("{name}-{signer}-{place}.xml"));
            fs::write(&path, text).map_err(Trouble::file(&path)).map(|()| path)
        };
        let changed = put("changed", &change(&text))?;
        Ok(Cell { signer, place, permit: put("permit", &text)?, changed })
    }

    fn key(&self, ending: &str) -> PathBuf {
        repository().join(KEYS).join(format!("{}.{ending}", self.signer))
    }
}

fn change(text: &str) -> String {
    text.replacen("26XA000123/EX", "26XA000124/EX", 1)
}

fn root() -> PathBuf {
    repository().join(KEYS).join("ca.pem")
}

impl Matrix {
    fn cell(&self, cell: &Cell) -> Result<Vec<&'static str>, Trouble> {
        let theirs = self.files.join(format!("theirs-{}-{}.xml", cell.signer, cell.place));
        let ours = self.files.join(format!("ours-{}-{}.xml", cell.signer, cell.place));
        let mut wrong = Vec::new();
        let mut expect = |is_good: bool, what| {
            if !is_good {
                wrong.push(what);
            }
        };
        expect(self.they("sign", cell, &cell.permit, &theirs)?, "it does not sign");
        expect(self.we_verify(cell, &cell.permit, &theirs)?, "we refuse its signature");
        expect(self.we_sign(cell, &ours)?, "we do not sign");
        expect(self.they("verify", cell, &cell.permit, &ours)?, "it refuses our signature");
        let (changed, theirs, ours) = match cell.place {
            "detached" => (&cell.changed, theirs, ours),
            _ => (&cell.permit, changed_file(&theirs)?, changed_file(&ours)?),
        };
        expect(!self.we_verify(cell, changed, &theirs)?, "we accept a changed permit");
        expect(!self.they("verify", cell, changed, &ours)?, "it accepts a changed permit");
        Ok(wrong)
    }

    fn they(&self, act: &str, cell: &Cell, permit: &Path, signature: &Path) -> Result<bool, Trouble> {
        let call = self.tool.clone().args([act, cell.place]).arg(cell.key("key")).arg(cell.key("pem"));
        Ok(call.arg(root()).arg(permit).arg(signature).capture()?.is_good())
    }

    fn we_sign(&self, cell: &Cell, out: &Path) -> Result<bool, Trouble> {
        let call =
            Call::new(&self.epix).arg("sign").arg("--key").arg(cell.key("key")).arg("--cert").arg(cell.key("pem"));
        let call = call.arg("--chain").arg(root()).arg(&cell.permit).arg("-o").arg(out).within(LIMIT);
        let call = if cell.place == "enveloped" { call.arg("--enveloped") } else { call };
        Ok(call.capture()?.is_good())
    }

    fn we_verify(&self, cell: &Cell, permit: &Path, signature: &Path) -> Result<bool, Trouble> {
        let call = Call::new(&self.epix).arg("verify").arg("--trust").arg(root()).within(LIMIT);
        let call = match cell.place {
            "enveloped" => call.arg(signature),
            _ => call.arg(permit).arg("--sig").arg(signature),
        };
        Ok(call.capture()?.is_good())
    }
}

fn changed_file(signed: &Path) -> Result<PathBuf, Trouble> {
    let text = fs::read_to_string(signed).map_err(Trouble::file(signed))?;
    let path = signed.with_extension("changed.xml");
    fs::write(&path, change(&text)).map_err(Trouble::file(&path))?;
    Ok(path)
}
