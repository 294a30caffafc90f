//! What does a permit say that another reading of it does not, and on which box of the form does each fact stand?
//!
//! The table names every field of the model once: a field that is added without a row does not compile, so no fact can
//! be lost unseen.

use super::boxes::box_of;
use super::{
    Address, Appendix, Authentication, Coded, Consignment, ContextParameter, Document, DocumentContext, DocumentType,
    DocumentVersion, Examination, Identifier, Item, LineItem, Location, Moment, Package, Period, Permit, Person,
    Purpose, Quantity, ReferencedDocument, RegulatoryProcedure, ShippingMarks, SignatoryRole, Source, Text,
    TradeCountry, TradeParty, TradeProduct, Word,
};

/// A fact, or several that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The box of the paper form, such as `12a`; empty for what is not on the form.
    pub form_box: &'static str,
    /// Where it stands in the model, such as `consignment.items[2].marks`.
    pub path: String,
    /// What stands there.
    pub text: String,
}

impl Permit {
    /// What this permit says and another reading of it does not: one fact for each place where nothing is left.
    ///
    /// Lists may have lost elements at their end, and values anywhere; nothing may have been added or moved.
    pub fn missing_in(&self, kept: &Permit) -> Vec<Fact> {
        let mut lost = Vec::new();
        self.missing(kept, &Spot::default(), &mut lost);
        lost
    }

    /// The permit without parts in which nothing stands.
    #[must_use]
    pub fn pruned(mut self) -> Permit {
        self.prune();
        self
    }
}

/// A place in the model.
#[derive(Default)]
struct Spot {
    form_box: &'static str,
    path: String,
    /// The path without the numbers of list elements.
    plain: String,
}

impl Spot {
    /// A field below; without a box of its own it stands on that of what it belongs to.
    fn field(&self, name: &str) -> Spot {
        let below = |path: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let (path, plain) = (below(&self.path), below(&self.plain));
        Spot { form_box: box_of(&plain).unwrap_or(self.form_box), path, plain }
    }

    fn element(&self, index: usize) -> Spot {
        Spot { form_box: self.form_box, path: format!("{}[{index}]", self.path), plain: self.plain.clone() }
    }

    fn lost(&self, facts: &impl Facts) -> Fact {
        let mut words = Vec::new();
        facts.say(&mut words);
        Fact { form_box: self.form_box, path: self.path.clone(), text: words.join("; ") }
    }
}

/// A part of the model.
trait Facts {
    /// True when nothing stands in it.
    fn is_blank(&self) -> bool;
    /// Takes out the parts in which nothing stands.
    fn prune(&mut self);
    /// Adds what stands in it, in words.
    fn say(&self, words: &mut Vec<String>);
    /// True when it can be what is left of this; parts of a list are known by their place, values by what they say.
    fn may_be(&self, kept: &Self) -> bool;
    /// Adds all of it: as one fact where it stands on one box, else box by box.
    fn lose(&self, at: &Spot, lost: &mut Vec<Fact>);
    /// Adds what is not left of it.
    fn missing(&self, kept: &Self, at: &Spot, lost: &mut Vec<Fact>);
}

impl<F: Facts> Facts for Option<F> {
    fn is_blank(&self) -> bool {
        self.as_ref().is_none_or(F::is_blank)
    }

    fn prune(&mut self) {
        self.iter_mut().for_each(F::prune);
        self.take_if(|content| content.is_blank());
    }

    fn say(&self, words: &mut Vec<String>) {
        self.iter().for_each(|content| content.say(words));
    }

    fn may_be(&self, _: &Self) -> bool {
        true
    }

    fn missing(&self, kept: &Self, at: &Spot, lost: &mut Vec<Fact>) {
        match (self, kept) {
            (None, _) => {}
            (Some(content), Some(left)) if content.may_be(left) => content.missing(left, at, lost),
            (Some(content), _) => content.lose(at, lost),
        }
    }

    fn lose(&self, at: &Spot, lost: &mut Vec<Fact>) {
        self.iter().for_each(|content| content.lose(at, lost));
    }
}

