// One layer of a model's configuration. Settings that this program does not know are refused: they may change
// what is computed.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alexnet/network.h"

namespace alexnet::keras {

/// Every error is a DataError naming the file, the layer, its class and the setting.
class LayerConfig {
 public:
  /// `layer` must outlive the object. It is {"class_name": ..., "config": {...}, ...}.
  LayerConfig(const nlohmann::json& layer, const std::string& where);

  const std::string& name() const { return name_; }
  const std::string& kind() const { return kind_; }  ///< class: "Conv2D"
  /// The whole entry, of which the settings are a part.
  const nlohmann::json& entry() const { return layer_; }

  /// The setting; null where it is missing or null.
  const nlohmann::json* find(const char* key);
  bool flag(const char* key, bool otherwise);
  /// Without `otherwise`, the setting must be there. 0 to 2^30.
  int whole(const char* key, std::optional<int> otherwise = {});
  float real(const char* key, float otherwise);
  std::string text(const char* key, const std::string& otherwise);
  /// One number, or a list of two. 0 to 2^30.
  Size2 size(const char* key, std::optional<Size2> otherwise = {});
  /// A name, or a function that was stored by name: "relu"; "linear" where there is none.
  std::string function(const char* key);
  /// All numbers of a number or of lists within lists; refused where there are more than `most`.
  std::vector<double> numbers(const char* key, std::size_t most);
  /// Of the sum of squares that a regulariser adds to the loss; 0 where there is none, or another.
  float l2(const char* key);

  /// Refuses settings that nobody asked for, unless they have no effect on what is computed.
  void finish();

  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;
  [[noreturn]] void refuse(const std::string& problem) const;

 private:
  int whole_of(const nlohmann::json& value, const char* key) const;

  const nlohmann::json& layer_;
  const std::string& where_;
  const nlohmann::json* settings_ = nullptr;
  std::string kind_, name_;
  std::set<std::string> known_;
};

/// {"class_name": text}: the text; empty where there is none.
std::string class_of(const nlohmann::json& object);

}  // namespace alexnet::keras
