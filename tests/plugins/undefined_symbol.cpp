// SPDX-License-Identifier: Apache-2.0
// A driver whose client library lacks a function.
#include "mark.hpp"
#include "null_driver.hpp"

extern "C" int client_library_function_of_a_newer_version();

namespace {

std::unique_ptr<gantry::BaseDriver> make(const gantry::DriverContext& context) {
  return client_library_function_of_a_newer_version() == 0 ? make_null(context) : nullptr;
}

}  // namespace

GANTRY_EXPORT_DRIVER(.schemes = "undefined_symbol", .version = "0", .summary = "cannot be linked",
                     .create = make);
