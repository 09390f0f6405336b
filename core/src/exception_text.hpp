// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

namespace gantry {

// What an exception says, whatever was thrown; `error` is not null.
inline std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace gantry
