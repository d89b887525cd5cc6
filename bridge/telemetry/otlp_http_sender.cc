#include <curl/curl.h>
#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <atomic>

#include "bridge/telemetry/otlp_sender.h"

namespace bridge::telemetry {
namespace {

using Outcome = SendResult::Outcome;

constexpr size_t kMaxResponseBytes = 4 << 20;
constexpr int kPollMs = 1000;

// CURL and CURLM are the same type: void.
struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::string Gzip(const std::string& text) {
  namespace io = google::protobuf::io;
  std::string compressed;
  io::StringOutputStream sink(&compressed);
  io::GzipOutputStream gzip(&sink);
  size_t written = 0;
  void* block;
  int size;
  while (written < text.size() && gzip.Next(&block, &size)) {
    const size_t used = std::min(static_cast<size_t>(size), text.size() - written);
    std::copy_n(text.data() + written, used, static_cast<char*>(block));
    gzip.BackUp(size - static_cast<int>(used));
    written += used;
  }
  gzip.Close();
  return compressed;
}

// The rest is worth another try: no connection, or one that broke before the answer.
bool IsPermanent(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_WRITE_ERROR:  // the answer was too large
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
      return true;
    default:
      return false;
  }
}

void SetBlob(CURL* handle, CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(handle, option, &blob);
}

class HttpSender final : public OtlpSender {
 public:
  explicit HttpSender(const OtlpOptions& options) : gzip_(options.gzip) {
    [[maybe_unused]] static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    easy_.reset(curl_easy_init());
    multi_.reset(curl_multi_init());
    AddHeader("content-type: application/x-protobuf");
    AddHeader("expect:");  // no pause for "100 Continue"
    if (gzip_) AddHeader("content-encoding: gzip");
    for (const auto& [key, value] : options.headers) {
      std::string line = key;
      AddHeader(line.append(": ").append(value));
    }
    SetOptions(options);
  }

  SendResult Send(const std::string& request,
                  std::chrono::steady_clock::time_point deadline) override {
    const std::string body = gzip_ ? Gzip(request) : request;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    const bool no_deadline = deadline == std::chrono::steady_clock::time_point::max();
    // Zero would mean no limit.
    curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS,
                     no_deadline ? 0L : static_cast<long>(std::max<int64_t>(left.count(), 1)));
    curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body.size()));
    response_.clear();
    curl_multi_add_handle(multi_.get(), easy_.get());
    const std::optional<CURLcode> code = Perform();
    curl_multi_remove_handle(multi_.get(), easy_.get());
    return Judge(code);
  }

  void Cancel() override {
    cancelled_.store(true, std::memory_order_release);
    curl_multi_wakeup(multi_.get());
  }

 private:
  void AddHeader(const std::string& line) {
    // Null, and the list as it was, only when memory is short; else the list's first node.
    curl_slist* list = headers_.release();
    curl_slist* longer = curl_slist_append(list, line.c_str());
    headers_.reset(longer != nullptr ? longer : list);
  }

  void SetOptions(const OtlpOptions& options) {
    CURL* handle = easy_.get();
    curl_easy_setopt(handle, CURLOPT_URL, options.endpoint.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle, CURLOPT_USERAGENT, OtlpUserAgent().c_str());
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // never wait for a hanging name server
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &HttpSender::OnBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
    SetBlob(handle, CURLOPT_CAINFO_BLOB, options.root_certificates);
    SetBlob(handle, CURLOPT_SSLCERT_BLOB, options.client_certificate);
    SetBlob(handle, CURLOPT_SSLKEY_BLOB, options.client_key);
  }

  static size_t OnBody(char* bytes, size_t, size_t size, void* self) {
    std::string& response = static_cast<HttpSender*>(self)->response_;
    if (response.size() + size > kMaxResponseBytes) return 0;
    response.append(bytes, size);
    return size;
  }

  // Nothing if it was cancelled.
  std::optional<CURLcode> Perform() {
    while (!cancelled_.load(std::memory_order_acquire)) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      int queued = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
        if (message->msg == CURLMSG_DONE) return message->data.result;
      }
      curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    }
    return std::nullopt;
  }

  SendResult Judge(std::optional<CURLcode> code) {
    if (!code || *code != CURLE_OK) {
      SendResult result;
      result.outcome = code && IsPermanent(*code) ? Outcome::kRefused : Outcome::kRetry;
      result.message = code ? curl_easy_strerror(*code) : "shutting down";
      return result;
    }
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &retry_after);
    const SendResult result =
        JudgeHttpStatus(static_cast<int>(status), std::chrono::seconds(retry_after));
    return result.outcome == Outcome::kAccepted ? JudgeResponse(response_) : result;
  }

  const bool gzip_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<CURLM, CloseMulti> multi_;
  std::unique_ptr<CURL, CloseEasy> easy_;
  std::string response_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace

std::unique_ptr<OtlpSender> MakeHttpSender(const OtlpOptions& options) {
  return std::make_unique<HttpSender>(options);
}

}  // namespace bridge::telemetry
