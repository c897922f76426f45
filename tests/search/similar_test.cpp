#include "alexnet/similar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <set>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/random.h"
#include "search/vector_graph.h"
#include "tests/explain/golden_images.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// --- The graph --------------------------------------------------------------------------------------------

constexpr std::size_t kUnits = 24, kVectors = 1500;

/// Vectors in clusters, as images of classes are.
std::vector<float> clustered_vectors() {
  RandomStream random(3, Purpose::kSample, 0, 0);
  std::vector<float> vectors;
  for (std::size_t i = 0; i < kVectors; ++i)
    for (std::size_t unit = 0; unit < kUnits; ++unit)
      vectors.push_back(random.uniform() + (unit == i % 10 ? 3.0F : 0.0F));
  return vectors;
}

std::vector<std::uint64_t> numbers(std::size_t count) {
  std::vector<std::uint64_t> result(count);
  std::iota(result.begin(), result.end(), 1000);
  return result;
}

/// By comparing with every vector.
std::vector<std::pair<double, std::uint64_t>> exact(std::span<const float> vectors,
                                                    std::span<const float> query) {
  std::vector<std::pair<double, std::uint64_t>> all;
  for (std::size_t i = 0; i < kVectors; ++i) {
    double sum = 0;
    for (std::size_t unit = 0; unit < kUnits; ++unit)
      sum += std::pow(double{vectors[i * kUnits + unit]} - query[unit], 2);
    all.emplace_back(std::sqrt(sum), 1000 + i);
  }
  std::ranges::sort(all);
  return all;
}

class Graph : public FolderTest {
 protected:
  Graph() : vectors_(clustered_vectors()), graph_(kUnits, 100) { graph_.add(vectors_, numbers(kVectors)); }
  std::span<const float> row(std::size_t i) const { return std::span(vectors_).subspan(i * kUnits, kUnits); }

  std::vector<float> vectors_;
  VectorGraph graph_;
};

TEST_F(Graph, FindsWhatComparingWithEveryVectorFinds) {
  constexpr std::size_t kTop = 10, kQueries = 100;
  std::size_t hits = 0;
  for (std::size_t query = 0; query < kQueries; ++query) {
    const auto expected = exact(vectors_, row(query * 7));
    const auto found = graph_.nearest(row(query * 7), kTop);
    ASSERT_EQ(found.size(), kTop);
    EXPECT_EQ(found[0].first, 1000 + query * 7);
    EXPECT_TRUE(std::ranges::is_sorted(found, {}, [](const auto& one) { return one.second; }));
    for (const auto& near : found) {
      const auto match = std::find_if(expected.begin(), expected.begin() + kTop,
                                      [&](const auto& one) { return one.second == near.first; });
      if (match == expected.begin() + kTop) continue;
      ++hits;
      EXPECT_NEAR(near.second, match->first, 1e-5);
    }
  }
  EXPECT_GE(static_cast<double>(hits), 0.99 * kTop * kQueries);
}

TEST_F(Graph, IsTheSameAfterSaving) {
  graph_.remove(1000);
  const std::string digest = graph_.save(folder_ / "graph");
  VectorGraph again(folder_ / "graph", digest, kUnits);
  EXPECT_EQ(again.size(), kVectors);
  for (const std::size_t query : {0, 3, 500})
    EXPECT_EQ(again.nearest(row(query), 5), graph_.nearest(row(query), 5));
  EXPECT_NE(again.nearest(row(0), 1).at(0).first, 1000U);
  EXPECT_TRUE(std::ranges::equal(again.vector(1500), row(500)));
  EXPECT_TRUE(again.has(1001));
  EXPECT_FALSE(again.has(1000));
  EXPECT_FALSE(again.has(7));
  again.add(row(0), std::vector<std::uint64_t>{7});
  EXPECT_EQ(again.nearest(row(0), 1).at(0).first, 7U);
}