impl<F: Facts> Facts for Vec<F> {
    fn is_blank(&self) -> bool {
        self.iter().all(F::is_blank)
    }

    fn prune(&mut self) {
        self.iter_mut().for_each(F::prune);
        self.retain(|content| !content.is_blank());
    }

    fn say(&self, words: &mut Vec<String>) {
        self.iter().for_each(|content| content.say(words));
    }

    fn may_be(&self, _: &Self) -> bool {
        true
    }

    fn missing(&self, kept: &Self, at: &Spot, lost: &mut Vec<Fact>) {
        if kept.is_blank() && !self.is_blank() && !at.form_box.is_empty() {
            return lost.push(at.lost(self));
        }
        let mut left = kept.iter().peekable();
        for (index, content) in self.iter().enumerate() {
            let at = at.element(index);
            match left.next_if(|left| content.may_be(left)) {
                Some(left) => content.missing(left, &at, lost),
                None => content.lose(&at, lost),
            }
        }
    }

    fn lose(&self, at: &Spot, lost: &mut Vec<Fact>) {
        if !at.form_box.is_empty() && !self.is_blank() {
            return lost.push(at.lost(self));
        }
        self.iter().enumerate().for_each(|(index, content)| content.lose(&at.element(index), lost));
    }
}

/// The parts of the model with all their fields.
macro_rules! facts {
    ($($type:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Facts for $type {
            fn is_blank(&self) -> bool {
                let $type { $($field),+ } = self;
                true $(&& $field.is_blank())+
            }

            fn prune(&mut self) {
                $(self.$field.prune();)+
            }

            fn say(&self, words: &mut Vec<String>) {
                $(self.$field.say(words);)+
            }

            fn may_be(&self, _: &Self) -> bool {
                true
            }

            fn missing(&self, kept: &Self, at: &Spot, lost: &mut Vec<Fact>) {
                if kept.is_blank() && !self.is_blank() && !at.form_box.is_empty() {
                    return lost.push(at.lost(self));
                }
                $(self.$field.missing(&kept.$field, &at.field(stringify!($field)), lost);)+
            }

            fn lose(&self, at: &Spot, lost: &mut Vec<Fact>) {
                let boxes = [$(at.field(stringify!($field)).form_box),+];
                let is_one = !at.form_box.is_empty() || boxes.iter().all(|form_box| form_box.is_empty());
                if self.is_blank() || is_one {
                    return lost.extend((!self.is_blank()).then(|| at.lost(self)));
                }
                $(self.$field.lose(&at.field(stringify!($field)), lost);)+
            }
        }
    )+};
}

facts! {
    Permit { context, document, consignment }
    DocumentContext { business_processes, information_models }
    ContextParameter { id, value, version }
    DocumentVersion { id, issued }
    Document {
        number,
        names,
        document_type,
        issued,
        is_copy,
        purpose_text,
        purposes,
        conditions,
        references,
        validity,
        place_of_issue,
        issuing_authority,
        applicant,
        issuing_official,
        examining_authority,
    }
    ReferencedDocument { issued, document_type, ids, names, validity }
    Period { start, end }
    Location { ids, names }
    Authentication { role, signed, ids, statement, provider, place }
    TradeParty { ids, name, address, representative, signatories }
    Person { name }
    Address { postcodes, post_office_box, streets, city, country, further_countries, country_names, subdivisions }
    Consignment {
        consignor,
        consignee,
        transport_document,
        examinations,
        items,
        import_country,
    }
    Examination { occurred, quantity, place, certifiers }
    Item {
        ids,
        marks,
        origin,
        last_reexport,
        documents,
        packages,
        lines,
        examinations,
        procedures,
    }
    ShippingMarks { markings }
    TradeCountry { ids, names, subdivisions }
    Package { quantity }
    LineItem { appendix, source, product }
    TradeProduct {
        seller_assigned_id,
        manufacturer_assigned_ids,
        descriptions,
        terms,
        common_names,
        scientific_names,
    }
    RegulatoryProcedure {
        categories,
        used_to_date,
        annual_quota,
        acquired,
        previous_documents,
    }
}

