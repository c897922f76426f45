// What an error says, for tests of error messages.
#pragma once

#include <string>

namespace alexnet {

/// The text of the Exception that body() throws; "no error" when it throws none. Others pass through.
template <class Exception, class Body>
std::string error_text(Body&& body) {
  try {
    body();
  } catch (const Exception& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace alexnet
