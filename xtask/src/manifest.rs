//! What does a manifest of conformance say? The little of TOML that it is written in.
//!
//! ```text
//! [[case]]
//! case = "suds hub"
//! source = "conformance/clients/suds/client.py"
//! expect = "passed"          # or: skip = "reason"
//! ```

/// What is expected of one case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) case: String,
    /// What is run for it.
    pub(crate) source: String,
    pub(crate) expect: Option<String>,
    /// Why it is not run.
    pub(crate) skip: Option<String>,
}

/// Reads the rows; what is not understood is named by its line.
pub(crate) fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Row> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "[[case]]" {
            rows.push(Row::default());
            continue;
        }
        let filled = rows.last_mut().and_then(|row| fill(row, line));
        filled.ok_or_else(|| format!("line {} is not understood: {line}", index + 1))?;
    }
    Ok(rows)
}

/// Puts `key = "value"` into a row; a reason must say something.
fn fill(row: &mut Row, line: &str) -> Option<()> {
    let (key, value) = line.split_once('=')?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"').filter(|value| !value.trim().is_empty())?.to_owned();
    match key.trim() {
        "case" => row.case = value,
        "source" => row.source = value,
        "expect" if value == "passed" => row.expect = Some(value),
        "skip" => row.skip = Some(value),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_is_run_and_what_is_expected() {
        let rows = read("# all\n[[case]]\ncase = \"a v1\"\nsource = \"x\"\nskip = \"no TLS\"\n").unwrap();

        assert_eq!(rows[0].case, "a v1");
        assert_eq!(rows[0].skip.as_deref(), Some("no TLS"));
    }

    #[test]
    fn what_is_not_understood_is_named_by_its_line() {
        for wrong in ["case = \"a\"", "[[case]]\nskip = \"\"", "[[case]]\nexpect = \"luck\"", "[[case]]\nfoo = \"x\""] {
            assert!(read(wrong).unwrap_err().starts_with("line "), "{wrong}");
        }
    }
}
