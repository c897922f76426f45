// Contact sheets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "alexnet/image.h"

namespace alexnet {

/// Images beside one another, captions below them, as a PNG: a contact sheet. Every image is scaled to
/// fit a square of `side` points; captions that are too long are shortened. Atomic; DataError when the file
/// cannot be written.
struct SheetImage {
  Image image;
  std::vector<std::string> captions;  // lines, the first one dark, the others faint
};
struct Sheet {
  std::string title, subtitle;  // may be empty
  std::vector<SheetImage> images;
  int across = 5;     // images in a row
  double side = 150;  // points
  double gap = 14;    // points between images
};
void draw_sheet(const std::filesystem::path& png, const Sheet& sheet);
/// The same in memory; without an image in a program that was built without charts.
struct SheetFile {
  int width = 0, height = 0;  // pixels
  std::string png;
};
SheetFile sheet_file(const Sheet& sheet);

}  // namespace alexnet
