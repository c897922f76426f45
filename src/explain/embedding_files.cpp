#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "alexnet/embed.h"
#include "base/file.h"
#include "formats/npy/npy_rows.h"
#include "text/text.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

class NpyEmbeddings final : public EmbeddingFiles {
 public:
  NpyEmbeddings(const fs::path& npy, const fs::path& txt, std::int64_t units)
      : vectors_(npy, units), names_(txt) {}

  void add(const fs::path& file, std::span<const float> vector) override {
    vectors_.add(vector);
    names_.write(printable(file.string()) + "\n");
  }
  void finish() override {
    vectors_.commit();
    names_.commit();
  }

 private:
  NpyRows vectors_;
  AtomicFile names_;
};

class CsvEmbeddings final : public EmbeddingFiles {
 public:
  CsvEmbeddings(const fs::path& csv, std::int64_t units) : file_(csv) {
    std::string line = "file";
    for (std::int64_t unit = 0; unit < units; ++unit) fmt::format_to(std::back_inserter(line), ",{}", unit);
    file_.write(line + "\n");
  }

  void add(const fs::path& file, std::span<const float> vector) override {
    std::string line = csv_cell(file.string());
    for (const float value : vector) fmt::format_to(std::back_inserter(line), ",{}", value);
    file_.write(line + "\n");
  }
  void finish() override { file_.commit(); }

 private:
  AtomicFile file_;
};

}  // namespace

EmbeddingFiles::~EmbeddingFiles() = default;

std::unique_ptr<EmbeddingFiles> embeddings_npy(const fs::path& npy, const fs::path& txt, std::int64_t units) {
  return std::make_unique<NpyEmbeddings>(npy, txt, units);
}

std::unique_ptr<EmbeddingFiles> embeddings_csv(const fs::path& csv, std::int64_t units) {
  return std::make_unique<CsvEmbeddings>(csv, units);
}

void write_embeddings(const Embeddings& embeddings, EmbeddingFiles& files) {
  const std::span<const float> values = embeddings.vectors.values;
  const auto units = static_cast<std::size_t>(embeddings.vectors.shape[1]);
  for (std::size_t row = 0; row < embeddings.files.size(); ++row)
    files.add(embeddings.files[row], values.subspan(row * units, units));
  files.finish();
}

}  // namespace alexnet
