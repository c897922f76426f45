// A white sheet to draw charts on, and its way into a PNG file.
#pragma once

#include <cairo.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "alexnet/image.h"

namespace alexnet {

struct Colour {
  double red = 0, green = 0, blue = 0;
};

inline constexpr Colour kInk{0.13, 0.15, 0.18};
inline constexpr Colour kFaintInk{0.42, 0.45, 0.50};
inline constexpr Colour kGrid{0.89, 0.90, 0.92};
inline constexpr Colour kWhite{1, 1, 1};

/// Where a text's anchor lies in it.
enum class Anchor { kStart, kMiddle, kEnd };

struct TextStyle {
  double size = 13;
  Colour colour = kInk;
  Anchor anchor = Anchor::kStart;
  bool bold = false;
  bool upwards = false;  // reads from bottom to top
};

/// Coordinates in points from the top left corner; a point is kScale pixels wide. Texts are UTF-8; y is the
/// middle of their small letters.
class Canvas {
 public:
  static constexpr double kScale = 1.5;

  Canvas(double width, double height);

  void rectangle(double x, double y, double width, double height, Colour colour);
  void line(double x1, double y1, double x2, double y2, Colour colour, double thickness = 1);
  void dot(double x, double y, double radius, Colour colour);
  /// A filled area between corners (x, y), seen through by 1 - opacity.
  void area(std::span<const std::pair<double, double>> corners, Colour colour, double opacity);
  void text(double x, double y, const std::string& text, const TextStyle& style);
  /// An image (1 or 3 channels) scaled into a rectangle; enlarged pixels stay sharp squares.
  void draw_image(double x, double y, double width, double height, const Image& image);
  double text_width(const std::string& text, const TextStyle& style);
  /// The text, its end replaced by an ellipsis where it is wider than `width`.
  std::string fitted(const std::string& text, const TextStyle& style, double width);

  int pixels_across() const;
  int pixels_down() const;
  /// As a PNG file.
  std::string png();
  /// Atomic; DataError when the file cannot be written.
  void save(const std::filesystem::path& path);

 private:
  struct Free {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
  };
  void choose_font(const TextStyle& style);

  std::unique_ptr<cairo_surface_t, Free> surface_;
  std::unique_ptr<cairo_t, Free> context_;
};

}  // namespace alexnet
