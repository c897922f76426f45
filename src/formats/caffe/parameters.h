// The parameters of a layer.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/network.h"
#include "formats/caffe/message.h"

namespace alexnet::caffe {

/// A layer as a file defines it.
struct Definition {
  const Message* message = nullptr;
  std::string name, kind;
  std::vector<std::string> bottoms, tops;

  /// DataError naming the file and the layer.
  [[noreturn]] void refuse(const std::string& where, const std::string& problem,
                           const std::string& fix = {}) const;
};

/// Each field is asked for by name; one that nobody asks for would change what the layer computes, and is an
/// error. Errors are DataErrors that name the file, the layer and the field.
class Parameters {
 public:
  /// Those in the message `name` of the layer, which may be missing.
  Parameters(const Definition& layer, std::string_view name, const std::string& where);

  int integer(std::string_view name, int otherwise, int min, int max);
  int size(std::string_view name, int otherwise) { return integer(name, otherwise, 1, kLargest); }
  float real(std::string_view name, float otherwise);
  bool flag(std::string_view name, bool otherwise);
  std::string text(std::string_view name, std::string_view otherwise);
  /// Height and width: `square`, once for both or twice; or `square`_h and `square`_w, of which the names are
  /// given.
  Size2 pair(std::string_view square, std::string_view height, std::string_view width, int otherwise,
             int min);
  /// Fields without effect here.
  void ignore(std::string_view name) { asked_.emplace(name); }
  void finish() const;

  [[noreturn]] void fail(std::string_view name, const std::string& problem) const;

 private:
  static constexpr int kLargest = 16'777'216;  // of any size: channels, units
  const std::string* find(std::string_view name);

  const Definition& layer_;
  const Message* message_;  // null: there is none
  const std::string& where_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace alexnet::caffe
