#include "alexnet/similar.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "alexnet/embed.h"
#include "alexnet/error.h"
#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/digest.h"
#include "base/file.h"
#include "search/vector_graph.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "alexnet.similar";
constexpr int kVersion = 2;  // 1 had no digests
constexpr std::string_view kGraphName = "vectors-", kGraphExtension = ".hnsw";

/// What older versions did not know; where it is as they had it, their indexes stay valid.
void add_more(Digest& digest, const Preprocessing& steps) {
  if (!steps.resize.keeps_shape) digest.add("warp " + to_string(steps.resize));
  if (steps.interpolation != Interpolation::kBilinear) digest.add(to_string(steps.interpolation));
  if (!steps.antialias) digest.add("not antialiased");
  if (steps.floor_crop) digest.add("floor crop");
  if (!steps.mean_image.values.empty()) digest.add(std::as_bytes(steps.mean_image.values));
}

/// What makes vectors comparable: the network up to the layer, how images are prepared, and the weights, of
/// which a sample will do: training moves all of them.
std::string fingerprint(const Model& model, const std::string& layer) {
  constexpr std::size_t kSample = 257;
  Digest digest;
  digest.add(spec_to_json(model.spec));
  digest.add(layer);
  const Preprocessing& steps = model.preprocessing;
  for (const int value : {steps.resize.short_side(), steps.crop_width, steps.crop_height, steps.bgr ? 1 : 0})
    digest.add(static_cast<std::uint64_t>(value));
  for (const auto* values : {&steps.mean, &steps.stddev}) digest.add(std::as_bytes(std::span(*values)));
  add_more(digest, steps);
  for (const auto& [name, tensor] : model.weights) {
    digest.add(name);
    for (std::size_t i = 0; i < tensor.values.size(); i += kSample)
      digest.add(std::as_bytes(tensor.values.subspan(i, 1)));
  }
  return fmt::format("{:016x}", digest.value());
}

/// A file as the index knows it.
struct Entry {
  std::uint64_t number = 0;  // in the graph
  std::int64_t time = 0;     // of its last change, in the file system's own ticks
  std::uint64_t size = 0;
};

/// Files by absolute path.
using Entries = std::map<std::string, Entry>;

std::string key_of(const fs::path& path) { return one_spelling(path).string(); }

/// Time and size of a file; none when there is none.
std::optional<Entry> stamp(const fs::path& file) {
  std::error_code error;
  Entry entry;
  entry.time = fs::last_write_time(file, error).time_since_epoch().count();
  if (!error) entry.size = fs::file_size(file, error);
  return error ? std::nullopt : std::optional(entry);
}

/// Text without spaces and control characters, and back.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '%' || byte == 0x7F)
      result += fmt::format("%{:02x}", byte);
    else
      result += c;
  }
  return result;
}
std::string unescaped(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%' && i + 2 < text.size()) {
      result += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  return result;
}

constexpr std::string_view kEnd = "end ";

std::string text_digest(std::string_view text) {
  Digest digest;
  digest.add(text);
  return fmt::format("{:016x}", digest.value());
}

/// What index.txt says: a line of head, a line per file, and "end" with the digest of all before.
struct Contents {
  std::string fingerprint, graph;  // the file of the graph
  std::string digest;              // of that file
  std::size_t units = 0;
  std::uint64_t next = 0;  // number of the next vector
  Entries entries;
};

std::string to_text(const Contents& contents) {
  std::string text = fmt::format("{} {} {} {} {} {} {}\n", kFormat, kVersion, contents.fingerprint,
                                 contents.units, contents.next, contents.graph, contents.digest);
  for (const auto& [file, entry] : contents.entries)
    text += fmt::format("{} {} {} {}\n", entry.number, entry.time, entry.size, escaped(file));
  return text + std::string(kEnd) + text_digest(text) + "\n";
}

/// The text without its last line, which must fit it.
std::string without_end(std::string text, const fs::path& file) {
  const std::size_t end = text.rfind(std::string("\n").append(kEnd));
  const std::string body = text.substr(0, end == std::string::npos ? 0 : end + 1);
  if (text != body + std::string(kEnd) + text_digest(body) + "\n")
    throw DataError(file.string(), "is damaged");
  return body;
}

