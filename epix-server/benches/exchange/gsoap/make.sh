#!/bin/sh
# Makes the gSOAP peer: make.sh WSDL FOLDER leaves FOLDER/gsoap-peer.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
cp "$1" "$2/epix.wsdl"
cd "$2"
wsdl2h -s -P -o epix.h epix.wsdl >log 2>&1 || { cat log >&2; exit 1; }
soapcpp2 -S -L -w -x -j -c++ -I/usr/share/gsoap/import epix.h >>log 2>&1 || { cat log >&2; exit 1; }
g++ -std=c++17 -O2 -w -I. -o gsoap-peer "$here/peer.cpp" soapC.cpp soapCitesDataExchangeBindingService.cpp -lgsoap++ -lz -lpthread >>log 2>&1 ||
  { cat log >&2; exit 1; }
