#include "data/sources/class_name.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace alexnet {

std::string composed(std::string_view name) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(name.data()), static_cast<utf8proc_ssize_t>(name.size()),
      &result, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> keep(result, &std::free);
  if (length < 0) return std::string(name);
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(length)};
}

std::vector<std::string> composed(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  result.reserve(names.size());
  for (const std::string& name : names) result.push_back(composed(name));
  return result;
}

}  // namespace alexnet
