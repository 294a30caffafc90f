// Signs and verifies a permit with xml-crypto: tool.js sign|verify detached|enveloped KEY CERT CA PERMIT SIGNATURE.
//
// xml-crypto knows RSA only: ECDSA is a plug-in of a few lines. It has no references to other files either: the digest of a
// detached signature is compared here, with the canonical form that xml-crypto makes. It looks at no chain of
// certificates: the signer's is held against the root by Node.

const crypto = require("node:crypto");
const fs = require("node:fs");
const { DOMParser } = require("@xmldom/xmldom");
const { ExclusiveCanonicalization, SignedXml } = require("xml-crypto");

const DS = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
const RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

function Ecdsa() {
  const options = (key) => ({ key, dsaEncoding: "ieee-p1363" });
  this.getSignature = (info, key) => crypto.sign("sha256", Buffer.from(info), options(key)).toString("base64");
  this.verifySignature = (info, key, value) =>
    crypto.verify("sha256", Buffer.from(info), options(key), Buffer.from(value, "base64"));
  this.getAlgorithmName = () => ECDSA;
}

const [act, place, key, cert, ca, permit, signature] = process.argv.slice(2);
const read = (path) => fs.readFileSync(path, "utf8");
const parse = (text) => new DOMParser().parseFromString(text, "text/xml");
const canonical = (text) => new ExclusiveCanonicalization().process(parse(text).documentElement, {}).toString();
const digest = (text) => crypto.createHash("sha256").update(canonical(text)).digest("base64");

function fail(why) {
  console.error(why);
  process.exit(1);
}

function algorithm(uri) {
  return uri === ECDSA ? new Ecdsa() : new (new SignedXml().SignatureAlgorithms[RSA])();
}

function signEnveloped(method) {
  const signed = new SignedXml({
    privateKey: read(key),
    publicCert: read(cert) + read(ca),
    canonicalizationAlgorithm: EXCLUSIVE,
    signatureAlgorithm: method,
  });
  signed.SignatureAlgorithms[ECDSA] = Ecdsa;
  const transforms = [`${DS}enveloped-signature`, EXCLUSIVE];
  signed.addReference({ xpath: "/*", uri: "", isEmptyUri: true, digestAlgorithm: SHA256, transforms });
  signed.computeSignature(read(permit), { prefix: "ds" });
  return signed.getSignedXml();
}

// xml-crypto gives every reference an id of its own document, so the element is put together here.
function signDetached(method) {
  const part = (name, uri) => `<${name} Algorithm="${uri}"/>`;
  const reference =
    `<Reference URI="permit.xml"><Transforms>${part("Transform", EXCLUSIVE)}</Transforms>` +
    `${part("DigestMethod", SHA256)}<DigestValue>${digest(read(permit))}</DigestValue></Reference>`;
  const methods = part("CanonicalizationMethod", EXCLUSIVE) + part("SignatureMethod", method);
  const info = `<SignedInfo xmlns="${DS}">${methods}${reference}</SignedInfo>`;
  const value = algorithm(method).getSignature(canonical(info), read(key));
  const pem = (path) => read(path).replace(/-----[^-]+-----|\s/g, "");
  const certificates = [cert, ca].map((path) => `<X509Certificate>${pem(path)}</X509Certificate>`).join("");
  return (
    `<Signature xmlns="${DS}">${info}<SignatureValue>${value}</SignatureValue>` +
    `<KeyInfo><X509Data>${certificates}</X509Data></KeyInfo></Signature>`
  );
}

function sign() {
  const method = key.includes("p256") ? ECDSA : RSA;
  fs.writeFileSync(signature, place === "enveloped" ? signEnveloped(method) : signDetached(method));
}

function verify() {
  const text = read(signature);
  const found = parse(text).getElementsByTagNameNS(DS, "Signature");
  if (found.length !== 1) fail(`${found.length} signatures`);
  const value = (name) => found[0].getElementsByTagNameNS(DS, name)[0].textContent.replace(/\s/g, "");
  const holder = new crypto.X509Certificate(Buffer.from(value("X509Certificate"), "base64"));
  const root = new crypto.X509Certificate(read(ca));
  if (!holder.checkIssued(root) || !holder.verify(root.publicKey)) fail("the certificate is not of the root");

  const method = found[0].getElementsByTagNameNS(DS, "SignatureMethod")[0].getAttribute("Algorithm");
  if (place === "enveloped") {
    const signed = new SignedXml({ publicCert: holder.toString() });
    signed.SignatureAlgorithms[ECDSA] = Ecdsa;
    signed.loadSignature(found[0]);
    if (!signed.checkSignature(text)) fail("xml-crypto refuses the signature");
    return;
  }
  const reference = found[0].getElementsByTagNameNS(DS, "Reference");
  if (reference.length !== 1 || reference[0].getAttribute("URI") !== "permit.xml") fail("another reference");
  if (digest(read(permit)) !== value("DigestValue")) fail("the digest differs");
  const info = found[0].getElementsByTagNameNS(DS, "SignedInfo")[0];
  const signedText = new ExclusiveCanonicalization().process(info, {}).toString();
  const checks = algorithm(method);
  if (!checks.verifySignature(signedText, holder.publicKey, value("SignatureValue"))) fail("the value differs");
}

(act === "sign" ? sign : verify)();
