#include "parity/options.h"

#include <fmt/format.h>

#include "parity/comparison.h"

namespace alexnet::cli {

void add_report(CLI::App* command, std::string& report, std::string& images) {
  command->add_option("--report", report, "write the report, too: a page, or JSON")
      ->type_name("FILE.html|FILE.json");
  command
      ->add_option(
          "--images", images,
          fmt::format("an image, or a folder of images: compare the answers for up to {} of them, too",
                      kMaxComparedImages))
      ->type_name("PATH");
}

}  // namespace alexnet::cli
