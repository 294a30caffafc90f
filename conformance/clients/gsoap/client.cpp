// Does a C++ client (gSOAP) understand the service? See ../README.md for the steps and options.
//
// run.sh compiles it against the stubs of one dialect, with the names that differ between dialects as macros:
// ROOT, STATE, CONFIRMED, CONFIRMED_IS_TRUE, INSPECTED.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "CitesDataExchangeBinding.nsmap"
#include "soapCitesDataExchangeBindingProxy.h"

using Proxy = CitesDataExchangeBindingProxy;
using std::string;

struct Position {
    string id, scientific_name, permitted, confirmed;
};

static std::map<string, string> options;

[[noreturn]] static void unexpected(const string &reason) { throw std::runtime_error(reason); }

static void expect(bool condition, const string &reason) {
    if (!condition) unexpected(reason);
}

static string quoted(const string &text) {
    string json = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') json += '\\';
        json += c < ' ' && c >= 0 ? ' ' : c;
    }
    return json + "\"";
}

static void tell(const std::vector<std::pair<string, string>> &what) {
    string line = "{\"client\":\"gsoap\"";
    for (const auto &[name, value] : what) line += "," + quoted(name) + ":" + quoted(value);
    std::printf("%s}\n", line.c_str());
    std::fflush(stdout);
}

// The text of a simple element: gSOAP wraps it where its type has attributes.
static string text(const char *value) { return value ? value : ""; }
template <class Wrapped> static string text(const Wrapped *value) { return value ? text(value->__item) : ""; }

static char *copied(Proxy &proxy, const string &value) { return soap_strdup(proxy.soap, value.c_str()); }

// The words of the last error of the stack.
static string trouble(Proxy &proxy) {
    char words[2000] = "";
    proxy.soap_sprint_fault(words, sizeof words - 1);
    return words;
}

template <class Key> static void fill(Proxy &proxy, Key &key, const string &number) {
    key.CertificateNumber = copied(proxy, number);
    key.IsoCountryCode = copied(proxy, options["--country"]);
    if (options.count("--token")) key.TokenId = copied(proxy, options["--token"]);
}

static ns1__CertificateKeyType *key(Proxy &proxy, const string &number) {
    auto *key = soap_new_ns1__CertificateKeyType(proxy.soap);
    fill(proxy, *key, number);
    return key;
}

static std::vector<Position> permit(Proxy &proxy, int status, const ns1__CertificateResponseType &answer, const string &call) {
    expect(status == SOAP_OK, call + ": " + trouble(proxy));
    const auto *document = answer.ROOT;
    const string found = text(document->HeaderExchangedDocument->ID);
    const auto *consignment = document->SpecifiedSupplyChainConsignment;
    std::vector<Position> positions;
    for (int i = 0; i < consignment->__sizeIncludedSupplyChainConsignmentItem; i++) {
        const auto *item = consignment->IncludedSupplyChainConsignmentItem[i];
        const int events = item->__sizeExaminationTransportEvent;
        positions.push_back({text(item->ID[0]),
                             text(item->IncludedSupplyChainTradeLineItem[0]->SpecifiedTradeProduct->ScientificName[0]),
                             text(item->TransportLogisticsPackage[0]->ItemQuantity),
                             events ? text(item->ExaminationTransportEvent[events - 1]->INSPECTED) : ""});
        const Position &told = positions.back();
        tell({{"call", call}, {"id", told.id}, {"scientific_name", told.scientific_name},
              {"permitted", told.permitted}, {"confirmed", told.confirmed}});
    }
    tell({{"call", call}, {"number", found}});
    expect(found == options["--number"], call + ": asked for permit " + options["--number"] + ", got " + found);
    return positions;
}

static void expect_fault(Proxy &proxy, int status, const string &code, const string &call) {
    expect(status != SOAP_OK, call + ": expected the fault " + code + ", got an answer");
    const SOAP_ENV__Detail *detail = proxy.soap_fault() ? proxy.soap_fault()->detail : nullptr;
    expect(detail && detail->ns1__CitesDataExchangeFault, call + ": fault without detail: " + trouble(proxy));
    const auto *fault = detail->ns1__CitesDataExchangeFault;
    tell({{"call", call}, {"fault", text(fault->Code)}, {"request_id", text(fault->RequestId)}});
    expect(text(fault->Code) == code, call + ": expected the fault " + code + ", got " + text(fault->Code));
}

