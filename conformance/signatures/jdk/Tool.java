// Signs and verifies a permit with the JDK: java Tool.java sign|verify detached|enveloped KEY CERT CA PERMIT SIGNATURE.

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.keyinfo.X509Data;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

class Tool {
    static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";
    static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");

    public static void main(String[] words) throws Exception {
        boolean enveloped = words[1].equals("enveloped");
        List<X509Certificate> chain = new ArrayList<>();
        for (int at = 3; at <= 4; at++) {
            chain.add(certificate(Files.readAllBytes(Path.of(words[at]))));
        }
        if (words[0].equals("sign")) {
            sign(enveloped, key(words[2]), chain, words[5], words[6]);
        } else if (!verify(enveloped, chain.get(1), words[5], words[6])) {
            System.exit(1);
        }
    }

    static X509Certificate certificate(byte[] bytes) throws Exception {
        InputStream stream = new ByteArrayInputStream(bytes);
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
    }

    static PrivateKey key(String file) throws Exception {
        String pem = Files.readString(Path.of(file)).replaceAll("-----[^-]+-----|\\s", "");
        PKCS8EncodedKeySpec coded = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem));
        return KeyFactory.getInstance(file.contains("p256") ? "EC" : "RSA").generatePrivate(coded);
    }

    static Document parse(String file) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(Path.of(file).toFile());
    }

    /** Nothing is fetched: the one address that is known is answered with the bytes of the permit. */
    static URIDereferencer permit(String file) {
        return (reference, context) -> {
            try {
                if (reference.getURI().equals("permit.xml")) {
                    return new OctetStreamData(Files.newInputStream(Path.of(file)));
                }
                return FACTORY.getURIDereferencer().dereference(reference, context);
            } catch (java.io.IOException cause) {
                throw new javax.xml.crypto.URIReferenceException(cause);
            }
        };
    }

    static void sign(boolean enveloped, PrivateKey key, List<X509Certificate> chain, String permit, String out)
            throws Exception {
        List<Transform> transforms = new ArrayList<>();
        if (enveloped) {
            transforms.add(FACTORY.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null));
        }
        transforms.add(FACTORY.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null));
        var digest = FACTORY.newDigestMethod(DigestMethod.SHA256, null);
        var reference = FACTORY.newReference(enveloped ? "" : "permit.xml", digest, transforms, null, null);
        var canonical =
                FACTORY.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null);
        String method = MORE + (key.getAlgorithm().equals("EC") ? "ecdsa-sha256" : "rsa-sha256");
        var info = FACTORY.newSignedInfo(canonical, FACTORY.newSignatureMethod(method, null), List.of(reference));
        KeyInfoFactory keys = FACTORY.getKeyInfoFactory();
        var named = keys.newKeyInfo(List.of(keys.newX509Data(chain)));
        Document document = enveloped ? parse(permit) : empty();
        Node parent = enveloped ? document.getDocumentElement() : document;
        DOMSignContext context = new DOMSignContext(key, parent);
        context.setDefaultNamespacePrefix("ds");
        context.setURIDereferencer(permit(permit));
        FACTORY.newXMLSignature(info, named).sign(context);
        TransformerFactory.newInstance().newTransformer()
                .transform(new DOMSource(document), new StreamResult(Path.of(out).toFile()));
    }

    static Document empty() throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
    }

    static boolean verify(boolean enveloped, X509Certificate root, String permit, String signature) throws Exception {
        NodeList found = parse(signature).getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        if (found.getLength() != 1) {
            throw new IllegalArgumentException(found.getLength() + " signatures");
        }
        XMLSignature read = FACTORY.unmarshalXMLSignature(new DOMStructure(found.item(0)));
        X509Data data = (X509Data) read.getKeyInfo().getContent().get(0);
        X509Certificate signer = (X509Certificate) data.getContent().get(0);
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        var path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(signer));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
        KeySelector selector = KeySelector.singletonKeySelector(signer.getPublicKey());
        DOMValidateContext context = new DOMValidateContext(selector, found.item(0));
        context.setURIDereferencer(permit(permit));
        return FACTORY.unmarshalXMLSignature(context).validate(context);
    }
}
