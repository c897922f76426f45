// A training step allocates nothing. The operator new of this whole program counts, but for calls from inside
// oneDNN, whose primitives allocate small things of their own whenever they run.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "engine/compiled_network.h"
#include "engine/loss.h"

namespace {

std::atomic<std::int64_t> allocations{0};

bool inside_onednn(void* caller) {
  Dl_info info{};
  return dladdr(caller, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libdnnl") != nullptr;
}

void* allocate(std::size_t size, std::size_t alignment, void* caller) {
  if (!inside_onednn(caller)) ++allocations;
  // aligned_alloc wants a multiple of the alignment.
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size, alignof(std::max_align_t), __builtin_return_address(0));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, alignof(std::max_align_t), __builtin_return_address(0));
}
// GCC, where it inlines these and not the operators new above, takes memory for that of another allocator.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace alexnet {
namespace {

/// The article's layers, an LRN among them, small.
NetworkSpec small_network() {
  constexpr Padding kSame{Padding::Mode::kSame, 0};
  constexpr Activation kRelu{};
  return {"small",
          {3, 19, 17},
          {{"conv1", Conv{.filters = 20, .kernel = 5, .stride = 2, .padding = kSame}},
           {"relu1", kRelu},
           {"bn1", BatchNorm{}},
           {"pool1", Pool{}},
           {"drop1", Dropout{0.25F}},
           {"conv2", Conv{.filters = 16, .kernel = 3, .padding = kSame}},
           {"relu2", kRelu},
           {"lrn2", Lrn{}},
           {"flatten", Flatten{}},
           {"fc3", Dense{.units = 33}},
           {"relu3", kRelu},
           {"bn3", BatchNorm{}},
           {"drop3", Dropout{0.5F}},
           {"fc4", Dense{.units = 10}},
           {"prob", Softmax{}}}};
}

class Allocation : public testing::TestWithParam<Engine> {};

TEST_P(Allocation, StepsAfterTheFirstAllocateNothing) {
  CompileOptions options;
  options.batch = 4;
  options.training = true;
  const NetworkSpec spec = small_network();
  const auto network = compile(GetParam(), spec, options);
  network->load(initial_weights(spec, 1));
  std::ranges::fill(network->input(), 0.5F);
  const int labels[] = {0, 3, 9, 1};
  const auto step = [&](std::uint32_t number) {
    network->forward({Pass::kTraining, 1, number});
    softmax_cross_entropy(network->logits(), labels, {}, network->logits_gradient());
    network->backward();
    network->parameters_changed();
  };
  step(0);
  const std::int64_t before = allocations;
  for (std::uint32_t number = 1; number < 4; ++number) step(number);
  EXPECT_EQ(allocations - before, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, Allocation, testing::Values(Engine::kReference, Engine::kCpu),
                         [](const auto& parameter) { return std::string(to_string(parameter.param)); });

}  // namespace
}  // namespace alexnet