/// Values: what is said, and the attributes beside it.
macro_rules! values {
    ($($type:ty: $value:ident => $said:expr $(, $attribute:ident)*;)+) => {$(
        impl Facts for $type {
            fn is_blank(&self) -> bool {
                false
            }

            fn prune(&mut self) {}

            fn lose(&self, at: &Spot, lost: &mut Vec<Fact>) {
                lost.push(at.lost(self));
            }

            fn say(&self, words: &mut Vec<String>) {
                let $value = self;
                words.push($said.to_string());
            }

            fn may_be(&self, kept: &Self) -> bool {
                let said = |$value: &$type| $said.to_string();
                said(self) == said(kept)
            }

            #[allow(unused_variables, reason = "most values have no attribute")]
            fn missing(&self, kept: &Self, at: &Spot, lost: &mut Vec<Fact>) {
                $(if let (Some(attribute), None) = (&self.$attribute, &kept.$attribute) {
                    lost.push(at.field(stringify!($attribute)).lost(attribute));
                })*
            }
        }
    )+};
}

values! {
    Text: text => text.as_str(), language;
    Identifier: id => id.as_str(), scheme, scheme_agency;
    Coded<DocumentType>: coded => coded.code, list, list_agency;
    Coded<Word>: coded => coded.code, list, list_agency;
    Quantity: quantity => quantity.amount, unit;
    Word: word => word;
    Moment: moment => moment;
    Purpose: code => code;
    SignatoryRole: code => code;
    Appendix: code => code;
    Source: code => code;
    bool: flag => flag;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        let mut text = Text::parse(text).unwrap();
        text.language = Word::parse("EN").ok();
        text
    }

    fn lost(before: &Permit, after: &Permit) -> Vec<String> {
        let line = |fact: Fact| format!("{} {} {}", fact.form_box, fact.path, fact.text);
        before.missing_in(after).into_iter().map(line).collect()
    }

    fn permit() -> Permit {
        let marks = ShippingMarks { markings: vec![text("ring 1"), text("ring 2")] };
        let item = Item { marks: vec![marks], ids: vec![Identifier::parse("A").unwrap()], ..Item::default() };
        let mut permit = Permit::default();
        permit.document.purposes = vec![Purpose::Zoo, Purpose::Commercial, Purpose::Zoo];
        permit.consignment.items = vec![Item::default(), item];
        permit
    }

    #[test]
    fn what_is_gone_altogether_is_one_fact_with_its_box() {
        let mut after = permit();
        after.consignment.items[1].marks.clear();

        assert_eq!(lost(&permit(), &after), ["9 consignment.items[1].marks ring 1; ring 2"]);
    }

    #[test]
    fn what_stands_on_several_boxes_is_a_fact_for_each() {
        let product = TradeProduct { common_names: vec![text("Tiger")], ..TradeProduct::default() };
        let line = LineItem { source: Some(Source::Wild), product: Some(product), ..LineItem::default() };
        let mut before = permit();
        before.consignment.items[1].lines.push(line);

        let lines = "consignment.items[1].lines[0]";
        let expected = [format!("10 {lines}.source W"), format!("8 {lines}.product.common_names Tiger")];
        assert_eq!(lost(&before, &permit()), expected);
    }

    #[test]
    fn an_attribute_and_the_end_of_a_list_are_facts_too() {
        let mut after = permit();
        after.consignment.items[1].marks[0].markings.pop();
        after.consignment.items[1].marks[0].markings[0].language = None;

        let markings = "consignment.items[1].marks[0].markings";
        let expected = [format!("9 {markings}[0].language EN"), format!("9 {markings}[1] ring 2")];
        assert_eq!(lost(&permit(), &after), expected);
    }

    #[test]
    fn a_value_that_went_from_the_middle_of_a_list_is_named_by_its_old_place() {
        let mut after = permit();
        after.document.purposes.remove(1);

        assert_eq!(lost(&permit(), &after), ["5a document.purposes[1] T"]);
    }

    #[test]
    fn parts_in_which_nothing_stands_are_taken_out() {
        let mut expected = permit();
        expected.consignment.items.remove(0);

        assert_eq!(permit().pruned(), expected);
    }
}
