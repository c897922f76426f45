// Showing numbers and pictures to people: terminal output, charts, contact sheets. Knows nothing about
// networks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {

enum class Colours { kNone, k256, kMillions };

/// A stream people may be looking at.
struct Terminal {
  bool interactive = false;          // a terminal: lines may be redrawn
  Colours colours = Colours::kNone;  // kNone unless interactive, and with NO_COLOR or TERM=dumb
  int columns = 80;
};
/// Of a file descriptor (1 or 2). Its width is the terminal's, else COLUMNS, else 80.
Terminal terminal(int descriptor);

/// A progress bar on stderr, redrawn in place at most ten times a second; when stderr is no terminal, plain
/// lines, at most one every ten seconds. Never longer than the terminal is wide. Thread-safe.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();  // clears the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// done of total, a label before the bar and figures after it.
  void show(const std::string& label, std::int64_t done, std::int64_t total, const std::string& figures);
  /// Removes the bar so that ordinary lines can be written.
  void clear();
  /// Writes a line to stderr where the bar was; the bar comes back with the next show().
  void line(std::string_view text);

 private:
  void remove();

  std::mutex mutex_;
  Terminal terminal_;
  double last_;
  bool visible_ = false;
};

/// One line of at most `columns` columns: "label  ######....  37/100  figures". Label and figures are
/// shortened when they must be; the bar is left out where there is no room for it.
std::string progress_line(const std::string& label, std::int64_t done, std::int64_t total,
                          const std::string& figures, int columns);

/// "0:07", "4:05", "1:02:03".
std::string duration(double seconds);

/// "62,378,344".
std::string grouped(std::int64_t value);

/// Columns that UTF-8 text takes in a terminal: wide characters count two, combining ones none.
int text_width(std::string_view text);
/// Text that is safe to print: control characters and bytes that are not UTF-8 become "?".
std::string printable(std::string_view text);
/// At most `columns` columns of a text, its end replaced by an ellipsis where it was longer.
std::string shortened(std::string_view text, int columns);

/// A cell of a CSV file (RFC 4180): in quotes where it needs them.
std::string csv_cell(std::string_view text);

/// Aligned columns as text, right-aligned where a column holds numbers; the first row is the heading. Lines
/// end in "\n" and carry no trailing spaces.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// Learning curves as a PNG: series over epochs, losses left, accuracies right. Atomic; DataError when the
/// file cannot be written.
struct Series {
  std::string name;
  std::vector<double> values;  // one per epoch; NaN where there is none
};
void draw_curves(const std::filesystem::path& png, const std::vector<Series>& losses,
                 const std::vector<Series>& accuracies);

/// Confusion matrix as a PNG (truth down, prediction across, rows as shares; of more than 1000 classes,
/// neighbours share a cell, which has the name of the first; atomic, DataError when it cannot be written) and
/// as CSV (RFC 4180, a row per true class). counts[truth * n + predicted].
void draw_confusion(const std::filesystem::path& png, const std::vector<std::string>& classes,
                    std::span<const std::int64_t> counts);
std::string confusion_csv(const std::vector<std::string>& classes, std::span<const std::int64_t> counts);
/// The same for a terminal: the n most confused classes when there are more than fit `columns`.
std::string confusion_text(const std::vector<std::string>& classes, std::span<const std::int64_t> counts,
                           int columns);

/// A picture as a PNG file of its own size. Atomic; DataError when the file cannot be written.
void save_png(const std::filesystem::path& png, const Image& image);

/// A picture in gray with a map over it, coloured where the map is not near zero: red to yellow above zero,
/// blue to cyan below, the stronger the more. `map` holds rows * columns values, evenly over the picture
/// (values in between are interpolated); its strongest values, one in a hundred, get the full colour.
Image heat_picture(const Image& picture, std::span<const float> map, int rows, int columns);

/// Pictures beside one another, captions below them, as a PNG: a contact sheet. Every picture is scaled to
/// fit a square of `side` points; captions that are too long are shortened. Atomic; DataError when the file
/// cannot be written.
struct SheetPicture {
  Image image;
  std::vector<std::string> captions;  // lines, the first one dark, the others faint
};
struct Sheet {
  std::string title, subtitle;  // may be empty
  std::vector<SheetPicture> pictures;
  int across = 5;     // pictures in a row
  double side = 150;  // points
  double gap = 14;    // points between pictures
};
void draw_sheet(const std::filesystem::path& png, const Sheet& sheet);
/// The same in memory.
struct SheetFile {
  int width = 0, height = 0;  // pixels
  std::string png;
};
SheetFile sheet_file(const Sheet& sheet);

/// A gray picture (row-major, 8 bit) as text lines of at most `columns` characters, two pixels, one above the
/// other, per character cell: half blocks with colours, a ramp of letters without. Larger pictures are scaled
/// down.
std::vector<std::string> picture_text(std::span<const std::uint8_t> gray, int width, int height, int columns,
                                      Colours colours);

}  // namespace alexnet
