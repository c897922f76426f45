#include "charts/canvas.h"

#include <algorithm>
#include <cmath>

#include "alexnet/error.h"
#include "base/file.h"
#include "charts/png.h"
#include "text/text.h"

namespace alexnet {
namespace {

/// An exception must not pass through C.
cairo_status_t append_bytes(void* context, const unsigned char* data, unsigned size) {
  try {
    static_cast<std::string*>(context)->append(reinterpret_cast<const char*>(data), size);
    return CAIRO_STATUS_SUCCESS;
  } catch (...) {
    return CAIRO_STATUS_NO_MEMORY;
  }
}

void require_success(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw DeviceError("", std::string("an image cannot be drawn (") + cairo_status_to_string(status) + ")");
}

std::string png_of(cairo_surface_t* surface) {
  std::string bytes;
  cairo_surface_flush(surface);
  require_success(cairo_surface_write_to_png_stream(surface, append_bytes, &bytes));
  return bytes;
}

struct FreeSurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using SurfacePointer = std::unique_ptr<cairo_surface_t, FreeSurface>;

/// A copy of an image as cairo keeps it: a word per pixel, 0x00RRGGBB.
SurfacePointer surface_of(const Image& image) {
  SurfacePointer surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height));
  require_success(cairo_surface_status(surface.get()));
  const int stride = cairo_image_surface_get_stride(surface.get());
  const int green = image.channels == 3 ? 1 : 0, blue = image.channels == 3 ? 2 : 0;
  const std::uint8_t* from = image.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(surface.get()) +
                                                 static_cast<std::ptrdiff_t>(y) * stride);
    for (int x = 0; x < image.width; ++x, from += image.channels)
      row[x] = static_cast<std::uint32_t>(from[0] << 16 | from[green] << 8 | from[blue]);
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

}  // namespace

Canvas::Canvas(double width, double height)
    : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(width * kScale)),
                                          static_cast<int>(std::ceil(height * kScale)))),
      context_(cairo_create(surface_.get())) {
  require_success(cairo_status(context_.get()));
  cairo_scale(context_.get(), kScale, kScale);
  cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(context_.get(), CAIRO_LINE_CAP_ROUND);
  cairo_set_source_rgb(context_.get(), kWhite.red, kWhite.green, kWhite.blue);
  cairo_paint(context_.get());  // the last pixels too, where a side is no whole number of them
}

void Canvas::rectangle(double x, double y, double width, double height, Colour colour) {
  cairo_set_source_rgb(context_.get(), colour.red, colour.green, colour.blue);
  cairo_rectangle(context_.get(), x, y, width, height);
  cairo_fill(context_.get());
}

void Canvas::line(double x1, double y1, double x2, double y2, Colour colour, double thickness) {
  cairo_set_source_rgb(context_.get(), colour.red, colour.green, colour.blue);
  cairo_set_line_width(context_.get(), thickness);
  cairo_move_to(context_.get(), x1, y1);
  cairo_line_to(context_.get(), x2, y2);
  cairo_stroke(context_.get());
}

void Canvas::dot(double x, double y, double radius, Colour colour) {
  cairo_set_source_rgb(context_.get(), colour.red, colour.green, colour.blue);
  cairo_arc(context_.get(), x, y, radius, 0, 2 * M_PI);
  cairo_fill(context_.get());
}

void Canvas::area(std::span<const std::pair<double, double>> corners, Colour colour, double opacity) {
  cairo_set_source_rgba(context_.get(), colour.red, colour.green, colour.blue, opacity);
  for (const auto& [x, y] : corners) cairo_line_to(context_.get(), x, y);
  cairo_close_path(context_.get());
  cairo_fill(context_.get());
}

void Canvas::draw_image(double x, double y, double width, double height, const Image& image) {
  const SurfacePointer pixels = surface_of(image);
  cairo_save(context_.get());
  cairo_translate(context_.get(), x, y);
  cairo_scale(context_.get(), width / image.width, height / image.height);
  cairo_set_source_surface(context_.get(), pixels.get(), 0, 0);
  const bool larger = width * kScale >= 2 * image.width;
  cairo_pattern_set_filter(cairo_get_source(context_.get()),
                           larger ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BEST);
  cairo_pattern_set_extend(cairo_get_source(context_.get()), CAIRO_EXTEND_PAD);
  cairo_rectangle(context_.get(), 0, 0, image.width, image.height);
  cairo_fill(context_.get());
  cairo_restore(context_.get());
}

void Canvas::choose_font(const TextStyle& style) {
  cairo_select_font_face(context_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context_.get(), style.size);
}

void Canvas::text(double x, double y, const std::string& text, const TextStyle& style) {
  const double width = text_width(text, style);
  const double before = style.anchor == Anchor::kStart    ? 0
                        : style.anchor == Anchor::kMiddle ? width / 2
                                                          : width;
  cairo_save(context_.get());
  cairo_translate(context_.get(), x, y);
  if (style.upwards) cairo_rotate(context_.get(), -M_PI / 2);
  cairo_move_to(context_.get(), -before, style.size * 0.36);
  cairo_set_source_rgb(context_.get(), style.colour.red, style.colour.green, style.colour.blue);
  cairo_show_text(context_.get(), printable(text).c_str());
  cairo_restore(context_.get());
}

double Canvas::text_width(const std::string& text, const TextStyle& style) {
  choose_font(style);
  cairo_text_extents_t extents;
  cairo_text_extents(context_.get(), printable(text).c_str(), &extents);
  return extents.x_advance;
}

std::string Canvas::fitted(const std::string& text, const TextStyle& style, double width) {
  // No more characters are measured than can fit: few are narrower than a point.
  constexpr int kMaxColumns = 10'000;
  std::string fit = shortened(text, std::clamp(static_cast<int>(width), 1, kMaxColumns));
  if (text_width(fit, style) <= width) return fit;
  // Bisection: `fits` columns do, or are the fewest; one more than `max` do not.
  int fits = 1, max = alexnet::text_width(fit) - 1;
  while (fits < max) {
    const int middle = fits + (max - fits + 1) / 2;
    if (text_width(shortened(text, middle), style) <= width)
      fits = middle;
    else
      max = middle - 1;
  }
  return shortened(text, fits);
}

int Canvas::pixels_across() const { return cairo_image_surface_get_width(surface_.get()); }
int Canvas::pixels_down() const { return cairo_image_surface_get_height(surface_.get()); }
std::string Canvas::png() { return png_of(surface_.get()); }
void Canvas::save(const std::filesystem::path& path) { write_file(path, png()); }

void save_png(const std::filesystem::path& png, const Image& image) {
  write_file(png, png_of(surface_of(image).get()));
}

}  // namespace alexnet
