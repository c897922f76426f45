// The few names that PyTorch's pickles of tensors need.
#pragma once

#include <optional>
#include <string>

#include "formats/pytorch/pickle_value.h"

namespace alexnet::pytorch {

/// DataError naming `where` and the name, unless it is on the short list.
void require_known(const Global& global, const std::string& where);

/// The value that stands for the result of a function of the list. DataError where it is no function, or its
/// arguments are others than PyTorch writes.
Value result_of_call(const Value& function, const Value& arguments, Objects& objects,
                     const std::string& where);

/// A new object of a class of a TorchScript archive. DataError for anything else.
Value new_object(const Value& type, Objects& objects, const std::string& where);

/// The type of numbers of a storage class, such as torch.FloatStorage. Nothing for anything else.
std::optional<Element> storage_element(const Value& type);

/// The storage that a persistent identifier stands for: ("storage", class, key, device, count). DataError for
/// anything else.
const Storage* storage_of(const Value& id, Objects& objects, const std::string& where);

}  // namespace alexnet::pytorch
