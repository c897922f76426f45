#include "formats/pytorch/pytorch_format.h"

#include <utility>

#include "alexnet/error.h"
#include "formats/pytorch/container.h"
#include "formats/pytorch/state_dict.h"
#include "formats/pytorch/strided.h"

namespace alexnet {
namespace {

using namespace pytorch;

struct Container {
  bool (*is)(std::span<const std::byte> data);
  Content (*read)(const Bytes& file);
};
constexpr Container kContainers[] = {{is_zip_container, read_zip_container},
                                     {is_legacy_container, read_legacy_container},
                                     {is_tar_container, read_tar_container}};

const Container* container_of(std::span<const std::byte> data) {
  for (const Container& container : kContainers)
    if (container.is(data)) return &container;
  return nullptr;
}

/// Any other pickle: one of Python's own, of which nothing is known.
bool is_other_pickle(std::span<const std::byte> data, std::string_view ending) {
  return (ending == ".pt" || ending == ".pth" || ending == ".bin" || ending == ".pkl") && !data.empty() &&
         data[0] == std::byte{0x80};
}

class PytorchImporter final : public Importer {
 public:
  std::string_view name() const override { return "PyTorch"; }

  bool recognises(std::span<const std::byte> data, std::string_view ending) const override {
    return container_of(data) != nullptr || is_other_pickle(data, ending);
  }

  StoredWeights read(const Bytes& file) const override {
    const Container* container = container_of(file.data);
    if (container == nullptr)
      throw DataError(file.name, "is a pickle that torch.save did not write",
                      "save tensors with torch.save(model.state_dict(), FILE)");
    const Content content = container->read(file);
    StateDict state = find_state_dict(content.root, file.name);
    StoredWeights weights;
    StridedReader reader(file, content.storages);
    for (auto& [name, found] : state.tensors) {
      weights.weights.emplace(name, reader.read(*found.tensor, found.path));
      weights.origin.sources.emplace(name, TensorSource{std::move(found.path), found.tensor->shape});
    }
    weights.origin.ignored = std::move(state.ignored);
    weights.origin.producer = content.producer;
    weights.origin.version = content.version;
    return weights;
  }
};

}  // namespace

const Importer& pytorch_importer() {
  static const PytorchImporter importer;
  return importer;
}

}  // namespace alexnet
