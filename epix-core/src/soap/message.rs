//! The EPIX messages in the same kind of table as the permits: every parameter, its name and how often it may stand.

use super::dialect::Dialect;
use crate::wire::describe::{Content, Message, Names, Shape, describe};
use crate::wire::reader::Reader;
use crate::wire::tree::Node;
use crate::wire::writer::Writer;

/// The messages of the exchange service.
pub(super) struct Exchange;

impl Message for Exchange {
    // Callers write parameters qualified or not, in CamelCase, lowerCamel or snake_case, and in any order.
    const NAMES: Names = Names::Lenient;
}

const UNQUALIFIED: &str = "";

/// A parameter as text, exactly as it stands; nil and empty are empty texts.
#[derive(Default, Clone, PartialEq, Eq)]
pub(super) struct Parameter(pub(super) String);

impl Content<Exchange> for Parameter {
    fn shape() -> Shape {
        Shape::Value(&[])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Parameter> {
        Some(Parameter(reader.text(node).into_owned()))
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[], &self.0);
    }
}

/// Bytes: in place as base64, or in another part of the message (XOP).
#[derive(Default, Clone, PartialEq, Eq)]
pub(super) struct Bytes {
    /// The text that stands in place.
    pub(super) text: String,
    /// The address of the part where they are, such as `cid:1@x`.
    pub(super) href: Option<String>,
}

/// Namespace of the element that stands for a part.
const XOP: &str = "http://www.w3.org/2004/08/xop/include";

impl Content<Exchange> for Bytes {
    fn shape() -> Shape {
        Shape::Value(&[])
    }

    fn read(node: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Bytes> {
        let include = node.first_element_child().filter(|child| child.has_tag_name((XOP, "Include")));
        let href = include.map(|include| include.attribute("href").unwrap_or_default().to_owned());
        let text = if href.is_some() { String::new() } else { reader.text(node).into_owned() };
        Some(Bytes { text, href })
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[], &self.text);
    }
}

/// The element that stands for the part with an id.
pub(super) fn include(id: &str) -> String {
    format!("<xop:Include xmlns:xop=\"{XOP}\" href=\"cid:{id}\"/>")
}

/// An element that is read elsewhere: here only that it stands.
#[derive(Default, Clone)]
pub(super) struct Opaque;

impl Content<Exchange> for Opaque {
    fn shape() -> Shape {
        Shape::Value(&[])
    }

    fn read(_: Node<'_, '_>, _: &mut Reader<'_>) -> Option<Opaque> {
        Some(Opaque)
    }

    fn write(&self, name: &str, writer: &mut Writer) {
        writer.value(name, &[], "");
    }
}

/// Parameters of both Get operations, of `ServiceState` (country only) and, with positions, of `ConfirmQuantities`.
#[derive(Default, Clone)]
pub(super) struct Parameters {
    pub(super) number: Option<Parameter>,
    pub(super) token: Option<Parameter>,
    pub(super) country: Option<Parameter>,
    pub(super) confirmed: Option<ConfirmedQuantities>,
}

#[derive(Default, Clone)]
pub(super) struct ConfirmedQuantities {
    pub(super) positions: Vec<CitesPosition>,
}

#[derive(Default, Clone)]
pub(super) struct CitesPosition {
    pub(super) id: Option<Parameter>,
    pub(super) quantity: Option<Parameter>,
}

/// Answer of both Get operations.
#[derive(Default, Clone)]
pub(super) struct Certificate {
    pub(super) permit: Option<Opaque>,
    pub(super) shipment: Option<Opaque>,
    pub(super) attachments: Vec<AttachmentMessage>,
    pub(super) composite: Option<Parameter>,
}

#[derive(Default, Clone)]
pub(super) struct AttachmentMessage {
    pub(super) name: Option<Parameter>,
    pub(super) content: Option<Bytes>,
}

#[derive(Default, Clone)]
pub(super) struct Confirmation {
    pub(super) confirmed: Option<Parameter>,
    pub(super) value: Option<Parameter>,
}

#[derive(Default, Clone)]
pub(super) struct State {
    pub(super) state: Option<Parameter>,
    pub(super) value: Option<Parameter>,
}

#[derive(Default, Clone)]
pub(super) struct FaultMessage {
    pub(super) code: Option<Parameter>,
    pub(super) text: Option<Parameter>,
    pub(super) actor: Option<Parameter>,
    pub(super) detail: Option<FaultDetail>,
}

#[derive(Default, Clone)]
pub(super) struct FaultDetail {
    pub(super) fault: Option<ExchangeFault>,
}

#[derive(Default, Clone)]
pub(super) struct ExchangeFault {
    pub(super) code: Option<Parameter>,
    pub(super) message: Option<Parameter>,
    pub(super) request_id: Option<Parameter>,
    pub(super) particulars: Vec<Particular>,
}

#[derive(Default, Clone)]
pub(super) struct Particular {
    pub(super) name: Option<Parameter>,
    pub(super) value: Option<Parameter>,
}

describe! { Exchange:
    Parameters in UNQUALIFIED {
        number: opt Parameter = "CertificateNumber",
        token: opt Parameter = "TokenId",
        country: opt Parameter = "IsoCountryCode",
        confirmed: opt ConfirmedQuantities = "ConfirmedQuantities",
    }
    ConfirmedQuantities in UNQUALIFIED {
        positions: many CitesPosition = "CitesPosition",
    }
    CitesPosition in UNQUALIFIED {
        id: opt Parameter = "ID",
        quantity: opt Parameter = "InspectedUnitQuantity",
    }
    Certificate in UNQUALIFIED {
        permit: opt Opaque = "CITESEPermit",
        shipment: opt Opaque = "CBFShip",
        attachments: many AttachmentMessage = "Attachments",
        composite: opt Parameter = "Composite",
    }
    AttachmentMessage in UNQUALIFIED {
        name: opt Parameter = "AttachmentName",
        content: opt Bytes = "AttachmentContent",
    }
    Confirmation in UNQUALIFIED {
        confirmed: opt Parameter = "Confirmed",
        value: opt Parameter = "Value",
    }
    State in UNQUALIFIED {
        state: opt Parameter = "State",
        value: opt Parameter = "Value",
    }
    FaultMessage in UNQUALIFIED {
        code: opt Parameter = "faultcode",
        text: opt Parameter = "faultstring",
        actor: opt Parameter = "faultactor",
        detail: opt FaultDetail = "detail",
    }
    FaultDetail in UNQUALIFIED {
        fault: opt ExchangeFault = "CitesDataExchangeFault",
    }
    ExchangeFault in UNQUALIFIED {
        code: opt Parameter = "Code",
        message: opt Parameter = "Message",
        request_id: opt Parameter = "RequestId",
        particulars: many Particular = "Particular",
    }
    Particular in UNQUALIFIED {
        name: opt Parameter = "Name",
        value: opt Parameter = "Value",
    }
}

/// Writes a message of a dialect as a fragment on one line, under a name that declares its prefix.
pub(super) fn fragment<C: Content<Exchange>>(content: &C, dialect: Dialect, local: &str) -> String {
    let spec = dialect.spec();
    let mut writer = Writer::declaring(spec.namespace, spec.prefix);
    let name = writer.name(spec.namespace, local);
    content.write(&name, &mut writer);
    writer.finish()
}
