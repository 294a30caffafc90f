#!/bin/sh
# Does a C++ client (gSOAP) understand the service? See ../README.md for the steps and options.
#
# Fetches the service description over mutual TLS, makes the stubs with wsdl2h and soapcpp2, compiles client.cpp against them
# and runs it. What was compiled is kept in EPIX_WORK for the next run with the same description and source.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
wsdl= cert= key= ca= dialect=v2 endpoint=
previous=
for argument in "$@"; do
  case $previous in
    --wsdl) wsdl=$argument ;;
    --endpoint) endpoint=$argument ;;
    --cert) cert=$argument ;;
    --key) key=$argument ;;
    --ca) ca=$argument ;;
    --dialect) dialect=$argument ;;
  esac
  previous=$argument
done
if [ -z "$wsdl" ] || [ -z "$endpoint" ] || [ -z "$cert" ] || [ -z "$key" ] || [ -z "$ca" ]; then
  echo "missing: --wsdl, --endpoint, --cert, --key or --ca" >&2
  exit 2
fi

failed() {
  printf '{"client":"gsoap","result":"failed","reason":"%s"}\n' "$1"
  cat "$work/log" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
curl -sS --fail --noproxy '*' --cert "$cert" --key "$key" --cacert "$ca" -o "$work/served.wsdl" "$wsdl" >"$work/log" 2>&1 ||
  failed "the service description cannot be fetched"
# The address changes from run to run, and is given at run time anyway.
sed "s|$endpoint|https://localhost/|g" "$work/served.wsdl" >"$work/epix.wsdl"

case $dialect in
  v1) names='-DROOT=CBFShip -DSTATE=State -DINSPECTED=InspectedUnitQuantity -DCONFIRMED_IS_TRUE(a)=((a).Confirmed)' ;;
  v2) names='-DROOT=CITESEPermit -DSTATE=State -DINSPECTED=UnitQuantity -DCONFIRMED_IS_TRUE(a)=((a).Confirmed)' ;;
  *) names='-DROOT=CITESEPermit -DSTATE=Value -DINSPECTED=UnitQuantity -DCONFIRMED_IS_TRUE(a)=(text((a).Value)=="true")' ;;
esac

version=$(cat "$work/epix.wsdl" "$here/client.cpp" "$0" | sha256sum | cut -c1-16)
kept=${EPIX_WORK:-$work}/client-$dialect-$version
if [ ! -x "$kept" ]; then
  (cd "$work" && wsdl2h -s -P -o epix.h epix.wsdl) >"$work/log" 2>&1 || failed "wsdl2h refused the service description"
  (cd "$work" && soapcpp2 -C -L -w -x -j -c++ -I/usr/share/gsoap/import epix.h) >"$work/log" 2>&1 ||
    failed "soapcpp2 refused the stubs"
  # shellcheck disable=SC2086  # a list of options
  (cd "$work" && g++ -std=c++17 -O0 -w -DWITH_OPENSSL $names -I. -o client "$here/client.cpp" soapC.cpp \
    soapCitesDataExchangeBindingProxy.cpp -lgsoapssl++ -lssl -lcrypto -lz) >"$work/log" 2>&1 || failed "the stubs do not compile"
  rm -f "${EPIX_WORK:-$work}/client-$dialect-"*
  mv "$work/client" "$kept"
fi
cat "$key" "$cert" >"$work/identity.pem"
"$kept" "$@" --identity "$work/identity.pem"
