// A network as JSON text and back. The fields of each kind of layer are listed once, for both directions.
#include <array>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/network.h"
#include "model/json_object.h"

namespace alexnet {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMaxLayers = 10'000;

/// Names of the alternatives of LayerKind, in their order.
constexpr std::array<const char*, std::variant_size_v<LayerKind>> kKinds = {
    "conv", "activation", "batch_norm", "lrn", "pool", "dropout", "flatten", "dense", "softmax"};

template <class Enum>
using Choice = std::pair<Enum, const char*>;

class Writer {
 public:
  explicit Writer(ordered_json& out) : out_(out) {}
  void operator()(const char* key, int value) { out_[key] = value; }
  void operator()(const char* key, float value) { out_[key] = json_number(value); }
  void operator()(const char* key, const std::string& value) { out_[key] = value; }
  void operator()(const char* key, bool value) { out_[key] = value; }
  void operator()(const char* key, const Size2& size) {
    if (size.is_square())
      out_[key] = size.height;
    else
      out_[key] = {size.height, size.width};
  }
  void operator()(const char* key, const Padding& padding) {
    const Sides& pad = padding.pad;
    if (padding.mode != Padding::Mode::kExplicit)
      out_[key] = padding.mode == Padding::Mode::kSame ? "same" : "valid";
    else if (pad.are_equal())
      out_[key] = pad.top;
    else
      out_[key] = {pad.top, pad.left, pad.bottom, pad.right};
  }
  /// A field that is left out where it has its default, as in files of earlier versions.
  template <class Value>
  void unless(const char* key, const Value& usual, const Value& value) {
    if (value != usual) (*this)(key, value);
  }
  template <class Value>
  void needed(const char* key, const Value& value) {
    (*this)(key, value);
  }
  template <class Value>
  void former(const char* /*key*/, const Value& /*value*/) {}
  template <class Enum, std::size_t n>
  void choice(const char* key, Enum value, const Choice<Enum> (&choices)[n]) {
    for (const auto& [one, text] : choices)
      if (one == value) out_[key] = text;
  }
  /// The first of the choices is left out.
  template <class Enum, std::size_t n>
  void choice_unless_first(const char* key, Enum value, const Choice<Enum> (&choices)[n]) {
    if (value != choices[0].first) choice(key, value, choices);
  }
  template <class Fields>
  void nested(const char* key, const Fields& fields) {
    Writer inner(out_[key] = ordered_json::object());
    fields(inner);
  }

 private:
  ordered_json& out_;
};

class Reader {
 public:
  explicit Reader(JsonObject& in) : in_(in) {}
  template <class Value>
  void operator()(const char* key, Value& value) {
    in_.read(key, value);
  }
  void operator()(const char* key, Size2& size) {
    std::array<int, 2> sides = {size.height, size.width};
    in_.read(key, sides);
    size = {sides[0], sides[1]};
  }
  void operator()(const char* key, Padding& padding) {
    const json* found = in_.find(key);
    if (found == nullptr) return;
    if (*found == "same") {
      padding = {Padding::Mode::kSame, 0};
    } else if (*found == "valid") {
      padding = {Padding::Mode::kValid, 0};
    } else {
      if (!found->is_number_integer() && !found->is_array())
        in_.fail(key, "is not 'same', 'valid', a number of pixels, or four: [top, left, bottom, right]");
      std::array<int, 4> sides{};
      in_.read(key, sides);
      padding = {Padding::Mode::kExplicit, {sides[0], sides[1], sides[2], sides[3]}};
    }
  }
  /// The name of a field in files of earlier versions.
  template <class Value>
  void former(const char* key, Value& value) {
    (*this)(key, value);
  }
  template <class Value>
  void unless(const char* key, const Value& /*usual*/, Value& value) {
    (*this)(key, value);
  }
  /// A field without which the layer would be another one.
  template <class Value>
  void needed(const char* key, Value& value) {
    in_.need(key);
    (*this)(key, value);
  }
  template <class Enum, std::size_t n>
  void choice(const char* key, Enum& value, const Choice<Enum> (&choices)[n]) {
    const json* found = in_.find(key);
    if (found == nullptr) return;
    std::string names;
    for (const auto& [one, text] : choices) {
      if (*found == text) {
        value = one;
        return;
      }
      names += std::string(names.empty() ? "" : ", ") + text;
    }
    in_.fail(key, "is not one of " + names);
  }
  template <class Enum, std::size_t n>
  void choice_unless_first(const char* key, Enum& value, const Choice<Enum> (&choices)[n]) {
    choice(key, value, choices);
  }
  template <class Fields>
  void nested(const char* key, const Fields& fields) {
    if (!in_.has(key)) return;
    JsonObject object = in_.object(key);
    Reader inner(object);
    fields(inner);
    object.finish();
  }

 private:
  JsonObject& in_;
};

// Io is Writer or Reader, each struct const for a Writer.

template <class Io, class InitialLike>
void initial_fields(Io& io, InitialLike& initial) {
  using Kind = Initial::Kind;
  io.nested("initial", [&](Io& inner) {
    inner.choice("kind", initial.kind,
                 {{Kind::kGlorotUniform, "glorot_uniform"},
                  {Kind::kGaussian, "gaussian"},
                  {Kind::kFanInUniform, "fan_in_uniform"}});
    inner("stddev", initial.stddev);
    inner.former("deviation", initial.stddev);
    inner("bias", initial.bias);
  });
}

/// Visitor: the fields of one layer. Those that are not needed have defaults, which earlier versions, or
/// other programs, leave out.
template <class Io>
struct Fields {
  Io& io;

