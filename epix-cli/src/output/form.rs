//! How does a permit look on the paper form? Box by box, 1 to 15, with the titles of Res. Conf. 12.3, Annex 2.

mod boxes;
mod position;

use epix_core::permit::Permit;
use epix_core::version::ToolkitVersion;

use super::plain;

/// The permit as a form in lines of text.
pub fn form(permit: &Permit, version: Option<ToolkitVersion>) -> String {
    let mut sheet = Sheet::default();
    sheet.heading(&title(permit, version));
    boxes::before_positions(permit, &mut sheet);
    for item in &permit.consignment.items {
        position::position(item, &mut sheet);
    }
    boxes::after_positions(permit, &mut sheet);
    sheet.text
}

fn title(permit: &Permit, version: Option<ToolkitVersion>) -> String {
    let number = permit.document.number.as_ref().map_or("without number", |number| number.as_str());
    let version = version.map(|version| format!("{}, ", version.spec().title)).unwrap_or_default();
    let stage = if permit.is_endorsed() { "final" } else { "not final" };
    format!("CITES permit {number} ({version}{stage})")
}

/// A form in the making: three columns, number of the box, title, content.
#[derive(Default)]
struct Sheet {
    text: String,
}

/// Width of the numbers, and of the titles.
const NUMBER: usize = 5;
const TITLE: usize = 27;

impl Sheet {
    /// A line over a group of boxes.
    fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&plain(heading));
        self.text.push('\n');
    }

    /// A box that is shown even when it is empty.
    fn row(&mut self, number: &str, title: &str, content: impl IntoIterator<Item = String>) {
        let lines = lines_of(content);
        let lines = if lines.is_empty() { vec!["-".to_owned()] } else { lines };
        self.put(number, title, &lines);
    }

    /// A part of a box, shown where there is something to say.
    fn part(&mut self, title: &str, content: impl IntoIterator<Item = String>) {
        let lines = lines_of(content);
        if !lines.is_empty() {
            self.put("", title, &lines);
        }
    }

    fn put(&mut self, number: &str, title: &str, lines: &[String]) {
        for (index, line) in lines.iter().enumerate() {
            let (number, title) = if index == 0 { (number, title) } else { ("", "") };
            let row = format!("{number:<NUMBER$}{title:<TITLE$}{line}");
            self.text.push_str(row.trim_end());
            self.text.push('\n');
        }
    }
}

/// Texts keep their line breaks; blank lines say nothing.
fn lines_of(content: impl IntoIterator<Item = String>) -> Vec<String> {
    let content: Vec<String> = content.into_iter().collect();
    content.iter().flat_map(|text| text.lines()).map(plain).filter(|line| !line.is_empty()).collect()
}
