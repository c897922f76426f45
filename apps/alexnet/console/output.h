// What goes to standard output, and how numbers are written there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace alexnet::cli {

/// Results. DataError when standard output cannot be written (a full disk).
void output(std::string_view text);
/// A line of JSON; text that is not UTF-8 has its bad bytes replaced.
void output_json(const nlohmann::ordered_json& json);
/// Makes sure that everything has been written; DataError otherwise.
void finish_output();

/// null for NaN and infinities, which JSON does not have.
nlohmann::ordered_json json_number(double value);

/// "2.35 G", "211 M", "38.3 k", "12": three digits.
std::string scaled(double value);
/// "249.7 MB".
std::string bytes_text(double bytes);
/// "0.9012"; "-" when there is none.
std::string decimal(double value, int digits);

/// Makes the folder that results go into; DataError when it cannot be made, or not be written into.
void make_output_folder(const std::filesystem::path& folder);

/// About an image that could not be read, beside the results of others: an object on standard output with
/// --json, else a line on standard error.
void output_problem(bool json, const std::string& file, const std::string& problem);
/// The same where images have no results of their own: a warning.
void warn_skipped(const std::string& file, const std::string& reason);

/// A path as a shell takes it.
std::string shell_text(const std::filesystem::path& path);

}  // namespace alexnet::cli
