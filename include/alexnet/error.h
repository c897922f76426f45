// The errors of this library, typed once. Each says what is wrong, where (usually a file) and what to do
// about it.
#pragma once

#include <stdexcept>
#include <string>

#include "alexnet/export.h"

namespace alexnet {

/// Base of all errors thrown by the library. `what()` is one line: "where: problem; fix".
class ALEXNET_API Error : public std::runtime_error {
 public:
  /// Parameters as the functions of these names; what() joins them into one line.
  Error(std::string where, std::string problem, std::string fix = {});

  /// The file, flag or layer concerned; may be empty.
  const std::string& where() const { return where_; }
  /// What is wrong, without the place.
  const std::string& problem() const { return problem_; }
  /// What the user can do; may be empty.
  const std::string& fix() const { return fix_; }

 private:
  std::string where_, problem_, fix_;
};

/// A flag, argument or setting that cannot be used. Exit code 2.
class ALEXNET_API UsageError : public Error {
 public:
  /// Takes where, problem and fix, as Error.
  using Error::Error;
};

/// A file, folder, image or model that cannot be read, written or trusted. Exit code 3.
class ALEXNET_API DataError : public Error {
 public:
  /// Takes where, problem and fix, as Error.
  using Error::Error;
};

/// The machine cannot do it: memory, threads, instruction sets. Exit code 4.
class ALEXNET_API DeviceError : public Error {
 public:
  /// Takes where, problem and fix, as Error.
  using Error::Error;
};

}  // namespace alexnet