  template <class L>
  void operator()(L& layer) const {
    using Kind = std::remove_const_t<L>;
    if constexpr (std::is_same_v<Kind, Conv>) {
      io.needed("filters", layer.filters);
      io.needed("kernel", layer.kernel);
      io.needed("stride", layer.stride);
      io("padding", layer.padding);
      io("groups", layer.groups);
      io("l2", layer.l2);
      initial_fields(io, layer.initial);
    } else if constexpr (std::is_same_v<Kind, Activation>) {
      using Function = Activation::Kind;
      io.choice("function", layer.kind,
                {{Function::kRelu, "relu"}, {Function::kTanh, "tanh"}, {Function::kSigmoid, "sigmoid"}});
    } else if constexpr (std::is_same_v<Kind, BatchNorm>) {
      io("epsilon", layer.epsilon);
      io("momentum", layer.momentum);
    } else if constexpr (std::is_same_v<Kind, Lrn>) {
      using Convention = Lrn::Convention;
      io("size", layer.size);
      io("k", layer.k);
      io("alpha", layer.alpha);
      io("beta", layer.beta);
      io.choice("convention", layer.convention, {{Convention::kSum, "sum"}, {Convention::kMean, "mean"}});
      io.choice_unless_first("region", layer.region,
                             {{Lrn::Region::kAcrossChannels, "across_channels"},
                              {Lrn::Region::kWithinChannel, "within_channel"}});
    } else if constexpr (std::is_same_v<Kind, Pool>) {
      io.choice("function", layer.kind, {{Pool::Kind::kMax, "max"}, {Pool::Kind::kAverage, "average"}});
      io.needed("kernel", layer.kernel);
      io.needed("stride", layer.stride);
      io("padding", layer.padding);
      io.choice("rounding", layer.rounding,
                {{Pool::Rounding::kFloor, "floor"}, {Pool::Rounding::kCeil, "ceil"}});
      io.unless("counts_padding", false, layer.counts_padding);
    } else if constexpr (std::is_same_v<Kind, Dropout>) {
      io("rate", layer.rate);
    } else if constexpr (std::is_same_v<Kind, Dense>) {
      io.needed("units", layer.units);
      io("l2", layer.l2);
      initial_fields(io, layer.initial);
    } else if constexpr (std::is_same_v<Kind, Softmax>) {
      io.unless("log", false, layer.log);
    }
  }
};

template <class Io, class ExtentLike>
void extent_fields(Io& io, ExtentLike& extent) {
  io.needed("channels", extent.channels);
  io.needed("height", extent.height);
  io.needed("width", extent.width);
}

template <std::size_t... i>
LayerKind kind_at(std::size_t index, std::index_sequence<i...>) {
  LayerKind kind;
  ((index == i ? void(kind.emplace<i>()) : void()), ...);
  return kind;
}

LayerKind read_kind(JsonObject& object) {
  const json& name = object.need("kind");
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (name == kKinds[i]) return kind_at(i, std::make_index_sequence<kKinds.size()>());
  object.fail("kind", "is not a known kind of layer");
}

Layer read_layer(const json& value, const std::string& where, const std::string& at) {
  JsonObject object(value, where, at);
  Layer layer;
  object.need("name");
  object.read("name", layer.name);
  layer.kind = read_kind(object);
  Reader reader(object);
  std::visit(Fields<Reader>{reader}, layer.kind);
  object.finish();
  return layer;
}

}  // namespace

std::string spec_to_json(const NetworkSpec& spec) {
  ordered_json out;
  Writer writer(out);
  writer("name", spec.name);
  writer.nested("input", [&](Writer& inner) { extent_fields(inner, spec.input); });
  ordered_json& layers = out["layers"] = ordered_json::array();
  for (const Layer& layer : spec.layers) {
    ordered_json one;
    one["name"] = layer.name;
    one["kind"] = kKinds[layer.kind.index()];
    Writer inner(one);
    std::visit(Fields<Writer>{inner}, layer.kind);
    layers.push_back(std::move(one));
  }
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

NetworkSpec spec_from_json(const std::string& text, const std::string& where) {
  const json root = parse_json(text, where);
  JsonObject object(root, where, "");
  NetworkSpec spec;
  object.need("name");
  object.read("name", spec.name);
  JsonObject input = object.object("input");
  Reader reader(input);
  extent_fields(reader, spec.input);
  input.finish();
  const json& layers = object.need("layers");
  if (!layers.is_array() || layers.empty() || layers.size() > kMaxLayers)
    object.fail("layers", "is not a list of 1 to " + std::to_string(kMaxLayers) + " layers");
  for (std::size_t i = 0; i < layers.size(); ++i)
    spec.layers.push_back(read_layer(layers[i], where, "layers[" + std::to_string(i) + "]"));
  object.finish();
  try {
    output_shapes(spec);
  } catch (const UsageError& error) {
    throw DataError(where, "its network is not valid: " + error.where() + ": " + error.problem());
  }
  return spec;
}

}  // namespace alexnet
