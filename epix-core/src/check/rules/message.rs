//! The message around the permit: does it say what it is?

use super::row::Row;
use crate::codes::Grade::Certain;
use crate::permit::at;
use crate::report::{RuleId, Severity};

pub(super) const ROWS: &[Row] = &[Row {
    id: RuleId("EPIX-MESSAGE-01"),
    form_box: "-",
    sentence: "the business process of the message must be called CITES PERMITTING",
    remedy: "write CITES PERMITTING, in any case of letters, or leave the process out",
    source: "toolkit 1.0 and 2.0 (fixed value)",
    grade: Certain,
    severity: Severity::Note,
    lenient: Some("nothing of the permit depends on it"),
    test: |permit, _, found| {
        for (i, process) in permit.context.business_processes.iter().enumerate() {
            let Some(value) = &process.value else { continue };
            if !value.as_str().trim().eq_ignore_ascii_case("CITES PERMITTING") {
                found.add(|| (at!(context.business_processes[i].value), format!("it is {:?}", value.as_str().trim())));
            }
        }
    },
    ..Row::USUAL
}];
