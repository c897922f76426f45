// The settings a configuration file may hold: those of the command line, and where the data is.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "alexnet/settings.h"

namespace alexnet {

std::span<const Setting> file_settings();

/// What a TOML or JSON file holds, by the ending of its name. DataError when it is neither, or no object.
nlohmann::ordered_json read_settings(const Bytes& file);
nlohmann::ordered_json read_settings(const std::filesystem::path& path);

/// Sets what an object names; all or nothing. DataError naming `where` and the key.
void apply_settings(TrainConfig& config, const nlohmann::ordered_json& settings, const std::string& where);

}  // namespace alexnet