TEST_F(Graph, FilesThatAreNotWholeAreRefused) {
  const fs::path file = folder_ / "graph";
  const std::string digest = graph_.save(file);
  EXPECT_THROW(VectorGraph(file, digest, kUnits + 1), DataError);
  EXPECT_THROW(VectorGraph(folder_ / "nothing", digest, kUnits), DataError);
  fs::resize_file(file, fs::file_size(file) - 5);
  EXPECT_THROW(VectorGraph(file, digest, kUnits), DataError);
  EXPECT_THROW(graph_.save(folder_ / "no folder" / "graph"), std::exception);
}

TEST_F(Graph, FilesWithAFlippedBitAreRefused) {
  const fs::path file = folder_ / "graph";
  const std::string digest = graph_.save(file);
  const std::string whole = read_file(file);
  for (std::size_t at = 0; at < whole.size(); at += at < 200 ? 1 : 9973) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x40);
    write_file(file, broken);
    EXPECT_THROW(VectorGraph(file, digest, kUnits), DataError) << at;
  }
}

// --- The index --------------------------------------------------------------------------------------------

class Index : public FolderTest {
 protected:
  Index() {
    for (const fs::path& file : golden_images()) {
      fs::create_directories(folder_ / "images");
      fs::copy(file, folder_ / "images" / file.filename());
    }
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> list;
    for (const auto& entry : fs::directory_iterator(folder_ / "images")) list.push_back(entry.path());
    std::ranges::sort(list);
    return list;
  }
  SimilarityIndex open() const { return {golden_model(), folder_ / "index"}; }

  /// An index of all files, and what became of it.
  SimilarityIndex::Update update() const {
    SimilarityIndex index = open();
    return index.update(files());
  }
  fs::path list() const { return folder_ / "index" / "index.txt"; }
  /// Changes the list as if it had been written that way.
  void rewrite_list(std::string text) const {
    text.erase(text.rfind("\nend ") + 1);
    Digest digest;
    digest.add(text);
    write_file(list(), text + fmt::format("end {:016x}\n", digest.value()));
  }
  /// Files of graphs in the index's folder.
  std::vector<fs::path> graphs() const {
    std::vector<fs::path> list;
    for (const auto& entry : fs::directory_iterator(folder_ / "index"))
      if (entry.path().extension() == ".hnsw") list.push_back(entry.path());
    return list;
  }
};

TEST_F(Index, OnlyWhatChangedIsComputed) {
  EXPECT_EQ(update().added, 5);
  const SimilarityIndex::Update nothing = update();
  EXPECT_EQ(nothing.added, 0);
  EXPECT_EQ(nothing.removed, 0);
  fs::copy(golden("image0.png"), folder_ / "images" / "new one.png");
  EXPECT_EQ(update().added, 1);
  fs::last_write_time(folder_ / "images" / "image1.png", fs::file_time_type::clock::now());
  const SimilarityIndex::Update changed = update();
  EXPECT_EQ(changed.added, 1);
  EXPECT_EQ(changed.removed, 1);
  fs::remove(folder_ / "images" / "image2.png");
  EXPECT_EQ(update().removed, 1);
  EXPECT_EQ(open().size(), 5U);
  // What is left behind on disk: the list, the lock and one graph.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "index"), fs::directory_iterator()), 3);
}

TEST_F(Index, TheNearestIsTheCopy) {
  update();
  fs::copy(golden("image3.png"), folder_ / "query.png");
  SimilarityIndex index = open();
  const std::vector<Neighbour> found = index.nearest(folder_ / "query.png", 3);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].file, folder_ / "images" / "image3.png");
  EXPECT_NEAR(found[0].distance, 0, 1e-6);
  EXPECT_GT(found[1].distance, 0.1);
  EXPECT_LE(found[1].distance, found[2].distance);
  // An image of the folder itself is not its own neighbour.
  for (const Neighbour& one : index.nearest(folder_ / "images" / "image3.png", 9))
    EXPECT_NE(one.file.filename(), "image3.png");
  EXPECT_EQ(index.nearest(folder_ / "images" / "image3.png", 9).size(), 4U);
}

