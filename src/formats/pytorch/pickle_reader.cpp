#include "formats/pytorch/pickle_reader.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <unordered_map>

#include "alexnet/error.h"
#include "formats/pytorch/pickle_calls.h"

namespace alexnet::pytorch {
namespace {

// A state dict of a thousand tensors has 30,000 opcodes. The limits bound memory to a few hundred bytes for
// each.
constexpr std::size_t kMaxOpcodes = 4'000'000, kMaxStack = 1'000'000, kMaxMemo = 1'000'000;

class PickleReader {
 public:
  PickleReader(std::span<const std::byte> bytes, Objects& objects, const Persistent& persistent,
               const std::string& where)
      : rest_(bytes), objects_(objects), persistent_(persistent), where_(where) {}

  Value read() {
    for (std::size_t opcodes = 0; opcodes < kMaxOpcodes; ++opcodes) {
      const auto code = static_cast<unsigned char>(take(1)[0]);
      if (code == '.') return pop();
      if (!number(code) && !text(code) && !sequence(code) && !dictionary(code) && !memo(code) &&
          !object(code))
        refuse(code);
      if (stack_.size() > kMaxStack || memo_.size() > kMaxMemo) fail("holds too many objects at once");
    }
    fail(fmt::format("has more than {} opcodes", kMaxOpcodes));
  }

  std::span<const std::byte> rest() const { return rest_; }

 private:
  bool number(unsigned char code) {
    switch (code) {
      case 'N':
        return push({});
      case 0x88:  // NEWTRUE
        return push(true);
      case 0x89:  // NEWFALSE
        return push(false);
      case 'J':  // BININT
        return push(std::int64_t{static_cast<std::int32_t>(whole(4))});
      case 'K':  // BININT1
        return push(static_cast<std::int64_t>(whole(1)));
      case 'M':  // BININT2
        return push(static_cast<std::int64_t>(whole(2)));
      case 0x8a:  // LONG1
        return push(long_integer(whole(1)));
      case 'G':  // BINFLOAT, the one number that is big-endian
        return push(std::bit_cast<double>(__builtin_bswap64(whole(8))));
      default:
        return false;
    }
  }

  bool text(unsigned char code) {
    switch (code) {
      case 'U':   // SHORT_BINSTRING
      case 'C':   // SHORT_BINBYTES
      case 0x8c:  // SHORT_BINUNICODE
        return push(take(whole(1)));
      case 'T':  // BINSTRING
      case 'B':  // BINBYTES
      case 'X':  // BINUNICODE
        return push(take(whole(4)));
      case 0x8d:  // BINUNICODE8
      case 0x8e:  // BINBYTES8
        return push(take(whole(8)));
      default:
        return false;
    }
  }

  bool sequence(unsigned char code) {
    switch (code) {
      case ')':  // EMPTY_TUPLE
      case ']':  // EMPTY_LIST
        return push(objects_.add(Sequence{}));
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        return push(objects_.add(Sequence{pop_many(code - 0x84U)}));
      case 't':  // TUPLE
      case 'l':  // LIST
        return push(objects_.add(Sequence{pop_to_mark()}));
      case 'a':  // APPEND
        return append(pop_many(1));
      case 'e':  // APPENDS
        return append(pop_to_mark());
      default:
        return false;
    }
  }

  bool dictionary(unsigned char code) {
    switch (code) {
      case '}':  // EMPTY_DICT
        return push(objects_.add(Dict{}));
      case 'd': {  // DICT
        const std::vector<Value> items = pop_to_mark();
        push(objects_.add(Dict{}));
        return set_items(items);
      }
      case 's':  // SETITEM
        return set_items(pop_many(2));
      case 'u':  // SETITEMS
        return set_items(pop_to_mark());
      default:
        return false;
    }
  }

  bool memo(unsigned char code) {
    switch (code) {
      case 'q':  // BINPUT
        return remember(whole(1));
      case 'r':  // LONG_BINPUT
        return remember(whole(4));
      case 0x94:  // MEMOIZE
        return remember(memo_.size());
      case 'h':  // BINGET
        return push(remembered(whole(1)));
      case 'j':  // LONG_BINGET
        return push(remembered(whole(4)));
      case '(':  // MARK
        marks_.push_back(stack_.size());
        if (marks_.size() > kMaxStack) fail("holds too many objects at once");
        return true;
      case '0':  // POP
        pop();
        return true;
      case '1':  // POP_MARK
        pop_to_mark();
        return true;
      case '2':  // DUP
        return push(top());
      case 0x80:  // PROTO
        if (whole(1) > 5) fail("is of a newer protocol than 5");
        return true;
      case 0x95:  // FRAME: a hint for readers of streams
        whole(8);
        return true;
      default:
        return false;
    }
  }

  bool object(unsigned char code) {
    switch (code) {
      case 'c': {  // GLOBAL
        const std::string_view module = line();
        return name({module, line()});
      }
      case 0x93: {  // STACK_GLOBAL
        const Value attribute = pop(), module = pop();
        const auto* module_text = std::get_if<std::string_view>(&module);
        const auto* text = std::get_if<std::string_view>(&attribute);
        if (module_text == nullptr || text == nullptr) fail("names something by other objects than text");
        return name({*module_text, *text});
      }
      case 'R': {  // REDUCE
        const Value arguments = pop(), function = pop();
        return push(result_of_call(function, arguments, objects_, where_));
      }
      case 0x81: {  // NEWOBJ
        pop();      // the arguments, of which TorchScript has none
        return push(new_object(pop(), objects_, where_));
      }
      case 'b':  // BUILD
        return set_state(pop());
      case 'Q':  // BINPERSID
        return push(persistent_(pop()));
      default:
        return false;
    }
  }

