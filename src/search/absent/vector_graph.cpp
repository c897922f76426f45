// Stands in for the search graph in a program that was built without hnswlib: there can be none.
#include "search/vector_graph.h"

#include "alexnet/error.h"

namespace alexnet {
namespace {

[[noreturn]] void refuse() {
  throw UsageError("search", "is not part of this program", "build it with -D ALEXNET_WITH_SEARCH=ON");
}

}  // namespace

struct VectorGraph::Graph {};

VectorGraph::VectorGraph(std::size_t, std::size_t) { refuse(); }
VectorGraph::VectorGraph(const std::filesystem::path&, const std::string&, std::size_t) { refuse(); }
VectorGraph::~VectorGraph() = default;
VectorGraph::VectorGraph(VectorGraph&&) noexcept = default;
VectorGraph& VectorGraph::operator=(VectorGraph&&) noexcept = default;

std::size_t VectorGraph::size() const { return 0; }
void VectorGraph::add(std::span<const float>, std::span<const std::uint64_t>) {}
bool VectorGraph::has(std::uint64_t) const { return false; }
void VectorGraph::remove(std::uint64_t) {}
std::vector<float> VectorGraph::vector(std::uint64_t) const { return {}; }
std::vector<std::pair<std::uint64_t, double>> VectorGraph::nearest(std::span<const float>, std::size_t) {
  return {};
}
std::string VectorGraph::save(const std::filesystem::path&) const { return {}; }

}  // namespace alexnet