static void play(Proxy &proxy) {
    const string number = options["--number"], non_final = "GetNonFinalCitesCertificate", final = "GetFinalCitesCertificate";

    ns1__ServiceStateRequestType state_request;
    state_request.soap_default(proxy.soap);
    state_request.IsoCountryCode = copied(proxy, options["--country"]);
    ns1__ServiceStateResponseType state;
    expect(proxy.ServiceState(&state_request, state) == SOAP_OK, "ServiceState: " + trouble(proxy));
    tell({{"call", "ServiceState"}, {"state", text(state.STATE)}});
    expect(!text(state.STATE).empty(), "ServiceState names no state");

    ns1__CertificateResponseType answer;
    const auto issued = permit(proxy, proxy.GetNonFinalCitesCertificate(key(proxy, number), answer), answer, non_final);
    expect(!issued.empty(), "the permit has no positions");

    ns1__CertificateResponseType none;
    expect_fault(proxy, proxy.GetNonFinalCitesCertificate(key(proxy, number + "-NONE"), none), "PermitNotFound", non_final);
    expect_fault(proxy, proxy.GetFinalCitesCertificate(key(proxy, number), none), "NotFinal", final);

    auto *request = soap_new_ns1__ConfirmQuantitiesRequestType(proxy.soap);
    fill(proxy, *request, number);
    request->ConfirmedQuantities = soap_new_ns1__ConfirmedQuantitiesType(proxy.soap);
    std::map<string, string> quantities;
    std::vector<ns1__CitesPositionType *> positions;
    for (const Position &position : issued) {
        quantities[position.id] = position.permitted;
        auto *confirmed = soap_new_ns1__CitesPositionType(proxy.soap);
        confirmed->ID = copied(proxy, position.id);
        confirmed->InspectedUnitQuantity = copied(proxy, position.permitted);
        positions.push_back(confirmed);
    }
    request->ConfirmedQuantities->__sizeCitesPosition = static_cast<int>(positions.size());
    request->ConfirmedQuantities->CitesPosition = positions.data();
    ns1__ConfirmQuantitiesResponseType confirmed;
    expect(proxy.ConfirmQuantities(request, confirmed) == SOAP_OK, "ConfirmQuantities: " + trouble(proxy));
    tell({{"call", "ConfirmQuantities"}});
    expect(CONFIRMED_IS_TRUE(confirmed), "the quantities were not confirmed");

    ns1__CertificateResponseType last;
    for (const Position &position : permit(proxy, proxy.GetFinalCitesCertificate(key(proxy, number), last), last, final)) {
        const string wanted = quantities[position.id];
        const bool same = !position.confirmed.empty() && std::atof(position.confirmed.c_str()) == std::atof(wanted.c_str());
        expect(same, "position " + position.id + ": " + position.confirmed + " is not " + wanted);
    }
}

int main(int count, char **arguments) {
    for (int i = 1; i + 1 < count; i += 2) options[arguments[i]] = arguments[i + 1];
    soap_ssl_init();
    Proxy proxy(options["--endpoint"].c_str(), SOAP_C_UTFSTRING);
    proxy.soap->connect_timeout = proxy.soap->recv_timeout = proxy.soap->send_timeout = 20;
    try {
        // Verification of the server and of its name is on by default.
        const int ready = soap_ssl_client_context(proxy.soap, SOAP_SSL_DEFAULT, options["--identity"].c_str(), nullptr,
                                                  options["--ca"].c_str(), nullptr, nullptr);
        expect(ready == SOAP_OK, "TLS: " + trouble(proxy));
        play(proxy);
    } catch (const std::exception &problem) {
        tell({{"result", "failed"}, {"reason", problem.what()}});
        return 1;
    }
    tell({{"result", "passed"}});
    return 0;
}
