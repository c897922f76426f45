// Pickles: Python's format for objects, a small program of opcodes for a stack machine
// (https://docs.python.org/3/library/pickletools.html).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "formats/pytorch/pickle_value.h"

namespace alexnet::pytorch {

/// The object behind a persistent identifier, which is how pickles name what lies beside them.
using Persistent = std::function<Value(const Value& id)>;

/// Reads the pickle that `rest` begins with, and moves `rest` behind it. DataError naming `where` when it is
/// damaged, has too many opcodes, or contains an opcode or a name that tensors do not need.
Value read_pickle(std::span<const std::byte>& rest, Objects& objects, const Persistent& persistent,
                  const std::string& where);
/// The same of a pickle without persistent identifiers.
Value read_pickle(std::span<const std::byte>& rest, Objects& objects, const std::string& where);

}  // namespace alexnet::pytorch
