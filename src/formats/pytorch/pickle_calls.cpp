#include "formats/pytorch/pickle_calls.h"

#include <fmt/format.h>

#include <span>

#include "alexnet/error.h"

namespace alexnet::pytorch {
namespace {

constexpr const char* kSaveTensors = "save tensors alone: torch.save(model.state_dict(), FILE)";

/// The arguments of a call.
struct Call {
  std::span<const Value> arguments;
  Objects& objects;
  const std::string& where;

  [[noreturn]] void fail() const {
    throw DataError(where, "is damaged: it describes a tensor in a way that PyTorch does not");
  }
  const Value& at(std::size_t i) const {
    if (i >= arguments.size()) fail();
    return arguments[i];
  }
  std::int64_t whole(std::size_t i) const {
    const auto* value = std::get_if<std::int64_t>(&at(i));
    if (value == nullptr) fail();
    return *value;
  }
  Shape numbers(std::size_t i) const {
    const auto* list = as<Sequence>(at(i));
    constexpr std::size_t kMaxDimensions = 64;  // PyTorch's own limit
    if (list == nullptr || list->items.size() > kMaxDimensions) fail();
    Shape numbers;
    for (const Value& item : list->items) {
      const auto* value = std::get_if<std::int64_t>(&item);
      if (value == nullptr) fail();
      numbers.push_back(*value);
    }
    return numbers;
  }
};

/// OrderedDict(), or OrderedDict([[key, value], ...]), as Python 2 wrote it.
Value ordered_dict(const Call& call) {
  Dict dict;
  if (!call.arguments.empty()) {
    const auto* items = as<Sequence>(call.at(0));
    if (items == nullptr) call.fail();
    for (const Value& item : items->items) {
      const auto* pair = as<Sequence>(item);
      if (pair == nullptr || pair->items.size() != 2) call.fail();
      dict.items.emplace_back(pair->items[0], pair->items[1]);
    }
  }
  return call.objects.add(std::move(dict));
}

/// Storage, offset, shape and strides; behind them come whether it has a gradient, and hooks.
Value strided_tensor(const Call& call) {
  const auto* storage = as<const Storage>(call.at(0));
  // Some writers of the oldest container put the storage's description where others put a reference to it.
  if (storage == nullptr) storage = storage_of(call.at(0), call.objects, call.where);
  StridedTensor tensor{storage, call.whole(1), call.numbers(2), call.numbers(3)};
  return call.objects.add(std::move(tensor));
}

Value first_argument(const Call& call) { return call.at(0); }

using Function = Value (*)(const Call&);

/// A name of the short list; those without a function stand for a type.
struct Known {
  std::string_view module, name;
  Function call = nullptr;
};
constexpr Known kKnown[] = {
    {"collections", "OrderedDict", ordered_dict},
    {"torch._utils", "_rebuild_tensor", strided_tensor},
    {"torch._utils", "_rebuild_tensor_v2", strided_tensor},
    {"torch._utils", "_rebuild_parameter", first_argument},
    {"torch._utils", "_rebuild_parameter_with_state", first_argument},
    {"torch", "Size", first_argument},
    // Lists whose type TorchScript keeps.
    {"torch.jit._pickle", "build_intlist", first_argument},
    {"torch.jit._pickle", "build_doublelist", first_argument},
    {"torch.jit._pickle", "build_boollist", first_argument},
    {"torch.jit._pickle", "build_tensorlist", first_argument},
    {"torch.jit._pickle", "restore_type_tag", first_argument},
};

struct StorageType {
  std::string_view name;
  Element element;
};
constexpr StorageType kStorages[] = {{"HalfStorage", Element::kF16},  {"BFloat16Storage", Element::kBf16},
                                     {"FloatStorage", Element::kF32}, {"DoubleStorage", Element::kF64},
                                     {"CharStorage", Element::kI8},   {"ShortStorage", Element::kI16},
                                     {"IntStorage", Element::kI32},   {"LongStorage", Element::kI64},
                                     {"ByteStorage", Element::kU8},   {"BoolStorage", Element::kU8}};

const Known* find(const Global& global) {
  for (const Known& known : kKnown)
    if (known.module == global.module && known.name == global.name) return &known;
  return nullptr;
}

/// TorchScript's names for the classes of an archive.
bool is_script_class(const Global& global) {
  return global.module == "__torch__" || global.module.starts_with("__torch__.");
}

/// torch.FloatTensor of the oldest container, whose storage tells the type.
bool is_tensor_class(const Global& global) {
  return (global.module == "torch" || global.module == "torch.cuda") && global.name.ends_with("Tensor");
}

}  // namespace

void require_known(const Global& global, const std::string& where) {
  const Value type = &global;
  if (find(global) != nullptr || is_script_class(global) || is_tensor_class(global) || storage_element(type))
    return;
  constexpr std::size_t kShown = 80;
  const std::string name = fmt::format("{}.{}", global.module, global.name).substr(0, kShown);
  throw DataError(where, fmt::format("contains '{}', which is no tensor: nothing of it is run", name),
                  kSaveTensors);
}

Value result_of_call(const Value& function, const Value& arguments, Objects& objects,
                     const std::string& where) {
  const auto* global = as<const Global>(function);
  const auto* given = as<Sequence>(arguments);
  const Known* known = global == nullptr ? nullptr : find(*global);
  if (known == nullptr || given == nullptr)
    throw DataError(where, "calls something other than the functions that make tensors", kSaveTensors);
  return known->call({given->items, objects, where});
}

Value new_object(const Value& type, Objects& objects, const std::string& where) {
  const auto* global = as<const Global>(type);
  if (global == nullptr || !is_script_class(*global))
    throw DataError(where, "makes an object of a class that tensors do not need", kSaveTensors);
  return objects.add(Dict{.items = {}, .object = true});
}

std::optional<Element> storage_element(const Value& type) {
  const auto* global = as<const Global>(type);
  if (global == nullptr || (global->module != "torch" && global->module != "torch.cuda")) return std::nullopt;
  for (const StorageType& storage : kStorages)
    if (storage.name == global->name) return storage.element;
  return std::nullopt;
}

const Storage* storage_of(const Value& id, Objects& objects, const std::string& where) {
  constexpr std::size_t kType = 1, kKey = 2, kCount = 4, kView = 5;
  const auto* parts = as<Sequence>(id);
  const Call call{parts == nullptr ? std::span<const Value>() : std::span<const Value>(parts->items), objects,
                  where};
  const auto* kind = std::get_if<std::string_view>(&call.at(0));
  const auto* key = std::get_if<std::string_view>(&call.at(kKey));
  const std::optional<Element> element = storage_element(call.at(kType));
  if (kind == nullptr || *kind != "storage" || key == nullptr || !element) call.fail();
  Storage storage{std::string(*key), *element, 0, call.whole(kCount)};
  // Legacy files: a part of another storage, as (key, offset, count).
  if (call.arguments.size() > kView)
    if (const auto* view = as<Sequence>(call.at(kView)); view != nullptr) {
      const Call part{view->items, objects, where};
      storage.begin = part.whole(1);
      storage.count = part.whole(2);
    }
  return objects.add(storage);
}

}  // namespace alexnet::pytorch
