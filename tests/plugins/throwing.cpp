// SPDX-License-Identifier: Apache-2.0
// A driver whose factory fails in the way that the scheme says.
#include <stdexcept>

#include "null_driver.hpp"

namespace {

struct OfNoStandardType {};

std::unique_ptr<gantry::BaseDriver> make(const gantry::DriverContext& context) {
  if (context.url.transport == "throws-std") throw std::runtime_error("no client library today");
  if (context.url.transport == "throws-int") throw 42;
  if (context.url.transport == "throws-own") throw OfNoStandardType();
  if (context.url.transport == "throws-gantry")
    throw gantry::AuthenticationFailed("wrong password");
  return nullptr;
}

}  // namespace

GANTRY_EXPORT_DRIVER(.schemes = "throwing throws-std throws-int throws-own throws-gantry",
                     .version = "0", .summary = "cannot be made", .create = make);
