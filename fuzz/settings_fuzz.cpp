// Any text gives settings, a study or a DataError, as TOML and as JSON.
#include "alexnet/settings.h"
#include "alexnet/studies.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  for (const char* name : {"fuzz.toml", "fuzz.json"}) {
    const Bytes file = fuzz::bytes_of(data, size, name);
    fuzz::attempt([&] {
      TrainConfig config;
      apply_config_file(config, file);
      to_json(config);
    });
    fuzz::attempt([&] { load_study(file); });
  }
  return 0;
}