/// DataError when it is not what to_text() writes.
Contents contents_of(const fs::path& file) {
  std::string whole = read_file(file);
  if (!whole.starts_with(fmt::format("{} {} ", kFormat, kVersion)))
    throw DataError(file.string(), fmt::format("is not an index of version {}", kVersion));
  std::istringstream text(without_end(std::move(whole), file));
  Contents contents;
  std::string format, path;
  int version = 0;
  text >> format >> version >> contents.fingerprint >> contents.units >> contents.next >> contents.graph >>
      contents.digest;
  // A graph that is replaced is removed: none may be named but one that lies beside the list.
  const fs::path graph = contents.graph;
  if (!text || graph != graph.filename() || graph.extension() != kGraphExtension)
    throw DataError(file.string(), "is broken");
  std::set<std::uint64_t> numbers;
  for (Entry entry; text >> entry.number >> entry.time >> entry.size >> path;) {
    contents.entries.emplace(unescaped(path), entry);
    if (entry.number >= contents.next || !numbers.insert(entry.number).second)
      throw DataError(file.string(), "is broken");
  }
  if (!text.eof()) throw DataError(file.string(), "is broken");
  return contents;
}

/// Held while an index is read and changed; others wait.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : file_(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (file_ < 0 || ::flock(file_, LOCK_EX) != 0)
      throw DataError(folder.string(), "the index in it cannot be locked",
                      "name another folder with --index");
  }
  ~FolderLock() {
    if (file_ >= 0) ::close(file_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

}  // namespace

struct SimilarityIndex::State {
  Model model;
  SimilarOptions options;
  fs::path folder;
  Contents contents;
  std::optional<VectorGraph> graph;
  fs::file_time_type read;  // when the list that was read last had been written

  State(Model m, fs::path f, SimilarOptions o)
      : model(std::move(m)), options(std::move(o)), folder(std::move(f)) {
    if (options.layer.empty()) options.layer = embedding_layer(model.spec);
    make_folder(folder);
    const std::size_t layer = layer_index(model.spec, options.layer);
    contents.fingerprint = fingerprint(model, options.layer);
    contents.units = static_cast<std::size_t>(output_shapes(model.spec)[layer].size());
    const FolderLock lock(folder);
    refresh();
    if (!graph) graph.emplace(contents.units, 0);
  }

  fs::path list() const { return folder / "index.txt"; }

  /// Takes what is on disk, if it is new and can be used. To be called with the lock held.
  void refresh() {
    std::error_code error;
    const fs::file_time_type written = fs::last_write_time(list(), error);
    if (!error && written != read) open();
    if (!error) read = written;
  }
  void open() {
    try {
      Contents saved = contents_of(list());
      if (saved.fingerprint != contents.fingerprint) return;
      VectorGraph loaded(folder / saved.graph, saved.digest, contents.units);
      for (const auto& [file, entry] : saved.entries)
        if (!loaded.has(entry.number)) throw DataError(list().string(), "names a vector that is not there");
      graph.emplace(std::move(loaded));
      contents = std::move(saved);
    } catch (const DataError& error) {
      contents.entries.clear();
      graph.emplace(contents.units, 0);
      log_warning(std::string(error.what()) + "; the index is built again");
    }
  }

  /// The graph first, under a new name; the list that names it is what makes it count.
  void save() {
    contents.graph = unused_graph_name();
    contents.digest = graph->save(folder / contents.graph);
    write_file(list(), to_text(contents));
    std::error_code ignored;
    read = fs::last_write_time(list(), ignored);
    remove_other_graphs();
  }
  std::string unused_graph_name() const {
    std::string name;
    std::uint64_t number = contents.next;
    do name = fmt::format("{}{}{}", kGraphName, number++, kGraphExtension);
    while (fs::exists(folder / name));
    return name;
  }
  /// The one before, and those of processes that were killed.
  void remove_other_graphs() const {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
      if (const std::string name = entry.path().filename().string();
          name.starts_with(kGraphName) && name.ends_with(kGraphExtension) && name != contents.graph)
        fs::remove(entry.path(), ignored);
  }

  /// Leaves removed vectors behind when they are most of the graph.
  void tidy() {
    if (graph->size() < 2 * contents.entries.size() + 16) return;
    std::vector<float> vectors;
    std::vector<std::uint64_t> numbers;
    for (const auto& [file, entry] : contents.entries) {
      const std::vector<float> vector = graph->vector(entry.number);
      vectors.insert(vectors.end(), vector.begin(), vector.end());
      numbers.push_back(entry.number);
    }
    graph.emplace(contents.units, numbers.size());
    graph->add(vectors, numbers);
  }

  std::int64_t remove_all_but(const Entries& wanted) {
    std::int64_t removed = 0;
    for (auto at = contents.entries.begin(); at != contents.entries.end();) {
      const auto now = wanted.find(at->first);
      if (now != wanted.end() && now->second.time == at->second.time && now->second.size == at->second.size) {
        ++at;
        continue;
      }
      graph->remove(at->second.number);
      at = contents.entries.erase(at);
      ++removed;
    }
    return removed;
  }

  Embeddings embed(std::span<const fs::path> files) const {
    EmbedOptions how;
    how.layer = options.layer;
    how.batch = options.batch;
    how.engine = options.engine;
    how.progress = options.progress;
    return alexnet::embed(model, files, how);
  }
};

SimilarityIndex::SimilarityIndex(Model model, const fs::path& folder, const SimilarOptions& options)
    : state_(std::make_unique<State>(std::move(model), folder, options)) {}
SimilarityIndex::~SimilarityIndex() = default;
SimilarityIndex::SimilarityIndex(SimilarityIndex&&) noexcept = default;
SimilarityIndex& SimilarityIndex::operator=(SimilarityIndex&&) noexcept = default;

const std::string& SimilarityIndex::layer() const { return state_->options.layer; }
std::size_t SimilarityIndex::size() const { return state_->contents.entries.size(); }

SimilarityIndex::Update SimilarityIndex::update(std::span<const fs::path> files) {
  State& state = *state_;
  const FolderLock lock(state.folder);
  state.refresh();
  Update result;
  Entries wanted;
  for (const fs::path& file : files) {
    if (const auto entry = stamp(file))
      wanted.emplace(key_of(file), *entry);
    else
      result.unreadable.emplace_back(file, "is not a readable file");
  }
  result.removed = state.remove_all_but(wanted);

  std::vector<fs::path> fresh;
  for (const auto& [file, entry] : wanted)
    if (!state.contents.entries.contains(file)) fresh.emplace_back(file);
  if (!fresh.empty()) {
    Embeddings found = state.embed(fresh);
    std::vector<std::uint64_t> numbers;
    for (const fs::path& file : found.files) {
      Entry entry = wanted.at(file.string());
      entry.number = state.contents.next++;
      numbers.push_back(entry.number);
      state.contents.entries.emplace(file.string(), entry);
    }
    state.graph->add(found.vectors.values, numbers);
    result.added = static_cast<std::int64_t>(numbers.size());
    result.unreadable.insert(result.unreadable.end(), found.unreadable.begin(), found.unreadable.end());
  }
  if (result.added + result.removed > 0) {
    state.tidy();
    state.save();
  }
  return result;
}

std::vector<Neighbour> SimilarityIndex::nearest(const fs::path& image, int top) {
  State& state = *state_;
  if (top < 1) throw UsageError("top", "must be at least 1");
  const Embeddings query = state.embed({&image, 1});
  if (query.files.empty()) throw DataError(image.string(), query.unreadable.front().second);
  std::map<std::uint64_t, const std::string*> names;
  for (const auto& [file, entry] : state.contents.entries) names.emplace(entry.number, &file);
  const std::string own = key_of(image);
  std::vector<Neighbour> result;
  const auto max = static_cast<std::size_t>(top);
  for (const auto& [number, distance] : state.graph->nearest(query.vectors.values, max + 1))
    if (const auto name = names.find(number);
        name != names.end() && *name->second != own && result.size() < max)
      result.push_back({*name->second, distance});
  return result;
}

fs::path default_index_folder(const fs::path& images, const Model& model, const std::string& layer) {
  const auto base = cache_folder();
  if (!base) throw DataError("index", "cannot be placed: HOME is not set", "name a folder with --index");
  Digest digest;
  digest.add(key_of(images));
  digest.add(fingerprint(model, layer.empty() ? embedding_layer(model.spec) : layer));
  return *base / fmt::format("similar-{:016x}", digest.value());
}

}  // namespace alexnet
