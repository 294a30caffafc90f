//! Are the generated files what their generators write today?

use super::{Verdict, verdict};
use crate::process::{Call, read_text, repository};
use crate::trouble::Trouble;

/// A committed file and the arguments of `cargo` that print it.
struct Generated {
    file: &'static str,
    cargo: &'static [&'static str],
}

/// Rules, codes, versions and the command line's own description come here with the tools that print them.
const GENERATED: &[Generated] = &[];

/// Compares each generated file with what its generator prints.
pub(super) fn check() -> Verdict {
    println!("{} generated files are known", GENERATED.len());
    let mut findings = Vec::new();
    for row in GENERATED {
        findings.extend(difference(row)?);
    }
    verdict(findings)
}

fn difference(row: &Generated) -> Result<Option<String>, Trouble> {
    let generator = Call::cargo().args(row.cargo);
    let printed = generator.must()?.stdout;
    let committed = read_text(&repository().join(row.file))?;
    Ok((printed != committed).then(|| format!("{} differs from what `{}` prints", row.file, generator.text())))
}