TEST_F(Index, ManyChangesLeaveNoTrace) {
  for (int round = 0; round < 12; ++round) {
    for (const fs::path& file : files())
      fs::last_write_time(file, fs::file_time_type::clock::now() + std::chrono::seconds(round));
    EXPECT_EQ(update().added, 5);
  }
  SimilarityIndex index = open();
  EXPECT_EQ(index.nearest(golden("image0.png"), 5).size(), 5U);
  EXPECT_EQ(index.nearest(golden("image0.png"), 5)[0].file, folder_ / "images" / "image0.png");
}

TEST_F(Index, ReportsImagesThatCannotBeRead) {
  std::ofstream(folder_ / "images" / "bad.jpg") << "this is text";
  const SimilarityIndex::Update result = update();
  EXPECT_EQ(result.added, 5);
  ASSERT_EQ(result.unreadable.size(), 1U);
  EXPECT_EQ(result.unreadable[0].first, folder_ / "images" / "bad.jpg");
  EXPECT_EQ(update().unreadable.size(), 1U);
  const std::vector<fs::path> gone = {folder_ / "images" / "gone.png"};
  EXPECT_EQ(SimilarityIndex(golden_model(), folder_ / "other").update(gone).unreadable.size(), 1U);
  EXPECT_THROW(open().nearest(folder_ / "images" / "bad.jpg", 1), DataError);
}

TEST_F(Index, OfAnotherModelOrBrokenItIsMadeAnew) {
  update();
  Model other = golden_model();
  other.preprocessing.mean[0] += 0.1F;
  EXPECT_EQ(SimilarityIndex(other, folder_ / "index").update(files()).added, 5);
  EXPECT_EQ(SimilarityIndex(other, folder_ / "index", {.layer = "pool"}).update(files()).added, 5);
  EXPECT_EQ(update().added, 5);
  EXPECT_EQ(graphs().size(), 1U);  // those of the others are gone

  std::string said;
  set_log_sink([&](LogLevel, std::string_view text) { said += text; });
  std::ofstream(folder_ / "index" / "index.txt") << "something other than whole numbers";
  EXPECT_EQ(update().added, 5);
  EXPECT_THAT(said, HasSubstr("index.txt"));
  for (const fs::path& graph : graphs()) fs::resize_file(graph, 100);
  said.clear();
  EXPECT_EQ(update().added, 5);
  EXPECT_THAT(said, HasSubstr(".hnsw"));
  set_log_sink({});
  EXPECT_EQ(update().added, 0);
}

TEST_F(Index, ThatNamesVectorsItHasNotIsMadeAnew) {
  set_log_sink([](LogLevel, std::string_view) {});
  for (const char* number : {"1", "2", "9"}) {  // removed, another file's, never given
    fs::remove_all(folder_ / "index");
    EXPECT_EQ(update().added, 5);
    fs::last_write_time(folder_ / "images" / "image1.png", fs::file_time_type::clock::now());
    EXPECT_EQ(update().added, 1);  // as number 5, in place of number 1
    std::string text = read_file(list());
    const std::size_t row = text.find("\n5 ");
    ASSERT_NE(row, std::string::npos);
    rewrite_list(text.replace(row + 1, 1, number));
    EXPECT_EQ(update().added, 5) << number;
  }
  set_log_sink({});
}

TEST_F(Index, ThatIsCutShortIsMadeAnew) {
  std::string said;
  set_log_sink([&](LogLevel, std::string_view text) { said += text; });
  update();
  const std::string whole = read_file(list());
  for (std::size_t end = whole.find('\n') + 1; end != 0; end = whole.find('\n', end) + 1) {
    if (end == whole.size()) break;
    said.clear();
    write_file(list(), whole.substr(0, end));
    EXPECT_EQ(update().added, 5) << end;
    EXPECT_THAT(said, HasSubstr("built again"));
    EXPECT_EQ(open().size(), 5U);
  }
  set_log_sink({});
}

