#!/bin/sh
# Does a strict Java client (JAX-WS RI) understand the service? See ../README.md for the steps and options.
#
# Makes the key stores Java wants from the PEM files, the stubs with wsimport from the service description (fetched over
# mutual TLS like every call), compiles Client.java against them and runs it. Everything made goes to a folder of its own,
# removed at the end.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
jars=${JAXWS_JARS:-/usr/share/java}
wsdl= cert= key= ca= dialect=v2
previous=
for argument in "$@"; do
  case $previous in
    --wsdl) wsdl=$argument ;;
    --cert) cert=$argument ;;
    --key) key=$argument ;;
    --ca) ca=$argument ;;
    --dialect) dialect=$argument ;;
  esac
  previous=$argument
done
if [ -z "$wsdl" ] || [ -z "$cert" ] || [ -z "$key" ] || [ -z "$ca" ]; then
  echo "missing: --wsdl, --cert, --key or --ca" >&2
  exit 2
fi

failed() {
  printf '{"client":"jaxws","result":"failed","reason":"%s"}\n' "$1"
  cat "$work/log" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
# The password protects nothing: the stores live as long as this script.
openssl pkcs12 -export -in "$cert" -inkey "$key" -out "$work/key.p12" -passout pass:conformance >"$work/log" 2>&1 ||
  failed "the client certificate and key do not make a key store"
keytool -importcert -noprompt -alias ca -file "$ca" -keystore "$work/ca.p12" -storetype PKCS12 \
  -storepass conformance >"$work/log" 2>&1 || failed "the CA certificate does not make a trust store"
tls="-Djavax.net.ssl.keyStore=$work/key.p12 -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=conformance \
-Djavax.net.ssl.trustStore=$work/ca.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=conformance"

mkdir "$work/source" "$work/classes"
# The elements of the hub have the names of the operations; without this, wsimport would take the messages apart.
cat >"$work/bindings.xml" <<XML
<jaxws:bindings xmlns:jaxws="http://java.sun.com/xml/ns/jaxws" wsdlLocation="$wsdl" version="2.1">
  <jaxws:enableWrapperStyle>false</jaxws:enableWrapperStyle>
</jaxws:bindings>
XML
WSIMPORT_OPTS="$tls" wsimport -quiet -Xnocompile -b "$work/bindings.xml" -s "$work/source" -p epix.stubs "$wsdl" >"$work/log" 2>&1 ||
  failed "wsimport refused the service description"
if [ -s "$work/log" ]; then
  failed "wsimport has warnings about the service description"
fi
# One source for all dialects: the stubs differ in these names only.
case $dialect in
  v1) names='s/CITESEPermit/CBFShip/g; s/getUnitQuantity/getInspectedUnitQuantity/g; s/getID()\.getValue()/getID()/
    s/getID()\.get(0)\.getValue()/getID().get(0)/; s/getScientificName()\.get(0)\.getValue()/getScientificName().get(0)/' ;;
  hub) names='s/getState()/getValue()/; s/\.isConfirmed()/.getValue().equals("true")/; s/CitesDataExchange;/CitesDataExchangeHub;/;
    s/CitesDataExchange service = new CitesDataExchange(/CitesDataExchangeHub service = new CitesDataExchangeHub(/' ;;
  *) names= ;;
esac
mkdir "$work/client"
sed "$names" "$here/Client.java" >"$work/client/Client.java"
classpath=$jars/jaxws-rt.jar   # its manifest names the rest
javac -nowarn -cp "$classpath" -d "$work/classes" "$work/client/Client.java" $(find "$work/source" -name '*.java') \
  >"$work/log" 2>&1 || failed "the stubs do not compile"
# $tls is a list of options. Naming the factory spares a warning at every call.
java $tls -Djavax.xml.soap.SAAJMetaFactory=com.sun.xml.messaging.saaj.soap.SAAJMetaFactoryImpl \
  -cp "$work/classes:$classpath" Client "$@"