  bool name(const Global& global) {
    require_known(global, where_);
    return push(objects_.add(Global{global}));
  }

  /// Attributes of an object are kept; those of a dictionary, such as the versions of a state dict, are not
  /// needed.
  bool set_state(const Value& state) {
    auto* target = as<Dict>(top());
    const auto* attributes = as<Dict>(state);
    if (target == nullptr || attributes == nullptr)
      fail("sets the state of something other than a dictionary");
    if (target->object)
      target->items.insert(target->items.end(), attributes->items.begin(), attributes->items.end());
    return true;
  }

  bool append(const std::vector<Value>& items) {
    auto* list = as<Sequence>(top());
    if (list == nullptr) fail("appends to something other than a list");
    list->items.insert(list->items.end(), items.begin(), items.end());
    return true;
  }

  bool set_items(const std::vector<Value>& items) {
    auto* dict = as<Dict>(top());
    if (dict == nullptr || items.size() % 2 != 0) fail("sets items of something other than a dictionary");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
    return true;
  }

  bool push(const Value& value) {
    stack_.push_back(value);
    return true;
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  const Value& top() const {
    if (stack_.size() <= floor()) fail("takes more objects than there are");
    return stack_.back();
  }
  Value pop() {
    const Value value = top();
    stack_.pop_back();
    return value;
  }
  std::vector<Value> pop_many(std::size_t count) {
    if (stack_.size() < floor() + count) fail("takes more objects than there are");
    std::vector<Value> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }
  std::vector<Value> pop_to_mark() {
    if (marks_.empty()) fail("lacks a mark");
    std::vector<Value> values = pop_many(stack_.size() - floor());
    marks_.pop_back();
    return values;
  }

  bool remember(std::size_t place) {
    memo_.insert_or_assign(place, top());
    return true;
  }
  const Value& remembered(std::size_t place) const {
    const auto found = memo_.find(place);
    if (found == memo_.end()) fail("refers to an object that is not there");
    return found->second;
  }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) fail("is truncated or damaged: it ends inside an object");
    const std::string_view taken(reinterpret_cast<const char*>(rest_.data()), count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint64_t whole(std::size_t bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(bytes).data(), bytes);  // little-endian, as this machine
    return value;
  }
  /// Little-endian in two's complement. Those of more than 64 bits, such as the magic number of legacy files,
  /// are 0.
  std::int64_t long_integer(std::uint64_t bytes) {
    const std::string_view digits = take(bytes);
    if (digits.empty() || digits.size() > sizeof(std::int64_t)) return 0;
    std::int64_t value = static_cast<signed char>(digits.back()) < 0 ? -1 : 0;
    std::memcpy(&value, digits.data(), digits.size());
    return value;
  }
  std::string_view line() {
    const std::string_view text(reinterpret_cast<const char*>(rest_.data()), rest_.size());
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) fail("is truncated or damaged: it ends inside a name");
    take(end + 1);
    return text.substr(0, end);
  }

  [[noreturn]] void refuse(unsigned char code) const {
    constexpr std::pair<unsigned char, std::string_view> kNames[] = {
        {'i', "INST"},  {'o', "OBJ"},        {'P', "PERSID"}, {0x82, "EXT1"},      {0x83, "EXT2"},
        {0x84, "EXT4"}, {0x92, "NEWOBJ_EX"}, {0x8b, "LONG4"}, {0x8f, "EMPTY_SET"}, {0x97, "NEXT_BUFFER"}};
    for (const auto& [known, name] : kNames)
      if (code == known) fail(fmt::format("contains the pickle opcode {}, which tensors do not need", name));
    fail(fmt::format("contains the byte {:02x} where a pickle opcode that tensors need is expected", code));
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(where_, problem, "save tensors alone: torch.save(model.state_dict(), FILE)");
  }

  std::span<const std::byte> rest_;
  Objects& objects_;
  const Persistent& persistent_;
  const std::string& where_;
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;  // sizes that the stack had at each
  std::unordered_map<std::uint64_t, Value> memo_;
};

}  // namespace

const Value* Dict::find(std::string_view key) const {
  for (auto item = items.rbegin(); item != items.rend(); ++item)
    if (const auto* text = std::get_if<std::string_view>(&item->first); text != nullptr && *text == key)
      return &item->second;
  return nullptr;
}

Value read_pickle(std::span<const std::byte>& rest, Objects& objects, const Persistent& persistent,
                  const std::string& where) {
  PickleReader reader(rest, objects, persistent, where);
  const Value value = reader.read();
  rest = reader.rest();
  return value;
}

Value read_pickle(std::span<const std::byte>& rest, Objects& objects, const std::string& where) {
  const Persistent none = [&](const Value&) -> Value {
    throw DataError(where, "refers to objects beside its pickle that cannot be there");
  };
  return read_pickle(rest, objects, none, where);
}

}  // namespace alexnet::pytorch