TEST_F(Index, LeavesNoGraphsOfKilledProcessesBehind) {
  fs::create_directories(folder_ / "index");
  write_file(folder_ / "index" / "vectors-5.hnsw", "of a process that was killed");
  write_file(folder_ / "index" / "another.hnsw", "of somebody else");
  EXPECT_EQ(update().added, 5);
  EXPECT_EQ(graphs().size(), 2U);
  EXPECT_TRUE(fs::exists(folder_ / "index" / "another.hnsw"));
}

TEST_F(Index, RemovesNoFileOutsideItsFolder) {
  set_log_sink([](LogLevel, std::string_view) {});
  for (const char* graph : {"../kept.hnsw", "..", "list.txt"}) {
    fs::remove_all(folder_ / "index");
    EXPECT_EQ(update().added, 5);
    std::string text = read_file(list());
    const std::size_t start = text.find("vectors-"), end = text.find(' ', start);
    const std::string own = text.substr(start, end - start);
    const fs::path named = folder_ / "index" / graph;
    if (!fs::exists(named)) fs::copy_file(folder_ / "index" / own, named);
    rewrite_list(text.replace(start, own.size(), graph));
    EXPECT_EQ(update().added, 5) << graph;
    EXPECT_TRUE(fs::exists(named)) << graph;
  }
  set_log_sink({});
}

TEST_F(Index, ThatOthersBreakWhileItIsOpenIsMadeAnew) {
  SimilarityIndex index = open();
  EXPECT_EQ(index.update(files()).added, 5);
  // Another process has written, and then its vectors were lost.
  fs::last_write_time(folder_ / "index" / "index.txt",
                      fs::file_time_type::clock::now() + std::chrono::hours(1));
  for (const fs::path& graph : graphs()) fs::resize_file(graph, 100);
  set_log_sink([](LogLevel, std::string_view) {});
  EXPECT_EQ(index.update(files()).added, 5);
  set_log_sink({});
  EXPECT_EQ(index.nearest(files()[0], 9).size(), 4U);
}

TEST_F(Index, HasAFolderOfItsOwnForEachModelAndLayer) {
  ::setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
  std::set<fs::path> folders;
  Model other = golden_model();
  other.preprocessing.resize = other.preprocessing.resize.short_side() + 1;
  for (const char* images : {"a", "b"})
    for (const char* layer : {"", "pool"})
      for (const Model& model : {golden_model(), other})
        folders.insert(default_index_folder(images, model, layer));
  EXPECT_EQ(folders.size(), 8U);
  for (const fs::path& folder : folders) EXPECT_EQ(folder.parent_path(), folder_ / "alexnet");
  EXPECT_EQ(default_index_folder("a", other, ""), default_index_folder("./x/../a", other, "flat"));
  ::unsetenv("XDG_CACHE_HOME");
}

TEST_F(Index, HasOneFolderHoweverThatOfTheImagesIsSpelled) {
  ::setenv("XDG_CACHE_HOME", folder_.c_str(), 1);
  const Model model = golden_model();
  const fs::path expected = default_index_folder("a", model, "");
  for (const fs::path& spelled : {fs::path("a/"), fs::path("./a"), fs::path("a//"), fs::path("a/."),
                                  fs::path("./x/../a/"), fs::absolute("a"), fs::absolute("a/")})
    EXPECT_EQ(default_index_folder(spelled, model, ""), expected) << spelled;
  EXPECT_NE(default_index_folder("/", model, ""), expected);
  ::unsetenv("XDG_CACHE_HOME");
}

}  // namespace
}  // namespace alexnet
