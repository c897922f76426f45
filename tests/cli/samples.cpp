#include "tests/cli/samples.h"

#include <cairo.h>
#include <unistd.h>

#include <cstdlib>

#include "alexnet/model.h"
#include "tests/cli/run_command.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 8;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

bool bright(bool above, int y) { return above == (y < kSide / 2); }

}  // namespace

CliTest::CliTest() {
  std::string name = (fs::temp_directory_path() / "alexnet-cli-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
}

CliTest::~CliTest() { fs::remove_all(folder_); }

void CliTest::write_idx(const fs::path& folder, const std::string& name, int count) const {
  std::string images = big_endian(0x803) + big_endian(static_cast<std::uint32_t>(count)) + big_endian(kSide) +
                       big_endian(kSide);
  std::string labels = big_endian(0x801) + big_endian(static_cast<std::uint32_t>(count));
  for (int i = 0; i < count; ++i) {
    labels += static_cast<char>(i % 2);
    for (int pixel = 0; pixel < kSide * kSide; ++pixel)
      images += static_cast<char>(bright(i % 2 == 0, pixel / kSide) ? 200 + i % 10 : 10 + i % 7);
  }
  write(folder / (name + "-images-idx3-ubyte"), images);
  write(folder / (name + "-labels-idx1-ubyte"), labels);
}

void CliTest::write_png(const fs::path& file, bool above) const {
  fs::create_directories(file.parent_path());
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, kSide, kSide);
  unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < kSide; ++y)
    std::fill_n(data + static_cast<std::ptrdiff_t>(y) * stride, 4 * kSide,
                static_cast<unsigned char>(bright(above, y) ? 220 : 20));
  cairo_surface_mark_dirty(surface);
  cairo_surface_write_to_png(surface, file.c_str());
  cairo_surface_destroy(surface);
}

void CliTest::write_colour_png(const fs::path& file) const {
  fs::create_directories(file.parent_path());
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, kSide, kSide);
  cairo_t* drawing = cairo_create(surface);
  cairo_set_source_rgb(drawing, 1, 0, 0);
  cairo_paint(drawing);
  cairo_destroy(drawing);
  cairo_surface_write_to_png(surface, file.c_str());
  cairo_surface_destroy(surface);
}

void CliTest::write_class_folders(const fs::path& folder, int count) const {
  for (int i = 0; i < count; ++i) {
    write_png(folder / "above" / (std::to_string(i) + ".png"), true);
    write_png(folder / "below" / (std::to_string(i) + ".png"), false);
  }
}

void CliTest::write_model(const fs::path& file) const {
  Model model;
  model.spec = {"halves",
                {1, kSide, kSide},
                {{"conv", Conv{.filters = 1}},
                 {"relu", Activation{}},
                 {"flatten", Flatten{}},
                 {"fc", Dense{.units = 2}},
                 {"prob", Softmax{}}}};
  Tensor dense(Shape{2, kSide * kSide});
  const std::size_t pixels = dense.values.size() / 2;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    const float sign = bright(true, static_cast<int>(pixel) / kSide) ? 0.1F : -0.1F;
    dense.values[pixel] = sign;
    dense.values[pixels + pixel] = -sign;
  }
  model.weights = {{"conv.weight", TensorView::own({{1, 1, 1, 1}, {1.0F}})},
                   {"conv.bias", TensorView::own({{1}, {0.0F}})},
                   {"fc.weight", TensorView::own(dense)},
                   {"fc.bias", TensorView::own({{2}, {0.0F, 0.0F}})}};
  model.classes = {"above", "below"};
  model.preprocessing = {
      .resize = kSide, .crop_width = kSide, .crop_height = kSide, .mean = {0.0F}, .stddev = {1.0F}};
  model.provenance = {{"data", "made by hand"}};
  save_model(model, file);
}

void expect_refusal(const Result& result, int code, const std::string& what) {
  EXPECT_EQ(result.code, code) << result.err;
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(line_count(result.err), 1) << result.err;
  EXPECT_NE(result.err.find(what), std::string::npos) << result.err << " does not name " << what;
}

}  // namespace alexnet
