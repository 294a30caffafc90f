"""Does a strict Python client (zeep) understand the service? See ../README.md for the steps and options."""

import argparse
import json
import sys
from decimal import Decimal

import requests
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

NAMESPACES = {"v1": "urn:CitesDataExchange/v1/", "v2": "urn:CitesDataExchange/v2/", "hub": "urn:CitesDataExchange"}


class Unexpected(Exception):
    """The service did not do what the contract says."""


def main():
    options = arguments()
    try:
        play(connect(options), options)
    except Exception as error:  # whatever zeep or requests raise is a failed run
        reason = str(error) if isinstance(error, Unexpected) else f"{type(error).__name__}: {error}"
        tell(result="failed", reason=reason)
        return 1
    tell(result="passed")
    return 0


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialect", choices=NAMESPACES, default="v2")
    for name in ("wsdl", "endpoint", "cert", "key", "ca", "number", "country"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--token")
    parser.add_argument("--confirm", action="append", default=[], metavar="ID=QUANTITY")
    return parser.parse_args()


def connect(options):
    session = requests.Session()
    session.trust_env = False
    session.cert = (options.cert, options.key)
    session.verify = options.ca
    client = Client(options.wsdl, transport=Transport(session=session, timeout=20, operation_timeout=20))
    return client.create_service(f"{{{NAMESPACES[options.dialect]}}}CitesDataExchangeBinding", options.endpoint)


def play(service, options):
    key = {"CertificateNumber": options.number, "TokenId": options.token, "IsoCountryCode": options.country}

    state = service.ServiceState(IsoCountryCode=options.country)
    tell(call="ServiceState", state=state)
    expect(state, "ServiceState names no state")

    issued = permit(service.GetNonFinalCitesCertificate(**key), "GetNonFinalCitesCertificate", options.number)
    expect(issued, "the permit has no positions")

    unknown = {**key, "CertificateNumber": options.number + "-NONE"}
    expect_fault("PermitNotFound", "GetNonFinalCitesCertificate", lambda: service.GetNonFinalCitesCertificate(**unknown))
    expect_fault("NotFinal", "GetFinalCitesCertificate", lambda: service.GetFinalCitesCertificate(**key))

    quantities = {position["id"]: Decimal(position["permitted"]) for position in issued}
    quantities.update((name, Decimal(number)) for name, number in (text.split("=", 1) for text in options.confirm))
    positions = [{"ID": name, "InspectedUnitQuantity": number} for name, number in quantities.items()]
    confirmed = service.ConfirmQuantities(**key, ConfirmedQuantities={"CitesPosition": positions})
    tell(call="ConfirmQuantities", confirmed=confirmed)
    expect(confirmed in (True, "true"), "the quantities were not confirmed")

    final = permit(service.GetFinalCitesCertificate(**key), "GetFinalCitesCertificate", options.number)
    for position in final:
        wanted, found = quantities[position["id"]], position["confirmed"]
        expect(found is not None and Decimal(found) == wanted, f"position {position['id']}: {found} is not {wanted}")


def permit(answer, call, number):
    """Prints what the answer holds and gives its positions."""
    document = answer.CBFShip if "CBFShip" in answer else answer.CITESEPermit
    header = document.HeaderExchangedDocument
    positions = [position(item) for item in document.SpecifiedSupplyChainConsignment.IncludedSupplyChainConsignmentItem]
    attachments = [{"name": one.AttachmentName, "bytes": len(one.AttachmentContent)} for one in answer.Attachments]
    found = text(header.ID)
    tell(call=call, number=found, positions=positions, attachments=attachments, composite=answer.Composite)
    expect(found == number, f"{call}: asked for permit {number}, got {found}")
    return positions


def position(item):
    package, event = item.TransportLogisticsPackage, item.ExaminationTransportEvent
    product = item.IncludedSupplyChainTradeLineItem[0].SpecifiedTradeProduct
    quantity = package[0].ItemQuantity
    return {
        "id": text(item.ID[0]),
        "scientific_name": text(product.ScientificName[0]),
        "permitted": str(quantity._value_1),
        "unit": quantity.unitCode,
        "confirmed": inspected(event[-1]) if event else None,
    }


def text(element):
    """The text of a simple element: zeep wraps it where its type has attributes."""
    return getattr(element, "_value_1", element)


def inspected(event):
    """The quantity of box 14; toolkit 1.0 has another name for it."""
    quantity = event.InspectedUnitQuantity if "InspectedUnitQuantity" in event else event.UnitQuantity
    return str(quantity._value_1) if quantity else None


def expect_fault(code, call, attempt):
    try:
        attempt()
    except Fault as fault:
        detail = fault.detail
        found = detail.find("{*}CitesDataExchangeFault") if detail is not None else None
        expect(found is not None, f"{call}: fault without detail: {fault.message}")
        told = {child.tag: child.text for child in found}
        tell(call=call, faultcode=fault.code, fault=told.get("Code"), request_id=told.get("RequestId"))
        expect(told.get("Code") == code, f"{call}: expected the fault {code}, got {told.get('Code')}")
        return
    raise Unexpected(f"{call}: expected the fault {code}, got an answer")


def expect(condition, reason):
    if not condition:
        raise Unexpected(reason)


def tell(**what):
    print(json.dumps({"client": "zeep", **what}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
