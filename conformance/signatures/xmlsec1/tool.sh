#!/bin/sh
# Signs and verifies a permit with the xmlsec1 program: tool.sh sign|verify detached|enveloped KEY CERT CA PERMIT SIGNATURE.
# xmlsec1 opens the address of a reference as a file, so it is started beside a file permit.xml.
set -eu
act=$1 place=$2 key=$3 cert=$4 ca=$5 permit=$6 signature=$7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$permit" "$work/permit.xml"
cd "$work"
if [ "$act" = verify ]; then
    xmlsec1 --verify --enabled-key-data x509 --trusted-pem "$ca" "$signature"
    exit
fi
case $key in *p256*) method=ecdsa-sha256 ;; *) method=rsa-sha256 ;; esac
exclusive=http://www.w3.org/2001/10/xml-exc-c14n#
transforms="<ds:Transform Algorithm=\"$exclusive\"/>"
address=permit.xml
if [ "$place" = enveloped ]; then
    transforms="<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>$transforms"
    address=
fi
template="<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
<ds:CanonicalizationMethod Algorithm=\"$exclusive\"/>\
<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#$method\"/>\
<ds:Reference URI=\"$address\"><ds:Transforms>$transforms</ds:Transforms>\
<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>\
<ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>"
if [ "$place" = enveloped ]; then
    awk -v element="$template" '{ lines[NR] = $0 } END {
        for (n = 1; n <= NR; n++) { if (n == NR) sub(/<\/[^<]*$/, element "&", lines[n]); print lines[n] } }' \
        permit.xml > template.xml
else
    printf '%s\n' "$template" > template.xml
fi
xmlsec1 --sign --privkey-pem "$key,$cert,$ca" --output "$signature" template.xml
