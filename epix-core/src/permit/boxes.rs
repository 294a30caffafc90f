//! In which box of the paper form does a field of the model stand? The one table of it.

/// Fields, longer names before those they begin with, and their boxes; in the order of the model.
const BOXES: &[(&str, &str)] = &[
    ("document.number", "1"),
    ("document.names", "1"),
    ("document.document_type", "1"),
    ("document.is_copy", "1"),
    ("document.issued", "13"),
    ("document.purpose_text", "5a"),
    ("document.purposes", "5a"),
    ("document.conditions", "5"),
    ("document.references", "1"),
    ("document.validity", "2"),
    ("document.place_of_issue", "13"),
    ("document.issuing_authority.ids", "5b"),
    ("document.issuing_authority", "6"),
    ("document.applicant", "4"),
    ("document.issuing_official", "13"),
    ("document.examining_authority", "14"),
    ("consignment.consignor", "4"),
    ("consignment.consignee.address.country", "3a"),
    ("consignment.consignee", "3"),
    ("consignment.transport_document", "15"),
    ("consignment.examinations", "14"),
    ("consignment.import_country", "3a"),
    ("consignment.items.ids", "block"),
    ("consignment.items.marks", "9"),
    ("consignment.items.origin", "12"),
    ("consignment.items.last_reexport", "12a"),
    ("consignment.items.documents", "12, 12a"),
    ("consignment.items.packages", "11"),
    ("consignment.items.lines.appendix", "10"),
    ("consignment.items.lines.source", "10"),
    ("consignment.items.lines.product.scientific_names", "7"),
    ("consignment.items.lines.product.common_names", "8"),
    ("consignment.items.lines.product.seller_assigned_id", "9"),
    ("consignment.items.lines.product.manufacturer_assigned_ids", "9"),
    ("consignment.items.lines.product.descriptions", "9"),
    ("consignment.items.lines.product.terms", "9"),
    ("consignment.items.examinations", "14"),
    ("consignment.items.procedures.used_to_date", "11a"),
    ("consignment.items.procedures.annual_quota", "11a"),
    ("consignment.items.procedures.categories", "12b"),
    ("consignment.items.procedures.acquired", "12b"),
    ("consignment.items.procedures.previous_documents", "12b"),
];

/// The box of a field such as `consignment.items.packages`, given without the numbers of list elements; `None` for what is
/// not on the form.
pub fn box_of(field: &str) -> Option<&'static str> {
    row_of(field).map(|row| BOXES[row].1)
}

/// Where the table has a field: the order in which people read a permit. What is not on the form comes last.
pub fn rank_of(field: &str) -> usize {
    row_of(field).unwrap_or(BOXES.len())
}

fn row_of(field: &str) -> Option<usize> {
    BOXES.iter().position(|(start, _)| field.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_hides_another() {
        for (index, (field, _)) in BOXES.iter().enumerate() {
            assert_eq!(row_of(field), Some(index), "{field}");
        }
    }
}
