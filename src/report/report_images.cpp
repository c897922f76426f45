#include "report/report_images.h"

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "image/encode_jpeg.h"

namespace alexnet {
namespace {

constexpr int kSide = 112;  // of a thumbnail, in pixels
constexpr int kQuality = 72;

}  // namespace

std::string data_uri(const std::string& media_type, const std::string& file) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string uri = "data:" + media_type + ";base64,";
  uri.reserve(uri.size() + (file.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < file.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (at + i < file.size() ? static_cast<unsigned char>(file[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      uri += at + i > file.size() ? '=' : kDigits[(bits >> (18 - 6 * i)) & 0x3F];
  }
  return uri;
}

std::size_t ReportImages::add(const std::string& set, const Tested& tested, const Judgement& judgement) {
  const auto [found, added] = numbers_.try_emplace({set, judgement.index}, entries_.size());
  if (added) entries_.push_back({set, &tested, judgement});
  return found->second;
}

std::vector<std::size_t> ReportImages::add(const std::string& set, const Tested& tested,
                                           const std::vector<Judgement>& judgements, std::size_t max) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < std::min(max, judgements.size()); ++i)
    numbers.push_back(add(set, tested, judgements[i]));
  return numbers;
}

nlohmann::ordered_json ReportImages::to_json(int channels) const {
  std::vector<std::string> thumbnails(entries_.size());
  parallel_for(static_cast<std::int64_t>(entries_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Entry& entry = entries_[i];
      try {
        Image image = entry.tested->images->load(static_cast<std::size_t>(entry.judgement.index), channels);
        thumbnails[i] = encode_jpeg(thumbnail(std::move(image), kSide), kQuality);
      } catch (const std::exception&) {  // it was there a moment ago; the entry says that it is not
      }
    }
  });
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto& [set, tested, judgement] = entries_[i];
    all.push_back(
        {{"file", tested->images->name(static_cast<std::size_t>(judgement.index))},
         {"set", set},
         {"truth", judgement.truth},
         {"predicted", judgement.predicted},
         {"confidence", judgement.confidence},
         {"truth_probability", judgement.truth_probability},
         {"src", thumbnails[i].empty() ? nlohmann::ordered_json()
                                       : nlohmann::ordered_json(data_uri("image/jpeg", thumbnails[i]))}});
  }
  return all;
}

}  // namespace alexnet
