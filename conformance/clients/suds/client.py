"""Does a lenient Python client (suds) understand the service? See ../README.md for the steps and options."""

import argparse
import json
import ssl
import sys
import urllib.request
from decimal import Decimal

from suds import WebFault
from suds.client import Client
from suds.transport.http import HttpTransport


class Unexpected(Exception):
    """The service did not do what the contract says."""


class MutualTls(HttpTransport):
    """The transport of suds, with certificates on both sides."""

    def __init__(self, options):
        super().__init__(timeout=20)
        self.context = ssl.create_default_context(cafile=options.ca)
        self.context.load_cert_chain(options.cert, options.key)

    def u2handlers(self):
        return [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.context)]


def main():
    options = arguments()
    try:
        play(Client(options.wsdl, location=options.endpoint, transport=MutualTls(options), cache=None), options)
    except Exception as error:  # whatever suds or urllib raise is a failed run
        reason = str(error) if isinstance(error, Unexpected) else f"{type(error).__name__}: {error}"
        tell(result="failed", reason=reason)
        return 1
    tell(result="passed")
    return 0


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialect", default="v2")
    for name in ("wsdl", "endpoint", "cert", "key", "ca", "number", "country"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--token")
    parser.add_argument("--confirm", action="append", default=[], metavar="ID=QUANTITY")
    return parser.parse_args()


def play(client, options):
    service = client.service
    key = {"CertificateNumber": options.number, "IsoCountryCode": options.country}
    if options.token:
        key["TokenId"] = options.token

    state = value(service.ServiceState(IsoCountryCode=options.country))
    tell(call="ServiceState", state=state)
    expect(state, "ServiceState names no state")

    issued = permit(service.GetNonFinalCitesCertificate(**key), "GetNonFinalCitesCertificate", options.number)
    expect(issued, "the permit has no positions")

    unknown = {**key, "CertificateNumber": options.number + "-NONE"}
    expect_fault("PermitNotFound", "GetNonFinalCitesCertificate", lambda: service.GetNonFinalCitesCertificate(**unknown))
    expect_fault("NotFinal", "GetFinalCitesCertificate", lambda: service.GetFinalCitesCertificate(**key))

    quantities = {position["id"]: Decimal(position["permitted"]) for position in issued}
    quantities.update((name, Decimal(number)) for name, number in (text.split("=", 1) for text in options.confirm))
    positions = [{"ID": name, "InspectedUnitQuantity": str(number)} for name, number in quantities.items()]
    confirmed = value(service.ConfirmQuantities(**key, ConfirmedQuantities={"CitesPosition": positions}))
    tell(call="ConfirmQuantities", confirmed=confirmed)
    expect(confirmed in ("True", "true"), "the quantities were not confirmed")

    final = permit(service.GetFinalCitesCertificate(**key), "GetFinalCitesCertificate", options.number)
    for position in final:
        wanted, found = quantities[position["id"]], position["confirmed"]
        expect(found is not None and Decimal(found) == wanted, f"position {position['id']}: {found} is not {wanted}")


def value(answer):
    """The one value of an answer: suds gives it bare, or inside an object."""
    for name in ("Value", "State", "Confirmed"):
        answer = getattr(answer, name, answer)
    return str(answer)


def text(element):
    """The text of an element: suds wraps it where there are attributes."""
    return str(getattr(element, "value", element))


def permit(answer, call, number):
    """Prints what the answer holds and gives its positions."""
    document = answer.CBFShip if hasattr(answer, "CBFShip") else answer.CITESEPermit
    positions = [position(item) for item in document.SpecifiedSupplyChainConsignment.IncludedSupplyChainConsignmentItem]
    found = text(document.HeaderExchangedDocument.ID)
    tell(call=call, number=found, positions=positions, composite=answer.Composite)
    expect(found == number, f"{call}: asked for permit {number}, got {found}")
    return positions


def position(item):
    quantity = item.TransportLogisticsPackage[0].ItemQuantity
    product = item.IncludedSupplyChainTradeLineItem[0].SpecifiedTradeProduct
    event = getattr(item, "ExaminationTransportEvent", [None])[-1]
    # Toolkit 1.0 has another name for it.
    inspected = getattr(event, "UnitQuantity", None) or getattr(event, "InspectedUnitQuantity", None)
    return {
        "id": text(item.ID[0]),
        "scientific_name": text(product.ScientificName[0]),
        "permitted": text(quantity),
        "confirmed": text(inspected) if inspected is not None else None,
    }


def expect_fault(code, call, attempt):
    try:
        attempt()
    except WebFault as problem:
        detail = getattr(problem.fault, "detail", None)
        expect(detail is not None, f"{call}: fault without detail: {problem.fault.faultstring}")
        found = detail.CitesDataExchangeFault
        tell(call=call, faultcode=problem.fault.faultcode, fault=found.Code, request_id=found.RequestId)
        expect(found.Code == code, f"{call}: expected the fault {code}, got {found.Code}")
        return
    raise Unexpected(f"{call}: expected the fault {code}, got an answer")


def expect(condition, reason):
    if not condition:
        raise Unexpected(reason)


def tell(**what):
    print(json.dumps({"client": "suds", **what}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
