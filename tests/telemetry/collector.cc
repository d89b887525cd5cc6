#include "tests/telemetry/collector.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bridge::telemetry {
namespace {

std::string ToPem(const std::function<int(BIO*)>& write) {
  std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  write(bio.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

}  // namespace

void Collector::Expect(std::vector<Answer> answers) {
  const std::lock_guard lock(mutex_);
  answers_.assign(answers.begin(), answers.end());
}

std::vector<Received> Collector::WaitForRequests(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return received_.size() >= count; });
  return received_;
}

Answer Collector::Record(Received received) {
  const std::lock_guard lock(mutex_);
  received_.push_back(std::move(received));
  changed_.notify_all();
  if (answers_.empty()) return {};
  const Answer answer = answers_.front();
  answers_.pop_front();
  return answer;
}

Certificate MakeCertificate() {
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::unique_ptr<X509, void (*)(X509*)> x509(X509_new(), X509_free);
  X509_set_version(x509.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key.get());
  X509_NAME* name = X509_get_subject_name(x509.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(x509.get(), name);
  for (const auto& [nid, text] : {std::pair(NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
                                  std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
    std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, text), X509_EXTENSION_free);
    X509_add_ext(x509.get(), extension.get(), -1);
  }
  X509_sign(x509.get(), key.get(), EVP_sha256());
  return {ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, x509.get()); }),
          ToPem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

int FindUnusedPort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  socklen_t size = sizeof(address);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  close(listener);
  return ntohs(address.sin_port);
}

std::vector<std::string> SpanNames(const std::vector<Received>& requests) {
  std::vector<std::string> names;
  for (const Received& received : requests) {
    for (const otlp::ResourceSpans& resource : received.request.resource_spans()) {
      for (const otlp::ScopeSpans& scope : resource.scope_spans()) {
        for (const otlp::Span& span : scope.spans()) names.push_back(span.name());
      }
    }
  }
  return names;
}

}  // namespace bridge::telemetry
