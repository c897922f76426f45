#include "engine/cpu/operations/relayout.h"

namespace alexnet::cpu {
namespace {

class FlattenOperation final : public Operation {
 public:
  using Operation::Operation;
  MemoryNeeds needs() const override { return {}; }
  void forward(const PassOptions& /*options*/) override {
    flatten(input(), output(), memory_.input, memory_.output);
  }
  void backward() override {
    if (memory_.input_gradient != nullptr)
      unflatten(input(), output(), memory_.output_gradient, memory_.input_gradient);
  }
};

class EntryOperation final : public Operation {
 public:
  using Operation::Operation;
  MemoryNeeds needs() const override { return {}; }
  void forward(const PassOptions& /*options*/) override {
    to_blocked(output(), memory_.input, memory_.output);
  }
  void backward() override {
    if (memory_.input_gradient != nullptr)
      to_plain(output(), memory_.output_gradient, memory_.input_gradient);
  }
};

}  // namespace

std::unique_ptr<Operation> make_flatten(std::string name, Layout input, Layout output) {
  return std::make_unique<FlattenOperation>(std::move(name), input, output);
}

std::unique_ptr<Operation> make_entry(std::string name, Layout plain, Layout blocked) {
  return std::make_unique<EntryOperation>(std::move(name), plain, blocked);
}

}  // namespace alexnet::cpu
