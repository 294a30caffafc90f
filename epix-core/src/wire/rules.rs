//! The rules that guard, open and read speak by: one row each, ids are for ever.

use crate::report::RuleId;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: RuleId,
    /// What must be so, as the comment on the rule says it.
    pub sentence: &'static str,
    /// What to do when it is not.
    pub remedy: &'static str,
}

/// Declares the rules and lists them: the sentence of a rule is the comment on it.
macro_rules! declare {
    ($(#[doc = $sentence:literal] pub const $name:ident: RuleId = RuleId($id:literal) => $remedy:literal;)+) => {
        $(#[doc = $sentence] pub const $name: RuleId = RuleId($id);)+

        /// Every rule of this file with its sentence and what to do, in the order of the layers.
        pub const ROWS: &[Row] = &[$(Row { id: $name, sentence: $sentence, remedy: $remedy }),+];
    };
}

declare! {
/// A document is at most as large as the limit allows.
pub const TOO_LARGE: RuleId = RuleId("EPIX-GUARD-01") => "send the permit without attachments inside it, or in parts";
/// A document is UTF-8, and its XML declaration says nothing else.
pub const ENCODING: RuleId = RuleId("EPIX-GUARD-02") => "write the document in UTF-8, and say so in its declaration or say nothing";
/// A document holds only the characters of XML 1.0.
pub const CHARACTER: RuleId = RuleId("EPIX-GUARD-03") => "take the character out; XML has no place for it, not even as a reference";
/// A document has no document type declaration.
pub const DOCTYPE: RuleId = RuleId("EPIX-GUARD-04") => "take the document type declaration out; none is needed";
/// A document has no processing instruction beyond the XML declaration.
pub const INSTRUCTION: RuleId = RuleId("EPIX-GUARD-05") => "take the processing instruction out; none is needed";
/// A document stays within the limits of depth, elements, attributes and namespaces.
pub const LIMIT: RuleId = RuleId("EPIX-GUARD-06") => "have the document looked at by whoever made it: no permit needs as much";
/// A document is well-formed XML with namespaces.
pub const WELL_FORMED: RuleId = RuleId("EPIX-XML-01") => "write the document with an XML library, never by pasting text together";
/// A document is a permit of a known toolkit version.
pub const UNKNOWN_DOCUMENT: RuleId = RuleId("EPIX-VERSION-01") => "send a permit of a version in docs/versions.md, with its root name and namespaces";
/// A document holds one permit.
pub const SEVERAL_PERMITS: RuleId = RuleId("EPIX-VERSION-02") => "send one document for each permit";
/// A version that was never published as it is read here says so (noted, never an error).
pub const INFERRED_DRAFT: RuleId = RuleId("EPIX-DRAFT-01") => "agree with the partner on a published version, or on this draft";
/// The function code of the WCO draft is one that says something (its list is not known).
pub const UNKNOWN_FUNCTION: RuleId = RuleId("EPIX-DRAFT-02") => "agree with the partner on the code, or leave it out";
/// A stand-alone permit has its root in the message namespace (tolerated when it has none).
pub const ROOT_NAMESPACE: RuleId = RuleId("EPIX-OPEN-01") => "write the root in the message namespace of its version";
/// An element is not empty (tolerated: read as absent).
pub const EMPTY_ELEMENT: RuleId = RuleId("EPIX-OPEN-02") => "leave the element out where there is nothing to say";
/// An attribute is neither empty nor the placeholder `?` (tolerated: read as absent).
pub const EMPTY_ATTRIBUTE: RuleId = RuleId("EPIX-OPEN-03") => "leave the attribute out where there is nothing to say";
/// An element of the permit stands in a namespace (tolerated when it has none).
pub const NO_NAMESPACE: RuleId = RuleId("EPIX-OPEN-04") => "write the element in the namespace of its version";
/// An element carries only attributes that the version knows (tolerated in toolkit 1.0: passed over).
pub const UNKNOWN_ATTRIBUTE: RuleId = RuleId("EPIX-OPEN-05") => "leave the attribute out: toolkit 1.0 has no place for it";
/// An element stands where the version knows it.
pub const UNEXPECTED_ELEMENT: RuleId = RuleId("EPIX-READ-01") => "look for a misspelt name or another namespace, or leave the element out";
/// An element that may stand once stands once.
pub const REPEATED_ELEMENT: RuleId = RuleId("EPIX-READ-02") => "say it once";
/// Elements stand in the order of the version.
pub const ELEMENT_ORDER: RuleId = RuleId("EPIX-READ-03") => "write the elements in the order of the schema";
/// A required element is there.
pub const MISSING_ELEMENT: RuleId = RuleId("EPIX-READ-04") => "add the element";
/// Between elements there is only white space.
pub const STRAY_TEXT: RuleId = RuleId("EPIX-READ-05") => "put the text into an element, or take it out";
/// An element carries only the attributes that the version knows.
pub const UNEXPECTED_ATTRIBUTE: RuleId = RuleId("EPIX-READ-06") => "leave the attribute out";
/// A value is of the type that the version asks for.
pub const BAD_VALUE: RuleId = RuleId("EPIX-READ-07") => "write the value as its type asks";
/// A value holds no element.
pub const ELEMENT_IN_VALUE: RuleId = RuleId("EPIX-READ-08") => "write the value as text alone";
/// A permit has a number (box 1) under which it can be kept and asked for.
pub const NUMBER: RuleId = RuleId("EPIX-KEY-01") => "give the permit the number under which it was issued";
/// A document in our JSON form is UTF-8 and within the limits of size, depth and values.
pub const JSON_LIMIT: RuleId = RuleId("EPIX-JSON-01") => "write UTF-8, and no more than a permit needs";
/// A document in our JSON form is well-formed JSON.
pub const JSON_SYNTAX: RuleId = RuleId("EPIX-JSON-02") => "write the document with a JSON library";
/// A document in our JSON form names a format and a version that are known.
pub const JSON_VERSION: RuleId = RuleId("EPIX-JSON-03") => "write \"format\": \"epix-permit\" and a version that is known";
/// An object holds only the fields that the form knows.
pub const JSON_UNKNOWN_FIELD: RuleId = RuleId("EPIX-JSON-04") => "look for a misspelt name, or leave the field out";
/// A field stands once in its object.
pub const JSON_REPEATED_FIELD: RuleId = RuleId("EPIX-JSON-05") => "say it once";
/// A value is of the JSON type that the form asks for.
pub const JSON_TYPE: RuleId = RuleId("EPIX-JSON-06") => "write the JSON type that docs/schema/epix-permit-1.json asks for";
/// A required field is there.
pub const JSON_MISSING_FIELD: RuleId = RuleId("EPIX-JSON-07") => "add the field";
/// What is absent is left out: no null, no empty list, no empty object.
pub const JSON_EMPTY: RuleId = RuleId("EPIX-JSON-08") => "leave the field out where there is nothing to say";
/// A value says what its kind of value can say.
pub const JSON_VALUE: RuleId = RuleId("EPIX-JSON-09") => "write the value as its kind asks";
}
