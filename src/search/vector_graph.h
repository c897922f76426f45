// Vectors by number in a graph that finds near ones; the one place that knows hnswlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace alexnet {

class VectorGraph {
 public:
  /// An empty one for vectors of `units` floats, with room for `capacity`.
  VectorGraph(std::size_t units, std::size_t capacity);
  /// One that was saved. DataError when the file is missing, of vectors of another length, or another than
  /// that whose digest save() gave: hnswlib trusts all numbers in it.
  VectorGraph(const std::filesystem::path& file, const std::string& digest, std::size_t units);
  ~VectorGraph();
  VectorGraph(VectorGraph&&) noexcept;
  VectorGraph& operator=(VectorGraph&&) noexcept;

  /// Vectors inside, removed ones included.
  std::size_t size() const;

  /// Adds rows of `vectors` under the numbers given, which must be new, on all threads.
  void add(std::span<const float> vectors, std::span<const std::uint64_t> numbers);
  /// Whether a number was added and not removed.
  bool has(std::uint64_t number) const;
  void remove(std::uint64_t number);
  /// Of a number that was added and not removed.
  std::vector<float> vector(std::uint64_t number) const;

  /// Number and Euclidean distance of at most `top` near vectors, nearest first.
  std::vector<std::pair<std::uint64_t, double>> nearest(std::span<const float> query, std::size_t top);

  /// Writes a file that is not there yet, and waits until it is on the disk. Returns its digest. DataError
  /// when it cannot be written whole; it is then removed.
  std::string save(const std::filesystem::path& file) const;

 private:
  struct Graph;
  std::size_t units_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace alexnet
