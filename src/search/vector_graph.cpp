#include "search/vector_graph.h"

#include <fmt/format.h>
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>

#include "alexnet/bytes.h"
#include "alexnet/error.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

using Hnsw = hnswlib::HierarchicalNSW<float>;

// Malkov & Yashunin 2018, section 4.1: links per vector, and how wide is searched for them while the graph
// grows.
constexpr std::size_t kLinks = 16;
constexpr std::size_t kBuildingWidth = 200;
/// How wide is searched for neighbours: the minimum, and for each one wanted.
constexpr std::size_t kSearchWidth = 200, kSearchWidthEach = 4;

/// Bytes that Hnsw::saveIndex() writes, which does not say when it could not.
std::size_t saved_bytes(const Hnsw& graph) {
  constexpr std::size_t kHead = 11 * sizeof(std::size_t) + 2 * sizeof(int);
  std::size_t bytes = kHead + graph.cur_element_count * graph.size_data_per_element_;
  for (std::size_t i = 0; i < graph.cur_element_count; ++i)
    bytes += sizeof(unsigned) +
             graph.size_links_per_element_ * static_cast<std::size_t>(std::max(graph.element_levels_[i], 0));
  return bytes;
}

std::string digest_of(const std::filesystem::path& file) {
  Digest digest;
  digest.add(Bytes::map(file).data);
  return fmt::format("{:016x}", digest.value());
}

}  // namespace

struct VectorGraph::Graph {
  hnswlib::L2Space space;
  Hnsw hnsw;

  Graph(std::size_t units, std::size_t capacity)
      : space(units), hnsw(&space, std::max<std::size_t>(capacity, 1), kLinks, kBuildingWidth) {}
  Graph(std::size_t units, const std::filesystem::path& file) : space(units), hnsw(&space, file.string()) {
    // This constructor of hnswlib 0.6 leaves the number as it finds it in memory.
    hnsw.num_deleted_ = 0;
    for (std::size_t i = 0; i < hnsw.cur_element_count; ++i)
      hnsw.num_deleted_ += hnsw.isMarkedDeleted(static_cast<hnswlib::tableint>(i)) ? 1 : 0;
  }

  std::size_t units() const {
    return (hnsw.size_data_per_element_ - hnsw.size_links_level0_ - sizeof(hnswlib::labeltype)) /
           sizeof(float);
  }
};

VectorGraph::VectorGraph(std::size_t units, std::size_t capacity)
    : units_(units), graph_(std::make_unique<Graph>(units, capacity)) {}

VectorGraph::VectorGraph(const std::filesystem::path& file, const std::string& digest, std::size_t units)
    : units_(units) {
  if (digest_of(file) != digest) throw DataError(file.string(), "is damaged: it does not match its digest");
  try {
    graph_ = std::make_unique<Graph>(units, file);
  } catch (const std::exception& error) {
    throw DataError(file.string(), std::string("cannot be read (") + error.what() + ")");
  }
  if (graph_->units() != units) throw DataError(file.string(), "holds vectors of another length");
}

VectorGraph::~VectorGraph() = default;
VectorGraph::VectorGraph(VectorGraph&&) noexcept = default;
VectorGraph& VectorGraph::operator=(VectorGraph&&) noexcept = default;

std::size_t VectorGraph::size() const { return graph_->hnsw.cur_element_count; }

void VectorGraph::add(std::span<const float> vectors, std::span<const std::uint64_t> numbers) {
  Hnsw& hnsw = graph_->hnsw;
  if (const std::size_t needed = size() + numbers.size(); needed > hnsw.max_elements_)
    hnsw.resizeIndex(needed);
  std::mutex guard;
  std::exception_ptr failure;
  parallel_for(static_cast<std::int64_t>(numbers.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) try {
        hnsw.addPoint(vectors.data() + i * units_, numbers[i]);
      } catch (...) {
        const std::lock_guard lock(guard);
        failure = std::current_exception();
      }
  });
  if (failure) std::rethrow_exception(failure);
}

bool VectorGraph::has(std::uint64_t number) const {
  const Hnsw& hnsw = graph_->hnsw;
  const auto found = hnsw.label_lookup_.find(number);
  return found != hnsw.label_lookup_.end() && !hnsw.isMarkedDeleted(found->second);
}

void VectorGraph::remove(std::uint64_t number) { graph_->hnsw.markDelete(number); }

std::vector<float> VectorGraph::vector(std::uint64_t number) const {
  return graph_->hnsw.getDataByLabel<float>(number);
}

std::vector<std::pair<std::uint64_t, double>> VectorGraph::nearest(std::span<const float> query,
                                                                   std::size_t top) {
  std::vector<std::pair<std::uint64_t, double>> result;
  if (size() == 0) return result;
  graph_->hnsw.setEf(std::max(kSearchWidth, kSearchWidthEach * top));
  auto found = graph_->hnsw.searchKnn(query.data(), top);  // the farthest on top
  for (; !found.empty(); found.pop()) result.emplace_back(found.top().second, std::sqrt(found.top().first));
  std::ranges::reverse(result);
  return result;
}

std::string VectorGraph::save(const std::filesystem::path& file) const {
  try {
    graph_->hnsw.saveIndex(file.string());
    std::error_code error;
    if (std::filesystem::file_size(file, error) != saved_bytes(graph_->hnsw) || error)
      throw DataError(file.string(), "cannot be written",
                      "free space on the disk, or choose another folder with --index");
    flush_file(file);
    return digest_of(file);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    throw;
  }
}

}  // namespace alexnet
