// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include "exit_code.hpp"

namespace gantry::cli {

// An error that says itself what the process ends with.
class CommandError : public std::runtime_error {
 public:
  CommandError(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

ExitCode exit_code_of(const std::exception& error);

// Tells the error on stderr, without secrets, and what the process is to end with.
ExitCode report(const std::exception& error);

}  // namespace gantry::cli
