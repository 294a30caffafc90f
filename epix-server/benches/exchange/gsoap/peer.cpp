// A gSOAP service that serialises one answer to GetFinal from memory: the peer of `cargo xtask bench`.
//
// It looks at no certificate, asks no store and writes no audit: what it does is reading the call and writing the model as XML.
// A thread for each connection, which stays open, without Nagle's delay: the fastest that gSOAP has.
#include <netinet/tcp.h>

#include <fstream>
#include <iostream>
#include <thread>

#include "CitesDataExchangeBinding.nsmap"
#include "soapCitesDataExchangeBindingService.h"

static ns1__CertificateResponseType answer;

int CitesDataExchangeBindingService::GetFinalCitesCertificate(ns1__CertificateKeyType *, ns1__CertificateResponseType &response) {
  response = answer;
  return SOAP_OK;
}

int CitesDataExchangeBindingService::GetNonFinalCitesCertificate(ns1__CertificateKeyType *, ns1__CertificateResponseType &) {
  return SOAP_SVR_FAULT;
}

int CitesDataExchangeBindingService::ConfirmQuantities(ns1__ConfirmQuantitiesRequestType *, ns1__ConfirmQuantitiesResponseType &) {
  return SOAP_SVR_FAULT;
}

int CitesDataExchangeBindingService::ServiceState(ns1__ServiceStateRequestType *, ns1__ServiceStateResponseType &) {
  return SOAP_SVR_FAULT;
}

// Reads an answer as a client would, into the model.
static bool load(struct soap *soap, const char *path) {
  std::ifstream file(path);
  soap->is = &file;
  bool is_read = soap_begin_recv(soap) == SOAP_OK && soap_envelope_begin_in(soap) == SOAP_OK && soap_recv_header(soap) == SOAP_OK &&
                 soap_body_begin_in(soap) == SOAP_OK &&
                 soap_get_ns1__CertificateResponseType(soap, &answer, "ns1:GetFinalCitesCertificateResponse", NULL) != NULL;
  if (!is_read) soap_print_fault(soap, stderr);
  return is_read && answer.CITESEPermit != NULL;
}

int main(int count, char **words) {
  struct soap *kept = soap_new();
  soap_set_namespaces(kept, namespaces);
  if (count != 2 || !load(kept, words[1])) return 2;
  CitesDataExchangeBindingService service(SOAP_IO_KEEPALIVE);
  service.soap->bind_flags = SO_REUSEADDR;
  service.soap->accept_flags = 0;
  service.soap->max_keep_alive = 1 << 30;
  service.soap->send_timeout = service.soap->recv_timeout = 60;
  if (!soap_valid_socket(service.bind("127.0.0.1", 0, 128))) return 2;
  struct sockaddr_in bound;
  socklen_t size = sizeof bound;
  getsockname(service.soap->master, (struct sockaddr *)&bound, &size);
  std::cout << ntohs(bound.sin_port) << std::endl;
  for (;;) {
    if (!soap_valid_socket(service.accept())) continue;
    int on = 1;
    setsockopt(service.soap->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    CitesDataExchangeBindingService *copy = service.copy();
    std::thread([copy]() {
      copy->serve();
      copy->destroy();
      delete copy;
    }).detach();
  }
}
