#include "engine/compiled_network.h"

#include "alexnet/error.h"

namespace alexnet {

Engine engine_from_string(std::string_view name) {
  if (name == "reference") return Engine::kReference;
  if (name == "cpu") return Engine::kCpu;
  throw UsageError("engine", "'" + std::string(name) + "' is not one", "use cpu or reference");
}

std::string_view to_string(Engine engine) { return engine == Engine::kCpu ? "cpu" : "reference"; }

CompiledNetwork::CompiledNetwork(NetworkSpec spec, CompileOptions options)
    : spec_(std::move(spec)), options_(std::move(options)) {
  if (options_.batch < 1) throw UsageError("batch", "must be at least 1");
}

NamedTensors CompiledNetwork::save() {
  NamedTensors tensors;
  const auto copy = [&](const std::vector<SlabEntry>& layout, std::span<const float> slab) {
    for (const SlabEntry& entry : layout) {
      Tensor tensor(entry.info.shape);
      to_canonical(entry, slab, tensor.values);
      tensors.emplace(entry.info.name, TensorView::own(std::move(tensor)));
    }
  };
  copy(parameter_layout_, parameters());
  copy(statistics_layout_, statistics());
  return tensors;
}

}  // namespace alexnet
