#include <arpa/inet.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/telemetry/collector.h"

namespace bridge::telemetry {
namespace {

// One connection at a time, which is all an exporter needs.
class HttpCollector final : public Collector {
 public:
  explicit HttpCollector(const Certificate* certificate) {
    if (certificate != nullptr) UseTls(*certificate);
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 8);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }

  ~HttpCollector() override {
    eventfd_write(stop_, 1);
    thread_.join();
    close(listener_);
    close(stop_);
    SSL_CTX_free(tls_);
  }

  OtlpOptions Options() const override {
    OtlpOptions options;
    options.endpoint = (tls_ == nullptr ? "http://127.0.0.1:" : "https://127.0.0.1:") +
                       std::to_string(port_) + "/v1/traces";
    options.root_certificates = root_;
    return options;
  }

 private:
  // TLS or plain, by `ssl`.
  struct Connection {
    int socket = -1;
    SSL* ssl = nullptr;

    int Read(char* bytes, int size) {
      return ssl == nullptr ? static_cast<int>(read(socket, bytes, static_cast<size_t>(size)))
                            : SSL_read(ssl, bytes, size);
    }
    void Write(const std::string& text) {
      if (ssl == nullptr) {
        [[maybe_unused]] const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
      } else {
        SSL_write(ssl, text.data(), static_cast<int>(text.size()));
      }
    }
  };

  void UseTls(const Certificate& certificate) {
    root_ = certificate.certificate_pem;
    tls_ = SSL_CTX_new(TLS_server_method());
    BIO* certificate_bio = BIO_new_mem_buf(root_.data(), static_cast<int>(root_.size()));
    BIO* key_bio =
        BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size()));
    X509* x509 = PEM_read_bio_X509(certificate_bio, nullptr, nullptr, nullptr);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(tls_, x509);
    SSL_CTX_use_PrivateKey(tls_, key);
    X509_free(x509);
    EVP_PKEY_free(key);
    BIO_free(certificate_bio);
    BIO_free(key_bio);
  }

  // False when the collector is to stop.
  bool WaitReadable(int descriptor) {
    pollfd events[2] = {{descriptor, POLLIN, 0}, {stop_, POLLIN, 0}};
    poll(events, 2, -1);
    return (events[1].revents & POLLIN) == 0;
  }

  void Run() {
    while (WaitReadable(listener_)) {
      Connection connection{accept(listener_, nullptr, nullptr)};
      ++connections_;
      if (tls_ != nullptr) {
        connection.ssl = SSL_new(tls_);
        SSL_set_fd(connection.ssl, connection.socket);
      }
      if (connection.ssl == nullptr || SSL_accept(connection.ssl) == 1) {
        while (ServeOne(&connection)) {
        }
      }
      SSL_free(connection.ssl);
      close(connection.socket);
    }
  }

  // False when the connection is to be closed.
  bool ServeOne(Connection* connection) {
    std::string text;
    size_t head_end = std::string::npos;
    size_t body_size = 0;
    while (head_end == std::string::npos || text.size() < head_end + body_size) {
      char bytes[65536];
      const bool pending = connection->ssl != nullptr && SSL_pending(connection->ssl) > 0;
      if (!pending && !WaitReadable(connection->socket)) return false;
      const int got = connection->Read(bytes, sizeof(bytes));
      if (got <= 0) return false;
      text.append(bytes, static_cast<size_t>(got));
      if (head_end != std::string::npos) continue;
      head_end = text.find("\r\n\r\n");
      if (head_end == std::string::npos) continue;
      head_end += 4;
      const size_t length = text.find("ontent-Length:");
      if (length != std::string::npos) body_size = std::stoul(text.substr(length + 14));
    }
    Received received = Parse(text.substr(0, head_end), text.substr(head_end));
    received.headers[":peer"] = std::to_string(connections_);
    return Reply(connection, std::move(received));
  }

  static Received Parse(const std::string& head, const std::string& body) {
    Received received;
    received.headers[":path"] = head.substr(0, head.find("\r\n"));
    size_t at = head.find("\r\n") + 2;
    while (at + 2 < head.size()) {
      const size_t end = head.find("\r\n", at);
      const size_t colon = head.find(':', at);
      std::string key = head.substr(at, colon - at);
      std::transform(key.begin(), key.end(), key.begin(), ::tolower);
      received.headers[key] = head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    namespace io = google::protobuf::io;
    io::ArrayInputStream array(body.data(), static_cast<int>(body.size()));
    io::GzipInputStream gzip(&array);
    const bool compressed = received.headers["content-encoding"] == "gzip";
    const bool parsed = compressed ? received.request.ParseFromZeroCopyStream(&gzip)
                                   : received.request.ParseFromZeroCopyStream(&array);
    if (!parsed) received.headers[":unparsable"] = body;
    return received;
  }

  bool Reply(Connection* connection, Received received) {
    const Answer answer = Record(std::move(received));
    std::string status = "200 OK";
    std::string headers;
    otlp::ExportTraceServiceResponse response;
    switch (answer.kind) {
      case Answer::Kind::kHang:
        WaitReadable(connection->socket);  // until the peer hangs up
        return false;
      case Answer::Kind::kDisconnect:
        return false;
      case Answer::Kind::kPartial:
        response.mutable_partial_success()->set_rejected_spans(answer.rejected_spans);
        response.mutable_partial_success()->set_error_message("some were bad");
        break;
      case Answer::Kind::kRetry:
        status = "503 Service Unavailable";
        break;
      case Answer::Kind::kThrottle:
        status = "429 Too Many Requests";
        headers = "Retry-After: 1\r\n";
        break;
      case Answer::Kind::kRefuse:
        status = "400 Bad Request";
        break;
      case Answer::Kind::kAccept:
        break;
    }
    const std::string body = response.SerializeAsString();
    connection->Write("HTTP/1.1 " + status +
                      "\r\nContent-Type: application/x-protobuf\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    return true;
  }

  std::string root_;
  SSL_CTX* tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  int connections_ = 0;  // so far
  const int stop_ = eventfd(0, EFD_CLOEXEC);
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Collector> StartHttpCollector(const Certificate* certificate) {
  return std::make_unique<HttpCollector>(certificate);
}

}  // namespace bridge::telemetry
