"""Signs and verifies a permit with signxml: tool.py sign|verify detached|enveloped KEY CERT CA PERMIT SIGNATURE."""

import sys

from lxml import etree
from signxml import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConfiguration,
    SignatureConstructionMethod,
    SignatureMethod,
    SignatureReference,
    XMLSigner,
    XMLVerifier,
)

EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


def text(path):
    with open(path, "rb") as file:
        return file.read()


def sign(place, key, cert, ca, permit, out):
    private, chain = text(key), [text(cert).decode(), text(ca).decode()]
    method = SignatureMethod.ECDSA_SHA256 if "p256" in key else SignatureMethod.RSA_SHA256
    options = {"signature_algorithm": method, "digest_algorithm": DigestAlgorithm.SHA256, "c14n_algorithm": EXCLUSIVE}
    root = etree.fromstring(text(permit))
    if place == "enveloped":
        signed = XMLSigner(method=SignatureConstructionMethod.enveloped, **options).sign(root, key=private, cert=chain)
        with open(out, "wb") as file:
            file.write(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))
        return
    signer = XMLSigner(method=SignatureConstructionMethod.detached, **options)
    signature = signer.sign(root, key=private, cert=chain, reference_uri=[SignatureReference(URI="permit.xml")])
    with open(out, "wb") as file:
        file.write(etree.tostring(signature, xml_declaration=True, encoding="UTF-8"))


def verify(place, ca, permit, signature):
    expected = SignatureConfiguration(
        require_x509=True,
        location="./" if place == "enveloped" else ".",
        expect_references=1,
        default_reference_c14n_method=EXCLUSIVE,
    )
    document = etree.fromstring(text(signature))
    known = {"permit.xml": etree.fromstring(text(permit))} if place == "detached" else {}
    XMLVerifier().verify(document, ca_pem_file=ca, expect_config=expected, uri_resolver=known.get)


def main():
    act, place, key, cert, ca, permit, signature = sys.argv[1:]
    if act == "sign":
        sign(place, key, cert, ca, permit, signature)
    else:
        verify(place, ca, permit, signature)


main()
