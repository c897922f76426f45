#include "download/http_transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <span>
#include <string_view>

#include "alexnet/error.h"

namespace alexnet {
namespace {

constexpr long kOk = 200, kPartial = 206, kNotInRange = 416;
constexpr long kMaxRedirections = 10;

class HttpTransfer {
 public:
  HttpTransfer(PartFile& part, std::uint64_t limit, const ZooFile& file, const FetchOptions& options)
      : part_(part), limit_(limit), file_(file), options_(options), start_(part.size()) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    handle_.reset(ready == CURLE_OK ? curl_easy_init() : nullptr);
    if (handle_ == nullptr) throw DeviceError("libcurl", "cannot be started");
  }

  std::string run(const std::string& url) {
    set_up(url);
    const CURLcode code = curl_easy_perform(handle_.get());
    if (thrown_) std::rethrow_exception(thrown_);
    if (!problem_.empty()) return problem_;
    // The part is as long as the file already: its digest tells whether it is the file.
    if (code == CURLE_HTTP_RETURNED_ERROR && start_ > 0 && status() == kNotInRange) return {};
    if (code == CURLE_OK) return {};
    return error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void set_up(const std::string& url) {
    constexpr long kConnectSeconds = 30, kLeastSpeed = 1000;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, kMaxRedirections);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "alexnet");
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, kLeastSpeed);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_seconds));
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &HttpTransfer::received);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    set(CURLOPT_XFERINFOFUNCTION, &HttpTransfer::progressed);
    set(CURLOPT_NOPROGRESS, 0L);
    if (start_ > 0) set(CURLOPT_RANGE, fmt::format("{}-", start_).c_str());
  }

  long status() const {
    long code = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  /// Whether the bytes that come are those behind the part.
  bool continues() const {
    constexpr std::string_view kUnit = "bytes ";
    curl_header* range = nullptr;
    if (curl_easy_header(handle_.get(), "Content-Range", 0, CURLH_HEADER, -1, &range) != CURLHE_OK)
      return false;
    const std::string_view text = range->value;
    return text.starts_with(kUnit) && std::strtoull(range->value + kUnit.size(), nullptr, 10) == start_;
  }

  /// False ends the transfer.
  bool take(std::span<const std::byte> bytes) {
    if (!begun_ && start_ > 0 && status() == kOk) part_.restart();
    if (!begun_ && status() == kPartial && !continues()) problem_ = "the server sends another range";
    begun_ = true;
    if (bytes.size() > limit_ - part_.size()) {
      part_.restart();
      problem_ = fmt::format("the server sends more than {} bytes", limit_);
    }
    if (problem_.empty()) part_.append(bytes);
    return problem_.empty();
  }

  /// Runs what may throw; libcurl is C.
  template <class Action>
  bool guarded(const Action& action) {
    try {
      return action();
    } catch (...) {
      thrown_ = std::current_exception();
      return false;
    }
  }

  static std::size_t received(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<HttpTransfer*>(self);
    const std::size_t all = size * count;
    return transfer.guarded([&] { return transfer.take(std::as_bytes(std::span(bytes, all))); }) ? all : 0;
  }

  static int progressed(void* self, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<HttpTransfer*>(self);
    if (!transfer.options_.progress) return 0;
    const ZooFile& file = transfer.file_;
    const bool known = file.bytes > 0 || total <= 0;
    const std::uint64_t bytes = known ? file.bytes : transfer.start_ + static_cast<std::uint64_t>(total);
    return transfer.guarded([&] {
      transfer.options_.progress(file.name, transfer.part_.size(), bytes);
      return true;
    })
               ? 0
               : 1;
  }

  struct Close {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::unique_ptr<CURL, Close> handle_;
  PartFile& part_;
  const std::uint64_t limit_;
  const ZooFile& file_;
  const FetchOptions& options_;
  const std::uint64_t start_;
  bool begun_ = false;
  std::string problem_;
  std::exception_ptr thrown_;
};

}  // namespace

std::string http_transfer(const std::string& url, PartFile& part, std::uint64_t limit, const ZooFile& file,
                          const FetchOptions& options) {
  return HttpTransfer(part, limit, file, options).run(url);
}

}  // namespace alexnet
